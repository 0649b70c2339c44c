from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from adapters.app import only_one
from adapters.settings import SettingsError, load


def test_nothing_set_is_fine(tmp_path: Path) -> None:
    found = load({}, tmp_path)
    assert (found.data, found.knowledge, found.web_host, found.web_port) == (
        Path("data"),
        Path("knowledge"),
        "127.0.0.1",
        None,
    )
    assert found.database == "sqlite:///data/klaster.db"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KLASTER_WEB_PORT=9001\nKLASTER_LOG=debug\n")
    found = load({"KLASTER_WEB_PORT": "9002"}, tmp_path)
    assert (found.web_port, found.log) == (9002, "debug")


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    wrong = {
        "KLASTER_WEB_PORT": "0",
        "KLASTER_LOG": "x",
        "KLASTER_SECRET": "x",
        "KLASTER_DATABASE": "mysql://",
        "KLASTER_PUBLIC_URL": "x",
        "KLASTER_TELEGRAM_TOKEN": "x",
        "KLASTER_TELEGRAM_API": "x",
        "KLASTER_TELEGRAM_WEBHOOK_SECRET": "x y",
        "KLASTER_VOICE": "x",
    }
    with pytest.raises(SettingsError) as told:
        load(wrong, tmp_path)
    assert {line.split(":")[0] for line in told.value.lines} == set(wrong)


@pytest.mark.trust("T-100")
def test_the_secret_is_made_once_for_its_owner_alone_and_hides_itself(tmp_path: Path) -> None:
    found = load({"KLASTER_DATA": str(tmp_path / "data")}, tmp_path)
    secret = found.key()
    assert len(secret) >= 32
    assert found.key() == secret
    assert stat.S_IMODE(os.stat(tmp_path / "data" / "secret").st_mode) == 0o600
    given = load({"KLASTER_SECRET": "s" * 40}, tmp_path)
    assert given.key() == b"s" * 40
    assert "sss" not in repr(given)


@pytest.mark.trust("T-100")
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    found = load({"KLASTER_DATA": str(tmp_path)}, tmp_path)
    found.key()
    (tmp_path / "secret").chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        found.key()


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("k" * 40 + "\n")
    assert load({"KLASTER_SECRET_FILE": str(tmp_path / "s")}, tmp_path).key() == b"k" * 40
    with pytest.raises(SettingsError, match="KLASTER_SECRET_FILE"):
        load({"KLASTER_SECRET_FILE": str(tmp_path / "none")}, tmp_path)


@pytest.mark.trust("T-143")
def test_a_second_long_running_process_on_the_same_data_is_refused(tmp_path: Path) -> None:
    found = load({"KLASTER_DATA": str(tmp_path / "data")}, tmp_path)
    with only_one(found), pytest.raises(SettingsError, match="już działa"), only_one(found):
        pass
    with only_one(found):
        pass
