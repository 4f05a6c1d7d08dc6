"""A stage for tests that speak as people do: the real shell, core and database; chat and clock are fakes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from math import inf
from random import Random
from typing import Any, Self

from bot.core.allowed_workspaces import AllowedWorkspaces
from bot.core.application import Application, AtOnce
from bot.core.cards import Actions, Button, Card, Choices, Form, plain_text
from bot.core.db_executor import DbExecutor
from bot.core.dependencies import Dependencies
from bot.core.events import Changed, Command, Event, Joined, Left, Message, Pressed, Submitted
from bot.core.networks import (
    Credentials,
    Network,
    NetworkAccount,
    NotThere,
    OutgoingPost,
    Published,
    PublishOutcome,
    Reactions,
    SignIn,
    SignInFailed,
)
from bot.core.ports import (
    DirectoryPage,
    Limits,
    ModelServer,
    Outcome,
    OutcomeUnknown,
    PermanentFailure,
    Profile,
    Request,
    Sent,
)
from bot.core.rate_limit import RateLimiter
from bot.core.router import Router
from bot.core.routes import FeatureRoutes
from bot.core.rules import Rules
from bot.core.turn_processor import Response
from bot.features.accounts import jobs as account_jobs
from bot.features.people.domain import directory
from bot.routes import FEATURES
from bot.samples import FixedPictures
from scheduler.delivery.at_once import Deliverer
from scheduler.delivery.batches import BatchDrainer
from scheduler.delivery.sender import Sender
from scheduler.publishing import Publisher
from storage.database import Database, Session
from storage.delivery import worker_leases
from storage.delivery.worker_leases import HeldLease
from storage.people import employees, workspaces
from storage.people.employees import Employee
from storage.publishing.accounts import AccountRequest
from storage.pulse.round_store import RoundStore
from storage.sharing import shares, social_channels
from storage.sharing.posts import Post, PostState

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # ten in Helsinki
WORKSPACE = "fake:T1"
# Nudges at once on any day, so that a test of something else need not wait for Tuesday.
EVERY_DAY = {"nudge_days": (0, 1, 2, 3, 4, 5, 6), "nudge_spread_minutes": 0.0, "no_nudge_share": 0.0}


class FakeEngine:
    """The Engine port: work waits here until the stage has it carried out; the same work is enqueued once."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._names: set[str] = set()
        self.waves: list[tuple[datetime, str, str, bool]] = []  # (due, wave, workspace, mass)
        self.looks: list[tuple[datetime, str]] = []

    def enqueue(self, session: Session, wave: str, workspace: str, *, delay: float, mass: bool, tag: str = "") -> None:
        if f"{wave}{tag}" not in self._names:
            self._names.add(f"{wave}{tag}")
            self.waves.append((self._now() + timedelta(seconds=delay), wave, workspace, mass))

    def look(self, session: Session, workspace: str, *, delay: float) -> None:
        self.looks.append((self._now() + timedelta(seconds=delay), workspace))


class FakePlatform:
    """Chat as the tests see it: every message, as it stands now. `outcomes` are given before sending."""

    name = "fake"
    limits = Limits()

    def __init__(self) -> None:
        self.messages: dict[str, Card] = {}
        self.sent: list[tuple[str, str]] = []  # (address, message), in order
        self.marks: dict[str, str] = {}
        self.updates = 0
        self.outcomes: deque[Outcome | Exception] = deque()  # of sending
        self.replacements: deque[Outcome] = deque()  # their outcomes
        self.profiles: dict[str, Profile] = {}
        self.page_size = 100
        self.knows_everybody = True
        self._numbers = count(1)

    async def send(self, address: str, card: Card, *, mark: str) -> Outcome:
        if self.outcomes:
            outcome = self.outcomes.popleft()
            if isinstance(outcome, Exception):
                raise outcome
            return outcome
        message = f"{address}:{next(self._numbers)}"
        self.marks[mark] = message
        self.messages[message] = card
        self.sent.append((address, message))
        return Sent(message)

    async def update(self, message: str, card: Card) -> Outcome:
        if self.replacements:
            return self.replacements.popleft()
        if message not in self.messages:
            return PermanentFailure("no such message")
        self.messages[message] = card
        self.updates += 1
        return Sent(message)

    async def find(self, address: str, mark: str) -> Outcome:
        return Sent(self.marks[mark]) if mark in self.marks else PermanentFailure("not there")

    async def profile(self, workspace: str, user: str) -> Profile | None:
        return self.profiles.get(user)

    async def directory(self, workspace: str, cursor: str | None) -> DirectoryPage:
        start = int(cursor or 0)
        everybody = list(self.profiles.values())
        end = start + self.page_size
        following = str(end) if end < len(everybody) else None
        return DirectoryPage(tuple(everybody[start:end]), following, whole=self.knows_everybody)

    async def close(self) -> None:
        pass


class FakeModel:
    """The ModelServer port: says what the test wrote into `written` (or what it makes of the request) and `vectors`."""

    def __init__(self) -> None:
        self.written: str | Callable[[Request], str | None] | None = None
        self.vectors: Callable[[str], Sequence[float]] | None = None
        self.asked: list[Request] = []

    async def write(self, request: Request) -> str | None:
        self.asked.append(request)
        return self.written(request) if callable(self.written) else self.written

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]] | None:
        return [self.vectors(text) for text in texts] if self.vectors else None


class FakeNetwork:
    """The Network port: `there` is what stands in it. `outcomes` are given before publishing, each with whether the
    post gets through all the same."""

    def __init__(self, name: str = "bluesky", *, refuses_repeats: bool = True, tells: bool = True) -> None:
        self.name = name
        self.refuses_repeats = refuses_repeats
        self.usual_host = ""
        self.tells = tells
        self.there: dict[str, OutgoingPost] = {}
        self.calls: list[str] = []
        self.outcomes: deque[tuple[PublishOutcome, bool]] = deque()
        self.removals: deque[PublishOutcome] = deque()
        self.ended: list[Credentials] = []
        self.renews: Callable[[Credentials], Credentials | None] = lambda _credentials: None
        self.told: dict[str, Reactions] = {}

    def begin(self, state: str, host: str) -> SignIn:
        return SignIn(f"https://{self.name}.example/authorize?state={state}", {"host": host})

    def finish(self, kept: Credentials, answer: Mapping[str, str]) -> NetworkAccount:
        if "code" not in answer:
            raise SignInFailed("no code")
        return account_of(answer["code"])

    def renewed(self, credentials: Credentials) -> Credentials | None:
        return self.renews(credentials)

    def publish(self, credentials: Credentials, post: OutgoingPost) -> PublishOutcome:
        self.calls.append("publish")
        outcome, gets_through = self.outcomes.popleft() if self.outcomes else (None, True)
        known = post.key in self.there
        if gets_through:
            self.there.setdefault(post.key, post)
        if outcome is not None and not (known and isinstance(outcome, Published)):
            return outcome
        return Published(post.key, f"https://{self.name}.example/{post.key}")

    def find(self, credentials: Credentials, post: OutgoingPost) -> PublishOutcome:
        self.calls.append("find")
        if not self.tells:
            return OutcomeUnknown("does not tell")
        found = Published(post.key, f"https://{self.name}.example/{post.key}")
        return found if post.key in self.there else NotThere()

    def delete(self, credentials: Credentials, post: str) -> PublishOutcome:
        self.calls.append("delete")
        if self.removals:
            return self.removals.popleft()
        self.there.pop(post, None)
        return NotThere()

    def end(self, credentials: Credentials) -> None:
        self.ended.append(credentials)

    def reactions(self, posts: Sequence[str]) -> Mapping[str, Reactions]:
        return {post: self.told[post] for post in posts if post in self.told}


def account_of(user: str, /, **more: Any) -> NetworkAccount:
    return NetworkAccount(
        **{
            "subject": f"did:{user}",
            "name": f"@{user}.example",
            "url": f"https://network.example/{user}",
            "host": "network.example",
            "credentials": {"token": f"secret-of-{user}"},
            **more,
        }
    )


class Stage:
    def __init__(
        self,
        database: Database,
        features: Sequence[FeatureRoutes] = FEATURES,
        networks: Mapping[str, Network] | None = None,
        **rules: Any,
    ) -> None:
        self.database = database
        self.now = MONDAY
        self.chat = FakePlatform()
        self._loop = asyncio.Runner()
        self._numbers = count(1)
        everything = {"organisation": "Koivu Energy", "base_url": "https://chorus.example", **EVERY_DAY, **rules}
        db_executor = DbExecutor(database)
        self.db_executor = db_executor
        self.engine = FakeEngine(lambda: self.now)
        self.ballots = RoundStore(database)
        self.held = HeldLease()
        self.dependencies = Dependencies(
            db_executor=db_executor,
            platforms={"fake": self.chat},
            engine=self.engine,
            router=Router(features),
            rules=Rules(**everything),
            pictures=FixedPictures(),
            ballots=self.ballots,
            networks=networks or {},
            now=lambda: self.now,
            random=Random(1),
        )
        sending = Sender(self.dependencies)
        self.deliverer = Deliverer(self.dependencies, sending, self.held)
        self.waves = BatchDrainer(self.dependencies, sending, self.held)
        self.publisher = Publisher(self.dependencies, picture=lambda _url, _alt: None)
        self.model = FakeModel()
        self.shell = self._application()
        with database.transaction() as session:
            workspaces.install(session, WORKSPACE, name="Koivu", now=self.now)
            for channel in social_channels.all_channels(session):
                channel.disclosure = False  # tests of other things write as they like
            self.held.current = worker_leases.take(
                session, "web+worker+clock-stage", token="stage", host="stage", pid=1
            )

    def _application(self, **more: Any) -> Application:
        given = {
            "outbox": self.deliverer,
            "model": self.model,
            "flood": RateLimiter(inf),
            "publish": self.publisher.publish,
            **more,
        }
        return Application(self.dependencies, **given)

    def use_model(self, model: ModelServer, **rules: Any) -> None:
        """From now on the application asks `model`."""
        self.dependencies = replace(self.dependencies, rules=replace(self.dependencies.rules, **rules))
        self.shell = self._application(model=model)

    def only_hears(self, *named: str) -> None:
        """From now on whoever speaks from another workspace is not heard."""
        self.shell = self._application(allowed=AllowedWorkspaces(named))

    def limits(self, burst: int) -> None:
        """From now on it hears `burst` events of a person and no more."""
        self.shell = self._application(flood=RateLimiter(burst, a_second=1e-9))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.run(self.shell.close())
        self.db_executor.close()
        self.ballots.close()
        self._loop.close()

    def run(self, work: Any) -> Any:
        return self._loop.run(work)

    # -- People and content

    def hires(self, user: str, *, roles: Sequence[str] = ("employee",), wants: bool | None = True, **more: Any) -> int:
        """A new employee, welcomed already; their id."""
        profile = Profile(
            user=user,
            name=user.title(),
            email=f"{user}@koivu.example",
            locale=more.pop("locale", "en"),
            time_zone=more.pop("time_zone", "Europe/Helsinki"),
            unit=more.pop("unit", None),
            address=f"{WORKSPACE}:{user}",
        )
        self.chat.profiles[user] = profile
        with self.database.transaction() as session:
            person = directory.upsert_identity(session, WORKSPACE, profile, now=self.now).employee
            person.roles, person.nudges_wanted, person.welcomed_at = list(roles), wants, self.now
            person.tour_step = employees.TOUR_STEPS
            return person.id

    def publishes(self, title: str = "Storm", **more: Any) -> int:
        """A live post; its id."""
        with self.database.transaction() as session:
            url = f"https://koivu.example/{title.lower().replace(' ', '-')}"
            post = Post(
                **{
                    "url": url,
                    "canonical_url": url,
                    "title": title,
                    "summary": f"About {title}.",
                    "source": "Koivu",
                    "language": "en",
                    "topic": "Operations",
                    "state": PostState.LIVE,
                    "created_at": self.now,
                    "decided_at": self.now,
                    "expires_at": self.now + timedelta(days=14),
                    **more,
                }
            )
            session.add(post)
            session.flush()
            return post.id

    def opens_a_round(self, **more: Any) -> None:
        """Laura, a comms lead, opens a round of the pulse at eight; who is asked can answer."""
        self.hires("laura", roles=["employee", "lead"], **more)
        self.now = self.now.replace(hour=8)
        self.types("laura", "pulse")
        self.presses("laura", "Open a round")
        self.presses("laura", "Yes, open it")
        self.ticks()

    def person(self, user: str) -> Employee:
        with self.database.transaction() as session:
            identity = employees.identity(session, WORKSPACE, user)
            assert identity is not None
            return identity.employee

    # -- What people do

    def shares(self, user: str, title: str = "Storm") -> str:
        """The person shares the post `title`; the code of the link."""
        self.types(user, "share")
        self.presses(user, "Pick this")
        form = self.presses(user, "Share…").form
        self.submits(user, form, channel="linkedin", text=f"I saw how {title} went. What would you do?")
        self.presses(user, "Yes, posted")
        with self.database.transaction() as session:
            return shares.shares_of(session, self.person(user).id)[0].code

    def types(self, user: str, words: str, **more: Any) -> Response:
        name, _, rest = words.partition(" ")
        return self.handle(Command(**{**self._common(user), **more}, name=name, text=rest))

    def says(self, user: str, words: str, **more: Any) -> Response:
        return self.handle(Message(**{**self._common(user), **more}, text=words))

    def presses(self, user: str, label: str, *, on: str | None = None, at_once: AtOnce | None = None) -> Response:
        """Press the button with that label, on the newest card that has it (or the card `on`)."""
        for message in reversed(self._messages(user)):
            for button in buttons(self.chat.messages[message]):
                if button.label == label and on in (None, message):
                    press = Pressed(**self._common(user), action=button.action, ref=button.ref, message=message)
                    return self.handle(press, at_once=at_once)
        raise AssertionError(f"{user} sees no button {label!r}: {self.sees(user)}")

    def pressed(self, user: str, action: str, ref: int, message: str | None = None, **more: Any) -> Response:
        return self.handle(Pressed(**{**self._common(user), **more}, action=action, ref=ref, message=message))

    def submits(self, user: str, form: Form | None, message: str | None = None, **values: str) -> Response:
        assert form is not None
        filled = _values(form) | values
        return self.handle(
            Submitted(**self._common(user), form=form.name, ref=form.ref, values=filled, message=message)
        )

    def changed(
        self, user: str, form: Form | None, name: str, value: str = "", message: str | None = None, **values: str
    ) -> Response:
        """Something in the open form: `value` chosen in `name`, or the field `name` written in."""
        assert form is not None
        filled = _values(form) | values
        return self.handle(
            Changed(
                **self._common(user),
                form=form.name,
                ref=form.ref,
                values=filled,
                message=message,
                changed=name,
                chosen=value,
            )
        )

    def changes(self, user: str, form: Form | None, name: str, value: str = "", **values: str) -> Form:
        """The form as it is drawn anew then."""
        answer = self.changed(user, form, name, value, **values)
        assert answer.form is not None, self.sees(user)
        return answer.form

    def connects(self, user: str, network: str, **more: Any) -> None:
        """The person has signed in at the network."""
        asked = AccountRequest(
            digest="", employee_id=self.person(user).id, network=network, host="", expires_at=self.now
        )
        self.run(self.shell.run_job(account_jobs.connected(asked, account_of(user, **more))))

    def leaves(self, user: str) -> None:
        self.handle(Left(**self._common(user)))

    def joins(self, user: str) -> None:
        self.handle(Joined(**self._common(user)))

    def handle(self, event: Event, **more: Any) -> Response:
        async def settled() -> Response:
            answer = await self.shell.handle(event, **more)
            if answer.sending is not None:
                await answer.sending
            return answer

        return self.run(settled())

    # -- What time does

    def ticks(self, minutes: float = 0) -> None:
        """The clock's jobs once, on a new day also the daily ones, and everything that is due sent."""
        today = self.now.date()
        self.now += timedelta(minutes=minutes)
        if self.now.date() != today:
            for work in self.dependencies.router.scheduled_jobs.values():
                self.run(self.shell.run_job(work))
        for work in self.dependencies.router.tick_jobs.values():
            self.run(self.shell.run_job(work))
        self.run(self.publisher.publish_due())
        self.sends()

    def sends(self) -> None:
        """Everything that is due, as the engine would have it carried out."""
        while due := [item for item in self.engine.waves if item[0] <= self.now]:
            for item in due:
                self.engine.waves.remove(item)
                self.run(self.waves.drain_batch(*item[1:]))
        self.run(self.waves.close())

    def looks(self) -> None:
        """What is in doubt, looked for."""
        for item in [item for item in self.engine.looks if item[0] <= self.now]:
            self.engine.looks.remove(item)
            self.run(self.waves.look(item[1]))

    # -- What people see

    def cards(self, user: str) -> list[Card]:
        return [self.chat.messages[message] for message in self._messages(user)]

    def sees(self, user: str) -> list[str]:
        """The cards of the person's conversation as plain text, the oldest first."""
        return [plain_text(card) for card in self.cards(user)]

    def _messages(self, user: str) -> list[str]:
        return [message for address, message in self.chat.sent if address == f"{WORKSPACE}:{user}"]

    def newest(self, user: str) -> str:
        return self._messages(user)[-1]

    def _common(self, user: str) -> dict[str, Any]:
        return {
            "workspace": WORKSPACE,
            "user": user,
            "address": f"{WORKSPACE}:{user}",
            "keys": (f"e{next(self._numbers)}",),
        }


def _values(form: Form) -> dict[str, str]:
    """What is in the form's fields, as it comes back."""
    return {
        field.name: ",".join(field.values)
        if isinstance(field, Choices)
        else field.value.isoformat()
        if isinstance(field.value, date)
        else field.value or ""
        for field in form.fields
    }


def buttons(card: Card) -> list[Button]:
    return [
        item
        for element in card.body
        if isinstance(element, Actions)
        for item in element.items
        if isinstance(item, Button)
    ]
