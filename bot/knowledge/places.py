"""The places of the region as values: voivodeships, counties, towns, and what across the border counts as Germany."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from pydantic import Field

from bot.knowledge.entry import EntryId, Line, Value


class Voivodeship(Value):
    id: EntryId
    name: Line
    genitive: Line
    locative: Line
    regions: tuple[Line, ...] = ()


class County(Value):
    """A county, or a city that is one. `adjective` is what people put after „powiat”."""

    id: EntryId
    name: Line
    city: bool = False
    adjective: Line
    genitive: Line
    locative: Line
    seat: Line
    voivodeship: EntryId

    @property
    def shown(self) -> str:
        """The adjective, or the name of a city with county rights."""
        return self.name if self.city else self.adjective


class Town(Value):
    name: Line
    county: EntryId
    genitive: Line | None = None
    locative: Line | None = None
    adjective: Line | None = None


class District(Value):
    """A part of a town that people name instead of the town."""

    name: Line
    in_: Line = Field(alias="in")
    locative: Line | None = None


class Abroad(Value):
    """A town in Germany near the border, with its Polish name where it has one."""

    name: Line
    polish: Line | None = None
    land: Line


class Ambiguous(Value):
    """A name of several places, its other forms (`also`), and which they are (names of towns or counties)."""

    form: Line
    also: tuple[Line, ...] = ()
    means: tuple[Line, ...]


class PlacesFile(Value):
    """places.yaml as it is written."""

    attribution: Line
    voivodeships: tuple[Voivodeship, ...]
    counties: tuple[County, ...]
    towns: tuple[Town, ...]
    districts: tuple[District, ...] = ()
    abroad: tuple[Abroad, ...] = ()
    ambiguous: tuple[Ambiguous, ...] = ()


@dataclass(frozen=True)
class Places:
    """places.yaml, by id and by name."""

    file: PlacesFile

    @cached_property
    def counties(self) -> Mapping[str, County]:
        """Counties by id."""
        return {county.id: county for county in self.file.counties}

    @cached_property
    def voivodeships(self) -> Mapping[str, Voivodeship]:
        """Voivodeships by id."""
        return {v.id: v for v in self.file.voivodeships}

    @cached_property
    def towns(self) -> Mapping[str, tuple[Town, ...]]:
        """Towns by name; several of one name where the region has them."""
        found: dict[str, tuple[Town, ...]] = {}
        for town in self.file.towns:
            found[town.name] = (*found.get(town.name, ()), town)
        return found
