"""Settings as administrators get them wrong: each nonsense is named, and what a tool passes on with its quotes is read
without them."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import mkdtemp

import pytest
from dotenv import set_key
from hypothesis import given
from hypothesis import strategies as st

from adapters.key_source import SettingsError
from adapters.settings import Settings, load_settings
from tests.adapters.cli.shell import Shell

_FOLDER = mkdtemp()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MESSAGES_A_DAY", "0"),
        ("MESSAGES_A_DAY", "-1"),
        ("MESSAGES_A_WEEK", "0"),
        ("NUDGE_GAP_HOURS", "-1"),
        ("NUDGE_SPREAD_MINUTES", "-5"),
        ("NUDGE_GAP_HOURS", "nan"),
        ("TICK_SECONDS", "1e9"),
        ("TICK_SECONDS", "inf"),
        ("MEDIA_RATES", "linkedin=-3"),
        ("MEDIA_RATES", "linkedin=nan"),
        ("MASTODON_HOST", "http://a b"),
        ("MASTODON_HOST", "a b"),
        ("ORGANISATION", "  "),
        ("ORGANISATION", ""),
        ("BASE_URL", "https://cho rus.example"),
        ("BASE_URL", "https://chorus.example/?x=1"),
        ("BASE_URL", "https://"),
    ],
)
def test_nonsense_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"CHORUS_{name}", value)
    with pytest.raises(SettingsError, match=f"CHORUS_{name}"):
        load_settings()


def test_a_good_host_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHORUS_MASTODON_HOST", "social.example")
    assert load_settings().mastodon_host == "social.example"


@given(value=st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), min_size=1).map(str.strip))
def test_what_init_wrote_is_read_alike_by_who_keeps_the_quotes(value: str) -> None:
    """`kubectl create secret --from-env-file` and `docker run --env-file` pass on what stands after the sign, as it is."""
    if not value:
        return
    with pytest.MonkeyPatch.context() as patch:
        file = Path(_FOLDER, "env")
        file.write_text("")
        set_key(file, "CHORUS_ORGANISATION", value, quote_mode="always")
        raw = file.read_text().rstrip("\n").partition("=")[2]
        patch.setenv("CHORUS_ORGANISATION", raw)
        assert load_settings().organisation == value


def test_a_secret_with_quotes_within_is_left_alone() -> None:
    given_ = Settings(_env_file=None, slack_signing_secret="a'b'", slack_bot_token="'")  # type: ignore[call-arg]
    assert given_.slack_signing_secret.get_secret_value() == "a'b'"
    assert given_.slack_bot_token.get_secret_value() == "'"


def test_the_doctor_names_what_nobody_reads(shell: Shell) -> None:
    shell.env["CHORUS_MESAGES_A_DAY"] = "3"
    (shell.folder / ".env").write_text("CHORUS_WORKSPACE=slack:T1\nCHORUS_CHAT=slack\n")
    shell.env["CHORUS_WEB_SERVICE_HOST"] = "10.0.0.1"  # as Kubernetes sets for a service of that name
    shell.env["CHORUS_WEB_PORT_8000_TCP"] = "tcp://10.0.0.1:8000"
    code, printed, _said = shell.ends("doctor", "--json")
    assert code == 1
    found = {one["check"]: one for one in json.loads(printed)}["names of settings"]
    assert not found["ok"]
    assert "CHORUS_MESAGES_A_DAY (CHORUS_MESSAGES_A_DAY?)" in found["detail"]
    assert "CHORUS_WORKSPACE (CHORUS_WORKSPACES?)" in found["detail"]
    assert "CHAT" not in found["detail"]
    assert "SERVICE" not in found["detail"]
    assert "PORT" not in found["detail"]
