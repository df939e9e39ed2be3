"""Make the environment of the committed lock file, with nothing but Python's standard library.

Debian's python3 has neither pip nor venv, so uv is fetched by its address and hash into `var/tools` and does
the rest. Settings of the surroundings hold: proxies, `SSL_CERT_FILE`, and an index named by
`UV_DEFAULT_INDEX`, `UV_INDEX_URL` or `PIP_INDEX_URL`, which must then have the locked versions and hashes.
"""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import io
import os
import platform
import re
import shutil
import ssl
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
TOOLS = ROOT / "var" / "tools"
STAMP = ENVIRONMENT / "made-from"
OLDEST_PYTHON, TOO_NEW_PYTHON = (3, 11), (3, 14)
FETCH_SECONDS = 60
FETCH_ERRORS = (OSError, ValueError, http.client.HTTPException)

# An installation wants what the service needs and nothing else: NO_DEV=1.
GROUPS = "--no-dev" if os.environ.get("NO_DEV") == "1" else "--all-groups"

UV = "0.13.9"
FILES = "https://files.pythonhosted.org/packages/"
WHEELS = {
    ("linux", "x86_64"): (
        "3d/aa/26d64642d808de4a652579ef950d7cd2d37f080a8babf9c67c6b75fc4c3f",
        "uv-0.13.9-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    ),
    ("linux", "aarch64"): (
        "fe/2f/51a5de367c602592c018a42a23d57fba5f2689fe6c3bf025dcf043b39c61",
        "uv-0.13.9-py3-none-manylinux_2_28_aarch64.whl",
        "ecb6028d79dc96fbeafffe5c8af62a7099487ebc05a701e76714eebcffd06375",
    ),
    ("darwin", "x86_64"): (
        "1e/db/08e9ef4879bd667e6d7b4705e594e5bd3e4585f10fc63cb16b9fa2fac63e",
        "uv-0.13.9-py3-none-macosx_10_12_x86_64.whl",
        "c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5",
    ),
    ("darwin", "arm64"): (
        "f3/a7/a8d7b074798c7fb3b26b37584b8fe2e29df2ccdc24ce7902caab2a53edbf",
        "uv-0.13.9-py3-none-macosx_11_0_arm64.whl",
        "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63",
    ),
}


class BootstrapError(Exception):
    """The environment cannot be made; the message says why and what to do."""


def main() -> None:
    """Make the environment unless it is there and up to date."""
    python = find_python()
    state = wanted_state(python)
    if is_made(state):
        return
    TOOLS.mkdir(parents=True, exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_made(state):
            install(find_uv(), python)
            STAMP.write_text(state)


def find_python() -> str:
    """The path of a Python that the lock file is for: the one running, else one on the PATH."""
    if OLDEST_PYTHON <= sys.version_info[:2] < TOO_NEW_PYTHON:
        return os.path.realpath(sys.executable)
    for minor in range(TOO_NEW_PYTHON[1] - 1, OLDEST_PYTHON[1] - 1, -1):
        if found := shutil.which(f"python3.{minor}"):
            return os.path.realpath(found)
    raise BootstrapError(
        f"Python 3.11, 3.12 or 3.13 is needed; python3 here is {platform.python_version()}. "
        "Install one so that python3.11, python3.12 or python3.13 is on the PATH."
    )


def wanted_state(python: str) -> str:
    """What the environment depends on: lock, place, interpreter and this file."""
    digest = hashlib.sha256()
    for file in (ROOT / "uv.lock", ROOT / "pyproject.toml", Path(__file__)):
        digest.update(file.read_bytes())
    return f"{digest.hexdigest()} {ROOT} {python} {GROUPS}\n"


def is_made(state: str) -> bool:
    """Whether the environment was made whole from `state` and its interpreter is still there."""
    return (ENVIRONMENT / "bin" / "python").exists() and STAMP.exists() and STAMP.read_text() == state


def find_uv() -> str:
    """The path of uv in the pinned version: on the PATH, fetched before, or fetched now."""
    own = TOOLS / f"uv-{UV}"
    for candidate in (shutil.which("uv"), str(own) if own.exists() else None):
        if candidate and has_version(candidate):
            return candidate
    say(f"Fetching uv {UV} (17 MB) …")
    folder, name, digest = wheel_of_this_machine()
    program = program_of(fetch([*links_of_index(name), f"{FILES}{folder}/{name}"], digest))
    draft = own.with_suffix(f".{os.getpid()}")
    draft.write_bytes(program)
    draft.chmod(0o755)
    draft.rename(own)
    return str(own)


def has_version(uv: str) -> bool:
    """Whether the program `uv` runs and is the pinned version."""
    try:
        said = subprocess.run([uv, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return said.stdout.split()[:2] == ["uv", UV]


def wheel_of_this_machine() -> tuple[str, str, str]:
    """PyPI's folder, name and SHA-256 of uv's wheel; `BootstrapError` where there is none."""
    machine = (sys.platform, platform.machine())
    if machine not in WHEELS:
        raise BootstrapError(f"No uv is pinned for {' '.join(machine)}: put uv {UV} on the PATH yourself.")
    return WHEELS[machine]


def links_of_index(name: str) -> list[str]:
    """Where the chosen index, if any, says that the wheel `name` is."""
    if not chosen_index():
        return []
    page = f"{chosen_index().rstrip('/')}/uv/"
    try:
        links = re.findall(r'href="([^"]+)"', download(page).decode(errors="replace"))
    except FETCH_ERRORS as error:
        say(f"The chosen package index does not answer: {error}")
        return []
    return [urllib.parse.urljoin(page, link) for link in links if link.split("#")[0].endswith(f"/{name}")]


def chosen_index() -> str:
    """The package index that the surroundings name, empty for PyPI."""
    names = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
    return next((os.environ[name] for name in names if os.environ.get(name)), "")


def fetch(candidates: list[str], digest: str, what: str = "uv") -> bytes:
    """The first file among `candidates` with this SHA-256; `BootstrapError` telling why each one failed."""
    failures = []
    for address in candidates:
        try:
            content = download(address)
        except FETCH_ERRORS as error:
            failures.append(f"{address}: {error}")
            continue
        if hashlib.sha256(content).hexdigest() == digest:
            return content
        failures.append(f"{address}: not the pinned file (its SHA-256 differs)")
    raise BootstrapError(
        f"{what} could not be fetched:\n  " + "\n  ".join(failures) + "\n"
        "Check the network and https_proxy, name a mirror with PIP_INDEX_URL, "
        f"or put {f'uv {UV}' if what == 'uv' else what.lower()} on the PATH."
    )


def download(address: str) -> bytes:
    """The content of `address`.

    A bare Debian has no certificates to check a server by. What is fetched is checked by its pinned hash
    alone, so such a machine may fetch it unchecked.
    """
    try:
        return read(address, ssl.create_default_context())
    except urllib.error.URLError as error:
        if not isinstance(error.reason, ssl.SSLCertVerificationError):
            raise
        return read(address, ssl._create_unverified_context())  # noqa: S323 (the hash decides)


def read(address: str, trust: ssl.SSLContext) -> bytes:
    """The content of `address` from a server that `trust` accepts; one of `FETCH_ERRORS` if not."""
    with urllib.request.urlopen(address, timeout=FETCH_SECONDS, context=trust) as answer:  # noqa: S310 (https, file)
        content: bytes = answer.read()
    return content


def program_of(wheel: bytes) -> bytes:
    """The program inside uv's wheel."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        return archive.read(f"uv-{UV}.data/scripts/uv")


def install(uv: str, python: str) -> None:
    """Bring the environment to the lock file, exactly."""
    say("Installing the packages of uv.lock …")
    surroundings = os.environ | {"UV_PYTHON_DOWNLOADS": "never", "UV_PROJECT_ENVIRONMENT": str(ENVIRONMENT)}
    # Who serves may not write here, and every start of a process would compile the packages anew.
    surroundings.setdefault("UV_COMPILE_BYTECODE", "1")
    surroundings.pop("VIRTUAL_ENV", None)
    if not os.access(Path.home(), os.W_OK):
        surroundings.setdefault("UV_CACHE_DIR", str(TOOLS / "cache"))
    quiet = [] if sys.stderr.isatty() else ["--quiet"]
    if not chosen_index():
        run([uv, "sync", *quiet, "--frozen", GROUPS, "--python", python], surroundings)
        return
    # The lock file holds PyPI's addresses; only its versions and hashes hold for another index.
    pins = TOOLS / "pins.txt"
    index = ["--default-index", chosen_index()]
    run([uv, "export", "--quiet", "--frozen", GROUPS, "--output-file", str(pins)], surroundings)
    run([uv, "venv", "--quiet", "--allow-existing", "--python", python, str(ENVIRONMENT)], surroundings)
    target = ["--python", str(ENVIRONMENT / "bin" / "python")]
    run([uv, "pip", "sync", *quiet, "--require-hashes", *index, *target, str(pins)], surroundings)


def run(command: list[str], surroundings: dict[str, str]) -> None:
    """Run a step of uv, which tells its own errors; `BootstrapError` if it fails."""
    if code := subprocess.run(command, cwd=ROOT, env=surroundings, check=False).returncode:
        raise BootstrapError(
            f"uv {command[1]} ended with {code}; its message stands above. Behind a proxy set https_proxy, "
            "with a mirror PIP_INDEX_URL; running make again continues."
        )


def say(line: str) -> None:
    """Tell the person who waits."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except BootstrapError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit(130)
