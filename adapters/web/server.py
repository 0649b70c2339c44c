"""The web chat: POST, redirect, GET. The question is never in a URL, the page only comes after the commit."""

from __future__ import annotations

import asyncio
import logging
import secrets
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.settings import Settings, SettingsError
from adapters.web.render import environment, shown
from bot import messages
from bot.knowledge.knowledge import Knowledge
from bot.service import Service

CHANNEL = "web"
COOKIE = "klaster"
MAX_BODY = 256_000
MAX_FIELDS = 10
FIELDS = frozenset({"nonce", "text", "choice"})
FIRST_PORT = 8080
PORTS_TRIED = 50
STOPPING = (signal.SIGINT, signal.SIGTERM)

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

ERRORS: Mapping[int, tuple[str, str]] = {
    403: ("Nie przyjąłem tego", "Ta wiadomość przyszła z innej strony. Wróć do rozmowy i wyślij ją stamtąd."),
    404: ("Nie ma takiej strony", "Sprawdź adres albo wróć do rozmowy."),
    405: ("Tak się nie da", "Wróć do rozmowy i wyślij pytanie przyciskiem „Wyślij”."),
    413: ("Wiadomość jest za długa", "Napisz pytanie w jednym lub dwóch zdaniach."),
    400: ("Nie rozumiem tej wiadomości", "Wróć do rozmowy i napisz pytanie jeszcze raz."),
    503: ("Przepraszam, coś się zepsuło", "To moja wina. Spróbuj za chwilę jeszcze raz."),
}

log = logging.getLogger(__name__)


class _Headers:
    """The same protecting headers on every answer, errors too; pages of the chat are never kept by a browser."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = dict(HEADERS)
                if not scope["path"].startswith("/static/"):
                    extra["Cache-Control"] = "no-store"
                message["headers"] = [
                    *message["headers"], *((name.lower().encode(), value.encode()) for name, value in extra.items())
                ]  # fmt: skip
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class _BodyLimit:
    """Counts the body while it is read and answers 413 as soon as it is too large."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MAX_BODY:
                raise HTTPException(413)
            return message

        await self._app(scope, counted if scope["type"] == "http" else receive, send)


class Pages:
    """The routes of the chat."""

    def __init__(self, service: Service, knowledge: Callable[[], Knowledge], secure: bool) -> None:
        self._service, self._knowledge, self._secure = service, knowledge, secure
        self._templates = environment()

    async def chat(self, request: Request) -> Response:
        """The page: the last answer with its choices, and a place to write."""
        cookie = request.cookies.get(COOKIE, "")
        chat = _chat(cookie) if _well_formed(cookie) else None
        replies = shown(await self._service.shown(chat)) if chat else []
        if chat and replies:
            await self._service.mark_sent(chat)
        phrases = self._knowledge().phrases["pl"]
        page = self._templates.get_template("chat.html").render(
            title=f"{replies[0].heading or 'Odpowiedź'} – Klaster" if replies else "Klaster – zapytaj",
            replies=replies,
            choices=replies[-1].choices if replies else (),
            welcome=(phrases.say("welcome") + "\n" + phrases.say("notice")).split("\n"),
            nonce=secrets.token_urlsafe(16),
            choice_nonce=secrets.token_urlsafe(16),
            help_nonce=secrets.token_urlsafe(16),
            attribution=self._knowledge().places.file.attribution,
        )
        response = HTMLResponse(page)
        if chat is None:
            self._give_cookie(response)
        return response

    async def say(self, request: Request) -> Response:
        """Take a message; the same form sent twice is one message."""
        _own_page_only(request)
        form = await _form(request)
        cookie = request.cookies.get(COOKIE, "")
        chat = _chat(cookie if _well_formed(cookie) else secrets.token_urlsafe(32))
        text, choice = str(form.get("text", "")), form.get("choice")
        message = messages.Message(chat, str(form["nonce"]), text, str(choice) if choice else None)
        try:
            await self._service.receive(message)
            await self._service.handle(chat)
        except Exception as error:
            log.error("the web chat could not take a message: %s", type(error).__name__)
            return self.page(503, typed=text)
        response = RedirectResponse("/#odpowiedz", status_code=303)
        self._give_cookie(response, chat.id)
        return response

    async def health(self, _request: Request) -> Response:
        """Up or down, and nothing else."""
        return PlainTextResponse("ok")

    async def failed(self, _request: Request, error: Exception) -> Response:
        """One calm page for every error."""
        return self.page(error.status_code if isinstance(error, HTTPException) else 503)

    def page(self, status: int, typed: str = "") -> Response:
        """The error page of this status."""
        heading, sentence = ERRORS.get(status, ERRORS[503])
        contact = self._knowledge().operator.handover
        template = self._templates.get_template("error.html")
        return HTMLResponse(
            template.render(heading=heading, sentence=sentence, contact=contact, typed=typed[:4000]), status
        )

    def _give_cookie(self, response: Response, value: str | None = None) -> None:
        response.set_cookie(
            COOKIE, value or secrets.token_urlsafe(32), max_age=24 * 3600, httponly=True, samesite="strict",
            secure=self._secure, path="/",
        )  # fmt: skip


def _chat(cookie: str) -> messages.Chat:
    return messages.Chat(CHANNEL, cookie)


def _well_formed(cookie: str) -> bool:
    return len(cookie) == 43 and all(sign.isalnum() or sign in "-_" for sign in cookie) and cookie.isascii()


def _own_page_only(request: Request) -> None:
    """A form of another site is refused: by Sec-Fetch-Site, and by Origin where a browser does not send it."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None and site not in ("same-origin", "none"):
        raise HTTPException(403)
    if (
        site is None
        and origin not in (None, "null")
        and urlsplit(origin or "").netloc != request.headers.get("host")
    ):
        raise HTTPException(403)


async def _form(request: Request) -> FormData:
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise HTTPException(400)
    form = await request.form(max_fields=MAX_FIELDS, max_files=0)
    names = [name for name, _ in form.multi_items()]
    known = set(names) <= FIELDS and len(names) == len(set(names))
    nonce = form.get("nonce")
    if not known or not isinstance(nonce, str) or not 16 <= len(nonce) <= 64 or not nonce.isascii():
        raise HTTPException(400)
    if len(str(form.get("choice", ""))) > 200:
        raise HTTPException(400)
    return form


def application(service: Service, settings: Settings, more: Sequence[Route] = ()) -> ASGIApp:
    """The ASGI application, with other channels' routes; the headers are outermost, so that they are on answers to
    inner faults too."""
    public = urlsplit(settings.public_url) if settings.public_url else None
    pages = Pages(service, service.knowledge, secure=public is not None and public.scheme == "https")
    hosts = ["127.0.0.1", "localhost", "[::1]", *([public.hostname] if public and public.hostname else [])]
    handler: Callable[[Request, Exception], Awaitable[Response]] = pages.failed
    starlette = Starlette(
        routes=[
            Route("/", pages.chat, methods=["GET"]),
            Route("/rozmowa", pages.say, methods=["POST"]),
            Route("/healthz", pages.health, methods=["GET"]),
            *more,
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        ],
        exception_handlers={HTTPException: handler, Exception: handler},
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
            Middleware(_BodyLimit),
        ],
    )
    return _Headers(starlette)


async def serve(
    service: Service, settings: Settings, say: Callable[[str], None], more: Sequence[Route] = ()
) -> None:
    """Serve until the process is told to stop; then finish what is running and end."""
    listening = _listening_socket(settings.web_host, settings.web_port)
    port = listening.getsockname()[1]
    await service.resume()
    config = uvicorn.Config(
        application(service, settings, more),
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=8,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=32_000,
    )
    say(f"Klaster odpowiada pod adresem http://{settings.web_host}:{port}/ (koniec: Ctrl+C)")
    await _Server(config).serve(sockets=[listening])


class _Server(uvicorn.Server):
    """A server that ends well: uvicorn raises the signal once more after its shutdown, which is an exit code of 143."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for stopping in STOPPING:
            loop.add_signal_handler(stopping, self.handle_exit, stopping, None)
        try:
            yield
        finally:
            for stopping in STOPPING:
                loop.remove_signal_handler(stopping)


def _listening_socket(host: str, port: int | None) -> socket.socket:
    """A socket on the port that was set; else on the first free one from 8080 on."""
    failure = OSError()
    for candidate in [port] if port else range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, candidate or 0))
        except OSError as error:
            listening.close()
            failure = error
            continue
        listening.listen(128)
        return listening
    raise SettingsError(
        [f"KLASTER_WEB_PORT: nie mogę nasłuchiwać na {host}:{port or FIRST_PORT} ({failure})."]
    )
