"""Logging: text on a terminal, JSON lines elsewhere. No message text, name or address is ever passed to it."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

# Libraries that write addresses, tokens or parameters at INFO or DEBUG.
_CHATTY = (
    "httpx",
    "httpcore",
    "sqlalchemy",
    "aiosqlite",
    "alembic",
    "uvicorn.access",
    "asyncio",
    "multipart",
    "fontTools",
    "fpdf",
    "watchfiles",
)


# It writes whole updates, at ERROR and CRITICAL too, when an answer cannot be read.
_SILENT = "telegram"


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "at": when,
            "level": record.levelname.lower(),
            "from": record.name,
            "what": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0]:
            line["fault"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False)


class _Text(logging.Formatter):
    """One event is one line: control characters are shown, not sent to the terminal."""

    def format(self, record: logging.LogRecord) -> str:
        message = (
            record.getMessage().encode("unicode_escape").decode()
            if not record.getMessage().isprintable()
            else record.getMessage()
        )
        return f"{record.levelname.lower()}: {message}"


def set_up(level: str) -> None:
    """Log to stderr from this level on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Text() if sys.stderr.isatty() else _JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger(_SILENT).setLevel(logging.CRITICAL + 1)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
