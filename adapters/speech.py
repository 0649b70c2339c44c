"""An answer read aloud: written Polish made speakable, then spoken by espeak-ng into the Ogg/Opus of a voice message."""

from __future__ import annotations

import asyncio
import shutil

import phonenumbers
import regex

SPEAKER, PACKER = "espeak-ng", "opusenc"
LONGEST = 3000
"""Characters read aloud: about four minutes."""
LIMIT_SECONDS = 30.0

_SPEAK = (SPEAKER, "-v", "pl", "-s", "150", "-b", "1", "--stdin", "--stdout")
_PACK = (PACKER, "--quiet", "--bitrate", "24", "--comp", "5", "--speech", "--ignorelength", "-", "-")

_IN_THE_MESSAGE = "adres jest w wiadomości"
_ADDRESS = regex.compile(
    r"\bhttps?://\S*[^\s.,;:!?)\]”\"]"
    r"|(?<![\w.+-])[\w.+-]{1,64}+@[\w-]++(?:\.[\w-]++)+"
    r"|(?<![\w.-])(?:[\w-]{1,63}\.)+(?:pl|eu|de|com|org|net|info|gov)\b(?:/\S*[\w/=])?",
    regex.IGNORECASE,
)

_SPACES = "\u00a0\u2007\u2009\u202f"
_GAP = rf"[ {_SPACES}]"
_GROUPED = regex.compile(rf"(?<![\d,.])[0-9]{{1,3}}(?:[{_SPACES}][0-9]{{3}})+(?!\d)")

_ZLOTY = ("złoty", "złote", "złotych")
_GROSZ = ("grosz", "grosze", "groszy")
_MANY = {"tys.": ("tysiąc", "tysiące", "tysięcy"), "mln": ("milion", "miliony", "milionów")}
_PART = {"tys.": "tysiąca", "mln": "miliona", "": "złotego"}
_AMOUNT = regex.compile(
    rf"(?<![\d,.])(?P<whole>[0-9]{{1,3}}(?:{_GAP}[0-9]{{3}})+|[0-9]+)(?:,(?P<part>[0-9]+))?"
    rf"{_GAP}?(?P<many>tys\.|mln|){_GAP}?(?:zł|PLN)\b"
)
_MANY_THINGS = regex.compile(
    rf"(?<![\d,.])(?P<whole>[0-9]+)(?:,(?P<part>[0-9]+))?{_GAP}?(?P<many>tys\.|mln)(?!\w)"
)

_HELPLINE = regex.compile(rf"(?<![\d,.])116{_GAP}?[0-9]{{3}}(?!\d)")
_POSTCODE = regex.compile(r"(?<![\d-])([0-9]{2})-([0-9]{3})(?= \p{Lu})")

_TEENS = [
    "dziesiątego",
    "jedenastego",
    "dwunastego",
    "trzynastego",
    "czternastego",
    "piętnastego",
    "szesnastego",
    "siedemnastego",
    "osiemnastego",
    "dziewiętnastego",
]
_UNITS = [
    "pierwszego",
    "drugiego",
    "trzeciego",
    "czwartego",
    "piątego",
    "szóstego",
    "siódmego",
    "ósmego",
    "dziewiątego",
]
_TENS = [
    "dwudziestego",
    "trzydziestego",
    "czterdziestego",
    "pięćdziesiątego",
    "sześćdziesiątego",
    "siedemdziesiątego",
    "osiemdziesiątego",
    "dziewięćdziesiątego",
]
_MONTHS = [
    "stycznia",
    "lutego",
    "marca",
    "kwietnia",
    "maja",
    "czerwca",
    "lipca",
    "sierpnia",
    "września",
    "października",
    "listopada",
    "grudnia",
]
_YEAR_SHORT = regex.compile(
    rf"(?<=\b(?:19|20)[0-9]{{2}}){_GAP}?r\.(?P<end>(?={_GAP}*(?:\n|$|(?<={_GAP})\p{{Lu}}\p{{Ll}})))?"
)
_DATE = regex.compile(
    rf"(?<![\d,.])(?:(?P<from>[1-9]|[12][0-9]|30){_GAP}?[-–]{_GAP}?)?(?P<day>0?[1-9]|[12][0-9]|3[01]){_GAP}(?P<month>{'|'.join(_MONTHS)})\b"
    rf"(?:{_GAP}(?P<year>(?:19|20)[0-9]{{2}})(?![\d,])(?:{_GAP}roku\b)?)?"
)
_DOTTED = regex.compile(
    r"(?<![\d.])(0?[1-9]|[12][0-9]|3[01])\.(0?[1-9]|1[0-2])\.((?:19|20)[0-9]{2})(?![\d.]\d)(?: roku\b)?"
)
_ISO = regex.compile(r"(?<![\d-])((?:19|20)[0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(?![\d-])")
_YEAR = regex.compile(
    rf"(?:\b(?P<in>[Ww]e?|[Pp]o){_GAP})?(?<![\d,.])(?P<year>(?:19|20)[0-9]{{2}}){_GAP}?roku\b"
)

_SAID = {
    "CEIDG": "ceidg", "EKUZ": "ekuz", "EURES": "eures", "GOPS": "gops", "KRUS": "krus", "KSON": "kson",
    "MOPR": "mopr", "MOPS": "mops", "NFZ": "enefzet", "OWES": "owes", "PCPR": "pecepeer", "PESEL": "pesel",
    "PFRON": "pefron", "PIT": "pit", "PUP": "pup", "REGON": "regon", "ROPS": "rops", "SOW": "sow", "VAT": "wat",
    "WTZ": "wutezet", "ZAZ": "zaz", "ZUS": "zus", "NIP": "nip", "BIP": "bip", "EUR": "euro", "SMS": "esemes",
    "CV": "si wi",
}  # fmt: skip
"""Abbreviations that people say as a word, as espeak must see them."""
_SHOUTED = frozenset(["NIE", "TAK", "ALBO", "LUB", "UWAGA", "WAŻNE", "STOP"])
_LETTERS = {
    "A": "a", "Ą": "ą", "B": "be", "C": "ce", "Ć": "cie", "D": "de", "E": "e", "Ę": "ę", "F": "ef", "G": "gie",
    "H": "ha", "I": "i", "J": "jot", "K": "ka", "L": "el", "Ł": "eł", "M": "em", "N": "en", "Ń": "eń", "O": "o",
    "Ó": "o kreskowane", "P": "pe", "Q": "ku", "R": "er", "S": "es", "Ś": "eś", "T": "te", "U": "u", "V": "fał",
    "W": "wu", "X": "iks", "Y": "igrek", "Z": "zet", "Ź": "ziet", "Ż": "żet",
}  # fmt: skip
_CAPITALS = regex.compile(
    r"(?<![\w-])(?P<word>[A-ZĄĆĘŁŃÓŚŹŻ]{2,6})(?:-(?P<ending>[a-ząćęłńóśźż]{1,4}))?(?!\w)"
)
_ROMAN = {
    "II": "2", "III": "3", "IV": "4", "VI": "6", "VII": "7", "VIII": "8", "IX": "9", "XI": "11", "XII": "12",
    "XIII": "13", "XIV": "14", "XV": "15", "XVI": "16",
}  # fmt: skip

_SHORT = {
    "w godz.": "w godzinach", "o godz.": "o godzinie", "od godz.": "od godziny", "do godz.": "do godziny",
    "godz.": "godzina", "np.": "na przykład", "tel.": "telefon", "ul.": "ulica", "al.": "aleja", "pl.": "plac",
    "ok.": "około", "art.": "artykuł", "ust.": "ustęp", "poz.": "pozycja", "pkt": "punkt", "nr": "numer",
    "tj.": "to jest", "tzn.": "to znaczy", "tzw.": "tak zwany", "m.in.": "między innymi", "itp.": "i tym podobne",
    "itd.": "i tak dalej", "wg": "według", "woj.": "województwo", "św.": "świętego", "zł": "złotych",
    "dr": "doktor",
}  # fmt: skip
_SHORTENED = regex.compile(
    rf"(?<![\w.])(?:{'|'.join(regex.escape(short) for short in sorted(_SHORT, key=len, reverse=True))})(?!\w)",
    regex.IGNORECASE,
)
_MAY_END = frozenset({"itp.", "itd."})


def available() -> bool:
    """Are both programs installed? Without them the bot only writes."""
    return all(shutil.which(program) for program in (SPEAKER, PACKER))


async def speak(text: str) -> bytes | None:
    """The text as an Ogg/Opus voice message; None where a program is missing, fails, or takes too long."""
    said = _cut(spoken(_cut(text)))
    if not said:
        return None
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            sound = await _piped(_SPEAK, said.encode(errors="ignore"))
            return await _piped(_PACK, sound) if sound else None
    except (TimeoutError, OSError):
        return None


def spoken(text: str) -> str:
    """The text as it is to be said: amounts, dates, telephones, and abbreviations written out for espeak."""
    text = _ADDRESS.sub(_IN_THE_MESSAGE, text)
    text = _dates(text)
    text = _amounts(text)
    text = _telephones(text)
    text = _numbers(text)
    text = _SHORTENED.sub(_written_out, text)
    text = _CAPITALS.sub(_abbreviation, text)
    return _tidy(text)


async def _piped(command: tuple[str, ...], given: bytes) -> bytes | None:
    """What the program answers to what it is given; it is dead when this returns, however it returns."""
    pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=nowhere)
    try:
        answer, _ = await process.communicate(given)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return answer if process.returncode == 0 and answer else None


def _cut(text: str) -> str:
    """No more than is read aloud, up to the end of a sentence, or of a word where there is no sentence."""
    if len(text) <= LONGEST:
        return text
    head = text[: LONGEST + 1]
    ends = [found.end() for found in regex.finditer(r"[.!?…](?=\s)|(?=\n)", head) if found.end()]
    end = ends[-1] if ends else head.rfind(" ")
    return text[: end if end > 0 else LONGEST].rstrip()


def _dates(text: str) -> str:
    text = _YEAR_SHORT.sub(lambda found: " roku" if found["end"] is None else " roku.", text)
    text = _DATE.sub(_named, text)
    text = _DOTTED.sub(lambda found: _date(found[1], _MONTHS[int(found[2]) - 1], found[3]), text)
    text = _ISO.sub(lambda found: _date(found[3], _MONTHS[int(found[2]) - 1], found[1]), text)
    return _YEAR.sub(_year_of, text)


def _named(found: regex.Match[str]) -> str:
    since = f"{_ordinal(int(found['from']))} do " if found["from"] else ""
    return since + _date(found["day"], found["month"], found["year"])


def _date(day: str, month: str, year: str | None) -> str:
    return f"{_ordinal(int(day))} {month}" + (f" {_year(int(year))} roku" if year else "")


def _year_of(found: regex.Match[str]) -> str:
    year = f"{_year(int(found['year']))} roku"
    return f"{found['in']} {_located(year)}" if found["in"] else year


def _year(year: int) -> str:
    """The genitive: dwa tysiące dwudziestego szóstego."""
    century, rest = divmod(year, 100)
    if not rest:
        return "dwutysięcznego" if century == 20 else "tysiąc dziewięćsetnego"
    return f"{'dwa tysiące' if century == 20 else 'tysiąc dziewięćset'} {_ordinal(rest)}"


def _ordinal(number: int) -> str:
    """The genitive of 1 to 99: dwudziestego szóstego."""
    tens, units = divmod(number, 10)
    if tens == 1:
        return _TEENS[units]
    words = [_TENS[tens - 2]] if tens else []
    return " ".join(words + [_UNITS[units - 1]] * bool(units))


def _located(genitive: str) -> str:
    """The locative of an ordinal: dwudziestym szóstym, drugim."""
    return regex.sub(r"ego\b", "ym", regex.sub(r"(?<=[kgc]i)ego\b", "m", genitive))


def _amounts(text: str) -> str:
    return _MANY_THINGS.sub(_large, _AMOUNT.sub(_amount, text))


def _amount(found: regex.Match[str]) -> str:
    if found["many"]:
        return f"{_large(found)} złotych"
    whole, part = _digits(found["whole"]), found["part"] or ""
    if len(part) > 2:
        return f"{whole},{part} {_PART['']}"
    hundredths = int(part.ljust(2, "0"))
    grosze = f"{hundredths} {_form(str(hundredths), _GROSZ)}" if hundredths else ""
    zlote = "" if grosze and not whole.strip("0") else f"{whole} {_form(whole, _ZLOTY)}"
    return f"{zlote} {grosze}".strip()


def _large(found: regex.Match[str]) -> str:
    whole, part, many = _digits(found["whole"]), found["part"], found["many"]
    return f"{whole},{part} {_PART[many]}" if part else f"{whole} {_form(whole, _MANY[many])}"


def _form(number: str, forms: tuple[str, str, str]) -> str:
    """The noun after a number: 1 złoty, 2 złote, 5 złotych, 12 złotych, 22 złote."""
    if number.lstrip("0") == "1":
        return forms[0]
    few = number[-1] in "234" and number[-2:-1] != "1"
    return forms[1] if few else forms[2]


def _telephones(text: str) -> str:
    """Telephone numbers digit by digit, with a pause after each group."""
    for found in reversed(list(phonenumbers.PhoneNumberMatcher(text, "PL"))):
        text = text[: found.start] + _digit_by_digit(found.raw_string) + text[found.end :]
    return _HELPLINE.sub(lambda found: _digit_by_digit(found[0]), text)


def _digit_by_digit(number: str) -> str:
    groups = [three for group in regex.findall(r"\d+", number) for three in _threes(group)]
    return ("plus " if number.startswith("+") else "") + ", ".join(" ".join(group) for group in groups)


def _threes(digits: str) -> list[str]:
    return [digits[start : start + 3] for start in range(0, len(digits), 3)] if len(digits) > 4 else [digits]


def _numbers(text: str) -> str:
    """Numbers in one piece, and the signs around them as words."""
    text = _GROUPED.sub(lambda found: _digits(found[0]), text)
    text = regex.sub(rf"[{_SPACES}]", " ", text)
    text = _POSTCODE.sub(r"\1, \2", text)
    text = regex.sub(r"(?<=\d) ?%", " procent", text)
    text = regex.sub(r"(?<=\d) ?€", " euro", text)
    text = regex.sub(r"§ ?(?=\d)", "paragraf ", text)
    text = regex.sub(r"(?<!\d)([0-9]{1,2}):00(?![\d:])", r"\1", text)
    text = regex.sub(r"(?<=\d) ?– ?(?=\d)", " do ", text)
    return regex.sub(r"(?<![\w-])([0-9]{1,4})-([0-9]{1,4})(?![\w-])", r"\1 do \2", text)


def _digits(number: str) -> str:
    return "".join(filter(str.isdigit, number))


def _written_out(found: regex.Match[str]) -> str:
    """The shortening in full; its dot stays where it also ended the sentence."""
    short = found[0]
    if short.isupper():
        return short
    full = _SHORT[short.lower()]
    rest = found.string[found.end() :].lstrip(" ")
    ends = short.lower() in _MAY_END and (not rest or rest[0] == "\n" or rest[0].isupper())
    return (full[0].upper() + full[1:] if short[0].isupper() else full) + ("." if ends else "")


def _abbreviation(found: regex.Match[str]) -> str:
    word, ending = found["word"], found["ending"] or ""
    if word in _SHOUTED:
        return word.lower() + (f"-{ending}" if ending else "")
    said = _SAID.get(word) or _ROMAN.get(word) or " ".join(_LETTERS[letter] for letter in word)
    return said + ending


def _tidy(text: str) -> str:
    """No brackets, pictures, or marks of a list, which espeak would name; no comma where a pause is already."""
    text = regex.sub(r"[\p{So}\p{Cc}\p{Cs}\uFE0F*_#--\n]", " ", text, flags=regex.V1)
    text = regex.sub(r" +", " ", text)
    text = regex.sub(r"^ *[-–—•·] +", "", text, flags=regex.MULTILINE)
    text = regex.sub(r" *[\[({] *", ", ", text)
    text = regex.sub(r" *[\])}] *", ", ", text)
    text = regex.sub(r"(?:, ?)+(?=[.,;:!?…\n]|$)", "", text)
    text = regex.sub(r"(?<=^|[.;:!?\n]) *(?:, ?)+", " ", text)
    text = regex.sub(r",(?: ?,)+", ",", text)
    text = regex.sub(r" +", " ", text)
    return regex.sub(r" ?\n ?", "\n", text).strip()
