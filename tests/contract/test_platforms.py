"""What every platform promises the core, the fakes of the tests included."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.demo.organisation import MEMBERS
from adapters.playground.send import PlaygroundPlatform
from adapters.slack.send import SlackPlatform
from adapters.teams.address import TeamsPlace
from adapters.teams.send import TeamsPlatform, authentication
from bot.core.cards import Card
from bot.core.i18n import Words
from bot.core.ports import OutcomeUnknown, PermanentFailure, Platform, Sent
from bot.samples import samples
from tests.adapters.asking import Asker, MemoryVault, Server, slack_answers
from tests.stage import WORKSPACE, FakePlatform

CARDS, FINNISH_CARDS = samples(Words()), samples(Words("fi"))
HOSTILE = Card("\ud800<!channel>" * 500, CARDS["help"].body * 40)


@dataclass
class Case:
    platform: Platform
    address: str
    run: Callable[[Any], Any]


@pytest.fixture(params=["fake", "playground", "slack", "teams"])
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    with Asker(None) as loop:
        match request.param:
            case "fake":
                yield Case(FakePlatform(), f"{WORKSPACE}:aino", loop.run)
            case "playground":
                yield Case(PlaygroundPlatform(MEMBERS), "playground:demo:aino", loop.run)
            case "slack":
                numbers = itertools.count(1)

                def answers(method: str, path: str, fields: dict[str, Any]) -> Any:
                    if path.endswith("chat.postMessage"):
                        return (
                            200,
                            {},
                            json.dumps(
                                {"ok": True, "channel": fields["channel"], "ts": f"17.{next(numbers)}"}
                            ).encode(),
                        )
                    return slack_answers(method, path, fields)

                with Server(answers) as server:
                    platform = SlackPlatform(
                        token_store=MemoryVault(slack_T1='{"bot_token": "x"}'), api_url=f"{server.url}/api/"
                    )
                    yield Case(platform, "slack:T1:U1", loop.run)
                    loop.run(platform.close())
            case "teams":
                counter = itertools.count(1)
                with Server(lambda *_: (200, {}, json.dumps({"id": f"m{next(counter)}"}).encode())) as server:
                    teams = TeamsPlatform(token_store=MemoryVault(), auth=authentication("", "", ""), app_id="")
                    yield Case(teams, str(TeamsPlace("t1", "c1", server.url, "28:bot")), loop.run)


def test_each_message_has_a_reference_of_its_own(case: Case) -> None:
    card = CARDS["welcome"]
    sent = [case.run(case.platform.send(case.address, card, mark=str(number))) for number in range(3)]
    assert all(isinstance(outcome, Sent) for outcome in sent)
    assert len({outcome.message for outcome in sent}) == 3


def test_a_message_can_be_replaced_by_its_reference(case: Case) -> None:
    sent = case.run(case.platform.send(case.address, CARDS["nudge"], mark="1"))
    replaced = case.run(case.platform.update(sent.message, CARDS["share_ready"]))
    assert replaced == Sent(sent.message)


@pytest.mark.parametrize("name", CARDS)
def test_every_sample_is_sent(case: Case, name: str) -> None:
    assert isinstance(case.run(case.platform.send(case.address, FINNISH_CARDS[name], mark="1")), Sent)


def test_hostile_text_is_sent_cut(case: Case) -> None:
    assert isinstance(case.run(case.platform.send(case.address, HOSTILE, mark="1")), Sent)


def test_the_name_is_the_first_part_of_its_addresses(case: Case) -> None:
    assert case.address.startswith(f"{case.platform.name}:")


def test_somebody_unknown_is_none(case: Case) -> None:
    if case.platform.name == "slack":
        pytest.skip("the stand-in server knows everybody; tests/adapters/slack/test_slack.py has this case")
    assert case.run(case.platform.profile(case.address.rpartition(":")[0], "nobody")) is None


def test_what_was_sent_is_found_by_its_mark_or_surely_not_or_cannot_be_known(case: Case) -> None:
    sent = case.run(case.platform.send(case.address, CARDS["welcome"], mark="c:1"))
    found = case.run(case.platform.find(case.address, "c:1"))
    assert found == sent or isinstance(found, PermanentFailure | OutcomeUnknown)
    assert not isinstance(case.run(case.platform.find(case.address, "c:2")), Sent)
