"""Settings from the environment or a `.env` file, checked together: every mistake is told at once.

The only place that reads the environment. A secret may also stand in a file named by `..._FILE`.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

TELEGRAM = "https://api.telegram.org"
_TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{10,100}")
_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")
LEVELS = ("debug", "info", "warning", "error")
SECRET_BYTES = 32


class SettingsError(Exception):
    """One or more settings are wrong; each line names one, in Polish."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator may choose. `web_port` is None when it was not set: then the next free one is taken."""

    data: Path
    database: str
    knowledge: Path
    web_host: str
    web_port: int | None
    log: str
    public_url: str | None = None
    secret: bytes | None = field(default=None, repr=False)
    telegram_token: str | None = field(default=None, repr=False)
    telegram_api: str = TELEGRAM
    telegram_webhook_secret: str | None = field(default=None, repr=False)
    voice: bool = False

    def key(self) -> bytes:
        """The secret: as set, else the one in the data folder, made at the first run with mode 0600."""
        return self.secret or _secret_in(self.data)


def load(environment: Mapping[str, str], folder: Path) -> Settings:
    """Settings of this environment, then of `folder/.env`. Raises SettingsError with all mistakes."""
    values = {**_file(folder / ".env"), **environment}
    wrong: list[str] = []
    data = Path(values.get("KLASTER_DATA") or "data")
    port = _port(values.get("KLASTER_WEB_PORT"), wrong)
    log = (values.get("KLASTER_LOG") or "info").lower()
    if log not in LEVELS:
        wrong.append(f"KLASTER_LOG: „{log}” nie jest poziomem. Dozwolone: {', '.join(LEVELS)}.")
    database = values.get("KLASTER_DATABASE") or f"sqlite:///{data / 'klaster.db'}"
    if not database.startswith("sqlite:///"):
        wrong.append("KLASTER_DATABASE: na razie tylko adres, który zaczyna się od sqlite:///.")
    secret = _secret(values, wrong)
    public = (values.get("KLASTER_PUBLIC_URL") or "").rstrip("/") or None
    if public and not public.startswith(("https://", "http://")):
        wrong.append(
            f"KLASTER_PUBLIC_URL: „{public}” nie jest adresem. Wpisz na przykład https://klaster.example."
        )
    token = _hidden("KLASTER_TELEGRAM_TOKEN", values, wrong)
    if token and not _TOKEN.fullmatch(token):
        wrong.append(
            "KLASTER_TELEGRAM_TOKEN: to nie jest token bota. Weź go od @BotFather, wygląda jak 123456:ABC-def."
        )
    api = (values.get("KLASTER_TELEGRAM_API") or TELEGRAM).rstrip("/")
    if not api.startswith(("https://", "http://")):
        wrong.append(f"KLASTER_TELEGRAM_API: „{api}” nie jest adresem. Wpisz na przykład {TELEGRAM}.")
    hook = _hidden("KLASTER_TELEGRAM_WEBHOOK_SECRET", values, wrong)
    if hook and not _WEBHOOK_SECRET.fullmatch(hook):
        wrong.append(
            "KLASTER_TELEGRAM_WEBHOOK_SECRET: wolno tylko A-Z, a-z, 0-9, _ i -, od 16 do 256 znaków."
        )
    if hook and not public:
        wrong.append("KLASTER_TELEGRAM_WEBHOOK_SECRET: webhook potrzebuje też KLASTER_PUBLIC_URL.")
    voice = (values.get("KLASTER_VOICE") or "no").lower()
    if voice not in ("yes", "no"):
        wrong.append(f"KLASTER_VOICE: „{voice}” nie jest odpowiedzią. Wpisz yes albo no.")
    if wrong:
        raise SettingsError(wrong)
    knowledge = Path(values.get("KLASTER_KNOWLEDGE") or "knowledge")
    host = values.get("KLASTER_WEB_HOST") or "127.0.0.1"
    return Settings(
        data, database, knowledge, host, port, log, public, secret, token, api, hook, voice == "yes"
    )


def _file(path: Path) -> dict[str, str]:
    return (
        {name: value for name, value in dotenv_values(path).items() if value is not None}
        if path.is_file()
        else {}
    )


def _port(text: str | None, wrong: list[str]) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    wrong.append(f"KLASTER_WEB_PORT: „{text}” nie jest numerem portu. Wpisz liczbę od 1 do 65535.")
    return None


def _hidden(name: str, values: Mapping[str, str], wrong: list[str]) -> str | None:
    """A secret, as it is set or from the file that `<name>_FILE` names."""
    file = values.get(f"{name}_FILE")
    if not file:
        return values.get(name) or None
    try:
        return Path(file).read_text().strip() or None
    except OSError as error:
        wrong.append(f"{name}_FILE: nie mogę odczytać pliku ({error.strerror}).")
        return None


def _secret(values: Mapping[str, str], wrong: list[str]) -> bytes | None:
    text = _hidden("KLASTER_SECRET", values, wrong)
    if not text:
        return None
    if len(text.encode()) < SECRET_BYTES:
        wrong.append(
            f"KLASTER_SECRET: ma mieć co najmniej {SECRET_BYTES} znaki. Zrób go tak: openssl rand -hex 32"
        )
        return None
    return text.encode()


def _secret_in(folder: Path) -> bytes:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "secret"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _kept_secret(path)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(SECRET_BYTES))
        file.flush()
        os.fsync(file.fileno())
    return _kept_secret(path)


def _kept_secret(path: Path) -> bytes:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SettingsError([f"{path}: inni mogą czytać ten plik. Napraw: chmod 600 {path}"])
    secret = path.read_bytes().strip()
    if len(secret) < SECRET_BYTES:
        raise SettingsError([f"{path}: sekret jest za krótki albo uszkodzony. Przywróć go z kopii."])
    return secret
