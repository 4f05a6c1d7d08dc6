"""Strangers stay strangers: workspaces that are not named, tenants that are not named, and addresses that look alike."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.oauth.installation_store import Installation

from adapters import doctor
from adapters.doctor import CheckResult
from adapters.settings import Settings
from adapters.slack import install as slack_install
from adapters.slack.install import StoredInstallations, WorkspaceNotAllowed
from adapters.token_store import DatabaseTokenStore
from bot.core import allowed_workspaces, outbox
from bot.core.allowed_workspaces import AllowedWorkspaces
from bot.core.cards import Heading, card, plain_text
from bot.core.context import Send
from bot.core.events import Command, Joined
from bot.core.ports import Profile
from bot.core.tokens import digest_of
from bot.features.digest.jobs import sending
from bot.features.people.domain import directory
from storage.database import Database
from storage.people import employees, places, workspaces
from storage.people.employees import Employee
from storage.people.places import InstallLink
from storage.questions.topics import Topic
from storage.secrets import new_key
from storage.web.console_sessions import ConsoleLink
from tests.adapters.cli.shell import Shell
from tests.stage import MONDAY, WORKSPACE, Stage

ELSEWHERE = "fake:T2"


def settings(**given: Any) -> Settings:
    return Settings(_env_file=None, secret_keys=new_key(), **given)  # type: ignore[call-arg]


OAUTH = {"slack_client_id": "1", "slack_client_secret": "s", "slack_signing_secret": "s"}
ANY_TENANT = {"teams_app_id": "a", "teams_app_password": "p", "teams_app_type": "MultiTenant"}


@pytest.mark.parametrize(("given", "platform"), [(OAUTH, "slack"), (ANY_TENANT, "teams")])
def test_an_open_door_lets_nobody_in_until_somebody_is_named(
    given: dict[str, Any], platform: str, sqlite: Database
) -> None:
    opened = settings(**given, database_url=str(sqlite.engine.url))
    assert opened.faults() == []  # nobody is heard: `chorus workspaces link` needs no more to be safe
    assert f"{platform}:anybody" not in opened.allowed_workspaces()

    def found() -> CheckResult:
        return next(
            one for one in doctor.check_database(opened, opened.allowed_workspaces()) if one.check == "workspaces"
        )

    assert not found().ok
    assert "nobody is heard" in found().detail
    with sqlite.transaction() as session:
        places.allow(session, f"{platform}:ours", now=MONDAY)
    assert found().ok
    assert "must be slack: or teams:" in settings(**given, workspaces="T9").faults()[0]


def test_what_is_listed_belongs_at_once_and_removed_no_longer(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [1000.0]
    monkeypatch.setattr(allowed_workspaces, "monotonic", lambda: moment[0])
    listed: set[str] = set()

    async def ask() -> set[str]:
        return set(listed)

    allowed = AllowedWorkspaces(["slack:T1"], listed=ask)

    def knows(workspace: str) -> bool:
        return stage.run(allowed.knows(workspace))

    assert knows("slack:T1")
    assert not knows("slack:T2")
    listed.add("slack:T2")
    moment[0] += 1.1
    assert knows("slack:T2")
    listed.clear()
    moment[0] += 10
    assert knows("slack:T2")
    moment[0] += 6  # 15 seconds after it was asked last
    assert not knows("slack:T2")


def test_a_link_lets_one_workspace_install_once(stage: Stage) -> None:
    def made(token: str, hours: float) -> None:
        with stage.database.transaction() as session:
            expires = stage.now + timedelta(hours=hours)
            session.add(InstallLink(digest=digest_of(token), expires_at=expires))

    async def use(link: str, workspace: str) -> bool:
        return await stage.db_executor(lambda session: places.use(session, digest_of(link), workspace, now=stage.now))

    async def handle(_event: Any) -> None: ...

    async def saved(team: str, link: str) -> None:
        slack_install.LINK.set(link)
        await store.async_save(
            Installation(user_id="U1", team_id=team, team_name="x", bot_token="xoxb", bot_user_id="U0")
        )

    def installs(team: str, link: str) -> bool:
        try:
            stage.run(saved(team, link))
        except WorkspaceNotAllowed:
            return False
        return True

    store = StoredInstallations(
        DatabaseTokenStore(stage.db_executor), handle, allowed=AllowedWorkspaces(), use_link=use
    )
    made("good", 24)
    made("old", -1)
    assert not installs("T5", "")
    assert not installs("T5", "guessed")
    assert not installs("T5", "old")
    assert installs("T5", "good")
    assert not installs("T6", "good")
    with stage.database.transaction() as session:
        assert [row.workspace for row in places.allowed(session)] == ["slack:T5"]


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


async def no_link(_link: str, _workspace: str) -> bool:
    return False


def test_a_strange_workspace_installs_nothing(stage: Stage) -> None:
    heard: list[Any] = []

    async def handle(event: Any) -> None:
        heard.append(event)

    store = StoredInstallations(
        DatabaseTokenStore(stage.db_executor), handle, allowed=AllowedWorkspaces(["slack:T1"]), use_link=no_link
    )
    strange, ours = (
        Installation(user_id="U1", team_id=team, team_name="x", bot_token="xoxb", bot_user_id="U0")
        for team in ("T2", "T1")
    )
    with pytest.raises(WorkspaceNotAllowed):
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


def meets(stage: Stage, user: str, email: str) -> int:
    """Somebody of the other workspace, as its directory has them; whom they are."""
    with stage.database.transaction() as session:
        if workspaces.workspace(session, ELSEWHERE) is None:
            workspaces.install(session, ELSEWHERE, now=stage.now)
        profile = Profile(user=user, name="Mallory", email=email, address=f"{ELSEWHERE}:{user}")
        return directory.upsert_identity(session, ELSEWHERE, profile, now=stage.now).employee_id


def is_told(stage: Stage, user: str, command: str) -> str:
    stage.chat.sent.clear()
    stage.handle(
        Command(
            workspace=ELSEWHERE, user=user, address=f"{ELSEWHERE}:{user}", keys=(f"{user} {command}",), name=command
        )
    )
    stage.sends()
    ((address, message),) = stage.chat.sent
    assert user in address
    return plain_text(stage.chat.messages[message])


def test_a_role_given_later_does_not_reach_who_was_joined_by_an_address(stage: Stage) -> None:
    aino = stage.hires("aino")
    assert meets(stage, "mallory", "aino@koivu.example") == aino
    with stage.database.transaction() as session:
        session.get_one(Employee, aino).roles = ["employee", "lead"]
    assert "Your link to the console" in is_told(stage, "mallory", "console")
    assert stage.person("aino").id == aino
    with stage.database.transaction() as session:
        (link,) = session.query(ConsoleLink)
        assert (link.employee_id == aino, link.mandate) == (False, ["employee"])  # their own, who has no role
    with stage.database.transaction() as session:
        strange = employees.identity(session, ELSEWHERE, "mallory")
        assert strange is not None
        assert (strange.employee_id == aino, strange.employee.roles) == (False, ["employee"])


def test_a_topic_given_later_does_not_either(stage: Stage) -> None:
    mikko = stage.hires("mikko")
    assert meets(stage, "mallory", "mikko@koivu.example") == mikko
    with stage.database.transaction() as session:
        topic = Topic(id="pictures", names={"en": "Pictures"})
        session.add(topic)
        topic.assign(session.get_one(Employee, mikko))
    is_told(stage, "mallory", "inbox")
    with stage.database.transaction() as session:
        strange = employees.identity(session, ELSEWHERE, "mallory")
        assert strange is not None
        assert strange.employee_id != mikko


def becomes_lead_after_mallory_met(stage: Stage) -> int:
    """Laura, whose address mallory showed before; mallory was the last to be seen."""
    laura = stage.hires("laura")
    meets(stage, "mallory", "laura@koivu.example")
    with stage.database.transaction() as session:
        strange = employees.identity(session, ELSEWHERE, "mallory")
        assert strange is not None
        strange.last_used_at = stage.now + timedelta(hours=1)
        session.get_one(Employee, laura).roles = ["employee", "lead"]
    return laura


def test_what_is_for_the_holder_of_an_office_is_sent_home(stage: Stage) -> None:
    """Even while whoever was joined by an address has not spoken since."""
    laura = becomes_lead_after_mallory_met(stage)
    with stage.database.transaction() as session:
        effect = Send(to=session.get_one(Employee, laura), key="secret", card=card("Secret", Heading("Secret")))
        outbox.plan(session, [effect], None, stage.now, engine=stage.engine, cause="test")
    stage.sends()
    assert [address for address, _message in stage.chat.sent] == [f"{WORKSPACE}:laura"]


def test_the_digest_of_a_lead_is_sent_home(stage: Stage) -> None:
    becomes_lead_after_mallory_met(stage)
    stage.run(stage.shell.run_job(sending.send_digests, scope="Europe/Helsinki"))
    stage.now += timedelta(days=1)
    stage.sends()
    assert [address for address, _message in stage.chat.sent] == [f"{WORKSPACE}:laura"]


def test_who_came_first_with_an_address_that_becomes_a_leads_holds_no_role(tmp_path: Path) -> None:
    """A role is given to the person of one workspace, said by name where there are several."""
    shell = Shell(tmp_path)
    shell.run("db", "upgrade")
    database = Database(f"sqlite:///{tmp_path}/chorus.db")
    with database.transaction() as session:
        for place in (WORKSPACE, ELSEWHERE):
            workspaces.install(session, place, now=MONDAY)
        for place in (ELSEWHERE, WORKSPACE):
            profile = Profile(user="u", name=f"{place}", email="lead@koivu.example", address=f"{place}:u")
            directory.upsert_identity(session, place, profile, now=MONDAY)
    give = ("people", "set", "lead@koivu.example", "--role", "lead")
    assert f"is known in {ELSEWHERE}: name it with --workspace" in shell.run(*give, fails=True)
    assert "is not known in" in shell.run(*give, "--workspace", WORKSPACE, fails=True)
    assert f"in {WORKSPACE} is a person of their own now" in shell.run(*give, "--workspace", ELSEWHERE)
    shell.run("people", "join", "lead@koivu.example", "--workspace", WORKSPACE, "--user", "u")
    with database.transaction() as session:
        joined = employees.identity(session, WORKSPACE, "u")
        assert joined is not None
        assert joined.employee.roles == ["employee", "lead"]
        (nobody,) = session.query(Employee).where(Employee.id != joined.employee_id)
        assert (nobody.state, nobody.identities) == ("left", [])  # and is forgotten as whoever left is
    database.close()


def test_two_accounts_of_one_workspace_are_never_joined(tmp_path: Path) -> None:
    """One wrong digit makes nobody somebody else."""
    shell = Shell(tmp_path)
    shell.run("db", "upgrade")
    database = Database(f"sqlite:///{tmp_path}/chorus.db")
    with database.transaction() as session:
        workspaces.install(session, WORKSPACE, now=MONDAY)
        for user in ("u3", "u4"):
            profile = Profile(user=user, name=f"Person {user}", email=f"{user}@koivu.example", address=user)
            directory.upsert_identity(session, WORKSPACE, profile, now=MONDAY)
    said = shell.run("people", "join", "u3@koivu.example", "--workspace", WORKSPACE, "--user", "u4", fails=True)
    assert "Person u4" in said
    with database.transaction() as session:
        assert {row.name for row in session.query(Employee) if row.identities} == {"Person u3", "Person u4"}
    database.close()
