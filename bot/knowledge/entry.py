"""One thing worth telling, as a typed value: an entry and its parts. The keys are those that editors write in YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

Kind = Literal["programme", "benefit", "right", "placement", "guide", "organisation", "about"]
Facet = Literal["short", "what", "who", "amount", "where", "how", "documents", "deadline", "duties"]
FACETS: tuple[Facet, ...] = (
    "short",
    "what",
    "who",
    "amount",
    "where",
    "how",
    "documents",
    "deadline",
    "duties",
)

SHORT_CHARACTERS, SHORT_SENTENCES = 600, 6


def fault(kind: str, what: str, advice: str) -> PydanticCustomError:
    """A validator's finding in Polish; `problems.sentence_for` takes it apart again."""
    braces = str.maketrans({"{": "(", "}": ")"})  # pydantic fills braces in as a template
    return PydanticCustomError(f"klaster_{kind}", f"{what} | {advice}".translate(braces))


def _text_or_list(value: Any) -> Any:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list | tuple) or not all(
        isinstance(line, str) and line.strip() for line in value
    ):
        raise fault(
            "text", "Tu ma być tekst albo lista tekstów.", "Wpisz zdania albo kroki po myślniku, bez pustych."
        )
    return tuple(" ".join(line.split()) for line in value)


def _web_address(value: Any) -> Any:
    match = (
        re.fullmatch(r"https?://([^/\s?#]{1,253})(?:[/?#]\S{0,1500})?", value)
        if isinstance(value, str)
        else None
    )
    if not match:
        raise fault(
            "url",
            f"„{str(value)[:60]}” to nie adres strony.",
            "Wpisz cały adres, który zaczyna się od https://.",
        )
    host = match[1]
    if "@" in host or re.fullmatch(r"[\d.:\[\]]+", host) or not host.isascii():
        raise fault(
            "url",
            f"Adres „{host[:60]}” jest niedozwolony.",
            "Podaj zwykłą nazwę strony, bez hasła i numeru IP.",
        )
    return value


def _partial_date(value: Any) -> Any:
    match = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", value) if isinstance(value, str) else None
    try:
        date(int(match[1]), int(match[2] or 1), int(match[3] or 1)) if match else date.fromisoformat("")
    except ValueError:
        raise fault(
            "date", f"„{str(value)[:30]}” nie jest datą.", "Zapisz RRRR-MM-DD, RRRR-MM albo sam rok RRRR."
        ) from None
    return value


def _kinds(value: Any) -> Any:
    return () if value in (None, "null") else [value] if isinstance(value, str) else value


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
EntryId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Url = Annotated[str, BeforeValidator(_web_address)]
PartialDate = Annotated[str, BeforeValidator(_partial_date)]
"""A day, a month or a year as YYYY-MM-DD, YYYY-MM or YYYY: sources often tell no more."""
Telling = Annotated[tuple[str, ...], BeforeValidator(_text_or_list)]
"""What a facet tells: one paragraph, or several steps or things."""


class Value(BaseModel):
    """A frozen value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Answer(Value):
    """What is told, by facet. Every amount in it is a figure: `$(id)`."""

    short: Telling = Field(description="Pierwsza odpowiedź: kwota i następny krok, do 600 znaków i 6 zdań")
    easy: Telling = Field(description="To samo jeszcze prościej: zdania do 12 słów")
    what: Telling | None = Field(None, description="Co to jest, co obejmuje")
    who: Telling | None = Field(None, description="Kto może dostać, warunki")
    amount: Telling | None = Field(None, description="Ile")
    where: Telling | None = Field(None, description="Gdzie: urząd, adres, telefon")
    how: Telling | None = Field(None, description="Jak: kroki")
    documents: Telling | None = Field(None, description="Jakie papiery")
    deadline: Telling | None = Field(None, description="Kiedy, jak długo, do kiedy")
    duties: Telling | None = Field(None, description="Obowiązki: co trzeba rozliczyć, oddać, utrzymać")

    @model_validator(mode="after")
    def _short_is_short(self) -> Answer:
        text = " ".join(self.short)
        sentences = len(re.findall(r"[.!?](?=\s|$)", text))
        if len(text) > SHORT_CHARACTERS or sentences > SHORT_SENTENCES:
            what = f"„short” ma {len(text)} znaków i {sentences} zdań (wolno {SHORT_CHARACTERS} i {SHORT_SENTENCES})."
            raise fault("short", what, "Skróć; resztę przenieś do innych części.")
        return self

    def facet(self, facet: str) -> tuple[str, ...] | None:
        """What this facet tells, or None."""
        found: tuple[str, ...] | None = getattr(self, facet)
        return found


class Source(Value):
    """Where a fact is from, and when a person last read it there."""

    name: Line = Field(description="Kto to napisał: urząd, gazeta")
    url: Url | None = Field(None, description="Adres strony")
    published: PartialDate | None = Field(None, description="Data na stronie: RRRR-MM-DD, RRRR-MM albo RRRR")
    checked: date = Field(description="Dzień, w którym ktoś ostatnio przeczytał tę stronę")
    supports: tuple[Facet, ...] = Field((), description="Które części odpowiedzi potwierdza")


class Condition(Value):
    """What an entry asks of a person: the sentence, and what must be true of them or who decides."""

    says: Line = Field(description="Warunek jednym zdaniem do osoby")
    needs: dict[str, Any] | None = Field(None, description="Okoliczności z circumstances.yaml i ich wartości")
    any: tuple[dict[str, Any], ...] | None = Field(None, description="Wystarczy jedna z tych okoliczności")
    decides: Line | None = Field(None, description="Kto o tym decyduje, gdy nikt nie wie tego wcześniej")


class Window(Value):
    """When a call is open."""

    opens: date | None = Field(None, description="Pierwszy dzień naboru")
    closes: date | None = Field(None, description="Ostatni dzień naboru")


class Serves(Value):
    """Where an organisation works: counties or voivodeships by the ids of places.yaml."""

    counties: tuple[EntryId, ...] = Field((), description="Powiaty (identyfikatory z places.yaml)")
    voivodeships: tuple[EntryId, ...] = Field((), description="Województwa (identyfikatory z places.yaml)")


class Contact(Value):
    """How to reach an organisation; what is absent is told as unknown. `seen` is the date of the source."""

    address: Line | None = Field(None, description="Adres")
    phones: tuple[Line, ...] = Field((), description="Telefony")
    email: Line | None = Field(None, description="E-mail")
    web: Line | None = Field(None, description="Strona")
    hours: Line | None = Field(None, description="Godziny")
    accessibility: Line | None = Field(None, description="Dostępność budynku")
    seen: PartialDate | None = Field(None, description="Data źródła tego kontaktu")


class Entry(Value):
    """One thing worth telling. The file's name is its id."""

    id: EntryId = Field(description="Identyfikator, taki jak nazwa pliku")
    kind: Kind = Field(description="Rodzaj wpisu")
    title: Line = Field(description="Nazwa zwykłymi słowami")
    owner: EntryId = Field(description="Organizacja, która dba o aktualność")
    aliases: tuple[Line, ...] = Field((), description="Inne i dawne nazwy")
    answer: Answer = Field(description="Odpowiedzi")
    conditions: tuple[Condition, ...] = Field((), description="Warunki")
    offices: tuple[EntryId, ...] = Field(
        (), description="Rodzaje urzędów z offices.yaml, które to załatwiają"
    )
    window: Window | None = Field(None, description="Kiedy trwa nabór")
    sources: tuple[Source, ...] = Field((), description="Źródła")
    review_by: date = Field(description="Kiedy człowiek ma to sprawdzić ponownie")
    related: tuple[EntryId, ...] = Field((), description="Wpisy pokrewne")
    office: Annotated[tuple[EntryId, ...], BeforeValidator(_kinds)] = Field(
        (), description="Jakim urzędem jest ta organizacja (jeden rodzaj albo lista)"
    )
    member: bool = Field(False, description="Czy to organizacja członkowska klastra (true)")
    serves: Serves | None = Field(None, description="Gdzie działa")
    contact: Contact | None = Field(None, description="Kontakt")

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Entry:
        if self.kind != "about" and not self.sources:
            raise fault(
                "source",
                f"Wpis „{self.id}” nie ma źródła.",
                "Dopisz „sources” z nazwą, adresem i datą „checked”.",
            )
        if self.kind == "organisation" and (self.serves is None or self.contact is None):
            raise fault(
                "organisation",
                "Organizacja nie ma „serves” albo „contact”.",
                "Dopisz, gdzie działa i jak się skontaktować.",
            )
        if self.kind != "organisation" and (self.serves or self.contact or self.office or self.member):
            raise fault(
                "organisation",
                "„serves”, „contact”, „office” i „member” są tylko dla organizacji.",
                "Usuń je albo zmień „kind” na organisation.",
            )
        return self

    def facets(self) -> tuple[Facet, ...]:
        """The facets that this entry can tell, `short` first."""
        return tuple(facet for facet in FACETS if self.answer.facet(facet))

    def texts(self) -> Iterator[tuple[list[int | str], str]]:
        """Each sentence or paragraph that a person may read of it, with its place in the file."""
        for facet in (*FACETS, "easy"):
            for position, text in enumerate(self.answer.facet(facet) or ()):
                yield ["answer", facet, position], text
        for position, condition in enumerate(self.conditions):
            yield ["conditions", position, "says"], condition.says

    def source_for(self, facet: str) -> Source | None:
        """The first source that supports this facet; else the first of all."""
        return next(
            (s for s in self.sources if facet in s.supports), self.sources[0] if self.sources else None
        )
