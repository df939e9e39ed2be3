"""`make audit` against a server that knows a weakness, none, or does not answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from config.advisories import main, pinned


class Server(BaseHTTPRequestHandler):
    asked: list[Any] = []
    weak: set[str] = set()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, body))
        weak = [query["package"]["name"] in self.weak for query in body["queries"]]
        told = [{"vulns": [{"id": "GHSA-0"}]} if each else {} for each in weak]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"results": told}).encode())

    def log_message(self, *args: Any) -> None: ...


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Server]]:
    with HTTPServer(("127.0.0.1", 0), Server) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        monkeypatch.setenv("OSV_URL", f"http://127.0.0.1:{running.server_port}/")
        Server.asked, Server.weak = [], set()
        yield Server
        running.shutdown()


def test_every_pinned_package_is_asked_for_with_its_version(server: type[Server]) -> None:
    assert main() == 0

    ((path, body),) = server.asked
    told = [(query["package"]["name"], query["version"]) for query in body["queries"]]
    assert path == "/v1/querybatch"
    assert told == pinned()
    assert {"django", "cryptography", "psycopg"} <= {name for name, _version in told}


def test_known_weakness_is_named_and_fails(server: type[Server], capsys: pytest.CaptureFixture[str]) -> None:
    server.weak = {"django"}

    assert main() == 1
    assert f"django {dict(pinned())['django']}: GHSA-0" in capsys.readouterr().out


def test_server_away_is_no_clean_bill(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OSV_URL", "http://127.0.0.1:9")

    assert main() == 2
    assert "Nothing was checked." in capsys.readouterr().err
