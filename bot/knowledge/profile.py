"""How the bot introduces itself where a platform shows a profile: its name, what it is, its commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import StringConstraints

from bot.knowledge.entry import Value

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
About = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Description = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=512)]
Says = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=256)]
CommandName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,32}$")]
Lang = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]


class Command(Value):
    """A command and what it says of itself, by language; `groups`: it is shown in groups too."""

    command: CommandName
    says: Mapping[Lang, Says]
    groups: bool = False


class Profile(Value):
    """profile.yaml; lengths are Telegram's. Polish is shown where a language is missing."""

    name: Mapping[Lang, Name]
    about: Mapping[Lang, About]
    description: Mapping[Lang, Description]
    commands: tuple[Command, ...]
