"""Asking addresses, against a real server that is busy, moved, gone, closed, silent."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from adapters.links import ask_all

SEEN: Counter[str] = Counter()


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        SEEN[self.path] += 1
        status, headers = 200, {}
        match self.path:
            case "/gone":
                status = 404
            case "/closed":
                status = 403
            case "/busy-once" if SEEN[self.path] == 1:
                status = 503
            case "/always-busy":
                status = 500
            case "/moved":
                status, headers = 301, {"Location": "/new/place"}
            case "/to-home":
                status, headers = 302, {"Location": "/"}
            case "/hangs-up":
                self.connection.close()
                return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: the tests' output is theirs."""


@pytest.fixture
def server() -> Iterator[str]:
    SEEN.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "state", "asked"),
    [
        ("/fine", "fine", 1),
        ("/", "fine", 1),
        ("/gone", "gone", 1),
        ("/closed", "refused", 1),
        ("/busy-once", "fine", 2),
        ("/always-busy", "away", 4),
        ("/moved", "fine", 1),
        ("/to-home", "home", 1),
        ("/hangs-up", "away", 4),
    ],
)
def test_a_page_is_told_as_it_is_and_busy_ones_are_asked_again(
    server: str, path: str, state: str, asked: int
) -> None:
    [verdict] = ask_all([server + path], pause=0)
    assert verdict.state == state, verdict
    assert SEEN[path] == asked


def test_an_address_without_a_server_is_away() -> None:
    [verdict] = ask_all(["http://127.0.0.1:1/nowhere"], pause=0)
    assert verdict.state == "away"


def test_the_same_address_is_asked_once(server: str) -> None:
    assert len(list(ask_all([f"{server}/fine"] * 3, pause=0))) == 1
    assert SEEN["/fine"] == 1
