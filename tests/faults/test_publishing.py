"""Posts on people's own accounts while one call in five goes wrong: each is there once, or told as in doubt or failed;
none is lost, none is there twice, and no token is in a log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import structlog
from fastapi import FastAPI

from adapters.demo.practice_network import PracticeNetwork
from adapters.networks.bluesky import Bluesky
from adapters.networks.linkedin import LinkedIn
from adapters.networks.mastodon import Mastodon
from adapters.networks.wire import Wire
from bot.core.networks import NetworkAccount
from bot.features.sharing.domain.publishing import digest_of_post
from bot.features.sharing.jobs import publish
from content.reading import Reader
from content.record_keys import record_key
from storage.database import Database
from storage.people import employees
from storage.publishing.accounts import ConnectedAccount
from storage.publishing.publications import Publication, PublicationState
from storage.sharing import posts
from storage.sharing.links import TrackedLink
from storage.sharing.nudges import Nudge, NudgeState
from storage.sharing.shares import Share
from tests.adapters.networks.conftest import Clients
from tests.fakes.bluesky import HANDLE, FakeBluesky
from tests.fakes.linkedin import CLIENT, SECRET, FakeLinkedIn
from tests.fakes.server import Faults, served
from tests.sizes import size
from tests.stage import Stage

POSTS = size(60, 1000)
PEOPLE = size(10, 100)
BACK = "http://127.0.0.1:9/connect/back"
SETTLED = {PublicationState.POSTED, PublicationState.IN_DOUBT, PublicationState.FAILED}


class Place:
    """A network's fake and the real adapter before it."""

    def __init__(self, adapter: Any, faults: Faults, host: str) -> None:
        self.adapter, self.faults = adapter, faults
        begun = adapter.begin("state", host)
        self.account: NetworkAccount = adapter.finish(begun.kept, _allowed(begun.url))

    def texts(self) -> Counter[str]:
        raise NotImplementedError


def _allowed(url: str) -> dict[str, str]:
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    if "/practice/" in url:
        data = {**query, "user": "aino", "answer": "allow"}
        said = requests.post(url.partition("?")[0], data=data, allow_redirects=False, timeout=5)
    else:
        said = requests.get(url, allow_redirects=False, timeout=5)
    return {name: values[0] for name, values in parse_qs(urlsplit(said.headers["location"]).query).items()}


@contextmanager
def _mastodon(wire: Wire) -> Iterator[Place]:
    practice, app = PracticeNetwork(""), FastAPI()
    app.include_router(practice.router("/practice"))
    faults = Faults(app)
    with served(faults) as base:
        practice.base_url = f"{base}/practice"
        adapter = Mastodon(wire, Clients(), redirect_uri=BACK, website="https://chorus.example")
        place = Place(adapter, faults, practice.base_url.removeprefix("http://"))
        place.texts = lambda: Counter(status.text for status in practice.statuses.values())
        yield place


@contextmanager
def _bluesky(wire: Wire) -> Iterator[Place]:
    fake = FakeBluesky()
    faults = Faults(fake.app)
    with served(faults) as base:
        fake.base = base
        places = {"entry": base, "resolver": base, "plc": base}
        adapter = Bluesky(wire, Clients(), redirect_uri=BACK, base_url="http://127.0.0.1:9", **places)
        place = Place(adapter, faults, HANDLE)
        place.texts = lambda: Counter(record["text"] for record in fake.records.values())
        yield place


@contextmanager
def _linkedin(wire: Wire) -> Iterator[Place]:
    fake = FakeLinkedIn()
    faults = Faults(fake.app)
    with served(faults) as base:
        fake.base = base
        given = {"client_id": CLIENT, "client_secret": SECRET, "redirect_uri": BACK, "version": "202611"}
        place = Place(LinkedIn(wire, **given, site=base, api=base), faults, "")
        place.texts = lambda: Counter(fake.sees(urn) for urn in fake.posts)
        yield place


PLACES = {"mastodon": _mastodon, "bluesky": _bluesky, "linkedin": _linkedin}


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    reader = Reader(also_allow=["127.0.0.0/8"])
    yield Wire(reader.call, is_local=True)
    reader.close()


@pytest.mark.parametrize("database", size(["sqlite"], ["sqlite", "postgresql"]), indirect=True)
@pytest.mark.timeout(size(120, 1800))
@pytest.mark.parametrize("network", sorted(PLACES))
def test_each_is_there_once_or_told(
    network: str, database: Database, wire: Wire, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with PLACES[network](wire) as place, Stage(database, networks={network: place.adapter}) as stage:
        _have_them_wait(stage, network, place.account)
        place.faults.share = 0.2
        _lose_some_answers(monkeypatch)
        with structlog.testing.capture_logs() as logged:
            for _minute in range(240):
                if not _unsettled(stage.database):
                    break
                stage.now += timedelta(minutes=3)
                stage.run(stage.publisher.publish_due())
        rows = _rows(stage.database)
        there = place.texts()
        assert len(rows) == POSTS
        assert {row.state for row in rows} <= SETTLED
        assert max(there.values()) == 1
        assert set(there) <= {row.text for row in rows}
        posted = [row for row in rows if row.state == PublicationState.POSTED]
        assert all(there[row.text] == 1 for row in posted)
        assert all(there[row.text] == 0 for row in rows if row.state == PublicationState.FAILED)
        assert len(posted) >= POSTS * 0.9
        assert sum(place.faults.seen.values()) - place.faults.seen["fine"] > POSTS * 0.1
        for secret in _secrets(place.account.credentials):
            assert secret not in str(logged)
            assert secret not in "".join(capsys.readouterr())


def _secrets(value: Any) -> list[str]:
    """The tokens and private keys among credentials."""
    found = []
    for name, one in value.items():
        if isinstance(one, dict):
            found += _secrets(one)
        elif name in ("token", "access", "refresh", "d"):
            found.append(one)
    return found


def _have_them_wait(stage: Stage, network: str, account: NetworkAccount) -> None:
    people = [stage.hires(f"person{number}") for number in range(PEOPLE)]
    numbers = [stage.publishes(f"Story {number}") for number in range(POSTS)]
    with stage.database.transaction() as session:
        known = employees.some(session, people)
        accounts = []
        for person in people:
            row = ConnectedAccount(employee=known[person], network=network, subject=account.subject)
            row.sign_in(
                name=account.name,
                url=account.url,
                host=account.host,
                credentials=account.credentials,
                expires_at=stage.now + timedelta(days=50),
                max_length=None,
                now=stage.now,
            )
            session.add(row)
            accounts.append(row)
        session.flush()
        for number, post_id in enumerate(numbers):
            _waits(session, stage, accounts[number % PEOPLE], posts.post(session, post_id), network, number)


def _waits(session: Any, stage: Stage, account: ConnectedAccount, post: Any, network: str, number: int) -> None:
    code = f"code{number:06}"
    link, text = f"https://chorus.example/r/{code}", f"Story {number}: wir haben's geschafft – 100 (x_y) 🎉"
    nudge = Nudge(
        employee=account.employee,
        post=post,
        why="asked",
        planned_at=stage.now,
        sent_at=stage.now,
        state=NudgeState.TAKEN,
    )
    share = Share(
        employee=account.employee,
        post=post,
        nudge=nudge,
        channel=network,
        language="en",
        text=text,
        own_words=True,
        code=code,
        opener=f"opener{number}",
        created_at=stage.now,
        clicks_shown=0,
        link=TrackedLink(
            code=code, target=post.url, created_at=stage.now, raw_clicks=0, automated_clicks=0, unique_clicks=0
        ),
    )
    key = record_key(stage.now + timedelta(seconds=number), 1)
    row = Publication(
        share=share,
        account=account,
        key=key,
        state=PublicationState.WAITING,
        text=f"{text}\n\n{link}",
        link=link,
        about=digest_of_post(post),
        written_at=stage.now,
    )
    row.schedule(stage.now)
    session.add_all([share.link, nudge, share, row])


def _lose_some_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """One process in twenty dies between the network's answer and the commit."""
    chance, finish = Random(3), publish.finish

    def finish_or_die(*arguments: Any, **more: Any) -> Any:
        if chance.random() < 0.05:
            raise InterruptedError
        return finish(*arguments, **more)

    monkeypatch.setattr(publish, "finish", finish_or_die)


def _rows(database: Database) -> list[Publication]:
    with database.transaction() as session:
        return list(session.query(Publication).order_by(Publication.id))


def _unsettled(database: Database) -> bool:
    return any(row.state not in SETTLED for row in _rows(database))
