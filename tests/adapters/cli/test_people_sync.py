"""`chorus people sync` where a directory cannot be read: it says which, reads the others, and does not look like success."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.web import health
from storage.database import Database
from storage.people import workspaces
from tests.adapters.asking import Answer, Server, ok
from tests.adapters.cli.shell import Shell
from tests.ports import free_port

MEMBER = {"id": "U1", "name": "aino", "profile": {"email": "aino@koivu.example", "real_name": "Aino Aalto"}}


@pytest.fixture
def members() -> list[dict[str, Any]]:
    return [MEMBER]


@pytest.fixture
def slack(shell: Shell, members: list[dict[str, Any]]) -> Iterator[Server]:
    def answer(_method: str, path: str, _fields: dict[str, Any]) -> Answer:
        return ok(members=members) if path.endswith("users.list") else ok()

    with Server(answer) as server:
        shell.env |= {"CHORUS_SLACK_API_URL": f"{server.url}/api/", "CHORUS_SLACK_CLIENT_ID": "1"}
        shell.env |= {"CHORUS_SLACK_CLIENT_SECRET": "s", "CHORUS_SLACK_SIGNING_SECRET": "s"}
        shell.env["CHORUS_WORKSPACES"] = "slack:T1,slack:T2"
        yield server


def _metrics(shell: Shell) -> str:
    database = Database(shell.env["CHORUS_DATABASE_URL"])
    try:
        return health.exposition(database).decode()
    finally:
        database.close()


def install(shell: Shell, name: str, credentials: str | None) -> None:
    database = Database(shell.env["CHORUS_DATABASE_URL"])
    with database.transaction() as session:
        workspaces.install(session, name, now=datetime.now(UTC)).credentials = credentials
    database.close()


def test_one_that_cannot_be_read_does_not_keep_the_others_back(shell: Shell, slack: Server) -> None:
    install(shell, "slack:T1", None)  # its token is gone
    install(shell, "slack:T2", json.dumps({"bot_token": "xoxb-2"}))
    code, printed, said = shell.ends("people", "sync", "--json")
    assert code == 1
    assert [row["workspace"] for row in json.loads(printed)] == ["slack:T2"]
    assert "slack:T1" in said
    assert "slack:T2" not in said
    assert "aino@koivu.example" in shell.run("people", "list")


def test_slack_out_of_reach_is_said(shell: Shell, slack: Server) -> None:
    install(shell, "slack:T1", json.dumps({"bot_token": "xoxb-1"}))
    shell.env["CHORUS_SLACK_API_URL"] = f"http://127.0.0.1:{free_port()}/api/"
    said = shell.run("people", "sync", fails=True)
    assert "slack:T1" in said
    assert "Try again" in said


def test_warnings_do_not_stand_in_what_a_program_reads(shell: Shell, slack: Server) -> None:
    install(shell, "slack:T1", json.dumps({"bot_token": "xoxb-1"}))
    install(shell, "slack:T2", json.dumps({"bot_token": "xoxb-2"}))
    shell.env["CHORUS_WORKSPACES"] = "slack:T2"  # the first belongs no longer: a warning
    _code, printed, said = shell.ends("people", "sync", "--json")
    assert [row["workspace"] for row in json.loads(printed)] == ["slack:T2"]
    assert "slack:T1" in said


def test_nobody_to_ask_is_no_success(shell: Shell, slack: Server) -> None:
    said = shell.run("people", "sync", fails=True)
    assert "No workspace has the bot" in said


def test_half_a_directory_is_said_and_believed_only_when_somebody_says_so(
    shell: Shell, slack: Server, members: list[dict[str, Any]]
) -> None:
    install(shell, "slack:T1", json.dumps({"bot_token": "xoxb-1"}))
    members[:] = [{"id": f"U{number}", "profile": {"email": f"p{number}@koivu.example"}} for number in range(20)]
    shell.run("people", "sync")
    del members[8:]
    code, printed, said = shell.ends("people", "sync", "--json")
    assert (code, json.loads(printed)[0]["left"], json.loads(printed)[0]["kept"]) == (1, 0, 12)
    assert "chorus people sync --leavers" in said
    assert len(json.loads(shell.run("people", "list", "--json"))) == 20
    told = " ".join(shell.ends("doctor")[1].split())
    assert "12 people were missing" in told
    assert 'chorus_missing_people{workspace="slack:T1"} 12.0' in _metrics(shell)
    shell.run("people", "sync", "--leavers")
    assert len(json.loads(shell.run("people", "list", "--json"))) == 8
    assert "people were missing" not in " ".join(shell.ends("doctor")[1].split())
    assert 'chorus_missing_people{workspace="slack:T1"} 0.0' in _metrics(shell)
