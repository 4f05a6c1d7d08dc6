"""The command line and the settings: every expected fault is one sentence and exit code 1."""

from __future__ import annotations

import json
import re
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters import doctor
from adapters.demo.organisation import FEED
from adapters.key_source import SettingsError
from adapters.logs import redact
from adapters.settings import checked_settings, load_settings
from storage.database import Database
from storage.delivery import deliveries, worker_leases
from storage.jobs import runs
from storage.people import employees, workspaces
from tests.adapters.cli.shell import Shell
from tests.keys import KEY
from tests.ports import free_port


def test_content_comes_in_and_is_listed(shell: Shell) -> None:
    assert json.loads(shell.run("content", "import", str(FEED), "--base-url", "https://koivu.example/", "--json")) == {
        "created": 5,
        "duplicates": 0,
        "failed": [],
    }
    assert (
        shell.run("content", "import", str(FEED), "--base-url", "https://koivu.example/")
        == "0 created, 5 duplicates, 0 failed.\n"
    )
    listed = json.loads(shell.run("content", "list", "--json"))
    assert set(listed[0]) == {"id", "title", "url", "state", "language"}
    assert {post["state"] for post in listed} == {"draft"}
    assert "linkedin" in shell.run("channels", "list")


def test_what_cannot_be_read_is_said(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<html>no feed</html>")
    assert "it is no RSS or Atom feed" in shell.run("content", "import", "page.html", fails=True)
    assert "No such file" in shell.run("content", "import", "missing.xml", fails=True)
    assert "it points inside a network" in shell.run("content", "import", "http://127.0.0.1:1/feed", fails=True)


def test_policy_channels_and_people(shell: Shell) -> None:
    shell.run("policy", "block", "market leader", "--instead", "one of the largest")
    assert json.loads(shell.run("policy", "list", "--json")) == [
        {"phrase": "market leader", "instead": "one of the largest"}
    ]
    assert "not among the phrases" in shell.run("policy", "allow", "market leaders", fails=True)
    assert "not among the phrases" in shell.run("policy", "allow", "Market Leader", fails=True)  # it would stay
    assert "Name a phrase" in shell.run("policy", "block", " ", fails=True)
    shell.run("policy", "allow", "market leader")
    assert json.loads(shell.run("policy", "list", "--json")) == []
    assert shell.run("channels", "set", "x", "--disclosure", "--retired") == "x: retired, disclosure asked\n"
    assert "There is no channel 'myspace'" in shell.run("channels", "set", "myspace", fails=True)
    assert "There is no role 'king'" in shell.run("people", "set", "a@b.example", "--role", "king", fails=True)
    assert "Nobody with the address" in shell.run("people", "set", "a@b.example", "--role", "lead", fails=True)
    assert "There is no unit 'Moon'" in shell.run("units", "set", "Moon", "--country", "FI", fails=True)
    assert "are not known" in shell.run("people", "set", "a@b.example", "--country", "XQ", fails=True)


def test_holidays_of_a_person_and_of_a_unit_are_given_and_taken_back(shell: Shell) -> None:
    database = Database(shell.env["CHORUS_DATABASE_URL"])
    with database.transaction() as session:
        employees.newcomer(session, datetime.now(UTC), name="Aino", email="aino@koivu.example")
    database.close()
    assert "no unit 'Munich'" in shell.run("people", "set", "aino@koivu.example", "--unit", "Munich", fails=True)
    shell.run("units", "add", "Germany > Munich")
    assert "; Munich" in shell.run("people", "set", "aino@koivu.example", "--unit", "Munich")
    assert shell.run("units", "set", "Munich", "--country", "de-by") == "Munich: holidays of DE-BY\n"
    assert json.loads(shell.run("units", "list", "--json"))[1]["country"] == "DE-BY"
    assert "holidays of SE" in shell.run("people", "set", "aino@koivu.example", "--country", "SE")
    assert "holidays of DE-BY" in shell.run("people", "set", "aino@koivu.example", "--country", "zone")
    assert shell.run("units", "set", "Munich", "--country", "zone") == "Munich: holidays of each person’s time zone\n"
    assert "holidays" not in shell.run("people", "set", "aino@koivu.example", "--role", "employee")


def test_a_person_is_exported_and_erased(shell: Shell) -> None:
    database = Database(shell.env["CHORUS_DATABASE_URL"])
    with database.transaction() as session:
        employees.newcomer(session, datetime.now(UTC), name="Aino Canary", email="aino@koivu.example")
    assert shell.run("people", "export", "aino@koivu.example", "aino.json") == "aino.json: 1 row of 1 kind.\n"
    file = shell.folder / "aino.json"
    assert file.stat().st_mode & 0o077 == 0
    assert json.loads(file.read_text())[0]["rows"][0]["name"] == "Aino Canary"
    assert json.loads(shell.run("people", "export", "aino@koivu.example", "-"))
    assert "is there already" in shell.run("people", "export", "aino@koivu.example", "aino.json", fails=True)
    said = shell.run("people", "export", "aino@koivu.example", "nowhere/aino.json", fails=True)
    assert said == "nowhere/aino.json: No such file or directory.\n"
    assert len(json.loads(shell.run("audit", "list", "--act", "data of a person exported", "--json"))) == 2
    shell.run("people", "erase", "aino@koivu.example", fails=True)  # nobody answered whether it was meant
    assert "Forgotten" in shell.run("people", "erase", "aino@koivu.example", "--yes")
    assert "Nobody with the address" in shell.run("people", "export", "aino@koivu.example", "-", fails=True)
    database.close()
    assert not [path.name for path in shell.folder.glob("chorus.db*") if b"Aino Canary" in path.read_bytes()]


def test_a_person_is_erased_by_their_number_once(shell: Shell) -> None:
    """After a restore nothing but the number is known of whoever had been erased."""
    database = Database(shell.env["CHORUS_DATABASE_URL"])
    with database.transaction() as session:
        number = employees.newcomer(session, datetime.now(UTC), email="aino@koivu.example").id
    database.close()
    assert "Forgotten" in shell.run("people", "erase", str(number), "--yes")
    assert "Nobody with the number" in shell.run("people", "erase", str(number), "--yes", fails=True)


def test_who_did_what_is_listed_checked_and_pruned(shell: Shell) -> None:
    database = Database(shell.env["CHORUS_DATABASE_URL"])
    with database.transaction() as session:
        employees.newcomer(session, datetime.now(UTC), name="Aino", email="aino@koivu.example")
    shell.run("people", "set", "aino@koivu.example", "--role", "lead")
    _code, token, remark = shell.ends("tokens", "new", "wiki", "--scope", "people:read")
    assert token.startswith("chorus_")
    assert remark == "Keep it: it is shown this once.\n"
    assert "already" in shell.run("tokens", "new", "Wiki", "--scope", "content:write", fails=True)
    acts = json.loads(shell.run("audit", "list", "--json"))
    assert [(act["act"], act["source"]) for act in acts] == [
        ("api_tokens made", "terminal"),
        ("employees changed", "terminal"),
    ]
    assert acts[1]["details"] == {"roles": [["employee"], ["employee", "lead"]]}
    shell.run("people", "set", "aino@koivu.example", "--country", "DE-BY")
    assert '[null, "DE-BY"]' in shell.run("audit", "list")  # as it is, not taken for markup
    assert shell.run("audit", "list", "--act", "nonsense") == "There is nothing to show.\n"
    head = shell.run("audit", "head").strip()
    digest = head.partition(":")[2]
    said = shell.run("audit", "verify", "--anchor", f"1:{digest}", fails=True)
    assert said.startswith("Act 1: it is another than the one that the anchor names")
    assert "0 before it fit together" in said
    assert shell.run("audit", "verify").startswith("3 acts are whole, up to 3:")
    assert "3 acts are whole" in shell.run("audit", "verify", "--anchor", head)
    lines = [json.loads(line) for line in shell.run("audit", "export").splitlines()]
    assert [line["number"] for line in lines] == [1, 2, 3]
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM audit_entries WHERE id > 1")
    assert "1 acts are whole" in shell.run("audit", "verify")  # what only an anchor tells
    assert "the end was cut off" in shell.run("audit", "verify", "--anchor", head, fails=True)
    assert "An anchor is written" in shell.run("audit", "verify", "--anchor", "x", fails=True)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE audit_entries SET by_id = 9")
    assert "Act 1: it is not as it was written" in shell.run("audit", "verify", fails=True)
    database.close()


def test_what_cannot_be_served_is_said_at_once(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for words in (["serve", "--port", port], ["demo", "--no-open", "--port", port]):
            assert f"Nothing can listen at 127.0.0.1:{port}" in shell.run(*words, fails=True)
    shell.env["CHORUS_DATABASE_URL"] = "sqlite://"
    assert "CHORUS_DATABASE_URL names no file" in shell.run("people", "list", fails=True)


def test_manifests(tmp_path: Path) -> None:
    shell = Shell(
        tmp_path, BASE_URL="https://chorus.example", TEAMS_APP_ID="app-1", TEAMS_APP_PASSWORD="x", TEAMS_TENANT_ID="t"
    )
    assert (
        json.loads(shell.run("manifest", "slack"))["settings"]["interactivity"]["request_url"]
        == "https://chorus.example/slack/events"
    )
    shell.run("manifest", "teams", "-o", "app.zip")
    assert (tmp_path / "app.zip").read_bytes()[:2] == b"PK"
    assert "CHORUS_BASE_URL" in Shell(tmp_path).run("manifest", "slack", fails=True)
    by_socket = Shell(tmp_path)
    by_socket.env["CHORUS_SLACK_MODE"] = "socket"  # without an address that Slack could call
    assert json.loads(by_socket.run("manifest", "slack"))["settings"]["socket_mode_enabled"]


def test_doctor_names_each_fault_and_its_mend(tmp_path: Path) -> None:
    shell = Shell(tmp_path, SLACK_MODE="socket", SECRET_KEYS="nonsense")
    code, printed, _said = shell.ends("doctor", "--json")
    assert code == 1
    findings = {finding["check"]: finding for finding in json.loads(printed)}
    assert findings["database"] == {
        "check": "database",
        "ok": False,
        "detail": "there is no such file",
        "mend": doctor.NO_FILE,
    }
    assert not list(tmp_path.glob("*.db*"))  # who looks makes nothing
    assert findings["keys"]["mend"] == "chorus secrets new-key"
    assert findings["settings"]["ok"] is False


def test_doctor_says_what_is_to_be_migrated(shell: Shell, tmp_path: Path) -> None:
    Database(f"sqlite:///{tmp_path}/chorus.db").downgrade("0031")
    code, printed, _said = shell.ends("doctor", "--json")
    assert code == 1
    (finding,) = [one for one in json.loads(printed) if one["check"] == "migrations"]
    assert (finding["detail"], finding["mend"]) == ("1 waiting", "chorus db upgrade")


def test_doctor_is_content_with_a_new_installation(shell: Shell) -> None:
    assert "fault" not in shell.run("doctor")


def test_doctor_says_which_role_runs_nowhere(shell: Shell, tmp_path: Path) -> None:
    with Database(f"sqlite:///{tmp_path}/chorus.db").transaction() as session:
        worker_leases.take(session, "web-1", token="t", host="h", pid=1)
        worker_leases.take(session, "clock-1", token="t", host="h", pid=2)
    code, printed, _said = shell.ends("doctor")
    assert code == 1
    assert "fault processes: no worker lives: nothing is sent" in " ".join(printed.split())
    assert "chorus worker" in printed


def test_doctor_says_which_job_fails_and_what_is_late(shell: Shell, tmp_path: Path) -> None:
    with Database(f"sqlite:///{tmp_path}/chorus.db").transaction() as session:
        now = worker_leases.database_now(session)
        runs.note_tick(session, ["routine"], {"routine": "OperationalError: no such table: digests"}, now=now)
        workspaces.install(session, "slack:T1", now=now)
        session.flush()
        row = {"key": "k", "workspace_id": "slack:T1", "address": "a", "kind": "notice", "wave": "w", "attempts": 0}
        deliveries.add(session, [{**row, "state": "planned", "due_at": now - timedelta(hours=1), "changed_at": now}])
        doubt = {**row, "state": "unknown", "reason": "500", "due_at": now, "changed_at": now, "looked_at": now}
        deliveries.add(session, [{**doubt, "key": f"doubt{number}"} for number in range(23)])
    code, printed, _said = shell.ends("doctor", "--json")
    assert code == 1
    found = {(finding["check"], finding["detail"]) for finding in json.loads(printed) if not finding["ok"]}
    assert ("jobs", "routine fails: OperationalError: no such table: digests") in found
    assert ("messages", "the oldest that waits for slack:T1 is 60 minutes late") in found
    assert ("messages in doubt", "23 of the last day may not have arrived, and cannot be looked for") in found
    printed = " ".join(shell.run("deliveries").split())
    assert "23 unknown, last at " in printed
    assert printed.count("notice to slack:T1: 500") == 1  # a line for all alike


def test_starting_without_a_database_or_keys_says_what_to_do(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    assert "run `chorus db upgrade`" in shell.run("serve", "--port", str(free_port()), fails=True)
    assert "There is no such database" in shell.run("jobs", fails=True)
    assert not list(tmp_path.glob("*.db*"))
    shell.env["CHORUS_SECRET_KEYS"] = ""
    shell.env["CHORUS_SLACK_BOT_TOKEN"] = "xoxb-canary"
    said = shell.run("worker", fails=True)
    assert "CHORUS_SECRET_KEYS is missing" in said
    assert "Slack over HTTP needs CHORUS_SLACK_SIGNING_SECRET" in said
    assert "canary" not in said


def test_the_playground_is_never_public(tmp_path: Path) -> None:
    assert "never served on a public address" in Shell(tmp_path).run("demo", "--host", "0.0.0.0", fails=True)
    assert "goes with 127.0.0.1 only" in Shell(tmp_path, PLAYGROUND="1").run("serve", "--host", "0.0.0.0", fails=True)


def test_the_playground_goes_with_no_real_database_and_no_public_address(tmp_path: Path) -> None:
    real = Shell(tmp_path)
    real.run("db", "upgrade")
    serve = ("serve", "--port", str(free_port()))  # a demo may run at the usual one
    said = Shell(tmp_path, PLAYGROUND="1").run(*serve, fails=True)
    assert "may hold real people" in " ".join(said.split())
    Shell(tmp_path, PLAYGROUND="1").run("db", "upgrade")  # a database that is there is never made a demo's
    assert "may hold real people" in " ".join(Shell(tmp_path, PLAYGROUND="1").run(*serve, fails=True).split())
    said = Shell(tmp_path, PLAYGROUND="1", BASE_URL="https://chorus.example").run(*serve, fails=True)
    assert "no public CHORUS_BASE_URL" in said


class TestSettings:
    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"slack_mode": "socket"}, "CHORUS_SLACK_APP_TOKEN"),
            ({"slack_client_id": "1"}, "go together"),
            ({"pulse_budget": "0.1"}, "less than one round costs"),
            ({"teams_app_id": "a"}, "CHORUS_TEAMS_APP_PASSWORD"),
            ({"keep_mentions_days": "400"}, "CHORUS_KEEP_MENTIONS_DAYS"),
            ({"keep_nudges_days": "91"}, "CHORUS_KEEP_NUDGES_DAYS"),
            ({"base_url": "http://chorus.example"}, "must begin with https://"),
            ({"oidc_issuer": "http://login.example", "oidc_client_id": "c"}, "CHORUS_OIDC_ISSUER must begin"),
            ({"teams_app_id": "a", "teams_app_password": "b"}, "CHORUS_TEAMS_TENANT_ID"),
            ({"nudge_hours": "16-9"}, "CHORUS_NUDGE_HOURS"),
            ({"nudge_hours": "x"}, "CHORUS_NUDGE_HOURS"),
            ({"base_url": "chorus.example"}, "CHORUS_BASE_URL"),
        ],
    )
    def test_contradictions_are_named(self, values: dict[str, str], sentence: str) -> None:
        with pytest.raises(SettingsError, match=sentence):
            checked_settings(secret_keys=KEY, **values)

    def test_values_and_contradictions_are_named_at_once(self) -> None:
        with pytest.raises(
            SettingsError, match=r"(?s)CHORUS_NUDGE_HOURS.*CHORUS_OFFICE_HOURS.*CHORUS_TEAMS_APP_PASSWORD"
        ):
            checked_settings(secret_keys=KEY, nudge_hours="x", office_hours="9", teams_app_id="a")

    def test_wrong_kinds_are_named_at_once(self) -> None:
        with pytest.raises(SettingsError, match=r"(?s)CHORUS_SLACK_MODE.*CHORUS_TICK_SECONDS"):
            load_settings(slack_mode="pigeon", tick_seconds="soon")

    def test_settings_may_stand_in_files_of_a_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """As secrets are mounted, so that no environment holds them; what the environment says goes before."""
        for name, value in (
            ("chorus_secret_keys", KEY),
            ("chorus_slack_bot_token", "xoxb-1"),
            ("openai_api_key", "sk"),
        ):
            (tmp_path / name).write_text(f"{value}\n")
        monkeypatch.setenv("CHORUS_SECRETS_DIR", str(tmp_path))
        monkeypatch.setenv("CHORUS_SLACK_BOT_TOKEN", "xoxb-2")
        settings = load_settings()
        told = (settings.openai_api_key.get_secret_value(), settings.slack_bot_token.get_secret_value())
        assert (settings.keys, *told) == ([KEY], "sk", "xoxb-2")

    def test_a_folder_of_settings_that_is_not_there_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A secret that was not mounted must not look like one that was not set."""
        monkeypatch.setenv("CHORUS_SECRETS_DIR", "/nowhere")
        with pytest.raises(SettingsError, match="CHORUS_SECRETS_DIR: there is no folder /nowhere"):
            load_settings()

    def test_a_provider_that_is_set_is_the_only_way_in_unless_said_otherwise(self) -> None:
        assert not load_settings().enforces_oidc
        assert load_settings(oidc_issuer="https://id.example").enforces_oidc
        assert not load_settings(oidc_issuer="https://id.example", oidc_only=False).enforces_oidc

    def test_secrets_are_not_shown(self) -> None:
        assert "canary" not in repr(load_settings(slack_bot_token="canary", secret_keys="canary"))  # type: ignore[arg-type]


def test_logs_hold_no_token() -> None:
    event = redact(
        None, "info", {"reason": "xoxb-1-canary failed at postgresql://me:canary@host/db with Bearer canary.x"}
    )
    assert "canary" not in str(event)


FILE = "email;unit;role;language\naino@koivu.example;Sales > Nordics;lead;fi\nnobody;;;\n"


def test_people_come_from_a_file(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(FILE)
    shell.run("people", "import", str(file), "--dry-run", fails=True)  # a line is refused: whoever runs it hears of it
    assert shell.run("people", "list", "--json") == "[]\n"
    shell.run("people", "import", str(file), "--yes", fails=True)
    (aino,) = json.loads(shell.run("people", "list", "--json"))
    assert (aino["email"], aino["unit"], aino["roles"]) == ("aino@koivu.example", "Nordics", ["employee", "lead"])
    file.write_text(FILE.replace("nobody;;;\n", "b@koivu.example;;;\n"))
    said = shell.run("people", "import", str(file), "--dry-run")
    assert "new: b@koivu.example" in said
    assert "1 new, 0 changed, 0 left, 1 as they are, 0 lines refused." in said
    told = json.loads(shell.run("people", "import", str(file), "--json", "--yes"))
    assert (told["same"], [one["email"] for one in told["new"]]) == (1, ["b@koivu.example"])
    file.write_text("name\nAino\n")
    assert "must name the columns" in shell.run("people", "import", str(file), fails=True)
    acts = [row["act"] for row in json.loads(shell.run("audit", "list", "--json"))]
    assert {"people imported", "employees made"} <= set(acts)


def test_what_a_directory_says_means_what_was_set(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(FILE)
    shell.run("people", "import", str(tmp_path / "people.csv"), "--yes", fails=True)
    shell.run("directory", "department", "Sales  North", "--unit", "Nordics")
    shell.run("directory", "group", "Comms leads", "--role", "lead")
    assert "no unit 'Norden'" in shell.run("directory", "department", "x", "--unit", "Norden", fails=True)
    assert "no role 'boss'" in shell.run("directory", "group", "x", "--role", "boss", fails=True)
    assert json.loads(shell.run("directory", "list", "--json")) == [
        {"kind": "department", "name": "Sales North", "unit": "Nordics", "role": None},
        {"kind": "group", "name": "Comms leads", "unit": None, "role": "lead"},
    ]
    replaced = shell.run("directory", "group", "comms LEADS", "--role", "owner")  # the same, whatever the letters
    assert replaced == "The group comms LEADS gives owner; before: lead.\n"
    assert json.loads(shell.run("directory", "list", "--json"))[1:] == [
        {"kind": "group", "name": "Comms leads", "unit": None, "role": "owner"}
    ]
    shell.run("directory", "remove", "group", "COMMS leads")
    assert "no rule" in shell.run("directory", "remove", "group", "Comms leads", fails=True)


def test_workspaces_that_belong(shell: Shell) -> None:
    shell.env["CHORUS_WORKSPACES"] = "slack:T1"
    shell.run("workspaces", "allow", "teams:72f988bf-86f1-41af-91ab-2d7cd011db47")
    assert [(row["id"][:8], row["belongs"]) for row in json.loads(shell.run("workspaces", "list", "--json"))] == [
        ("slack:T1", "by settings"),
        ("teams:72", "by command"),
    ]
    assert "take it out there" in shell.run("workspaces", "remove", "slack:T1", "--yes", fails=True)
    shell.run("workspaces", "remove", "teams:72f988bf-86f1-41af-91ab-2d7cd011db47", "--yes")
    assert "not known" in shell.run("workspaces", "remove", "slack:T9", "--yes", fails=True)
    for wrong in ("T9", "slack:U1", "slack:koivu", "teams:koivu", "teams:123", "discord:T1"):
        assert "Write slack: with the id" in shell.run("workspaces", "allow", wrong, fails=True)
    assert "needs CHORUS_SLACK_CLIENT_ID" in " ".join(shell.run("workspaces", "link", fails=True).split())
    shell.env |= {"CHORUS_SLACK_CLIENT_ID": "1", "CHORUS_BASE_URL": "https://chorus.example/"}
    link = shell.run("workspaces", "link").strip()
    assert re.fullmatch(r"https://chorus\.example/slack/install\?link=[\w-]{43}", link)
