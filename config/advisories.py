"""Known weaknesses of the packages that `uv.lock` pins; `make audit` runs it.

The one check that needs the network, so no part of `make test`: it asks an OSV server
(https://google.github.io/osv.dev/api/), OSV_URL or the public one, with the names and versions of the lock file and
nothing else. The exit code is 0 where none is known, 1 where one is, 2 where the server cannot be asked.
"""

from __future__ import annotations

import json
import os
import sys
import tomllib
import urllib.request
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parent.parent / "uv.lock"
PUBLIC = "https://api.osv.dev"
SECONDS = 60


def pinned(lock: Path = LOCK) -> list[tuple[str, str]]:
    """Name and version of every package of the lock file, development's too."""
    packages = tomllib.loads(lock.read_text("utf-8"))["package"]
    return [(each["name"], each["version"]) for each in packages if "registry" in each["source"]]


def known_weaknesses(server: str, packages: list[tuple[str, str]]) -> dict[str, list[str]]:
    """The identifiers of advisories by package, of those that have any; OSError or ValueError without an answer."""
    queries = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": v} for name, v in packages]
    request = urllib.request.Request(  # noqa: S310 - the address is the installation's own
        f"{server.rstrip('/')}/v1/querybatch",
        json.dumps({"queries": queries}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
        results: list[dict[str, Any]] = json.load(answer)["results"]
    told = zip(packages, results, strict=True)
    return {
        f"{name} {version}": [each["id"] for each in result["vulns"]]
        for (name, version), result in told
        if result.get("vulns")
    }


def main() -> int:
    packages, server = pinned(), os.environ.get("OSV_URL") or PUBLIC
    try:
        found = known_weaknesses(server, packages)
    except (OSError, ValueError, KeyError) as error:
        print(f"{server} cannot be asked: {error}. Nothing was checked.", file=sys.stderr)
        return 2
    for package, advisories in found.items():
        print(f"{package}: {', '.join(advisories)}")
    print(f"{len(packages)} packages of uv.lock, {len(found)} with known weaknesses.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
