"""What the commands share: the parts of a process, ready to use, or the bare database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from adapters import logs
from adapters.cli.terminal import fail
from adapters.settings import Settings, load_settings
from storage import demo
from storage.database import Database, Session
from storage.people import employees, organisation
from storage.people.employees import Employee
from storage.people.organisation import Unit

if TYPE_CHECKING:
    from adapters.app import Chorus
    from adapters.clock import ClockProcess

LONGEST_NUMBER = 9  # digits of a person's
LOCK_LIMIT = 10.0  # seconds that somebody at the terminal waits for another's lock


def built(settings: Settings, base_url: str = "") -> Chorus:
    from adapters.app import build  # takes seconds: only for those who need it

    logs.only_warnings()  # whoever stays configures more
    _refuse_unless_there(settings)
    chorus = build(settings, base_url=settings.base_url.rstrip("/") or base_url or "http://127.0.0.1:8000")
    _refuse_unless_fit(chorus.database, settings)
    return chorus


def built_clock(settings: Settings) -> ClockProcess:
    from adapters.clock import build

    _refuse_unless_there(settings)
    process = build(settings)
    _refuse_unless_up_to_date(process.database)
    if settings.playground:
        _refuse_unless_demo(process.database)
    return process  # it opens nothing that is sealed: whether the keys are the right ones is for those who do


def person_of(session: Session, who: str) -> Employee:
    """The person with that address, or number; says so where there is none."""
    said = who.strip().lower()
    is_number = said.isdecimal() and said.isascii() and len(said) <= LONGEST_NUMBER
    person = employees.employee(session, int(said)) if is_number else employees.by_email(session, said)
    if person is None or person.is_erased:
        fail(f"Nobody with the {'number' if is_number else 'address'} {who} is known: see `chorus people list`.")
    return person


def unit_of(session: Session, name: str) -> Unit:
    """The unit of that name; says so where there is none: a typo makes no unit."""
    found = organisation.named(session, name)
    if found is None:
        fail(f"There is no unit {name!r}: see `chorus units list`, or add it by `chorus units add`.")
    return found


def texts_by_language(options: list[str] | None, example: str) -> dict[str, str]:
    """ "en=…" and "fi=…" by language; says what to write instead, as in `example`."""
    found = {}
    for option in options or []:
        language, _, text = option.partition("=")
        if len(language) != 2 or not text.strip():
            fail(f"Write the language first, as in {example!r}, not {option!r}.")
        found[language] = text.strip()
    return found


def opened_database() -> Database:
    logs.only_warnings()
    settings = load_settings()
    if settings.keys_setting:
        settings.hold_keys()
    _refuse_unless_there(settings)
    database = Database(settings.database_url, lock_limit=LOCK_LIMIT)
    _refuse_unless_up_to_date(database)
    if settings.keys_setting:
        _check_keys(database)
    return database


@contextmanager
def changing(database: Database) -> Iterator[Session]:
    """A transaction of somebody at the terminal, whose changes are in the audit log."""
    from storage.audit import watch  # two dozen tables: only for those who change something
    from storage.audit.entries import TERMINAL

    with database.transaction() as session, watch.acting(session, None, TERMINAL):
        yield session


def refuse_while_anybody_runs(database: Database) -> None:
    """They work with what is there now: tables, and messages that wait."""
    from storage.delivery import worker_leases

    with database.transaction() as session:
        running = ", ".join(f"{role} {number}" for role, number in worker_leases.living(session).items())
    if running:
        fail(
            f"Chorus runs ({running}). Stop all processes, and try again: one that was killed counts as running for "
            "fifteen seconds."
        )


def _refuse_unless_there(settings: Settings) -> None:
    """Who mistypes the address makes no file."""
    if not Database.is_there(settings.database_url):
        fail("There is no such database: run `chorus db upgrade`, or name the right one in CHORUS_DATABASE_URL.")


def _refuse_unless_fit(database: Database, settings: Settings) -> None:
    _refuse_unless_up_to_date(database)
    _check_keys(database)
    if settings.playground:
        _refuse_unless_demo(database)


def _check_keys(database: Database) -> None:
    """Raises KeyRingError where they are not those of this database: it would seem empty, and be sealed by two."""
    from storage.audit import entries

    with database.transaction() as session:
        entries.check_key(session)


def _refuse_unless_demo(database: Database) -> None:
    with database.transaction() as session:
        if not demo.is_marked(session):
            fail(
                "CHORUS_PLAYGROUND=1 lets clients in without a token, and this database may hold real people. Name "
                "a new one in CHORUS_DATABASE_URL and run `chorus db upgrade` with CHORUS_PLAYGROUND=1."
            )


def _refuse_unless_up_to_date(database: Database) -> None:
    if database.pending_migrations():
        fail("The database is not up to date: run `chorus db upgrade`.")
