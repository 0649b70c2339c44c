"""Text as people type it -> text that can be compared. What is shown to anybody is never folded."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 4_000

_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_MARKS = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u20d0-\u20ff]{3})[\u0300-\u036f\u0483-\u0489\u20d0-\u20ff]+"
)

# Letters that NFKD does not take apart ("ł" has no decomposition), and all others of Latin Extended-A and -B at once.
_WHOLE = {"ł": "l", "Ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "’": "'"}
_LATIN = (chr(code) for code in range(0xC0, 0x250))
_FOLDED = str.maketrans(
    {sign: bare for sign in _LATIN if (bare := unicodedata.normalize("NFKD", sign)[0]).isascii()} | _WHOLE
)

# Cyrillic letters that look like Latin ones; folded only inside a word that mixes both scripts.
_LOOKALIKES = str.maketrans("авеікмнорстухјѕԁԛԝ", "abeikmhopctyxjsdqw")
_MIXED = re.compile(r"\w*(?:[a-z]\w*[\u0400-\u04ff]|[\u0400-\u04ff]\w*[a-z])\w*")

_WORD = re.compile(r"[a-z0-9\u0400-\u04ff]+")


def admit(text: str) -> str:
    """Text as it may be stored: no NUL, no lone surrogates (JSON lets them in), one character over the limit at
    most, so that `clean` still sees that something was cut."""
    return _CONTROL.sub("", text[: MAX_CHARACTERS + 1].replace("\r\n", "\n").replace("\r", "\n"))


def clean(text: str) -> tuple[str, bool]:
    """Text as it enters: invisible, control and direction characters dropped, at most 4,000 characters.

    Also tells whether something was cut off. The second cut is after NFKC, which can make one character eighteen.
    """
    cut = len(text) > MAX_CHARACTERS
    text = _CONTROL.sub(
        "", _INVISIBLE.sub("", text[:MAX_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n"))
    )
    text = _MARKS.sub(r"\1", unicodedata.normalize("NFKC", text))
    text = _CONTROL.sub("", _INVISIBLE.sub("", text))
    return text[:MAX_CHARACTERS].strip(), cut or len(text) > MAX_CHARACTERS


def fold(text: str) -> str:
    """Lower case without diacritics: "Wózek dla ŻÓŁWIA" -> "wozek dla zolwia". Cyrillic stays Cyrillic."""
    text = unicodedata.normalize("NFC", text).casefold().translate(_FOLDED)
    if not text.isascii():
        text = _MIXED.sub(lambda match: match.group().translate(_LOOKALIKES), text)
        text = "".join(_bare(sign) for sign in text)
    return text


def _bare(sign: str) -> str:
    if sign < "\u0080" or "\u0400" <= sign <= "\u04ff":
        return sign
    parts = unicodedata.normalize("NFKD", sign)  # "𝓐" becomes "A", so once more to lower case
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()


def words(folded: str) -> list[str]:
    """The words of a folded text: letters and digits."""
    return _WORD.findall(folded)
