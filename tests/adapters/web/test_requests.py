"""What the web chat refuses, and what every answer carries."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
NONCE = "nonce-0123456789abcdef"


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address) as opened:
        yield opened


def say(client: httpx.Client, headers: dict[str, str] | None = None, **fields: str) -> httpx.Response:
    return client.post("/rozmowa", data={"nonce": NONCE, **fields}, headers=headers)


@pytest.mark.trust("T-93")
@pytest.mark.parametrize("path", ["/", "/nie-ma", "/healthz", "/static/style.css", "/rozmowa"])
def test_every_answer_carries_the_protecting_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert path.startswith("/static") or headers["cache-control"] == "no-store"
    assert "server" not in headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nie-ma", 404),
        ("GET", "/rozmowa", 405),
        ("TRACE", "/", 405),
        ("PUT", "/", 405),
        ("GET", "/static/../server.py", 404),
    ],
)
def test_wrong_paths_and_methods_get_one_calm_page(
    client: httpx.Client, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert "Traceback" not in answer.text


@pytest.mark.trust("T-92")
@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://zly.example"}],
)
def test_a_form_of_another_site_is_refused(client: httpx.Client, headers: dict[str, str]) -> None:
    assert say(client, headers, text="staż").status_code == 403


@pytest.mark.trust("T-95")
def test_another_host_name_is_refused(client: httpx.Client) -> None:
    assert client.get("/", headers={"host": "zly.example"}).status_code == 400


@pytest.mark.trust("T-96")
@pytest.mark.parametrize(
    "fields",
    [
        {"nonce": "krótki"},
        {"nonce": NONCE, "inne": "pole"},
        {"text": "bez nonce"},
        {"nonce": NONCE, "choice": "x" * 300},
    ],
)
def test_a_malformed_form_is_refused(client: httpx.Client, fields: dict[str, str]) -> None:
    assert client.post("/rozmowa", data=fields).status_code == 400


@pytest.mark.trust("T-96")
def test_a_large_body_is_refused_while_it_is_read(client: httpx.Client) -> None:
    assert client.post("/rozmowa", data={"nonce": NONCE, "text": "a" * 400_000}).status_code == 413


@pytest.mark.trust("T-02", "T-17")
def test_the_same_form_sent_twice_is_one_message(client: httpx.Client) -> None:
    client.get("/")
    say(client, text="staż")
    first = client.get("/").text
    say(client, text="staż")
    second = client.get("/").text
    hidden = re.compile(r'name="nonce" value="[^"]+"')
    assert hidden.sub("", first) == hidden.sub("", second)


@pytest.mark.trust("T-110", "T-111")
def test_markup_in_a_question_is_never_markup_on_the_page(client: httpx.Client) -> None:
    client.get("/")
    say(client, text="<script>alert('pfron')</script>")
    assert "<script" not in client.get("/").text


@pytest.mark.trust("T-105")
@pytest.mark.parametrize("choice", ["e:nie-ma", "c:erase-yes", "x", "f:dotacja-pfron:nie-ma", "p:Nigdzie"])
def test_a_forged_choice_gets_a_sentence_and_does_nothing(client: httpx.Client, choice: str) -> None:
    client.get("/")
    assert say(client, choice=choice).status_code == 303
    assert "Tego przycisku już nie umiem otworzyć" in client.get("/").text
