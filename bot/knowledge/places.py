"""The places of the region as values: voivodeships, counties, towns, and what across the border counts as Germany."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import asin, cos, inf, radians, sin, sqrt

from pydantic import Field

from bot.knowledge.entry import EntryId, Line, Value

NEAR_KM = 30.0
EARTH_KM = 6371.0


def _kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great-circle distance (haversine formula)."""
    (here, east), (there, farther) = (tuple(map(radians, point)) for point in (one, other))
    half = sin((there - here) / 2) ** 2 + cos(here) * cos(there) * sin((farther - east) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(half))


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
    """A town; `at` are its latitude and longitude in degrees."""

    name: Line
    county: EntryId
    genitive: Line | None = None
    locative: Line | None = None
    adjective: Line | None = None
    at: tuple[float, float] | None = None


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

    def nearest(self, latitude: float, longitude: float) -> Town | None:
        """The town nearest to a point given in degrees; None where the region has none within NEAR_KM."""
        far = [(_kilometres(town.at, (latitude, longitude)), town) for town in self.file.towns if town.at]
        distance, town = min(far, key=lambda pair: pair[0], default=(inf, None))
        return town if distance <= NEAR_KM else None

    @cached_property
    def towns(self) -> Mapping[str, tuple[Town, ...]]:
        """Towns by name; several of one name where the region has them."""
        found: dict[str, tuple[Town, ...]] = {}
        for town in self.file.towns:
            found[town.name] = (*found.get(town.name, ()), town)
        return found
