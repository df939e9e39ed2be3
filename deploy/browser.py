"""A Chromium for the tests of the screens: the machine's own, else one fetched by its address and hash.

The one fetched is npm's @sparticuz/chromium (70 MB), unpacked once into `var/tools`. It brings the libraries that a
bare Debian lacks; its characters come from the fonts of this repository.
"""

from __future__ import annotations

import fcntl
import io
import os
import platform
import shutil
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.bootstrap import ROOT, TOOLS, BootstrapError, fetch, say

NAMES = ("chromium", "chromium-browser", "google-chrome")
NPM = "https://registry.npmjs.org/"
CHROMIUM = "153.0.0"
PACKED = (
    f"{NPM}@sparticuz/chromium/-/chromium-{CHROMIUM}.tgz",
    "20e5656fcdcf4118ede85edfb9d6bb9cc1bbb7ffb8b75622fffbcf36a835c3c0",
)
LIBRARIES = ("al2023", "swiftshader")
AXE = "4.14.1"
AXE_PACKED = (
    f"{NPM}axe-core/-/axe-core-{AXE}.tgz",
    "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745",
)
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><dir>/usr/share/fonts</dir><cachedir>{cache}</cachedir></fontconfig>
"""


@dataclass(frozen=True)
class Browser:
    """The program, and the variables that it wants beside those of the surroundings."""

    program: str
    surroundings: Mapping[str, str] = field(default_factory=dict)


def find_browser() -> Browser:
    """A browser that runs here; `BootstrapError` where none can be had."""
    for name in NAMES:
        if found := shutil.which(name):
            return Browser(found, _fonts())
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise BootstrapError("No Chromium can be fetched for this machine: put chromium on the PATH.")
    folder = TOOLS / f"chromium-{CHROMIUM}"
    TOOLS.mkdir(parents=True, exist_ok=True)
    with (TOOLS / "browser.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _unpack(folder)
    return Browser(str(folder / "chromium"), {**_fonts(), "LD_LIBRARY_PATH": str(folder / "lib")})


def _unpack(folder: Path) -> None:
    """The browser of npm's package; what was begun and not finished is begun anew."""
    import brotli  # of the environment that this program's neighbour makes

    say(f"Fetching Chromium {CHROMIUM} (70 MB) …")
    draft = folder.with_suffix(f".{os.getpid()}")
    draft.mkdir()
    with tarfile.open(fileobj=io.BytesIO(fetch([PACKED[0]], PACKED[1], "Chromium"))) as package:

        def packed(name: str) -> bytes:
            content = package.extractfile(f"package/bin/{name}.br")
            if content is None:
                raise BootstrapError(f"Chromium's package holds no {name}.")
            plain: bytes = brotli.decompress(content.read())
            return plain

        (draft / "chromium").write_bytes(packed("chromium"))
        (draft / "chromium").chmod(0o755)
        for name in LIBRARIES:
            with tarfile.open(fileobj=io.BytesIO(packed(f"{name}.tar"))) as libraries:
                libraries.extractall(draft, filter="data")
    draft.rename(folder)


def _fonts() -> dict[str, str]:
    """The repository's own fonts, so that a machine without Chinese ones shows no boxes."""
    settings = TOOLS / "fonts.conf"
    TOOLS.mkdir(parents=True, exist_ok=True)
    settings.write_text(FONTS.format(fonts=ROOT / "core" / "fonts", cache=TOOLS / "font-cache"))
    return {"FONTCONFIG_FILE": str(settings)}


def axe() -> str:
    """The script of axe-core, which looks at a page for what keeps people out."""
    kept = TOOLS / f"axe-{AXE}.js"
    if not kept.exists():
        TOOLS.mkdir(parents=True, exist_ok=True)
        with tarfile.open(fileobj=io.BytesIO(fetch([AXE_PACKED[0]], AXE_PACKED[1], "axe-core"))) as package:
            content = package.extractfile("package/axe.min.js")
            kept.write_bytes(content.read() if content else b"")
    return kept.read_text("utf-8")
