"""Takes out of a text what tells who wrote it, before the text is kept. Knows nothing of conversations or stores.

A table of rules; each finds stretches of the text and names their kind. The mask says the kind, so that a person
who reads the question later still understands it. Digits of any script and width count, with blanks, dots,
hyphens and invisible signs between them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import phonenumbers
from stdnum import iban, luhn
from stdnum.pl import nip, pesel, regon

from bot.privacy.names import is_first_name
from bot.text.normalise import fold

Span = tuple[int, int]
Finder = Callable[[str, "frozenset[str]"], Iterator[Span]]

_SEPARATORS = " \u00a0\u2009\u202f-–—./()\u200b\u200c\u200d\u2060\ufeff\u00ad"
_RUN = re.compile(rf"\d(?:[{re.escape(_SEPARATORS)}]{{0,3}}\d){{5,40}}")
_AMOUNT_AFTER = re.compile(
    r"[ \u00a0]{0,2}(?:zł|zl\b|złot|zlot|euro|eur\b|€|pln|tys|mln|km\b|osób|osob|dni\b|%|m2)", re.IGNORECASE
)
_LABEL = 24
"""How far before a number its label may stand: "krs:", "pesel", "nr dowodu"."""


def redact(text: str, known: frozenset[str] = frozenset()) -> str:
    """The text with personal data replaced by masks such as [telefon].

    `known` are phone numbers, e-mails and pages that stand in the knowledge; they stay. Total and idempotent.
    """
    text = unicodedata.normalize("NFC", text)
    contacts = frozenset(_bare(contact) for contact in known)
    for rule in RULES:
        text = _masked(text, rule, contacts)
    return text


def _masked(text: str, rule: Rule, known: frozenset[str]) -> str:
    parts, at = [], 0
    for start, end in rule.find(text, known):
        if start < at:
            continue
        parts += [text[at:start], rule.mask]
        at = end
    return "".join((*parts, text[at:]))


def _bare(contact: str) -> str:
    """A contact as it is compared: digits of a number, else lower case."""
    digits = _digits(contact)
    return digits if len(digits) >= 6 else contact.casefold()


def _digits(text: str) -> str:
    return "".join(
        str(unicodedata.digit(sign)) for sign in text if sign.isdigit() and unicodedata.digit(sign, -1) >= 0
    )


# --- numbers ------------------------------------------------------------------------------------------------------


def _runs(text: str, known: frozenset[str]) -> Iterator[tuple[int, int, str, str]]:
    """Runs of digits that are no amount, date or known number: start, end, digits, the folded text before."""
    for match in _RUN.finditer(text):
        digits = _digits(match.group())
        if digits in known or _AMOUNT_AFTER.match(text, match.end()) or _is_date(match.group()):
            continue
        before = fold(text[max(0, match.start() - _LABEL) : match.start()])
        if re.search(r"\bkrs\W{0,3}(?:nr\W{0,3})?$|poz\W{0,2}$|dz\W{0,2}u\W{0,2}$", before):
            continue
        yield match.start(), match.end(), digits, before


_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}")
_DATES = re.compile(rf"(?:{_DATE.pattern})(?:[ –-]{{1,3}}(?:{_DATE.pattern}))?")


def _is_date(text: str) -> bool:
    return (
        _DATES.fullmatch(text) is not None
        or re.fullmatch(r"(?:19|20)\d\d ?[-–/] ?(?:19|20)\d\d", text) is not None
    )


def _numbers(accept: Callable[[str, str], bool]) -> Finder:
    def find(text: str, known: frozenset[str]) -> Iterator[Span]:
        return ((start, end) for start, end, digits, before in _runs(text, known) if accept(digits, before))

    return find


def _is_pesel(digits: str, before: str) -> bool:
    if len(digits) != 11:
        return False
    return "pesel" in before or (bool(pesel.is_valid(digits)) and _has_birthday(digits))


def _has_birthday(digits: str) -> bool:
    year, month, day = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    century = {0: 1900, 20: 2000, 40: 2100, 60: 2200, 80: 1800}[month // 20 * 20]
    try:
        date(century + year, month % 20, day)
    except ValueError:
        return False
    return True


def _is_nip(digits: str, before: str) -> bool:
    return len(digits) == 10 and ("nip" in before or bool(nip.is_valid(digits)))


def _is_regon(digits: str, before: str) -> bool:
    return len(digits) in (9, 14) and "regon" in before and bool(regon.is_valid(digits) or True)


def _is_account(digits: str, _before: str) -> bool:
    return len(digits) == 26


def _is_card(digits: str, _before: str) -> bool:
    return 13 <= len(digits) <= 19 and digits[0] in "23456" and bool(luhn.is_valid(digits))


def _is_phone(digits: str, before: str) -> bool:
    """Nine digits with or without the country; or what phonenumbers takes for a number of another country."""
    national = re.sub(r"^(?:0048|48|0)(?=\d{9}$)", "", digits)
    if len(national) == 9:
        return national[0] != "0"
    if before.rstrip().endswith("+") and 8 <= len(digits) <= 15:
        try:
            return phonenumbers.is_possible_number(phonenumbers.parse(f"+{digits}"))
        except phonenumbers.NumberParseException:
            return True
    return False


def _is_long(digits: str, _before: str) -> bool:
    return len(digits) >= 9


_IBAN = re.compile(r"\b[A-Za-z]{2} ?\d{2}(?: ?[A-Za-z0-9]{4}){3,7}(?: ?[A-Za-z0-9]{1,3})?\b")


def _ibans(text: str, _known: frozenset[str]) -> Iterator[Span]:
    return (
        match.span() for match in _IBAN.finditer(text) if iban.is_valid(match.group(), check_country=False)
    )


_DIGIT_WORD = r"(?:zero|jeden|dwa|trzy|cztery|piec|pięć|szesc|sześć|siedem|osiem|dziewiec|dziewięć)"
_SPOKEN = re.compile(rf"\b{_DIGIT_WORD}(?:[ ,-]{{1,3}}{_DIGIT_WORD}){{8,30}}\b", re.IGNORECASE)


def _spoken(text: str, _known: frozenset[str]) -> Iterator[Span]:
    return (match.span() for match in _SPOKEN.finditer(text))


# --- addresses on the net -------------------------------------------------------------------------------------------

_AT = r"(?:@|\(at\)|\[at\]| małpa | malpa | at )"
_DOT = r"(?:\.|\(kropka\)| kropka )"
_EMAIL = re.compile(
    rf"[\w.+-]{{1,64}}[ ]?{_AT}[ ]?[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{1,5}}", re.IGNORECASE
)
_PROFILE = re.compile(
    r"(?<![\w@])@[A-Za-z][\w.]{2,63}(?::[\w.-]{2,80})?"
    r"|(?:https?://)?(?:www\.|m\.)?(?:facebook|fb|instagram|t|tiktok|linkedin|wa)\.(?:com|me)/[\w./?=&-]{2,120}",
    re.IGNORECASE,
)


def _mails(text: str, known: frozenset[str]) -> Iterator[Span]:
    return (match.span() for match in _EMAIL.finditer(text) if match.group().casefold() not in known)


def _profiles(text: str, _known: frozenset[str]) -> Iterator[Span]:
    return (match.span() for match in _PROFILE.finditer(text))


# --- places, papers, people -----------------------------------------------------------------------------------------

_STREET = re.compile(
    r"\b(?:ul\.?|ulic\w{1,3}|al\.|alej\w{1,3}|os\.|osiedl\w{1,3}|pl\.|plac(?:u|owi|em|e)?|rond\w{1,3})[ ]{1,2}"
    r"(?:[\w.-]{1,30}[ ]){1,4}\d{1,4}[a-zA-Z]?(?:[ ]?(?:/|m\.?|lok\.?)[ ]?\d{1,4})?\b",
    re.IGNORECASE,
)
_LIVES = re.compile(
    r"\bmieszka\w{1,4}[ ](?:przy|na)[ ](?:[\w.-]{1,30}[ ]){1,4}\d{1,4}[a-zA-Z]?(?:[ ]?/[ ]?\d{1,4})?\b",
    re.IGNORECASE,
)
_POSTAL = re.compile(r"(?<!\d)\d{2}-\d{3}(?!\d)(?!-)")
_PAPER = re.compile(
    r"\b(?:dow\w{1,5}|seri\w{1,2}|paszport\w{0,3}|sygn\w{0,7}|decyzj\w{1,2}|spraw\w{1,2})\W{1,3}(?:(?:osob\w{1,6}|nr|numer|akt)\W{1,3}){0,3}"
    r"(?=[\w./-]{0,10}\d)[A-Za-z0-9][\w./-]{4,30}",
    re.IGNORECASE,
)
_CARD_ID = re.compile(r"\b([A-Za-z]{3})[ ]?(\d{6})\b")
_BIRTH = re.compile(
    r"\b(?:ur\.|urodz\w{1,6}|data urodzenia)\W{1,3}(?:dnia\W{1,2})?(?:"
    + _DATE.pattern
    + r"|\d{1,2}[ ]\w{3,12}[ ]\d{4})",
    re.IGNORECASE,
)
_INTRODUCED = re.compile(
    r"\b(?:nazywa(?:m|my)?[ ]si[eę]|mam[ ]na[ ]imi[eę]|na[ ]imi[eę][ ]mi|nazwisko|imi[eę][ ]i[ ]nazwisko|podpisano|pozdrawiam)"
    r"\W{1,3}([\w-]{2,30}(?:[ ][\w-]{2,30})?)",
    re.IGNORECASE,
)
_KIN = re.compile(
    r"\b(?:jestem|syn\w{0,3}|c[oó]rk\w{1,3}|m[aą][zż]\w{0,3}|[zż]on\w{1,3}|mam\w{1,3}|brat\w{0,3}|siostr\w{1,3}|pan\w{0,3}|tat\w{1,3})\W{1,2}"
    r"([\w-]{2,30})(?:[ ]([\w-]{2,30}))?",
    re.IGNORECASE,
)
_SURNAME = re.compile(r"(?:sk|ck|dzk)(?:i|a|iego|iej|iemu|im|ą|a)$|(?:owicz|ewicz)\w{0,4}$", re.IGNORECASE)


def _places(text: str, _known: frozenset[str]) -> Iterator[Span]:
    for pattern in (_STREET, _LIVES):
        yield from (match.span() for match in pattern.finditer(text))


def _postal(text: str, _known: frozenset[str]) -> Iterator[Span]:
    return (match.span() for match in _POSTAL.finditer(text) if not _AMOUNT_AFTER.match(text, match.end()))


def _papers(text: str, _known: frozenset[str]) -> Iterator[Span]:
    return (match.span() for match in _PAPER.finditer(text))


def _card_ids(text: str, _known: frozenset[str]) -> Iterator[Span]:
    return (match.span() for match in _CARD_ID.finditer(text) if _is_card_id(match[1].upper() + match[2]))


def _is_card_id(number: str) -> bool:
    """Polish identity card: weights 7 3 1 9 7 3 1 7 3 over letters (A = 10) and digits, sum divisible by 10."""
    values = [int(sign, 36) for sign in number if sign.isascii()]
    return (
        len(values) == 9
        and sum(w * v for w, v in zip((7, 3, 1, 9, 7, 3, 1, 7, 3), values, strict=True)) % 10 == 0
    )


def _births(text: str, _known: frozenset[str]) -> Iterator[Span]:
    return (match.span() for match in _BIRTH.finditer(text))


def _introduced(text: str, _known: frozenset[str]) -> Iterator[Span]:
    return (
        match.span(1)
        for match in _INTRODUCED.finditer(text)
        if "[" not in match[1] and _looks_like_name(match[1])
    )


def _looks_like_name(words: str) -> bool:
    first, *rest = words.split()
    named = is_first_name(fold(first)) or first[0].isupper()
    return named or any(_SURNAME.search(word) for word in (first, *rest))


def _kin(text: str, _known: frozenset[str]) -> Iterator[Span]:
    """After "jestem" and words for kin only a first name counts: "jestem Głucha", "syn ma autyzm" stay."""
    for match in _KIN.finditer(text):
        if is_first_name(fold(match[1])) and (
            match[1][0].isupper() or (match[2] and _SURNAME.search(match[2]))
        ):
            surname = match[2] and (match[2][0].isupper() or _SURNAME.search(match[2]))
            yield match.start(1), match.end(2) if surname else match.end(1)


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of personal data: the mask that names it, and what finds it."""

    mask: str
    find: Finder


RULES = (
    Rule("[e-mail]", _mails),
    Rule("[profil]", _profiles),
    Rule("[konto]", _ibans),
    Rule("[data urodzenia]", _births),
    Rule("[adres]", _places),
    Rule("[dokument]", _card_ids),
    Rule("[dokument]", _papers),
    Rule("[PESEL]", _numbers(_is_pesel)),
    Rule("[konto]", _numbers(_is_account)),
    Rule("[karta]", _numbers(_is_card)),
    Rule("[NIP]", _numbers(_is_nip)),
    Rule("[REGON]", _numbers(_is_regon)),
    Rule("[telefon]", _numbers(_is_phone)),
    Rule("[numer]", _numbers(_is_long)),
    Rule("[numer]", _spoken),
    Rule("[kod pocztowy]", _postal),
    Rule("[imię i nazwisko]", _introduced),
    Rule("[imię i nazwisko]", _kin),
)
