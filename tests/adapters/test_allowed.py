"""Strangers stay strangers: workspaces that are not named, tenants that are not named, and addresses that look alike."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.oauth.installation_store import Installation

from adapters.settings import Settings
from adapters.slack.install import NotAllowed, VaultInstallations
from adapters.token_store import DatabaseTokenStore
from bot.core.allowed_workspaces import AllowedWorkspaces
from bot.core.events import Command, Joined
from bot.core.ports import Profile
from bot.features.people import directory
from storage import employees, workspaces
from storage.secrets import new_key
from tests.stage import WORKSPACE, Stage

ELSEWHERE = "fake:T2"


def settings(**given: Any) -> Settings:
    return Settings(_env_file=None, secret_keys=new_key(), **given)  # type: ignore[call-arg]


OAUTH = {"slack_client_id": "1", "slack_client_secret": "s", "slack_signing_secret": "s"}
ANY_TENANT = {"teams_app_id": "a", "teams_app_password": "p", "teams_app_type": "MultiTenant"}


@pytest.mark.parametrize(("given", "named"), [(OAUTH, "slack:T1"), (ANY_TENANT, "teams:t-1")])
def test_an_open_door_needs_a_list(given: dict[str, Any], named: str) -> None:
    (fault,) = settings(**given).faults()
    assert "CHORUS_WORKSPACES" in fault
    assert settings(**given, workspaces=named).faults() == []
    assert "must be slack: or teams:" in settings(**given, workspaces=f"{named}, T9").faults()[0]


def test_who_belongs() -> None:
    both = settings(**OAUTH, **ANY_TENANT, workspaces="slack:T1, teams:t-1").allowed_workspaces()
    assert "slack:T1" in both
    assert "teams:t-1" in both
    assert "slack:T2" not in both
    assert "teams:t-2" not in both
    assert "playground:demo" not in both
    single = settings(teams_app_id="a", teams_app_password="p", teams_tenant_id="t-1").allowed_workspaces()
    assert "teams:t-1" in single
    assert "teams:t-2" not in single


def test_until_slack_has_told_whose_the_token_is_nobody_is_turned_away(stage: Stage) -> None:
    allowed = settings(slack_signing_secret="s", slack_bot_token="xoxb").allowed_workspaces()
    assert "slack:T1" not in allowed
    assert allowed.is_pending("slack:T1")
    allowed.allow("slack:T1")
    assert "slack:T1" in allowed
    assert not allowed.is_pending("slack:T2")


def test_a_strange_workspace_installs_nothing(stage: Stage) -> None:
    heard: list[Any] = []

    async def handle(event: Any) -> None:
        heard.append(event)

    store = VaultInstallations(DatabaseTokenStore(stage.db_executor), handle, allowed=AllowedWorkspaces(["slack:T1"]))
    strange, ours = (
        Installation(user_id="U1", team_id=team, team_name="x", bot_token="xoxb", bot_user_id="U0")
        for team in ("T2", "T1")
    )
    with pytest.raises(NotAllowed):
        stage.run(store.async_save(strange))
    stage.run(store.async_save(ours))
    assert [event.workspace for event in heard] == ["slack:T1"]
    with stage.database.transaction() as session:
        assert workspaces.workspace(session, "slack:T2") is None


def test_nobody_from_elsewhere_is_heard(stage: Stage) -> None:
    stage.hires("laura", roles=("lead",))
    with stage.database.transaction() as session:  # installed by an older version, before there was a list
        workspaces.install(session, ELSEWHERE, now=stage.now)
    stage.only_hears(WORKSPACE)
    stage.chat.profiles["mallory"] = Profile(
        user="mallory", name="Mallory", email="laura@koivu.example", address=f"{ELSEWHERE}:mallory"
    )
    where = {"workspace": ELSEWHERE, "user": "mallory", "address": f"{ELSEWHERE}:mallory"}
    stage.handle(Joined(**where, keys=("j",)))
    stage.handle(Command(**where, keys=("c",), name="posts"))
    assert [address for address, _message in stage.chat.sent if "mallory" in address] == []
    with stage.database.transaction() as session:
        assert employees.identity(session, ELSEWHERE, "mallory") is None


def test_an_address_carries_no_role_to_another_place(stage: Stage) -> None:
    laura = stage.hires("laura", roles=("lead",))
    aino = stage.hires("aino")
    with stage.database.transaction() as session:
        workspaces.install(session, ELSEWHERE, now=stage.now)
        strange, same = (
            directory.upsert_identity(
                session,
                ELSEWHERE,
                Profile(user=user, name="Mallory", email=f"{whose}@koivu.example", address=f"{ELSEWHERE}:{user}"),
                now=stage.now,
            ).employee
            for user, whose in (("m1", "laura"), ("m2", "aino"))
        )
        assert (strange.id == laura, strange.roles, strange.email) == (False, ["employee"], None)
        assert same.id == aino  # who holds no role is joined as before
    assert stage.person("laura").name == "Laura"


def test_a_later_change_of_address_carries_no_role_either(stage: Stage) -> None:
    laura = stage.hires("laura", roles=("lead",))
    with stage.database.transaction() as session:
        workspaces.install(session, ELSEWHERE, now=stage.now)
        for email in (None, "laura@koivu.example"):
            profile = Profile(user="m", name="Mallory", email=email, address=f"{ELSEWHERE}:m")
            met = directory.upsert_identity(session, ELSEWHERE, profile, now=stage.now)
        assert met.employee_id != laura
