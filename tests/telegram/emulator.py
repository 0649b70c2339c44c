"""A strict Telegram Bot API on 127.0.0.1, for tests.

The referee is aiogram's description of the Bot API: what the bot sends must fit the method's model, and so
must what is answered here. Error texts are close to Telegram's, but only the codes are to be relied on.
Where Telegram is lenient and a mistake of ours would go unnoticed, this server is not: a bare "&", an unknown
attribute or an unknown name inside an object is refused.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import socket
import ssl
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import Any, NamedTuple, Self, get_args, get_origin

import aiogram.methods as methods
import httpx
from aiogram.methods.base import TelegramMethod
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

Json = dict[str, Any]
MESSAGE_UNITS = 4096
CAPTION_UNITS = 1024
MOST_BUTTONS = 100
CALLBACK_BYTES = 64
DOWNLOAD_BYTES = 20 * 1024 * 1024
KEPT_SECONDS = 24 * 3600
NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
CHAT_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}
METHODS: dict[str, type[TelegramMethod[Any]]] = {
    getattr(methods, name).__api_method__.lower(): getattr(methods, name)
    for name in methods.__all__
    if name not in {"TelegramMethod", "Request", "Response"}
}


class Refused(Exception):
    """Telegram's "no": a code, a reason and perhaps parameters."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def as_json(self) -> Json:
        """The answer as it goes out."""
        answer: Json = {"ok": False, "error_code": self.code, "description": self.description}
        return answer | ({"parameters": self.parameters} if self.parameters else {})


def bad(reason: str) -> Refused:
    """A 400 in Telegram's words."""
    return Refused(400, f"Bad Request: {reason}")


# --- text -----------------------------------------------------------------------------------------------------


def units(text: str) -> int:
    """The length of a text as Telegram counts it: in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


_FOUND = (
    (
        "url",
        re.compile(r"(?:https?://|(?<![\w@./-])(?:[\w-]+\.)+(?:pl|com|org|net|eu|info)(?![\w-]))[^\s<>\"]*"),
    ),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("bot_command", re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,32}(?:@\w{4,32})?(?!\w)")),
    ("mention", re.compile(r"(?<!\w)@[A-Za-z]\w{3,31}(?!\w)")),
    ("hashtag", re.compile(r"(?<!\w)#\w*[^\W\d]\w*")),
    ("phone_number", re.compile(r"(?<!\w)\+\d(?:[ -]?\d){8,13}(?!\d)")),
)


def found_entities(text: str) -> list[Json]:
    """What Telegram marks by itself in a plain text, in order and without overlaps."""
    entities: list[Json] = []
    taken: list[tuple[int, int]] = []
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            start, end = match.start(), match.start() + len(match.group().rstrip(".,;:!?)"))
            if end > start and all(end <= low or start >= high for low, high in taken):
                taken.append((start, end))
                entities.append(
                    {"type": kind, "offset": units(text[:start]), "length": units(text[start:end])}
                )
    return sorted(entities, key=lambda entity: int(entity["offset"]))


_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "blockquote": "blockquote",
}
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_TOKEN = re.compile(
    r"<(?P<close>/?)(?P<tag>[^\s<>/]*)(?P<rest>(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*)>|(?P<odd>[<&])"
)
_ENTITY = re.compile(r"&(?:(?P<name>[A-Za-z]+)|#(?P<decimal>\d{1,7})|#[xX](?P<hex>[0-9a-fA-F]{1,6}));")
_ATTRIBUTE = re.compile(
    r"\s+(?P<name>[\w-]+)(?:\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"'>]+)))?"
)


def _unparsable(reason: str) -> Refused:
    return bad(f"can't parse entities: {reason}")


def _decoded(source: str, at: int) -> tuple[str, int]:
    """The character that an entity stands for, and where the text goes on."""
    match = _ENTITY.match(source, at)
    if match is None:
        raise _unparsable(f"a bare & at character {at}")
    if match["name"]:
        if match["name"] not in _ENTITIES:
            raise _unparsable(f"unknown entity {match.group()}")
        return _ENTITIES[match["name"]], match.end()
    number = int(match["decimal"]) if match["decimal"] else int(match["hex"], 16)
    if not 0 < number <= 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise _unparsable(f"entity {match.group()} is no character")
    return chr(number), match.end()


def _attribute_value(raw: str) -> str:
    """An attribute's value with its entities turned into characters."""
    value, at = "", 0
    while at < len(raw):
        piece, at = _decoded(raw, at) if raw[at] == "&" else (raw[at], at + 1)
        value += piece
    return value


def _attributes(tag: str, rest: str) -> dict[str, str]:
    """A start tag's attributes; anything that Telegram does not know there is refused."""
    found: dict[str, str] = {}
    at = 0
    while at < len(rest.rstrip()):
        match = _ATTRIBUTE.match(rest, at)
        if match is None:
            raise _unparsable(f'bad attributes in tag "{tag}"')
        found[match["name"].lower()] = _attribute_value(
            match["double"] or match["single"] or match["bare"] or ""
        )
        at = match.end()
    known = {"a": {"href"}, "span": {"class"}, "code": {"class"}, "blockquote": {"expandable"}}.get(
        tag, set()
    )
    if set(found) - known:
        raise _unparsable(f'tag "{tag}" may not have {sorted(set(found) - known)}')
    if tag == "span" and found.get("class") != "tg-spoiler":
        raise _unparsable('tag "span" must have class "tg-spoiler"')
    if tag == "a" and not found.get("href"):
        raise _unparsable('tag "a" must have a href')
    return found


@dataclass
class _Html:
    """Reads Telegram's HTML into plain text and entities."""

    source: str
    text: str = ""
    entities: list[Json] = field(default_factory=list)
    opened: list[tuple[str, int, dict[str, str]]] = field(default_factory=list)

    def read(self) -> Self:
        at = 0
        while match := _TOKEN.search(self.source, at):
            self.text += self.source[at : match.start()]
            at = self._take(match)
        self.text += self.source[at:]
        if self.opened:
            raise _unparsable(f'can\'t find end tag corresponding to start tag "{self.opened[-1][0]}"')
        self.entities.reverse()  # of two marks on the same piece the outer one, closed later, comes first
        self.entities.sort(key=lambda entity: (int(entity["offset"]), -int(entity["length"])))
        return self

    def _take(self, match: re.Match[str]) -> int:
        if match["odd"] == "&":
            piece, at = _decoded(self.source, match.start())
            self.text += piece
            return at
        tag = (match["tag"] or "").lower()
        if match["odd"] or tag not in _TAGS:
            raise _unparsable(f'unsupported start tag "{tag}" at character {match.start()}')
        if match["close"]:
            self._close(tag, match["rest"])
        else:
            self.opened.append((tag, units(self.text), _attributes(tag, match["rest"])))
        return match.end()

    def _close(self, tag: str, rest: str) -> None:
        if rest.strip():
            raise _unparsable(f'end tag "{tag}" with attributes')
        if not self.opened or self.opened[-1][0] != tag:
            raise _unparsable(f'unmatched end tag "{tag}"')
        _, offset, attributes = self.opened.pop()
        kind = "expandable_blockquote" if "expandable" in attributes else _TAGS[tag]
        length = units(self.text) - offset
        link = {"url": attributes["href"]} if tag == "a" else {}
        if length and (not link or _good_url(attributes["href"])):
            self.entities.append({"type": kind, "offset": offset, "length": length} | link)


def _good_url(url: str) -> bool:
    """Whether Telegram takes an address: http, https, tg or ton, and a host."""
    return bool(re.fullmatch(r"(?:https?|tg|ton)://[^\s/?#]+[^\s]*", url, re.IGNORECASE))


def _trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """A text without the space around it, and its entities moved along."""
    gone = units(text) - units(text.lstrip())
    text = text.strip()
    moved = []
    for entity in entities:
        start = max(0, entity["offset"] - gone)
        end = min(units(text), entity["offset"] + entity["length"] - gone)
        if end > start:
            moved.append(entity | {"offset": start, "length": end - start})
    return text, moved


class Shown(NamedTuple):
    """A text as people see it, its entities, and the source it was made of."""

    text: str
    entities: list[Json]
    html: str


def shown(source: str, mode: str | None, given: list[Json] | None, most: int) -> Shown:
    """Read a text or caption that the bot sends, or refuse it."""
    if mode is not None and mode.lower() != "html":
        raise bad(f"unsupported parse_mode {mode} (only HTML is emulated)")
    if mode is not None:
        html = _Html(source).read()
        text, entities = html.text, html.entities
    else:
        text, entities = source, given or []
    text, entities = _trimmed(text, entities)
    if units(text) > most:
        raise bad("message is too long" if most == MESSAGE_UNITS else "message caption is too long")
    own = [one for one in found_entities(text) if not any(_overlap(one, other) for other in entities)]
    entities = sorted(entities + own, key=lambda entity: (int(entity["offset"]), -int(entity["length"])))
    return Shown(text, entities, source)


def _overlap(one: Json, other: Json) -> bool:
    if other["type"] not in {"text_link", "code", "pre"}:
        return False
    return bool(
        one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"]
    )


# --- state ----------------------------------------------------------------------------------------------------


class Call(NamedTuple):
    """One request of the bot: the method's name, its parameters as values, and `time.monotonic()`."""

    method: str
    params: Json
    time: float


class Fault(NamedTuple):
    """One fault that happened: its kind, the method it hit, and `time.monotonic()`."""

    kind: str
    method: str
    time: float


@dataclass
class StoredFile:
    """A file that the bot or a person sent."""

    file_id: str
    path: str
    name: str
    content: bytes

    def described(self) -> Json:
        """The fields that every kind of file has in a message."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.file_id.replace("file", "unique"),
            "file_size": len(self.content),
        }


@dataclass
class Stored:
    """A message in a chat, with what only the test may know about it."""

    content: Json
    by_bot: bool
    html: str = ""
    time: float = 0.0
    answered: bool = False
    file: StoredFile | None = None
    keyboard: Json | None = None
    edits: int = 0
    silent: bool = False


@dataclass(eq=False)
class Chat:
    """A private chat or a group, as Telegram knows it."""

    id: int
    kind: str
    title: str = ""
    started: bool = False
    blocked: bool = False
    bot_status: str = "member"
    members: dict[int, str] = field(default_factory=dict)
    messages: dict[int, Stored] = field(default_factory=dict)
    last_id: int = 0
    sends: deque[float] = field(default_factory=deque)
    allowance: float = 0.0
    allowance_at: float = 0.0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)


@dataclass
class Callback:
    """A tap on a button, or an inline query, that the bot should answer."""

    chat: Chat
    at: float
    answers: list[Json] = field(default_factory=list)


@dataclass
class Webhook:
    """Where updates are posted to."""

    url: str = ""
    secret: str = ""
    max_connections: int = 40
    error_date: int = 0
    error: str = ""


@dataclass
class Pace:
    """Telegram's limits, used while `api.limits` is on."""

    overall: int = 30
    chat_burst: int = 3
    chat_seconds: float = 1.0
    group: int = 20
    group_seconds: float = 60.0


@dataclass
class Faults:
    """How likely each fault is, for every request (or, for the last two, every update). Seeded."""

    seed: int = 0
    drop_before: float = 0.0
    drop_after: float = 0.0
    e500: float = 0.0
    e502: float = 0.0
    e429: float = 0.0
    half_body: float = 0.0
    slow: float = 0.0
    deliver_twice: float = 0.0
    out_of_order: float = 0.0
    slow_seconds: float = 0.2
    retry_after: int = 1

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - must be repeatable, not secret

    def hits(self, likelihood: float) -> bool:
        """One throw of the dice; none where a fault cannot happen, so that other faults keep their places."""
        return likelihood > 0 and self.chance.random() < likelihood

    def drawn(self) -> str:
        """The fault of one request, or "" (being slow comes on top)."""
        kinds = ("drop_before", "e500", "e502", "e429", "drop_after", "half_body")
        return next((kind for kind in kinds if self.hits(getattr(self, kind))), "")


@dataclass(eq=False)
class _Pending:
    """An update that waits to be fetched."""

    update: Json
    chat_id: int
    at: float


@dataclass
class Upload:
    """A file in a multipart request."""

    name: str
    content: bytes


@dataclass
class _Asked:
    """A request that was understood."""

    method: type[TelegramMethod[Any]]
    params: Json
    files: dict[str, Upload]


# --- reading and checking -------------------------------------------------------------------------------------


@cache
def _holds_objects(annotation: Any) -> bool:
    """Whether a parameter is an object or a list, which forms carry as JSON text."""
    if get_origin(annotation) in (list, dict):
        return True
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return True
    return any(_holds_objects(part) for part in get_args(annotation))


def _plain(method: type[TelegramMethod[Any]], name: str, value: Any) -> Any:
    """A parameter's value: objects and lists that came as JSON text are read."""
    known = method.model_fields.get(name)
    kind: Any = known.annotation if known else None
    if not isinstance(value, str) or not _holds_objects(kind):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        if value[:1] in ("{", "["):
            raise bad(f"can't parse {name}: {error}") from error
        return value


def _strangers(value: Any, path: str = "") -> Iterator[str]:
    """The names inside a validated object that the Bot API does not have."""
    if isinstance(value, BaseModel):
        yield from (f"{path}.{name}" for name in value.model_extra or {})
        for name in value.model_fields_set & set(type(value).model_fields):
            yield from _strangers(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _strangers(part, f"{path}[{place}]")


def _validated(asked: _Asked) -> Any:
    """The call as aiogram's model, or a refusal."""
    unknown = sorted(set(asked.params) - set(asked.method.model_fields))
    if unknown:
        raise bad(f"unknown parameter {', '.join(unknown)}")
    try:
        call = asked.method.model_validate(asked.params)
    except ValidationError as error:
        first = error.errors()[0]
        raise bad(f"parameter {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    if strange := list(_strangers(call)):
        raise bad(f"unknown name {', '.join(strange)}")
    return call


@cache
def _answers(method: type[TelegramMethod[Any]]) -> TypeAdapter[Any]:
    """The referee for what a method answers."""
    return TypeAdapter(method.__returning__)


def _objects(value: Any) -> Any:
    """An aiogram object as the JSON that it came from."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_unset=True, by_alias=True)
    if isinstance(value, list):
        return [_objects(part) for part in value]
    return value


def _text_or_none(value: Any) -> str | None:
    """A parameter that aiogram fills with its own placeholder when it was not sent."""
    return value if isinstance(value, str) else None


def _checked_button(button: Any) -> None:
    """Refuse a button that Telegram would refuse."""
    if not button.text.strip():
        raise bad("inline keyboard button text must be non-empty")
    actions = button.model_fields_set - {"text", "style", "icon_custom_emoji_id"}
    used = [name for name in actions if getattr(button, name) is not None]
    if len(used) != 1:
        raise bad(f"an inline keyboard button needs exactly one action, not {sorted(used)}")
    if button.callback_data is not None and not 1 <= len(button.callback_data.encode()) <= CALLBACK_BYTES:
        raise bad("BUTTON_DATA_INVALID")
    if button.url is not None and not _good_url(button.url):
        raise bad(f"inline keyboard button URL '{button.url}' is invalid: unsupported URL protocol")


def _checked_markup(markup: Any) -> Json | None:
    """A keyboard as JSON, or a refusal."""
    if markup is None:
        return None
    rows = getattr(markup, "inline_keyboard", None)
    if rows is not None:
        buttons = [button for row in rows for button in row]
        if len(buttons) > MOST_BUTTONS:
            raise bad("reply markup is too long")
        for button in buttons:
            _checked_button(button)
    dumped: Json = _objects(markup)
    return dumped


# --- the server -----------------------------------------------------------------------------------------------


class _Line(H11Protocol):
    """A connection that the emulator can cut."""

    api: BotApi

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client is not None:
            self.api._lines[self.client] = transport
        if self.api._cutting:
            self.api._count("away", "")
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.client is not None:
            self.api._lines.pop(self.client, None)
            self.api._line_lost(self.client)


class BotApi:
    """Telegram's servers for one bot. Use as `async with BotApi() as api:`.

    Settings are plain attributes and may be changed at any time: `faults`, `spared` (methods without faults),
    `limits` and `pace`, `clock` (the dates in messages, and the day after which updates are dropped),
    `callback_seconds`, `privacy_mode`, `allow_http_webhook`, `webhook_transport`. A new `token` makes the bot's
    own one wrong (401); a lower `next_update_id` is what Telegram does after a week of silence; `Faults` with
    `slow=1, slow_seconds=120` is silence. Look at `calls`, `counted`, `fault_log`, `taken_sends`, `not_emulated`
    afterwards, and see that `faults_of_ours` is empty.
    """

    def __init__(self, *, username: str = "klaster_test_bot", first_name: str = "Klaster") -> None:
        self.me: Json = {
            "id": 7_000_000_001,
            "is_bot": True,
            "first_name": first_name,
            "username": username,
            "can_join_groups": True,
            "supports_inline_queries": True,
        }
        self.token = f"{self.me['id']}:{'Ab1_-' * 7}"
        self.secret = "-".join(("klaster", "test", "hook"))
        self.base = ""
        self.chats: dict[int, Chat] = {}
        self.users: dict[int, Json] = {}
        self.files: dict[str, StoredFile] = {}
        self.callbacks: dict[str, Callback] = {}
        self.inline_queries: dict[str, Callback] = {}
        self.webhook = Webhook()
        self.webhook_transport: httpx.AsyncBaseTransport | None = None
        self.allow_http_webhook = False
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.names: dict[tuple[str, str], str] = {}
        self.menu_buttons: dict[int | None, Json] = {}
        self.privacy_mode = False
        self.clock: Callable[[], float] = time.time
        self.callback_seconds = 900.0
        self.next_update_id = 500_000_001
        self.limits = False
        self.pace = Pace()
        self.faults = Faults()
        self.spared: set[str] = set()
        self.counted: Counter[str] = Counter()
        self.fault_log: list[Fault] = []
        self.calls: list[Call] = []
        self.taken_sends: list[Stored] = []
        self.faults_of_ours: list[AssertionError] = []
        self.not_emulated: Counter[str] = Counter()
        self._ids = 0
        self._pending: list[_Pending] = []
        self._again: list[_Pending] = []
        self._allowed: set[str] | None = None
        self._allowed_list: list[str] = []
        self._poller: asyncio.Future[str] | None = None
        self._poll_line: tuple[str, int] | None = None
        self._touched: set[Chat] = set()
        self._all_sends: deque[float] = deque()
        self._lines: dict[tuple[str, int], asyncio.Transport] = {}
        self._cutting = False
        self._away = False
        self._closing = asyncio.Event()
        self._news = asyncio.Event()

    # starting and stopping

    async def __aenter__(self) -> Self:
        self._place = socket.socket()
        self._place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._place.bind(("127.0.0.1", 0))  # never listens: it keeps the port ours while we are away
        self.base = f"http://127.0.0.1:{self._place.getsockname()[1]}"
        self._config = Config(
            self._app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            interface="asgi3",
            proxy_headers=False,
        )
        self._config.load()
        self._state = ServerState()
        self._line_class = type("_OurLine", (_Line,), {"api": self})
        await self._listen()
        self._courier = asyncio.create_task(self._deliver())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._wake("closing")
        self._courier.cancel()
        with suppress(asyncio.CancelledError):
            await self._courier
        await self._hang_up()
        self._place.close()

    async def _listen(self) -> None:
        line = self._line_class
        self._server = await asyncio.get_running_loop().create_server(
            lambda: line(config=self._config, server_state=self._state, app_state={}),
            *self._place.getsockname(),
            reuse_port=True,
        )

    async def _hang_up(self) -> None:
        """Stop listening, close every connection, and wait for what was under way."""
        self._server.close()
        self._cut_all()
        while self._lines or self._state.tasks:
            if self._state.tasks:
                await asyncio.wait(self._state.tasks)
            await asyncio.sleep(0)
        await self._server.wait_closed()

    def _cut_all(self) -> None:
        for transport in list(self._lines.values()):
            transport.abort()

    @asynccontextmanager
    async def away(self, seconds: float = 0.0, *, cut: bool = False) -> AsyncIterator[None]:
        """Be unreachable while the block runs, and for at least so many seconds.

        Connections are refused; with `cut` they are accepted, counted as "away" in `counted`, and cut.
        """
        start = time.monotonic()
        self._away, self._cutting = True, cut
        if not cut:
            self._server.close()
        self._cut_all()
        try:
            yield
            await asyncio.sleep(max(0.0, start + seconds - time.monotonic()))
        finally:
            self._away = self._cutting = False
            if not cut:
                await self._listen()
            self._news.set()

    # what tests and test people use

    @property
    def pending(self) -> list[Json]:
        """The updates that were not confirmed yet."""
        return [one.update for one in self._pending]

    @property
    def unanswered_sends(self) -> int:
        """How many messages of the bot were taken although no full answer went out."""
        return sum(not one.answered for one in self.taken_sends)

    def called(self, method: str) -> list[Json]:
        """The parameters of every call of one method, in order."""
        return [call.params for call in self.calls if call.method == method]

    def new_id(self) -> int:
        """A number that was not used yet."""
        self._ids += 1
        return self._ids

    def chat(self, chat_id: int, kind: str, title: str = "") -> Chat:
        """The chat with this id, made if it is new."""
        return self.chats.setdefault(chat_id, Chat(chat_id, kind, title))

    def described_chat(self, chat: Chat) -> Json:
        """A chat as it stands in messages."""
        if chat.kind != "private":
            return {"id": chat.id, "type": chat.kind, "title": chat.title}
        person = self.users[next(iter(chat.members))]
        names = {name: person[name] for name in ("first_name", "last_name", "username") if name in person}
        return {"id": chat.id, "type": "private"} | names

    def keep(self, name: str, content: bytes, kind: str = "documents") -> StoredFile:
        """Take a file in."""
        number = self.new_id()
        stored = StoredFile(f"file-{number:08}", f"{kind}/{number}-{name}", name, content)
        self.files[stored.file_id] = stored
        return stored

    def put(self, chat: Chat, sender: Json, body: Json, *, by_bot: bool = False) -> Stored:
        """Add a message to a chat."""
        chat.last_id += 1
        content = {
            "message_id": chat.last_id,
            "from": sender,
            "chat": self.described_chat(chat),
            "date": int(self.clock()),
        }
        stored = Stored(content | body, by_bot, time=time.monotonic())
        chat.messages[chat.last_id] = stored
        self._touched.add(chat)
        return stored

    def callback(self, query_id: str, chat: Chat) -> None:
        """Take note of a tap that the bot should answer."""
        self.callbacks[query_id] = Callback(chat, time.monotonic())

    def inline_query(self, query_id: str, chat: Chat) -> None:
        """Take note of an inline query that the bot should answer."""
        self.inline_queries[query_id] = Callback(chat, time.monotonic())

    def push(self, kind: str, content: Json, chat_id: int) -> int:
        """Make an update for the bot and return its id, or 0 if the bot did not ask for this kind."""
        allowed = kind not in NOT_BY_DEFAULT if self._allowed is None else kind in self._allowed
        if not allowed:
            return 0
        update_id = self.next_update_id
        self.next_update_id += 1
        self._pending.append(_Pending({"update_id": update_id, kind: content}, chat_id, self.clock()))
        self._wake("news")
        return update_id

    # requests

    def _count(self, kind: str, method: str) -> None:
        self.counted[kind] += 1
        self.fault_log.append(Fault(kind, method, time.monotonic()))

    async def _pause(self, seconds: float) -> None:
        """Sleep, but not beyond the emulator's end."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        request = Request(scope, receive)
        try:
            await self._respond(request, send)
        except ClientDisconnect:
            return

    async def _respond(self, request: Request, send: Send) -> None:
        match = re.fullmatch(r"/(file/)?bot([^/]+)/(.+)", request.scope["path"])
        if match is None:
            await _send_json(send, Refused(404, "Not Found").as_json())
        elif match[2] != self.token:
            code = (401, "Unauthorized") if re.fullmatch(r"\d+:[\w-]+", match[2]) else (404, "Not Found")
            await _send_json(send, Refused(*code).as_json())
        elif match[1]:
            await self._respond_file(match[3], send)
        else:
            await self._respond_method(match[3], request, send)

    async def _respond_file(self, path: str, send: Send) -> None:
        stored = next((one for one in self.files.values() if one.path == path), None)
        if stored is None:
            await _send_json(send, Refused(404, "Not Found: file").as_json())
        else:
            await _send(send, 200, stored.content, "application/octet-stream")

    async def _respond_method(self, name: str, request: Request, send: Send) -> None:
        method = METHODS.get(name.lower())
        if method is None:
            self.calls.append(Call(name, {}, time.monotonic()))
            await _send_json(send, Refused(404, "Not Found").as_json())
            return
        name = method.__api_method__
        try:
            asked: _Asked | Refused = await _asked(method, request)
        except Refused as refused:
            asked = refused
        self.calls.append(Call(name, {} if isinstance(asked, Refused) else asked.params, time.monotonic()))
        fault, slow_before, slow_after = self._drawn(name)
        if slow_before:
            await self._pause(self.faults.slow_seconds)
        if fault == "drop_before":
            await self._cut(request, abort=True)
            return
        if fault == "e502":  # as the proxy in front of Telegram answers: no JSON
            await _send(send, 502, b"<html><body>502 Bad Gateway</body></html>", "text/html")
            return
        if early := self._early_error(fault):
            await _send_json(send, early.as_json())
            return
        answer, stored = await self._outcome(asked, request)
        if slow_after:
            await self._pause(self.faults.slow_seconds)
        await self._answer(answer, stored, fault, request, send)

    def _drawn(self, name: str) -> tuple[str, bool, bool]:
        """The fault of this request, and whether it is slow before or after its effect."""
        if name in self.spared:
            return "", False, False
        fault = self.faults.drawn()
        slow = self.faults.hits(self.faults.slow)
        early = slow and self.faults.hits(0.5)
        for kind in ([fault] if fault else []) + (["slow"] if slow else []):
            self._count(kind, name)
        return fault, early, slow and not early

    def _early_error(self, fault: str) -> Refused | None:
        """The server's own error, after which nothing has happened."""
        if fault == "e429":
            seconds = self.faults.retry_after
            return Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        return Refused(500, "Internal Server Error") if fault == "e500" else None

    async def _outcome(self, asked: _Asked | Refused, request: Request) -> tuple[Json, Stored | None]:
        """Do what was asked; the answer, and the message that came of it."""
        try:
            if isinstance(asked, Refused):
                raise asked
            result, stored = await self._perform(asked, request)
        except Refused as refused:
            return refused.as_json(), None
        finally:
            await self.tell()
        return {"ok": True, "result": result}, stored

    async def _perform(self, asked: _Asked, request: Request) -> tuple[Any, Stored | None]:
        call = _validated(asked)
        name = asked.method.__api_method__
        if name == "getUpdates":
            result: Any = await self._get_updates(call, request)
        elif name in _HANDLERS:
            result = _HANDLERS[name](self, call, asked.files)
        else:
            self.not_emulated[name] += 1
            raise bad(f"method {name} is not emulated")
        stored = result if isinstance(result, Stored) else None
        result = stored.content if stored else result
        self._check_ours(asked.method, result)
        return result, stored

    def _check_ours(self, method: type[TelegramMethod[Any]], result: Any) -> None:
        """Hold our own answer to the Bot API; a mistake of the emulator is kept for the tests to see."""
        try:
            strange = list(_strangers(_answers(method).validate_python(result)))
            if strange:
                raise AssertionError(f"{method.__api_method__} answered unknown names {strange}")
        except (ValidationError, AssertionError) as error:
            self.faults_of_ours.append(AssertionError(f"{method.__api_method__}: {error}"))

    async def tell(self) -> None:
        """Wake everyone who waits for a chat that changed."""
        touched, self._touched = self._touched, set()
        for chat in touched:
            async with chat.changed:
                chat.changed.notify_all()

    async def _answer(
        self, answer: Json, stored: Stored | None, fault: str, request: Request, send: Send
    ) -> None:
        line = self._lines.get(_client(request))
        if fault == "drop_after":
            await self._cut(request)
        elif fault == "half_body":
            await _send_json(send, answer, half=True)
            await self._cut(request)
        elif line is not None and not line.is_closing():
            if stored is not None and stored.edits == 0:
                stored.answered = True
            await _send_json(send, answer)
        else:
            await self._cut(request)

    async def _cut(self, request: Request, *, abort: bool = False) -> None:
        """Close the connection, and wait until the server has noticed."""
        line = self._lines.get(_client(request))
        if line is not None:
            line.abort() if abort else line.close()
        while (await request.receive())["type"] != "http.disconnect":
            pass

    # updates

    def _wake(self, why: str) -> None:
        """End the wait of an open getUpdates, and of the webhook's courier."""
        self._news.set()
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(why)

    def _line_lost(self, client: tuple[str, int]) -> None:
        if self._poll_line == client and self._poller is not None and not self._poller.done():
            self._poller.set_result("gone")

    def _forget_old(self) -> None:
        """Drop updates that nobody fetched for a day."""
        oldest = self.clock() - KEPT_SECONDS
        self._pending = [one for one in self._pending if one.at >= oldest]

    def _confirm(self, offset: int) -> None:
        """Drop what the offset confirms. One far in the future says nothing (ids began anew)."""
        if offset < 0:
            gone = self._pending[:offset]
        elif offset > self.next_update_id + 10:
            gone = []
        else:
            gone = [one for one in self._pending if one.update["update_id"] < offset]
        self._pending = [one for one in self._pending if one not in gone]
        self._again += [one for one in gone if self._twice("getUpdates")]

    def _twice(self, way: str) -> bool:
        """Whether an update that was taken comes once more all the same."""
        hit = self.faults.hits(self.faults.deliver_twice)
        if hit:
            self._count("deliver_twice", way)
        return hit

    def _batch(self, limit: int) -> list[Json]:
        self._forget_old()
        batch = (self._again + self._pending)[:limit]
        self._again = self._again[limit:]
        places = [
            place for place in range(len(batch) - 1) if batch[place].chat_id != batch[place + 1].chat_id
        ]
        if places and self.faults.hits(self.faults.out_of_order):
            place = self.faults.chance.choice(places)
            batch[place], batch[place + 1] = batch[place + 1], batch[place]
            self._count("out_of_order", "getUpdates")
        return [one.update for one in batch]

    async def _get_updates(self, call: methods.GetUpdates, request: Request) -> list[Json]:
        if self.webhook.url:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        self._wake("terminated by other getUpdates request")
        if call.allowed_updates is not None:
            self._allow(call.allowed_updates)
        self._confirm(call.offset or 0)
        limit = min(100, max(1, call.limit or 100))
        end = time.monotonic() + (call.timeout or 0)
        while not (batch := self._batch(limit)):
            left = end - time.monotonic()
            if left <= 0 or self._closing.is_set():
                break
            reason = await self._next_reason(left, _client(request))
            if reason.startswith("terminated"):
                raise Refused(409, f"Conflict: {reason}; make sure that only one bot instance is running")
            if reason == "gone":
                break
        return batch

    async def _next_reason(self, seconds: float, client: tuple[str, int]) -> str:
        """Wait until something happens to an open getUpdates."""
        mine: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._poller, self._poll_line = mine, client
        try:
            return await asyncio.wait_for(mine, seconds)
        except TimeoutError:
            return "timeout"
        finally:
            if self._poller is mine:
                self._poller = self._poll_line = None

    def _allow(self, kinds: Iterable[str]) -> None:
        self._allowed_list = list(kinds)
        self._allowed = set(self._allowed_list) or None

    def _drop_pending(self) -> None:
        self._pending.clear()
        self._again.clear()

    # the webhook

    def _set_webhook(self, call: methods.SetWebhook, files: Mapping[str, Upload]) -> bool:
        secret = call.secret_token
        if secret is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise bad("secret token contains unallowed characters")
        schemes = r"https?" if self.allow_http_webhook else "https"
        if call.url and not re.fullmatch(rf"{schemes}://[^\s/]+\S*", call.url):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if call.drop_pending_updates:
            self._drop_pending()
        if call.allowed_updates is not None:
            self._allow(call.allowed_updates)
        self.webhook = Webhook(call.url, secret or "", call.max_connections or 40)
        self._wake("terminated by setWebhook request")
        return True

    def _delete_webhook(self, call: methods.DeleteWebhook, files: Mapping[str, Upload]) -> bool:
        if call.drop_pending_updates:
            self._drop_pending()
        self.webhook = Webhook()
        return True

    def _get_webhook_info(self, call: methods.GetWebhookInfo, files: Mapping[str, Upload]) -> Json:
        hook = self.webhook
        info: Json = {
            "url": hook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._pending),
        }
        if hook.url:
            info |= {"max_connections": hook.max_connections, "ip_address": "127.0.0.1"}
        if hook.error:
            info |= {"last_error_date": hook.error_date, "last_error_message": hook.error}
        return info | ({"allowed_updates": self._allowed_list} if self._allowed else {})

    async def _deliver(self) -> None:
        """Post updates to the webhook, one after another, each until it is taken."""
        pause = 0.05
        transport = self.webhook_transport or httpx.AsyncHTTPTransport(verify=any_certificate())
        async with httpx.AsyncClient(transport=transport, timeout=10, trust_env=False) as client:
            while True:
                one = self._next_for_webhook()
                if one is None:
                    self._news.clear()
                    await self._news.wait()
                elif await self._post(client, one):
                    self._taken(one)
                    pause = 0.05
                else:
                    await asyncio.sleep(pause)
                    pause = min(1.0, pause * 2)

    def _next_for_webhook(self) -> _Pending | None:
        self._forget_old()
        waiting = self._again + self._pending
        if not self.webhook.url or self._away or not waiting:
            return None
        swappable = len(waiting) > 1 and waiting[0].chat_id != waiting[1].chat_id
        if swappable and self.faults.hits(self.faults.out_of_order):
            self._count("out_of_order", "webhook")
            self._pending = [one for one in waiting[1::-1] + waiting[2:] if one not in self._again]
            return waiting[1]
        return waiting[0]

    async def _post(self, client: httpx.AsyncClient, one: _Pending) -> bool:
        hook = self.webhook
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
        try:
            answer = await client.post(hook.url, json=one.update, headers=headers)
        except httpx.HTTPError as error:
            hook.error, hook.error_date = f"Connection failed: {type(error).__name__}", int(self.clock())
            return False
        if not answer.is_success:
            hook.error = f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"
            hook.error_date = int(self.clock())
        return answer.is_success

    def _taken(self, one: _Pending) -> None:
        if one in self._again:
            self._again.remove(one)
        elif one in self._pending:
            self._pending.remove(one)
            if self._twice("webhook"):
                self._again.append(one)

    # chats

    def _found(self, chat_id: int | str) -> Chat:
        number = int(chat_id) if re.fullmatch(r"-?\d+", str(chat_id)) else 0
        chat = self.chats.get(number)
        if chat is None or (chat.kind == "private" and not chat.started):
            raise bad("chat not found")
        return chat

    def _writable(self, chat_id: int | str) -> Chat:
        """A chat that the bot may write to."""
        chat = self._found(chat_id)
        if chat.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        if chat.bot_status == "kicked":
            raise Refused(403, f"Forbidden: bot was kicked from the {chat.kind} chat")
        if chat.bot_status == "left":
            raise Refused(403, f"Forbidden: bot is not a member of the {chat.kind} chat")
        return chat

    def _keep_pace(self, chat: Chat) -> None:
        """Refuse with 429 what comes too fast."""
        if not self.limits:
            return
        now = time.monotonic()
        waits = [_too_many(self._all_sends, self.pace.overall, 1.0, now)]
        if chat.kind == "private":
            waits.append(self._short_of_allowance(chat, now))
        else:
            waits.append(_too_many(chat.sends, self.pace.group, self.pace.group_seconds, now))
        if max(waits) > 0:
            seconds = int(max(waits)) + 1
            self.counted["limited"] += 1
            raise Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        chat.allowance -= 1
        chat.sends.append(now)
        self._all_sends.append(now)

    def _short_of_allowance(self, chat: Chat, now: float) -> float:
        """How long a private chat must wait: one message a second, with a short burst."""
        burst = self.pace.chat_burst
        grown = (now - chat.allowance_at) / self.pace.chat_seconds if chat.sends else burst
        chat.allowance = min(burst, chat.allowance + grown)
        chat.allowance_at = now
        return max(0.0, (1 - chat.allowance) * self.pace.chat_seconds)

    # messages

    def _get_me(self, call: methods.GetMe, files: Mapping[str, Upload]) -> Json:
        return self.me | {"can_read_all_group_messages": not self.privacy_mode}

    def _replied(self, chat: Chat, call: Any) -> Json:
        """The part of a message that says what it answers."""
        wanted = call.reply_parameters
        message_id = wanted.message_id if wanted else call.reply_to_message_id
        if message_id is None:
            return {}
        target = chat.messages.get(message_id)
        if target is None:
            if (wanted and wanted.allow_sending_without_reply is True) or call.allow_sending_without_reply:
                return {}
            raise bad("message to be replied not found")
        return {"reply_to_message": {k: v for k, v in target.content.items() if k != "reply_to_message"}}

    def _sent(self, chat: Chat, call: Any, body: Json, html: str, file: StoredFile | None) -> Stored:
        """Put a message of the bot into a chat, once everything about it was checked."""
        markup = _checked_markup(call.reply_markup)
        body = body | self._replied(chat, call)
        if markup and markup.get("inline_keyboard"):
            body["reply_markup"] = markup
        self._keep_pace(chat)
        stored = self.put(chat, self._sender(), body, by_bot=True)
        stored.html, stored.file = html, file
        stored.silent = call.disable_notification is True
        stored.keyboard = markup if markup and "inline_keyboard" not in markup else None
        return stored

    def _sender(self) -> Json:
        return {name: self.me[name] for name in ("id", "is_bot", "first_name", "username")}

    def _send_message(self, call: methods.SendMessage, files: Mapping[str, Upload]) -> Stored:
        chat = self._writable(call.chat_id)
        said = shown(call.text, _text_or_none(call.parse_mode), _objects(call.entities), MESSAGE_UNITS)
        if not said.text:
            raise bad("message text is empty")
        body: Json = {"text": said.text} | ({"entities": said.entities} if said.entities else {})
        if isinstance(call.link_preview_options, BaseModel):
            body["link_preview_options"] = _objects(call.link_preview_options)
        stored = self._sent(chat, call, body, said.html, None)
        self.taken_sends.append(stored)
        return stored

    def _file_of(self, value: Any, files: Mapping[str, Upload], kind: str) -> StoredFile:
        """The file that a parameter means: one that came along, or one that is known."""
        name = str(value).removeprefix("attach://")
        if name in files:
            if not files[name].content:
                raise bad("file must be non-empty")
            return self.keep(files[name].name, files[name].content, kind)
        if value in self.files:
            return self.files[value]
        raise bad("wrong file identifier/HTTP URL specified")

    def _send_file(self, call: Any, kind: str, file: StoredFile, more: Json) -> Stored:
        chat = self._writable(call.chat_id)
        mode = _text_or_none(call.parse_mode)
        said = shown(call.caption or "", mode, _objects(call.caption_entities), CAPTION_UNITS)
        body: Json = {kind: file.described() | more}
        if said.text:
            body |= {"caption": said.text} | ({"caption_entities": said.entities} if said.entities else {})
        return self._sent(chat, call, body, said.html, file)

    def _send_voice(self, call: methods.SendVoice, files: Mapping[str, Upload]) -> Stored:
        file = self._file_of(call.voice, files, "voice")
        return self._send_file(
            call, "voice", file, {"duration": call.duration or 0, "mime_type": "audio/ogg"}
        )

    def _send_document(self, call: methods.SendDocument, files: Mapping[str, Upload]) -> Stored:
        file = self._file_of(call.document, files, "documents")
        return self._send_file(call, "document", file, {"file_name": file.name})

    def _editable(self, call: Any) -> tuple[Chat, Stored]:
        if call.chat_id is None or call.message_id is None:
            raise bad("editing inline messages is not emulated")
        chat = self._writable(call.chat_id)
        stored = chat.messages.get(call.message_id)
        if stored is None:
            raise bad("message to edit not found")
        if not stored.by_bot:
            raise bad("message can't be edited")
        return chat, stored

    def _edit(self, chat: Chat, stored: Stored, changes: Json) -> Stored:
        """Change a message; None takes a part away."""
        new = {name: value for name, value in (stored.content | changes).items() if value is not None}
        if new == stored.content:
            raise bad("message is not modified")
        self._keep_pace(chat)
        stored.content = new | {"edit_date": int(self.clock())}
        stored.edits += 1
        self._touched.add(chat)
        return stored

    def _edit_message_text(self, call: methods.EditMessageText, files: Mapping[str, Upload]) -> Stored:
        chat, stored = self._editable(call)
        if "text" not in stored.content:
            raise bad("there is no text in the message to edit")
        said = shown(call.text or "", _text_or_none(call.parse_mode), _objects(call.entities), MESSAGE_UNITS)
        if not said.text:
            raise bad("message text is empty")
        markup = _checked_markup(call.reply_markup)
        changes = {"text": said.text, "entities": said.entities or None, "reply_markup": _inline(markup)}
        edited = self._edit(chat, stored, changes)
        edited.html = said.html
        return edited

    def _edit_reply_markup(self, call: methods.EditMessageReplyMarkup, files: Mapping[str, Upload]) -> Stored:
        chat, stored = self._editable(call)
        return self._edit(chat, stored, {"reply_markup": _inline(_checked_markup(call.reply_markup))})

    def _delete_message(self, call: methods.DeleteMessage, files: Mapping[str, Upload]) -> bool:
        chat = self._writable(call.chat_id)
        stored = chat.messages.get(call.message_id)
        if stored is None:
            raise bad("message to delete not found")
        if not stored.by_bot and chat.kind != "private" and chat.bot_status != "administrator":
            raise bad("message can't be deleted")
        del chat.messages[call.message_id]
        self._touched.add(chat)
        return True

    def _send_chat_action(self, call: methods.SendChatAction, files: Mapping[str, Upload]) -> bool:
        self._writable(call.chat_id)
        if call.action not in CHAT_ACTIONS:
            raise bad("wrong parameter action in request")
        return True

    def _answer_callback_query(self, call: methods.AnswerCallbackQuery, files: Mapping[str, Upload]) -> bool:
        tap = self.callbacks.get(call.callback_query_id)
        if tap is None or time.monotonic() - tap.at > self.callback_seconds:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if call.text is not None and len(call.text) > 200:
            raise bad("MESSAGE_TOO_LONG")
        tap.answers.append(_objects(call))
        self._touched.add(tap.chat)
        return True

    def _answer_inline_query(self, call: methods.AnswerInlineQuery, files: Mapping[str, Upload]) -> bool:
        asked = self.inline_queries.get(call.inline_query_id)
        if asked is None or asked.answers:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        names = [result.id for result in call.results]
        if len(names) > 50:
            raise bad("RESULTS_TOO_MUCH")
        if len(set(names)) != len(names):
            raise bad("RESULT_ID_DUPLICATE")
        for result in call.results:
            self._check_inline_result(result)
        asked.answers.append(_objects(call))
        self._touched.add(asked.chat)
        return True

    def _check_inline_result(self, result: Any) -> None:
        """Refuse a result whose name, text or buttons Telegram would refuse."""
        if not 1 <= len(result.id.encode()) <= 64:
            raise bad("RESULT_ID_INVALID")
        _checked_markup(result.reply_markup)
        content = getattr(result, "input_message_content", None)
        text = getattr(content, "message_text", None)
        if text is not None:
            mode = _text_or_none(getattr(content, "parse_mode", None))
            if not shown(text, mode, None, MESSAGE_UNITS).text:
                raise bad("message text is empty")

    # files, chats, and what the bot says about itself

    def _get_file(self, call: methods.GetFile, files: Mapping[str, Upload]) -> Json:
        stored = self.files.get(call.file_id)
        if stored is None:
            raise bad("invalid file_id")
        if len(stored.content) > DOWNLOAD_BYTES:
            raise bad("file is too big")
        return stored.described() | {"file_path": stored.path}

    def _get_chat(self, call: methods.GetChat, files: Mapping[str, Upload]) -> Json:
        chat = self._found(call.chat_id)
        kinds = (
            "unlimited_gifts",
            "limited_gifts",
            "unique_gifts",
            "premium_subscription",
            "gifts_from_channels",
        )
        full = {
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(kinds, False),
        }
        return self.described_chat(chat) | full

    def _get_chat_member(self, call: methods.GetChatMember, files: Mapping[str, Upload]) -> Json:
        chat = self._found(call.chat_id)
        if call.user_id == self.me["id"]:
            return member(self._sender(), chat.bot_status)
        if call.user_id not in self.users:
            raise bad("user not found")
        return member(self.users[call.user_id], chat.members.get(call.user_id, "left"))

    def _leave_chat(self, call: methods.LeaveChat, files: Mapping[str, Upload]) -> bool:
        chat = self._writable(call.chat_id)
        if chat.kind == "private":
            raise bad("can't leave a private chat")
        chat.bot_status = "left"
        self._touched.add(chat)
        return True

    def _set_my_commands(self, call: methods.SetMyCommands, files: Mapping[str, Upload]) -> bool:
        if len(call.commands) > 100:
            raise bad("BOT_COMMANDS_TOO_MUCH")
        for one in call.commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", one.command):
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= len(one.description) <= 256:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[_scope(call)] = _objects(call.commands)
        return True

    def _get_my_commands(self, call: methods.GetMyCommands, files: Mapping[str, Upload]) -> list[Json]:
        return self.commands.get(_scope(call), [])

    def _delete_my_commands(self, call: methods.DeleteMyCommands, files: Mapping[str, Upload]) -> bool:
        self.commands.pop(_scope(call), None)
        return True

    def _set_name(self, what: str, text: str | None, language: str | None, most: int) -> bool:
        if text is not None and len(text) > most:
            raise bad(f"{what} is too long")
        self.names[what, _language(language)] = text or ""
        return True

    def _name(self, what: str, language: str | None) -> str:
        own = self.names.get((what, _language(language)))
        return own or self.names.get((what, "")) or ""

    def _set_my_name(self, call: methods.SetMyName, files: Mapping[str, Upload]) -> bool:
        return self._set_name("name", call.name, call.language_code, 64)

    def _get_my_name(self, call: methods.GetMyName, files: Mapping[str, Upload]) -> Json:
        return {"name": self._name("name", call.language_code) or self.me["first_name"]}

    def _set_my_description(self, call: methods.SetMyDescription, files: Mapping[str, Upload]) -> bool:
        return self._set_name("description", call.description, call.language_code, 512)

    def _get_my_description(self, call: methods.GetMyDescription, files: Mapping[str, Upload]) -> Json:
        return {"description": self._name("description", call.language_code)}

    def _set_short_description(
        self, call: methods.SetMyShortDescription, files: Mapping[str, Upload]
    ) -> bool:
        return self._set_name("short_description", call.short_description, call.language_code, 120)

    def _get_short_description(
        self, call: methods.GetMyShortDescription, files: Mapping[str, Upload]
    ) -> Json:
        return {"short_description": self._name("short_description", call.language_code)}

    def _set_menu_button(self, call: methods.SetChatMenuButton, files: Mapping[str, Upload]) -> bool:
        if call.chat_id is not None:
            self._found(call.chat_id)
        self.menu_buttons[call.chat_id] = _objects(call.menu_button) or {"type": "default"}
        return True

    def _get_menu_button(self, call: methods.GetChatMenuButton, files: Mapping[str, Upload]) -> Json:
        if call.chat_id is not None:
            self._found(call.chat_id)
        usual = self.menu_buttons.get(None, {"type": "commands"})
        return self.menu_buttons.get(call.chat_id, usual)


_HANDLERS: dict[str, Callable[[BotApi, Any, Mapping[str, Upload]], Any]] = {
    "getMe": BotApi._get_me,
    "setWebhook": BotApi._set_webhook,
    "deleteWebhook": BotApi._delete_webhook,
    "getWebhookInfo": BotApi._get_webhook_info,
    "sendMessage": BotApi._send_message,
    "sendVoice": BotApi._send_voice,
    "sendDocument": BotApi._send_document,
    "editMessageText": BotApi._edit_message_text,
    "editMessageReplyMarkup": BotApi._edit_reply_markup,
    "deleteMessage": BotApi._delete_message,
    "sendChatAction": BotApi._send_chat_action,
    "answerCallbackQuery": BotApi._answer_callback_query,
    "answerInlineQuery": BotApi._answer_inline_query,
    "getFile": BotApi._get_file,
    "getChat": BotApi._get_chat,
    "getChatMember": BotApi._get_chat_member,
    "leaveChat": BotApi._leave_chat,
    "setMyCommands": BotApi._set_my_commands,
    "getMyCommands": BotApi._get_my_commands,
    "deleteMyCommands": BotApi._delete_my_commands,
    "setMyName": BotApi._set_my_name,
    "getMyName": BotApi._get_my_name,
    "setMyDescription": BotApi._set_my_description,
    "getMyDescription": BotApi._get_my_description,
    "setMyShortDescription": BotApi._set_short_description,
    "getMyShortDescription": BotApi._get_short_description,
    "setChatMenuButton": BotApi._set_menu_button,
    "getChatMenuButton": BotApi._get_menu_button,
}


# --- small parts ----------------------------------------------------------------------------------------------


@cache
def any_certificate() -> ssl.SSLContext:
    """Takes every certificate, and is made in no time: everything here stays on 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def member(user: Json, status: str) -> Json:
    """A chat member as the Bot API describes one."""
    rights = (
        "can_be_edited",
        "is_anonymous",
        "can_manage_chat",
        "can_delete_messages",
        "can_manage_video_chats",
        "can_restrict_members",
        "can_promote_members",
        "can_change_info",
        "can_invite_users",
        "can_post_stories",
        "can_edit_stories",
        "can_delete_stories",
    )
    more: dict[str, Json] = {
        "creator": {"is_anonymous": False},
        "administrator": dict.fromkeys(rights, False) | {"can_delete_messages": True},
        "kicked": {"until_date": 0},
    }
    return {"status": status, "user": user} | more.get(status, {})


def _scope(call: Any) -> tuple[str, str]:
    """Where commands belong: their scope as text, and their language."""
    scope = _objects(call.scope) or {"type": "default"}
    return json.dumps(scope, sort_keys=True), _language(call.language_code)


def _language(code: str | None) -> str:
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad("LANGUAGE_CODE_INVALID")
    return code or ""


def _inline(markup: Json | None) -> Json | None:
    """An inline keyboard, or None if it has no rows."""
    return markup if markup and markup.get("inline_keyboard") else None


def _too_many(times: deque[float], most: int, seconds: float, now: float) -> float:
    """How long to wait until another one fits into the window."""
    while times and times[0] <= now - seconds:
        times.popleft()
    return times[0] + seconds - now if len(times) >= most else 0.0


def _client(request: Request) -> tuple[str, int]:
    """Which connection a request came by."""
    client = request.client
    return (client.host, client.port) if client else ("", 0)


async def _asked(method: type[TelegramMethod[Any]], request: Request) -> _Asked:
    """Read a request's parameters from wherever they may stand."""
    raw: Json = dict(request.query_params)
    files: dict[str, Upload] = {}
    kind = request.headers.get("content-type", "").split(";")[0]
    if kind == "application/json":
        raw |= await _json_body(request)
    elif kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        async with request.form() as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    files[name] = Upload(value.filename or "file", await value.read())
                else:
                    raw[name] = value
    else:
        await request.body()
    raw |= {name: f"attach://{name}" for name in files if name in method.model_fields}
    return _Asked(method, {name: _plain(method, name, value) for name, value in raw.items()}, files)


async def _json_body(request: Request) -> Json:
    try:
        body = await request.json()
    except ValueError as error:
        raise bad("can't parse JSON") from error
    if not isinstance(body, dict):
        raise bad("the body must be an object")
    return {name: value for name, value in body.items() if value is not None}


async def _send_json(send: Send, answer: Json, *, half: bool = False) -> None:
    body = json.dumps(answer, ensure_ascii=False).encode()
    await _send(send, answer.get("error_code", 200), body, "application/json", half=half)


async def _send(send: Send, status: int, body: bytes, kind: str, *, half: bool = False) -> None:
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    part = body[: len(body) // 2] if half else body
    await send({"type": "http.response.body", "body": part, "more_body": half})
