"""`chorus init`, as somebody at a terminal answers it: what is kept, by whom it can be read, and going on later."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from dotenv import dotenv_values

from adapters.settings import load_settings
from storage.secrets import load_keys

CHORUS = str(Path(sys.executable).parent / "chorus")


def init(folder: Path, *answers: str) -> str:
    done = subprocess.run(
        [CHORUS, "init"],
        input="".join(f"{answer}\n" for answer in answers),
        env={"PATH": "/usr/bin:/bin"},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    return done.stdout


def test_an_installation_can_start_with_what_was_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = init(tmp_path, "Koivu Energy", "https://chorus.koivu.example/", "", "slack", "xoxb-1", "xapp-1", "")
    assert "chorus doctor" in said
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert settings.faults() == []
    load_keys(settings.keys)
    assert (settings.organisation, settings.base_url) == ("Koivu Energy", "https://chorus.koivu.example")
    assert (settings.slack_mode, settings.has_slack, settings.has_teams) == ("socket", True, False)
    assert "xoxb-1" not in said


def test_it_is_left_and_gone_on_with_and_asks_nothing_twice(tmp_path: Path) -> None:
    """A name with a quotation mark in it, the end of input after it; then the rest; then nothing is left to ask."""
    init(tmp_path, "Koivu’s \"own\" & 'Sons' $HOME \\n")
    first = dotenv_values(tmp_path / ".env", interpolate=False)
    assert first["CHORUS_ORGANISATION"] == "Koivu’s \"own\" & 'Sons' $HOME \\n"
    said = init(tmp_path, "https://c.example", "", "teams", "an-id", "a secret", "a-tenant")
    assert "organisation called" not in said
    kept = dotenv_values(tmp_path / ".env", interpolate=False)
    assert kept["CHORUS_SECRET_KEYS"] == first["CHORUS_SECRET_KEYS"]
    assert kept["CHORUS_TEAMS_TENANT_ID"] == "a-tenant"
    assert "?" not in init(tmp_path)
    assert dotenv_values(tmp_path / ".env", interpolate=False) == kept


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        (("",), "Please write a name."),
        (("Koivu", "chorus.example"), "That is no web address"),
        (("Koivu", "http://chorus.example"), "has to begin with https://"),
        (("Koivu", "", "mysql://x"), "That is no database"),
        (("Koivu", "", "", "slack", "xoxp-1"), "begins with xoxb-"),
        (("Koivu\x1b[31m",), "signs in it that nobody can see"),
        (("Koivu \u202e",), "signs in it that nobody can see"),
        (("Koivu ${HOME}",), "another setting’s name"),
        (("Koivu", "", "", "irc"), "select one of the available options"),
    ],
)
def test_what_cannot_be_is_asked_again(tmp_path: Path, answers: tuple[str, ...], sentence: str) -> None:
    assert sentence in " ".join(init(tmp_path, *answers).split())


def test_settings_of_ones_own_stay_as_they_are(tmp_path: Path) -> None:
    """Comments and lines that it knows nothing of, in a file that others could read."""
    mine = tmp_path / ".env"
    mine.write_text("# ours\nexport CHORUS_PULSE_K=8\nOTHER=1")
    mine.chmod(0o644)
    init(tmp_path, "Koivu", "", "", "later")
    assert mine.read_text().startswith("# ours\nexport CHORUS_PULSE_K=8\nOTHER=1\n")
    assert mine.stat().st_mode & 0o777 == 0o600


def test_a_link_stays_one(tmp_path: Path) -> None:
    """To a file that is kept elsewhere, there already or not."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (tmp_path / ".env").symlink_to(kept / "chorus.env")
    init(tmp_path, "Koivu")
    assert (tmp_path / ".env").is_symlink()
    assert dotenv_values(kept / "chorus.env")["CHORUS_ORGANISATION"] == "Koivu"
    assert (kept / "chorus.env").stat().st_mode & 0o777 == 0o600


def test_which_chat_it_is_is_kept_too(tmp_path: Path) -> None:
    init(tmp_path, "Koivu", "", "", "slack")
    said = init(tmp_path, "xoxb-1", "", "")
    assert "Which chat" not in said
    assert "Slack needs the app-level token or the signing secret" in said


def test_bytes_that_are_no_text_are_asked_again(tmp_path: Path) -> None:
    done = subprocess.run(
        [CHORUS, "init"],
        input=b"Koivu\xff\n",
        env={"PATH": "/usr/bin:/bin"},
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
    )
    assert b"Traceback" not in done.stderr
    assert "CHORUS_ORGANISATION" not in dotenv_values(tmp_path / ".env")
