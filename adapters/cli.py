"""The commands. Exit codes: 0 fine, 1 problems found, 2 wrong use. Errors are one readable line on stderr."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from adapters import app, logs, settings
from adapters.settings import Settings, SettingsError
from adapters.store.errors import StoreError
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.load import Loaded
from bot.knowledge.problems import KnowledgeError, Problem

CHANNELS = ("web", "telegram")
GARBAGE_AFTER = 50000
"""New objects after which Python looks for garbage: at its own 700 a tenth of the start is spent on looking."""


def main() -> None:
    """Run a command; faults that an operator can mend become one line and exit code 1, never a traceback."""
    gc.set_threshold(GARBAGE_AFTER)
    try:
        klaster.main(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except SettingsError as error:
        _fail(error.lines, 2)
    except KnowledgeError as error:
        _fail([str(problem) for problem in error.problems], 1)
    except StoreError as error:
        _fail([str(error)], 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _fail(lines: list[str], code: int) -> None:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(code)


def _settings() -> Settings:
    found = settings.load(os.environ, Path.cwd())
    logs.set_up(found.log)
    return found


def _progress(line: str) -> None:
    click.echo(line, err=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def klaster() -> None:
    """Klaster: a chatbot that answers disabled people of western Poland from a sourced knowledge base."""


@klaster.command()
@click.option(
    "--only", default=",".join(CHANNELS), help="Channels to run, separated by commas: web, telegram."
)
def run(only: str) -> None:
    """Run every channel that is configured; the web chat always."""
    from adapters.web.server import (
        serve,
    )  # the web libraries cost a quarter of a second that no other command needs

    channels = set(only.split(","))
    if unknown := sorted(channels - set(CHANNELS)):
        raise click.UsageError(f"unknown channel: {', '.join(unknown)}")
    found = _settings()

    async def act() -> None:
        async with app.running(found, channels, _progress) as running:
            await serve(running.service, found, click.echo, running.routes)

    with app.only_one(found):
        asyncio.run(act())


@klaster.command()
@click.option("--lang", default="pl", show_default=True, help="Language to assume in doubt.")
@click.option("--jsonl", is_flag=True, help="One JSON object a line in, one a line out.")
def chat(lang: str, jsonl: bool) -> None:
    """Talk at the terminal."""
    from adapters.console.talk import from_stdin, talk_in_lines, talk_to_person

    async def act() -> bool:
        async with app.service(_settings(), _progress) as service:
            if jsonl:
                return await talk_in_lines(service, from_stdin(), sys.stdout)
            await talk_to_person(service, lang, sys.stdin, sys.stdout)
            return True

    sys.exit(0 if asyncio.run(act()) else 1)


@klaster.command()
@click.argument("text", required=False)
@click.option("--jsonl", is_flag=True, help='Questions as lines {"id", "text", "lang"?} from standard input.')
@click.option("--lang", default=None, help="Language to assume in doubt.")
def ask(text: str | None, jsonl: bool, lang: str | None) -> None:
    """Ask one question; no conversation, nothing stored."""
    from adapters.console.single import ask_in_lines, ask_once

    if jsonl == (text is not None):
        raise click.UsageError("give either TEXT or --jsonl")
    found = _settings()
    thinking = app.engine(found, _progress)
    if text is not None:
        click.echo(ask_once(thinking, text, lang))
    else:
        from adapters.console.talk import from_stdin

        sys.exit(0 if ask_in_lines(thinking, from_stdin(), sys.stdout) else 1)


@klaster.command()
@click.option("--strict", is_flag=True, help="Exit code 1 for warnings too.")
@click.option("--links", is_flag=True, help="Ask the address of every source whether it is still there.")
@click.option("--json", "as_json", is_flag=True, help="Problems as JSON.")
def check(strict: bool, links: bool, as_json: bool) -> None:
    """Check the knowledge and say what to mend."""
    from adapters.console import check as checking

    found = _settings()
    loaded = app.loaded(found, advice=True)
    if links and loaded.knowledge is not None:
        loaded = replace(loaded, problems=(*loaded.problems, *_asked_addresses(loaded, loaded.knowledge)))
    if as_json:
        click.echo(checking.as_json(loaded.problems))
    else:
        for line in checking.report(loaded, app.told(found)):
            click.echo(line)
    sys.exit(1 if any(strict or not problem.warning for problem in loaded.problems) else 0)


def _asked_addresses(loaded: Loaded, knowledge: Knowledge) -> list[Problem]:
    from adapters.console.check import addresses, link_problems
    from adapters.links import ask_all

    urls = list(addresses(knowledge))
    with click.progressbar(ask_all(urls), len(urls), "Pytam strony", file=sys.stderr) as verdicts:
        return link_problems(loaded, knowledge, verdicts)


@klaster.command()
@click.argument("name", type=click.Choice(["entry", "figure", "asked"]), default="entry")
def schema(name: str) -> None:
    """Print the JSON Schema of an entry (or a figure, or a file of phrasings), with Polish descriptions."""
    from bot.knowledge.schema import schemas

    click.echo(json.dumps(schemas()[name], ensure_ascii=False, indent=2))


@klaster.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
def evaluate(file: Path, as_json: bool) -> None:
    """Measure answer quality on labelled questions, or on dialogues where the lines have `turns`."""
    from adapters.clock import SystemClock
    from adapters.console.evaluate import evaluate_file, report

    found = _settings()
    thinking = app.engine(found, _progress)
    result = evaluate_file(thinking, file.read_text(encoding="utf-8").splitlines(), SystemClock().now())
    click.echo(json.dumps(result, ensure_ascii=False, indent=1) if as_json else report(result))


@klaster.command()
@click.option("--bot", default=None, help="The bot's user name; without it Telegram is asked.")
@click.option(
    "--sheets",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for a page (PDF) an organisation.",
)
def links(bot: str | None, sheets: Path | None) -> None:
    """Print a link for each entry that opens it in Telegram; make pages to print."""
    from adapters.console import sheets as printing

    found = _settings()
    knowledge = app.loaded(found).usable()
    name = bot.removeprefix("@") if bot else app.telegram_name(found)
    for entry, title, address in printing.links(knowledge, name):
        click.echo(f"{entry}\t{address}\t{title}")
    if sheets is not None:
        sheets.mkdir(parents=True, exist_ok=True)
        for organisation in knowledge.entries.values():
            if organisation.kind == "organisation":
                (sheets / f"{organisation.id}.pdf").write_bytes(printing.sheet(knowledge, organisation, name))


@klaster.group()
def questions() -> None:
    """The unanswered questions."""


def _with_store(act: Callable[[Any], Any]) -> Any:
    async def run_it() -> Any:
        async with app.store(_settings()) as store:
            return await act(store)

    return asyncio.run(run_it())


@questions.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def questions_list(as_json: bool) -> None:
    """Each question with count, first and last time, channel and nearest entries."""
    from adapters.console.questions import as_rows, listed
    from bot.review import groups

    found = groups(_with_store(lambda store: store.questions()))
    click.echo(json.dumps(as_rows(found), ensure_ascii=False, indent=1) if as_json else listed(found))


@questions.command("show")
@click.argument("number", type=int)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def questions_show(number: int, as_json: bool) -> None:
    """One question, each time it was asked."""
    from adapters.console.questions import as_rows, detailed
    from bot.review import groups

    found = [
        group for group in groups(_with_store(lambda store: store.questions())) if group.number == number
    ]
    if not found:
        raise click.UsageError(f"no question {number}; see: klaster questions list")
    click.echo(json.dumps(as_rows(found)[0], ensure_ascii=False, indent=1) if as_json else detailed(found[0]))


@questions.command("export")
@click.option("--json", "as_json", is_flag=True, help="As JSON instead of CSV.")
def questions_export(as_json: bool) -> None:
    """All questions as CSV for a spreadsheet."""
    from adapters.console.questions import as_csv, as_rows
    from bot.review import groups

    found = groups(_with_store(lambda store: store.questions()))
    if as_json:
        click.echo(json.dumps(as_rows(found), ensure_ascii=False, indent=1))
    else:
        click.echo(as_csv(found), nl=False)


@klaster.command()
def purge() -> None:
    """Delete what has been kept long enough."""
    from adapters.clock import SystemClock

    counts = _with_store(lambda store: store.purge(SystemClock().now()))
    click.echo(", ".join(f"{table}: {number}" for table, number in sorted(counts.items())) or "nic")


@klaster.command()
@click.argument("channel")
@click.argument("chat_id", metavar="CHAT")
def forget(channel: str, chat_id: str) -> None:
    """Erase all that is kept about one chat."""
    from adapters.clock import SystemClock
    from bot.messages import Chat

    counts = _with_store(lambda store: store.forget(Chat(channel, chat_id), SystemClock().now()))
    click.echo(", ".join(f"{table}: {number}" for table, number in sorted(counts.items())) or "nic")
