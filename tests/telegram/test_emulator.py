"""The emulator of the Bot API is itself held to what Telegram does."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiogram
import httpx
import pytest
import telegram
import telegram.ext
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import BufferedInputFile
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut
from telegram.request import HTTPXRequest

from tests.telegram.emulator import BotApi, Faults, Json, Pace, any_certificate, found_entities, units
from tests.telegram.person import Group, Person

ADA = 5
BEN = 6
GROUP = -1001


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    """The emulator; that its own answers were right is checked at the end of every test."""
    async with BotApi() as api:
        yield api
        assert api.faults_of_ours == []


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A plain HTTP client."""
    async with httpx.AsyncClient(timeout=10, trust_env=False, verify=any_certificate()) as client:
        yield client


@pytest.fixture
def ada(api: BotApi) -> Person:
    """Someone who has written to the bot before."""
    return Person(api, ADA, known=True)


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[telegram.Bot]:
    """What python-telegram-bot makes of the emulator."""
    options = {"verify": any_certificate(), "trust_env": False}
    made = telegram.Bot(
        api.token,
        base_url=f"{api.base}/bot",
        base_file_url=f"{api.base}/file/bot",
        request=HTTPXRequest(httpx_kwargs=options),
        get_updates_request=HTTPXRequest(httpx_kwargs=options),
    )
    async with made:
        yield made


async def ask(api: BotApi, http: httpx.AsyncClient, method: str, **params: Any) -> Json:
    """Call a method with JSON, and hold the status to the answer."""
    answer = await http.post(f"{api.base}/bot{api.token}/{method}", json=params)
    body: Json = answer.json()
    assert answer.status_code == (200 if body["ok"] else body["error_code"])
    return body


def keyboard(*buttons: Json) -> Json:
    """An inline keyboard with one button a row."""
    return {"inline_keyboard": [[button] for button in buttons]}


# --- refusals


@pytest.mark.parametrize(
    "params",
    [
        {"text": ""},
        {"text": "  \n "},
        {"text": "<b> </b>", "parse_mode": "HTML"},
        {"text": "a" * 4097},
        {"text": "😀" * 2049},
        {"text": "<b>a", "parse_mode": "HTML"},
        {"text": "a</b>", "parse_mode": "HTML"},
        {"text": "<b><i>a</b></i>", "parse_mode": "HTML"},
        {"text": "<p>a</p>", "parse_mode": "HTML"},
        {"text": "a<br>b", "parse_mode": "HTML"},
        {"text": "a < b", "parse_mode": "HTML"},
        {"text": "a & b", "parse_mode": "HTML"},
        {"text": "a&nbsp;b", "parse_mode": "HTML"},
        {"text": "&#0;", "parse_mode": "HTML"},
        {"text": "<span>a</span>", "parse_mode": "HTML"},
        {"text": "<a>a</a>", "parse_mode": "HTML"},
        {"text": "<b class='x'>a</b>", "parse_mode": "HTML"},
        {"text": "a", "parse_mode": "Wiki"},
        {"text": "a", "colour": "red"},
        {"text": "a", "chat_id": 99},
        {"text": "a", "chat_id": "@nobody"},
        {"text": "a", "reply_parameters": {"message_id": 99}},
        {"text": "a", "reply_parameters": {"message_id": 1, "loud": True}},
        {"text": "a", "reply_markup": keyboard({"text": "a", "callback_data": ""})},
        {"text": "a", "reply_markup": keyboard({"text": "a", "callback_data": "ż" * 33})},
        {"text": "a", "reply_markup": keyboard({"text": "", "callback_data": "a"})},
        {"text": "a", "reply_markup": keyboard({"text": "a"})},
        {"text": "a", "reply_markup": keyboard({"text": "a", "callback_data": "a", "url": "https://a.pl"})},
        {"text": "a", "reply_markup": keyboard({"text": "a", "url": "tel:+48123456789"})},
        {"text": "a", "reply_markup": keyboard(*[{"text": "a", "callback_data": "a"}] * 101)},
        {"text": "a", "reply_markup": "{broken"},
        {"text": ["a"]},
    ],
)
async def test_send_message_refuses(api: BotApi, http: httpx.AsyncClient, ada: Person, params: Json) -> None:
    answer = await ask(api, http, "sendMessage", **({"chat_id": ADA} | params))
    assert (answer["ok"], answer["error_code"]) == (False, 400)
    assert answer["description"].startswith("Bad Request: ")
    assert ada.seen == []


@pytest.mark.parametrize(
    ("source", "text", "kinds"),
    [
        ("<b>a</b> &lt;&amp;&#380;&#x17C;", "a <&żż", ["bold"]),
        ("<blockquote expandable>a\n<i>b</i></blockquote>", "a\nb", ["expandable_blockquote", "italic"]),
        ('<a href="https://a.pl/?x=1&amp;y=2">a</a>', "a", ["text_link"]),
        ('<a href="tel:112">112</a>', "112", []),
        ('<pre><code class="language-python">x</code></pre>', "x", ["pre", "code"]),
        ('<span class="tg-spoiler">x</span> <TG-SPOILER>y</TG-SPOILER>', "x y", ["spoiler", "spoiler"]),
        ("  a  ", "a", []),
        ("😀" * 2048, "😀" * 2048, []),
        ("<b>" + "a" * 4096 + "</b>", "a" * 4096, ["bold"]),
    ],
)
async def test_html_is_read(
    api: BotApi, http: httpx.AsyncClient, ada: Person, source: str, text: str, kinds: list[str]
) -> None:
    answer = await ask(api, http, "sendMessage", chat_id=ADA, text=source, parse_mode="HTML")
    assert answer["ok"], answer
    assert ada.last.text == text
    assert ada.last.html == source
    assert [one["type"] for one in answer["result"].get("entities", [])] == kinds


async def test_captions_are_shorter(api: BotApi, http: httpx.AsyncClient, ada: Person) -> None:
    url = f"{api.base}/bot{api.token}/sendVoice"
    long = await http.post(url, data={"chat_id": ADA, "caption": "a" * 1025}, files={"voice": b"OggS"})
    right = await http.post(url, data={"chat_id": ADA, "caption": "a" * 1024}, files={"voice": b"OggS"})
    assert (long.status_code, right.status_code) == (400, 200)
    assert ada.last.voice == b"OggS"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/bot7000000001:wrong/getMe", 401),
        ("/botwrong/getMe", 404),
        ("/bot{token}/getTea", 404),
        ("/bot{token}/sendDice?chat_id=5", 400),
        ("/bot{token}/getMe?sugar=2", 400),
        ("/nowhere", 404),
        ("/file/bot{token}/no/file", 404),
    ],
)
async def test_wrong_addresses(
    api: BotApi, http: httpx.AsyncClient, ada: Person, path: str, code: int
) -> None:
    answer = await http.get(api.base + path.format(token=api.token))
    assert (answer.status_code, answer.json()["error_code"], answer.json()["ok"]) == (code, code, False)
    assert api.not_emulated["sendDice"] == ("sendDice" in path)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("setWebhook", {"url": "http://a.pl/hook"}),
        ("setWebhook", {"url": "https://a.pl/hook", "secret_token": "with space"}),
        ("setWebhook", {"url": "https://a.pl/hook", "secret_token": ""}),
        ("setWebhook", {"url": "https://a.pl/hook", "secret_token": "a" * 257}),
        ("answerCallbackQuery", {"callback_query_id": "1"}),
        ("answerInlineQuery", {"inline_query_id": "1", "results": []}),
        ("editMessageText", {"chat_id": ADA, "message_id": 99, "text": "a"}),
        ("editMessageText", {"text": "a"}),
        ("deleteMessage", {"chat_id": ADA, "message_id": 99}),
        ("sendChatAction", {"chat_id": ADA, "action": "dancing"}),
        ("sendVoice", {"chat_id": ADA, "voice": "unknown"}),
        ("getFile", {"file_id": "unknown"}),
        ("getChat", {"chat_id": 99}),
        ("getChatMember", {"chat_id": ADA, "user_id": 99}),
        ("leaveChat", {"chat_id": ADA}),
        ("setMyCommands", {"commands": [{"command": "Start", "description": "a"}]}),
        ("setMyCommands", {"commands": [{"command": "start", "description": ""}]}),
        ("setMyCommands", {"commands": [], "language_code": "polski"}),
        ("setMyName", {"name": "a" * 65}),
        ("setMyShortDescription", {"short_description": "a" * 121}),
        ("setChatMenuButton", {"chat_id": 99}),
    ],
)
async def test_other_refusals(
    api: BotApi, http: httpx.AsyncClient, ada: Person, method: str, params: Json
) -> None:
    assert (await ask(api, http, method, **params))["error_code"] == 400


async def test_edits(api: BotApi, http: httpx.AsyncClient, ada: Person) -> None:
    ada.say("dzień dobry")
    sent = (await ask(api, http, "sendMessage", chat_id=ADA, text="a"))["result"]["message_id"]
    for params in (
        {"message_id": sent, "text": "a"},
        {"message_id": sent, "text": ""},
        {"message_id": 1, "text": "b"},
    ):
        assert (await ask(api, http, "editMessageText", chat_id=ADA, **params))["error_code"] == 400
    markup = keyboard({"text": "b", "callback_data": "b"})
    edited = await ask(
        api, http, "editMessageText", chat_id=ADA, message_id=sent, text="b", reply_markup=markup
    )
    assert edited["result"]["edit_date"]
    assert (ada.last.text, ada.last.labels, ada.last.edits) == ("b", ["b"], 1)
    assert (await ask(api, http, "editMessageReplyMarkup", chat_id=ADA, message_id=sent))["ok"]
    assert ada.last.labels == []
    with pytest.raises(AssertionError):
        ada.tap("b")
    again = await ask(api, http, "editMessageReplyMarkup", chat_id=ADA, message_id=sent)
    assert "not modified" in again["description"]
    assert (await ask(api, http, "deleteMessage", chat_id=ADA, message_id=sent))["ok"]
    assert ada.seen == []


async def test_replies(api: BotApi, http: httpx.AsyncClient, ada: Person) -> None:
    ada.say("pytanie")
    await ask(api, http, "sendMessage", chat_id=ADA, text="a", reply_parameters={"message_id": 1})
    assert ada.last.reply_to == 1
    loose = {"message_id": 99, "allow_sending_without_reply": True}
    assert (await ask(api, http, "sendMessage", chat_id=ADA, text="a", reply_parameters=loose))["ok"]
    assert ada.last.reply_to is None


async def test_callbacks(api: BotApi, http: httpx.AsyncClient, ada: Person) -> None:
    markup = keyboard({"text": "tak", "callback_data": "yes"}, {"text": "strona", "url": "https://a.pl"})
    await ask(api, http, "sendMessage", chat_id=ADA, text="a", reply_markup=markup)
    with pytest.raises(AssertionError):
        ada.tap("nie")
    with pytest.raises(AssertionError):
        ada.tap("strona")
    tap = ada.tap("tak")
    assert not ada.answer_of(tap)
    query = (await ask(api, http, "getUpdates"))["result"][0]["callback_query"]
    assert (query["id"], query["data"]) == (tap.query_id, "yes")
    for _ in range(2):
        assert (await ask(api, http, "answerCallbackQuery", callback_query_id=tap.query_id, text="już"))["ok"]
    await ada.wait_for_answer(tap)
    assert ada.notice_of(tap) == "już"
    api.callback_seconds = 0
    late = ada.tap(0)
    assert (await ask(api, http, "answerCallbackQuery", callback_query_id=late.query_id))["error_code"] == 400
    assert ada.type_choice(1)
    assert ada.chat.messages[ada.own_messages[-1]].content["text"] == "1"


async def test_choices_are_typed(api: BotApi, http: httpx.AsyncClient, ada: Person) -> None:
    with pytest.raises(AssertionError):
        ada.type_choice(1)
    choices = {"keyboard": [[{"text": "tak"}, {"text": "nie"}]], "one_time_keyboard": True}
    assert (await ask(api, http, "sendMessage", chat_id=ADA, text="a", reply_markup=choices))["ok"]
    assert ada.last.choices == ["tak", "nie"]
    ada.type_choice("nie")
    ada.type_choice(2)
    assert [update["message"]["text"] for update in api.pending] == ["nie", "2"]
    with pytest.raises(AssertionError):
        ada.type_choice(3)


async def test_forbidden(api: BotApi, http: httpx.AsyncClient, ada: Person) -> None:
    group = Group(api, GROUP)
    group.join(ada)
    ada.block()
    assert (await ask(api, http, "sendMessage", chat_id=ADA, text="a"))["error_code"] == 403
    ada.unblock()
    assert (await ask(api, http, "sendMessage", chat_id=ADA, text="a"))["ok"]
    group.kick_bot(ada)
    assert (await ask(api, http, "sendMessage", chat_id=GROUP, text="a"))["error_code"] == 403
    group.add_bot(ada)
    assert (await ask(api, http, "sendMessage", chat_id=GROUP, text="a"))["ok"]
    assert (await ask(api, http, "leaveChat", chat_id=GROUP))["ok"]
    assert (await ask(api, http, "sendMessage", chat_id=GROUP, text="a"))["error_code"] == 403
    kinds = [next(name for name in update if name != "update_id") for update in api.pending]
    assert kinds == ["message", *["my_chat_member"] * 4]


async def test_who_never_wrote_is_unknown(api: BotApi, http: httpx.AsyncClient) -> None:
    ben = Person(api, BEN)
    assert (await ask(api, http, "sendMessage", chat_id=BEN, text="a"))["error_code"] == 400
    ben.say("/start")
    assert (await ask(api, http, "sendMessage", chat_id=BEN, text="a"))["ok"]


@pytest.mark.parametrize("way", ["query", "form", "multipart", "json", "json text in json"])
async def test_every_way_to_pass_parameters(
    api: BotApi, http: httpx.AsyncClient, ada: Person, way: str
) -> None:
    url = f"{api.base}/bot{api.token}/sendMessage"
    markup = keyboard({"text": "b", "callback_data": "b"})
    plain = {
        "chat_id": str(ADA),
        "text": "a",
        "reply_markup": json.dumps(markup),
        "disable_notification": "true",
    }
    sent = {
        "query": lambda: http.get(url, params=plain),
        "form": lambda: http.post(url, data=plain),
        "multipart": lambda: http.post(url, files={name: (None, value) for name, value in plain.items()}),
        "json": lambda: http.post(url, json=plain | {"reply_markup": markup, "disable_notification": True}),
        "json text in json": lambda: http.post(url, json=plain),
    }
    answer = await sent[way]()
    assert answer.status_code == 200, answer.text
    assert ada.last.labels == ["b"]
    assert ada.last.silent
    assert api.called("sendMessage")[0]["reply_markup"] == markup


# --- updates


async def test_offsets(api: BotApi, http: httpx.AsyncClient, ada: Person) -> None:
    ids = [ada.say(str(number)) for number in range(5)]

    async def got(**params: int) -> list[int]:
        return [one["update_id"] for one in (await ask(api, http, "getUpdates", **params))["result"]]

    assert await got() == ids
    assert await got(limit=2) == ids[:2]
    assert await got(offset=ids[1]) == ids[1:]
    assert await got() == ids[1:]
    assert await got(offset=-2) == ids[3:]
    assert await got() == ids[3:]
    assert await got(offset=ids[-1] + 1) == []
    api.next_update_id = 1000
    assert [ada.say("po tygodniu")] == await got(offset=ids[-1] + 1)


async def test_long_polling_wakes_at_once(api: BotApi, http: httpx.AsyncClient, ada: Person) -> None:
    start = time.monotonic()
    poll = asyncio.create_task(ask(api, http, "getUpdates", timeout=5))
    await asyncio.sleep(0.1)
    assert not poll.done()
    update_id = ada.say("a")
    assert [one["update_id"] for one in (await poll)["result"]] == [update_id]
    assert time.monotonic() - start < 1
    start = time.monotonic()
    assert (await ask(api, http, "getUpdates", offset=update_id + 1, timeout=1))["result"] == []
    assert 0.9 < time.monotonic() - start < 1.6


async def test_allowed_updates(api: BotApi, http: httpx.AsyncClient, ada: Person) -> None:
    await ask(api, http, "getUpdates", allowed_updates=["callback_query"])
    assert ada.say("a") == 0
    await ask(api, http, "getUpdates")
    assert ada.say("a") == 0
    await ask(api, http, "getUpdates", allowed_updates=[])
    assert ada.say("a") > 0


async def test_old_updates_are_dropped(api: BotApi, http: httpx.AsyncClient, ada: Person) -> None:
    ada.say("wczoraj")
    moment = time.time() + 25 * 3600
    api.clock = lambda: moment
    new = ada.say("dziś")
    assert [one["update_id"] for one in (await ask(api, http, "getUpdates"))["result"]] == [new]


async def test_two_pollers_conflict(api: BotApi, http: httpx.AsyncClient, ada: Person) -> None:
    older = asyncio.create_task(ask(api, http, "getUpdates", timeout=5))
    await asyncio.sleep(0.1)
    newer = asyncio.create_task(ask(api, http, "getUpdates", timeout=5))
    assert (await older)["error_code"] == 409
    ada.say("a")
    assert len((await newer)["result"]) == 1


async def test_polling_conflicts_with_a_webhook(api: BotApi, http: httpx.AsyncClient) -> None:
    api.webhook_transport = httpx.MockTransport(lambda request: httpx.Response(200))
    open_poll = asyncio.create_task(ask(api, http, "getUpdates", timeout=5))
    await asyncio.sleep(0.1)
    assert (await ask(api, http, "setWebhook", url="https://a.pl/hook"))["ok"]
    assert (await open_poll)["error_code"] == 409
    assert (await ask(api, http, "getUpdates"))["error_code"] == 409
    assert (await ask(api, http, "deleteWebhook"))["ok"]
    assert (await ask(api, http, "getUpdates"))["ok"]


class Hook:
    """A bot's webhook that fails a few times first."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.secrets: list[str | None] = []
        self.taken: list[int] = []
        self.enough = asyncio.Event()
        self.app = Starlette(routes=[Route("/hook", self.take, methods=["POST"])])

    async def take(self, request: Request) -> Response:
        """Take an update, or fail."""
        self.secrets.append(request.headers.get("x-telegram-bot-api-secret-token"))
        if self.failures:
            self.failures -= 1
            return Response(status_code=500)
        self.taken.append((await request.json())["update_id"])
        if len(self.taken) >= 3:
            self.enough.set()
        return Response()


async def hooked(hook: Hook) -> BotApi:
    """An emulator, not yet started, that posts to this webhook."""
    api = BotApi()
    api.webhook_transport = httpx.ASGITransport(hook.app)
    return api


async def test_webhook_is_retried_in_order_with_its_secret(http: httpx.AsyncClient) -> None:
    hook = Hook(failures=2)
    async with await hooked(hook) as api:
        ada = Person(api, ADA)
        ids = [ada.say("a"), ada.say("b")]
        await ask(api, http, "setWebhook", url="https://a.pl/hook", secret_token=api.secret)
        ids.append(ada.say("c"))
        await asyncio.wait_for(hook.enough.wait(), 5)
        assert hook.taken == ids
        assert hook.secrets == [api.secret] * 5
        info = (await ask(api, http, "getWebhookInfo"))["result"]
        assert info["url"] == "https://a.pl/hook"
        assert "500" in info["last_error_message"]
        assert api.faults_of_ours == []


async def test_webhook_repeats_an_update(http: httpx.AsyncClient) -> None:
    hook = Hook(failures=0)
    async with await hooked(hook) as api:
        api.faults = Faults(deliver_twice=1)
        ada = Person(api, ADA)
        await ask(api, http, "setWebhook", url="https://a.pl/hook")
        ids = [ada.say("a"), ada.say("b")]
        await asyncio.wait_for(hook.enough.wait(), 5)
        await asyncio.sleep(0.05)
        assert sorted(hook.taken) == sorted(ids * 2)


async def test_webhook_waits_while_telegram_is_away(http: httpx.AsyncClient) -> None:
    hook = Hook(failures=0)
    async with await hooked(hook) as api:
        await ask(api, http, "setWebhook", url="https://a.pl/hook")
        async with api.away():
            ids = [Person(api, ADA).say(text) for text in "abc"]
            await asyncio.sleep(0.05)
            assert hook.taken == []
        await asyncio.wait_for(hook.enough.wait(), 5)
        assert hook.taken == ids


async def test_webhook_may_be_http_and_may_drop_what_waits(
    api: BotApi, http: httpx.AsyncClient, ada: Person
) -> None:
    ada.say("a")
    api.allow_http_webhook = True
    hook = "http://127.0.0.1:9/hook"
    assert (await ask(api, http, "setWebhook", url=hook, drop_pending_updates=True))["ok"]
    assert api.pending == []


# --- limits and faults


async def test_limits_of_a_chat(api: BotApi, http: httpx.AsyncClient, ada: Person) -> None:
    api.limits = True
    api.pace = Pace(chat_seconds=0.2)
    answers = [await ask(api, http, "sendMessage", chat_id=ADA, text=str(n)) for n in range(4)]
    assert [answer["ok"] for answer in answers] == [True, True, True, False]
    assert answers[-1]["error_code"] == 429
    assert answers[-1]["parameters"] == {"retry_after": 1}
    await asyncio.sleep(0.25)
    assert (await ask(api, http, "sendMessage", chat_id=ADA, text="later"))["ok"]


async def test_limits_of_groups_and_of_all(api: BotApi, http: httpx.AsyncClient) -> None:
    api.limits = True
    Group(api, GROUP)
    codes = [
        (await ask(api, http, "sendMessage", chat_id=GROUP, text="a")).get("error_code") for _ in range(21)
    ]
    assert codes == [None] * 20 + [429]
    people = [Person(api, number, known=True) for number in range(10, 21)]
    codes = [
        (await ask(api, http, "sendMessage", chat_id=one.id, text="a")).get("error_code") for one in people
    ]
    assert codes.count(429) >= 1


@pytest.mark.parametrize(
    ("kind", "happens"),
    [("drop_before", 0), ("drop_after", 1), ("half_body", 1), ("e500", 0), ("e502", 0), ("e429", 0)],
)
async def test_faults(api: BotApi, http: httpx.AsyncClient, ada: Person, kind: str, happens: int) -> None:
    api.spared = {"getMe"}
    api.faults = Faults(**{kind: 1.0})  # type: ignore[arg-type]
    url = f"{api.base}/bot{api.token}/sendMessage"
    if kind.startswith("e"):
        assert (await http.post(url, json={"chat_id": ADA, "text": "a"})).status_code == int(kind[1:])
    else:
        with pytest.raises(httpx.TransportError):
            await http.post(url, json={"chat_id": ADA, "text": "a"})
    assert (await ask(api, http, "getMe"))["ok"]
    assert api.counted == {kind: 1}
    assert (len(ada.seen), api.unanswered_sends) == (happens, happens)
    assert [call.method for call in api.calls] == ["sendMessage", "getMe"]


async def test_the_same_seed_gives_the_same_faults(http: httpx.AsyncClient) -> None:
    async def codes(seed: int) -> list[int]:
        async with BotApi() as api:
            api.faults = Faults(seed=seed, e500=0.3, e429=0.3)
            return [(await ask(api, http, "getMe")).get("error_code", 200) for _ in range(20)]

    assert await codes(1) == await codes(1)
    assert await codes(1) != await codes(2)


async def test_slow_answers(api: BotApi, http: httpx.AsyncClient) -> None:
    api.faults = Faults(slow=1)
    start = time.monotonic()
    await ask(api, http, "getMe")
    assert time.monotonic() - start >= 0.2


async def test_confirmed_updates_come_again(api: BotApi, http: httpx.AsyncClient, ada: Person) -> None:
    api.faults = Faults(deliver_twice=1)
    update_id = ada.say("a")
    await ask(api, http, "getUpdates")
    again = (await ask(api, http, "getUpdates", offset=update_id + 1))["result"]
    assert [one["update_id"] for one in again] == [update_id]
    assert (await ask(api, http, "getUpdates", offset=update_id + 1))["result"] == []


async def test_order_changes_only_between_chats(api: BotApi, http: httpx.AsyncClient, ada: Person) -> None:
    api.faults = Faults(out_of_order=1)
    first, second = ada.say("a"), ada.say("b")
    other = Person(api, BEN).say("c")
    got = [one["update_id"] for one in (await ask(api, http, "getUpdates"))["result"]]
    assert got == [first, other, second]


@pytest.mark.parametrize("cut", [False, True])
async def test_away(api: BotApi, http: httpx.AsyncClient, ada: Person, cut: bool) -> None:
    poll = asyncio.create_task(ask(api, http, "getUpdates", timeout=5))
    await asyncio.sleep(0.1)
    async with api.away(0.2, cut=cut):
        with pytest.raises(httpx.TransportError):
            await poll
        async with httpx.AsyncClient(trust_env=False) as fresh:
            with pytest.raises(httpx.TransportError if cut else httpx.ConnectError):
                await ask(api, fresh, "getMe")
        ada.say("w tym czasie")
    assert api.counted["away"] == int(cut)
    assert len((await ask(api, http, "getUpdates"))["result"]) == 1


async def test_stopping_leaves_nothing_behind() -> None:
    before = asyncio.all_tasks()
    async with BotApi() as api, httpx.AsyncClient(trust_env=False) as http:
        api.faults = Faults(slow=1, slow_seconds=60)
        poll = asyncio.create_task(ask(api, http, "getUpdates", timeout=60))
        await asyncio.sleep(0.1)
        await api.__aexit__(None, None, None)
        with pytest.raises(httpx.TransportError):
            await poll
    assert asyncio.all_tasks() == before


# --- people and groups


async def test_people_send_all_kinds_of_things(api: BotApi, bot: telegram.Bot, ada: Person) -> None:
    ids = [ada.send_voice(), ada.send_photo(), ada.send_sticker(), ada.send_document()]
    ids += [ada.send_location(), ada.send_contact(), ada.say("pomyłka")]
    ids.append(ada.edit(ada.own_messages[-1], "poprawka"))
    updates = await bot.get_updates()
    assert [update.update_id for update in updates] == ids
    kinds = ["voice", "photo", "sticker", "document", "location", "contact", "text"]
    assert all(getattr(update.message, kind) for update, kind in zip(updates, kinds, strict=False))
    assert updates[-1].edited_message is not None
    assert updates[-1].edited_message.text == "poprawka"
    assert updates[0].message is not None
    assert updates[0].message.voice is not None
    file = await updates[0].message.voice.get_file()
    assert bytes(await file.download_as_bytearray()) == b"OggS"


async def test_inline_queries(api: BotApi, bot: telegram.Bot, ada: Person) -> None:
    query_id = ada.inline("opiekun")
    (update,) = await bot.get_updates()
    assert update.inline_query is not None
    content = telegram.InputTextMessageContent("<b>a</b>", parse_mode="HTML")
    await update.inline_query.answer([telegram.InlineQueryResultArticle("1", "a", content)])
    assert [one["id"] for one in await ada.wait_for_inline(query_id)] == ["1"]
    with pytest.raises(BadRequest):
        await update.inline_query.answer([])


async def test_groups(api: BotApi, bot: telegram.Bot, ada: Person) -> None:
    group = Group(api, GROUP, "Rodzice")
    inside = group.join(ada)
    api.privacy_mode = True
    assert inside.say("cześć wszystkim") == 0
    assert inside.say("/pomoc") > 0
    assert inside.say(f"@{api.me['username']} pomóż") > 0
    sent = await bot.send_message(GROUP, "słucham")
    assert inside.say("tak", reply_to=sent.message_id) > 0
    with pytest.raises(AssertionError):
        Person(api, BEN, chat_id=GROUP).say("nie należę")
    assert [one.text for one in group.seen] == inside.texts == ["słucham"]
    assert (await bot.get_chat(GROUP)).title == "Rodzice"
    assert (await bot.get_chat_member(GROUP, ADA)).status == "member"
    assert (await bot.get_chat_member(GROUP, BEN)).status == "left"


async def test_waiting_ends_as_soon_as_the_bot_has_written(bot: telegram.Bot, ada: Person) -> None:
    waiting = asyncio.create_task(ada.wait_for(lambda seen: any("b" in one.text for one in seen)))
    await bot.send_message(ADA, "a")
    assert not waiting.done()
    await bot.send_message(ADA, "b")
    assert [one.text for one in await waiting] == ["a", "b"]
    with pytest.raises(AssertionError, match="wanted 3"):
        await ada.wait_for(3, seconds=0.05)


def test_entities_count_utf16_units() -> None:
    assert units("a😀") == 3
    found = found_entities("😀 /start@klaster_bot, @ada_b i https://a.pl/start?x=1. A też zus.pl albo a@b.pl")
    assert [(one["type"], one["offset"], one["length"]) for one in found] == [
        ("bot_command", 3, 18),
        ("mention", 23, 6),
        ("url", 32, 22),
        ("url", 62, 6),
        ("email", 74, 6),
    ]


# --- python-telegram-bot


async def test_ptb_does_its_usual_things(api: BotApi, bot: telegram.Bot, ada: Person) -> None:
    assert (await bot.get_me()).id == api.me["id"]
    ada.say("/start")
    (update,) = await bot.get_updates(timeout=5)
    assert update.message is not None
    button = telegram.InlineKeyboardButton("tak", callback_data="yes")
    sent = await bot.send_message(
        ADA,
        "<b>Dzień dobry</b>",
        parse_mode="HTML",
        reply_parameters=telegram.ReplyParameters(update.message.message_id),
        reply_markup=telegram.InlineKeyboardMarkup([[button]]),
        link_preview_options=telegram.LinkPreviewOptions(is_disabled=True),
    )
    await bot.send_chat_action(ADA, "typing")
    await sent.edit_text("Już")
    await bot.send_document(ADA, b"%PDF", filename="pismo.pdf", caption="pismo")
    assert ada.last.document == b"%PDF"
    assert ada.last.file_name == "pismo.pdf"
    assert ada.texts == ["Już", "pismo"]


async def test_ptb_tells_about_itself(api: BotApi, bot: telegram.Bot, ada: Person) -> None:
    scope = telegram.BotCommandScopeAllPrivateChats()
    await bot.set_my_commands([("pomoc", "co umiem")], scope=scope, language_code="pl")
    assert [one.command for one in await bot.get_my_commands(scope=scope, language_code="pl")] == ["pomoc"]
    assert await bot.get_my_commands() == ()
    await bot.delete_my_commands(scope=scope, language_code="pl")
    assert await bot.get_my_commands(scope=scope, language_code="pl") == ()
    await bot.set_my_name("Klaster PL", language_code="pl")
    assert (await bot.get_my_name(language_code="pl")).name == "Klaster PL"
    assert (await bot.get_my_name()).name == api.me["first_name"]
    await bot.set_my_description("opis")
    assert (await bot.get_my_description()).description == "opis"
    await bot.set_my_short_description("krótko")
    assert (await bot.get_my_short_description(language_code="uk")).short_description == "krótko"
    await bot.set_chat_menu_button(menu_button=telegram.MenuButtonCommands())
    assert (await bot.get_chat_menu_button(ADA)).type == "commands"
    assert (await bot.get_webhook_info()).url == ""


async def test_ptb_raises_the_right_exceptions(
    api: BotApi, bot: telegram.Bot, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    with pytest.raises(BadRequest):
        await bot.send_message(ADA, "<b>", parse_mode="HTML")
    ada.block()
    with pytest.raises(Forbidden):
        await bot.send_message(ADA, "a")
    api.faults = Faults(e429=1, retry_after=7)
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(ADA, "a")
    assert caught.value.retry_after == timedelta(seconds=7)
    for kind in ("drop_before", "drop_after", "half_body", "e500", "e502"):
        api.faults = Faults(**{kind: 1.0})  # type: ignore[arg-type]
        with pytest.raises(NetworkError):
            await bot.send_chat_action(ADA, "typing")
    api.faults = Faults(slow=1, slow_seconds=1)
    with pytest.raises(TimedOut):
        await bot.get_me(read_timeout=0.1)
    api.faults = Faults()
    with pytest.raises(InvalidToken):
        async with telegram.Bot("1:wrong", base_url=f"{api.base}/bot"):
            pass


async def test_ptb_sees_conflicts(api: BotApi, http: httpx.AsyncClient, bot: telegram.Bot) -> None:
    older = asyncio.create_task(bot.get_updates(timeout=5))
    await asyncio.sleep(0.1)
    await ask(api, http, "getUpdates")
    with pytest.raises(Conflict):
        await older


async def test_ptb_gets_everything_through_faults(api: BotApi, bot: telegram.Bot) -> None:
    api.spared = {"getMe", "deleteWebhook"}
    api.faults = Faults(
        seed=3,
        drop_before=0.05,
        drop_after=0.05,
        half_body=0.1,
        e502=0.05,
        slow=0.1,
        slow_seconds=0.01,
        deliver_twice=0.2,
        out_of_order=0.5,
    )
    people = [Person(api, number) for number in range(1, 21)]
    queue: asyncio.Queue[object] = asyncio.Queue()
    wanted, got, times = set[int](), set[int](), 0
    async with telegram.ext.Updater(bot, queue) as updater:
        await updater.start_polling(poll_interval=0, timeout=5, error_callback=lambda error: None)
        for round_ in range(5):
            wanted |= {one.say(str(round_)) for one in people}
            await asyncio.sleep(0.02)
        while wanted - got:
            update = await asyncio.wait_for(queue.get(), 10)
            assert isinstance(update, telegram.Update)
            got.add(update.update_id)
            times += 1
        api.faults = Faults()
        await updater.stop()
    assert times > len(wanted)
    assert api.counted["deliver_twice"] > 0


async def test_aiogram_understands_it_too(api: BotApi, ada: Person) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(api.base))
    async with aiogram.Bot(api.token, session=session) as other:
        ada.say("/start")
        (update,) = await other.get_updates()
        assert update.message is not None
        assert update.message.text == "/start"
        sound = BufferedInputFile(b"OggS", "odpowiedz.ogg")
        await other.send_voice(ADA, sound, caption="<i>głos</i>", parse_mode="HTML")
    assert (ada.last.text, ada.last.voice) == ("głos", b"OggS")
