import ast
import hashlib
import http.server
import io
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from deploy import bootstrap
from deploy.bootstrap import BootstrapError

ROOT = Path(bootstrap.__file__).parent.parent


@pytest.fixture
def site(tmp_path):
    """A server on this machine for the files of a folder: its address and the folder."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=tmp_path)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}", tmp_path
        server.shutdown()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def test_fetch_takes_the_pinned_file(site):
    address, folder = site
    (folder / "uv.whl").write_bytes(b"right")

    assert bootstrap.fetch([f"{address}/uv.whl"], sha256(b"right")) == b"right"


def test_fetch_refuses_a_file_with_another_hash(site):
    address, folder = site
    (folder / "uv.whl").write_bytes(b"wrong")

    with pytest.raises(BootstrapError, match=f"{address}/uv.whl: not the pinned file"):
        bootstrap.fetch([f"{address}/uv.whl"], sha256(b"right"))


def test_fetch_goes_on_to_the_next_address(site):
    address, folder = site
    (folder / "bad.whl").write_bytes(b"wrong")
    (folder / "good.whl").write_bytes(b"right")
    candidates = [f"{address}/{name}.whl" for name in ("none", "bad", "good")] + ["http://127.0.0.1:1/never"]

    assert bootstrap.fetch(candidates, sha256(b"right")) == b"right"


def test_fetch_without_network_tells_every_address():
    with pytest.raises(BootstrapError) as caught:
        bootstrap.fetch(["http://127.0.0.1:1/a", "not an address"], "0" * 64)

    lines = str(caught.value).splitlines()
    assert [line.split(": ")[0].strip() for line in lines[1:3]] == ["http://127.0.0.1:1/a", "not an address"]
    assert "PIP_INDEX_URL" in lines[3]


def test_links_come_from_the_chosen_index(site, monkeypatch):
    address, folder = site
    (folder / "simple" / "uv").mkdir(parents=True)
    links = (
        '<a href="../../files/uv-1-x.whl#sha256=00">uv-1-x.whl</a><a href="/files/uv-1-y.whl">uv-1-y.whl</a>'
    )
    (folder / "simple" / "uv" / "index.html").write_text(links)
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", f"{address}/simple/")

    assert bootstrap.links_of_index("uv-1-x.whl") == [f"{address}/files/uv-1-x.whl#sha256=00"]
    assert bootstrap.links_of_index("uv-1-z.whl") == []


def test_index_that_does_not_answer_is_passed_over_without_its_password(monkeypatch, capsys):
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "http://user:secret@127.0.0.1:1/simple")

    links = bootstrap.links_of_index("uv-1-x.whl")

    said = capsys.readouterr().err
    assert links == []
    assert said.startswith("The chosen package index does not answer")
    assert "secret" not in said


def test_program_comes_out_of_the_wheel():
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"uv-{bootstrap.UV}.data/scripts/uv", b"program")

    assert bootstrap.program_of(wheel.getvalue()) == b"program"


@pytest.mark.parametrize(("system", "machine"), [("linux", "mips"), ("win32", "AMD64")])
def test_machine_without_a_pinned_wheel_is_told(monkeypatch, system, machine):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(bootstrap.platform, "machine", lambda: machine)

    with pytest.raises(BootstrapError, match=f"No uv is pinned for {system} {machine}"):
        bootstrap.wheel_of_this_machine()


def test_wheels_are_all_of_the_pinned_version():
    assert {name.split("-")[1] for _, name, _ in bootstrap.WHEELS.values()} == {bootstrap.UV}
    assert {len(digest) for _, _, digest in bootstrap.WHEELS.values()} == {64}


@pytest.mark.parametrize(
    ("said", "expected"),
    [(f"uv {bootstrap.UV} (x86)", True), ("uv 0.1.0", False), ("pip 1", False), ("", False)],
)
def test_uv_of_another_version_is_not_used(tmp_path, said, expected):
    program = tmp_path / "uv"
    program.write_text(f"#!/bin/sh\necho '{said}'\n")
    program.chmod(0o755)

    assert bootstrap.has_version(str(program)) is expected


def test_state_changes_with_lock_and_interpreter(tmp_path, monkeypatch):
    for name in ("uv.lock", "pyproject.toml"):
        (tmp_path / name).write_text("one")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    first = bootstrap.wanted_state("/usr/bin/python3.11")

    other_python = bootstrap.wanted_state("/usr/bin/python3.12")
    (tmp_path / "uv.lock").write_text("two")
    other_lock = bootstrap.wanted_state("/usr/bin/python3.11")

    assert len({first, other_python, other_lock}) == 3


def test_python_outside_the_range_is_replaced_by_one_on_the_path(tmp_path, monkeypatch):
    (tmp_path / "python3.12").write_text("#!/bin/sh\n")
    (tmp_path / "python3.12").chmod(0o755)
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    monkeypatch.setenv("PATH", str(tmp_path))

    assert bootstrap.find_python() == str(tmp_path / "python3.12")


def test_without_any_fitting_python_the_needed_ones_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(BootstrapError, match=r"Python 3.11, 3.12 or 3.13 is needed"):
        bootstrap.find_python()


@pytest.mark.parametrize("program", ["bootstrap.py", "clean.py"])
def test_program_imports_the_standard_library_only(program):
    tree = ast.parse((ROOT / "deploy" / program).read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert {name.split(".")[0] for name in names} - sys.stdlib_module_names == set()
