"""How a benchmark is asked for and where it leaves its figures: alike for all that run on a kept data set."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


def run(document: str | None, measure: Callable[[argparse.Namespace], dict[str, Any]], **options: Any) -> int:
    """Read --small, --json and further options, measure, print, and write down with the machine's load."""
    parser = argparse.ArgumentParser(description=document)
    parser.add_argument("--small", action="store_true", help="on a small data set, to try the program itself")
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    for name, settings in options.items():
        parser.add_argument(f"--{name}", **settings)
    asked = parser.parse_args()
    before = os.getloadavg()[0]
    told = {
        **measure(asked),
        "load": [round(before, 1), round(os.getloadavg()[0], 1)],
        "cores": os.cpu_count(),
    }
    print(
        json.dumps(
            {name: value for name, value in told.items() if name != "rows"}, indent=1, ensure_ascii=False
        )
    )
    if asked.json:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps(told, indent=1))
    return 0
