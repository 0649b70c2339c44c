"""Are the addresses still alive? Asks each page once, politely, and tells; nothing here changes what the bot says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError, SSLError
from urllib3.util import Retry, Timeout

State = Literal["fine", "gone", "home", "refused", "away", "certificate"]

TRIES, PAUSE_SECONDS, AT_ONCE = 3, 2.0, 8
_BUSY = frozenset({429, 500, 502, 503, 504})
_HOME = frozenset({"", "/", "/pl", "/pl/", "/index.html", "/index.php", "/start", "/home"})
_GONE, _REFUSED = frozenset({404, 410}), frozenset({401, 403, 405, 406, 429, 451})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of asking for a page: `detail` is the status, the address it led to, or the kind of fault."""

    url: str
    state: State
    detail: str


def ask_all(urls: Iterable[str], pause: float = PAUSE_SECONDS) -> Iterator[Verdict]:
    """A verdict on each address, as they come: hosts side by side, the pages of one host one after another.

    A busy or silent page is asked again after `pause` seconds, then twice that; Retry-After is obeyed.
    """
    by_host: dict[str, list[str]] = defaultdict(list)
    for url in dict.fromkeys(urls):
        by_host[urlsplit(url).netloc].append(url)
    retries = Retry(TRIES, redirect=5, backoff_factor=pause, status_forcelist=_BUSY, raise_on_status=False)
    pool = urllib3.PoolManager(
        retries=retries,
        timeout=Timeout(connect=10, read=30),
        headers={"User-Agent": "klaster-check/1 (sprawdza adresy zrodel)", "Accept": "text/html,*/*"},
    )
    with ThreadPoolExecutor(AT_ONCE) as workers:
        waiting = [workers.submit(_ask_host, pool, pages) for pages in by_host.values()]
        for done in as_completed(waiting):
            yield from done.result()


def _ask_host(pool: urllib3.PoolManager, urls: list[str]) -> list[Verdict]:
    return [_ask(pool, url) for url in urls]


def _ask(pool: urllib3.PoolManager, url: str) -> Verdict:
    try:
        answer = pool.request("GET", url, preload_content=False)
    except MaxRetryError as error:
        if isinstance(error.reason, SSLError):
            return Verdict(url, "certificate", type(error.reason).__name__)
        return Verdict(url, "away", type(error.reason or error).__name__)
    except HTTPError as error:
        return Verdict(url, "away", type(error).__name__)
    answer.close()  # the page itself is not read
    return _verdict(url, answer.status, urljoin(url, answer.url or url))


def _verdict(url: str, status: int, led_to: str) -> Verdict:
    if status in _GONE:
        return Verdict(url, "gone", str(status))
    if status in _REFUSED:
        return Verdict(url, "refused", str(status))
    if status >= 400:
        return Verdict(url, "away", str(status))
    if urlsplit(url).path not in _HOME and urlsplit(led_to).path in _HOME and not urlsplit(led_to).query:
        return Verdict(url, "home", led_to)
    return Verdict(url, "fine", str(status))
