"""What an editor must mend: file, line, what is wrong, how to mend it. The sentences are Polish, for NGO staff."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend. A warning does not stop the knowledge from being used.

    What only grows old names its `owner` and the `entries` that people meet it in.
    """

    file: str
    line: int
    what: str
    advice: str
    warning: bool = False
    owner: str = ""
    entries: tuple[str, ...] = ()

    def __str__(self) -> str:
        mark = "uwaga" if self.warning else "błąd"
        return f"{self.file}:{self.line}: {mark}: {self.what} {self.advice}"


class KnowledgeError(Exception):
    """The knowledge cannot be used; `problems` says all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems in the knowledge")
        self.problems = tuple(problems)


FEW = 24
"""So many names are worth listing."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """ "Czy chodziło o „x”?" when a known word is near, else what is allowed where that is a short list."""
    known = sorted(known)
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f"Czy chodziło o „{near[0]}”?"
    return f"Dozwolone: {', '.join(known)}." if 0 < len(known) <= FEW else "Sprawdź pisownię."


# pydantic's error type -> (what is wrong, how to mend it); {field}, {input} and the error's own context fill in.
_SENTENCES: dict[str, tuple[str, str]] = {
    "missing": ("Brakuje pola „{field}”.", "Dopisz je; opis pól jest w knowledge/README.md."),
    "date_from_datetime_parsing": ("„{input}” w polu „{field}” nie jest datą.", "Zapisz ją jako RRRR-MM-DD, na przykład 2027-02-28."),
    "date_parsing": ("„{input}” w polu „{field}” nie jest datą.", "Zapisz ją jako RRRR-MM-DD, na przykład 2027-02-28."),
    "decimal_parsing": ("„{input}” w polu „{field}” nie jest liczbą.", "Zapisz samą liczbę z kropką, na przykład 4806.50, bez spacji i bez „zł”."),
    "decimal_type": ("W polu „{field}” ma być liczba.", "Zapisz samą liczbę z kropką, na przykład 4806.50."),
    "int_parsing": ("„{input}” w polu „{field}” nie jest liczbą całkowitą.", "Zapisz na przykład 18."),
    "bool_parsing": ("„{input}” w polu „{field}” to nie tak ani nie.", "Wpisz true albo false."),
    "string_type": ("W polu „{field}” ma być tekst.", "Wpisz jedno zdanie albo słowo; jeśli zawiera dwukropek, weź je w cudzysłów."),
    "string_too_short": ("Pole „{field}” jest puste.", "Wpisz treść albo usuń to pole."),
    "string_too_long": ("Tekst w polu „{field}” jest za długi (dozwolone {max_length} znaków).", "Skróć go albo podziel na kroki."),
    "string_pattern_mismatch": ("„{input}” w polu „{field}” ma zły zapis.", "Zobacz przykład w knowledge/README.md."),
    "tuple_type": ("W polu „{field}” ma być lista.", "Zapisz ją w nawiasach: [a, b] albo po myślniku w wierszu."),
    "too_short": ("Lista „{field}” jest pusta.", "Dopisz pozycję albo usuń pole."),
    "dict_type": ("W polu „{field}” mają być pola z wartościami.", "Zapisz je jako „nazwa: wartość”."),
    "model_type": ("W polu „{field}” mają być pola z wartościami.", "Zapisz je jako „nazwa: wartość”."),
    "model_attributes_type": ("W polu „{field}” mają być pola z wartościami.", "Zapisz je jako „nazwa: wartość”."),
}  # fmt: skip


def sentence_for(error: dict[str, Any], known: Iterable[str]) -> tuple[str, str]:
    """What is wrong and how to mend it, for one of pydantic's errors; `known` are the fields allowed there."""
    location = [str(part) for part in error["loc"]]
    field = next((part for part in reversed(location) if not part.isdigit()), "plik")
    kind, context = error["type"], error.get("ctx") or {}
    if kind == "extra_forbidden":
        return f"Nieznane pole „{field}”.", did_you_mean(field, known)
    if kind == "literal_error":
        allowed = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
        return f"„{error['input']}” w polu „{field}” nie jest dozwolone.", did_you_mean(
            str(error["input"]), allowed
        )
    if kind.startswith("klaster"):  # our own validators speak Polish already: "what | advice"
        what, _, advice = str(error["msg"]).partition(" | ")
        return what, advice
    what, advice = _SENTENCES.get(
        kind, ("Pole „{field}” ma złą wartość.", "Zobacz przykład w knowledge/README.md.")
    )
    shown = str(error.get("input"))[:60]
    return what.format(**{**context, "field": field, "input": shown}), advice
