"""The model as a file: a fixed point, and every mistake named at its place."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.features.framework.domain import file, repository, rules
from bot.features.framework.domain.file import BadFile
from bot.features.framework.domain.metrics import PERCENT
from bot.features.framework.domain.model import EMPTY, METRICS, SECTIONS, Framework, schema
from content.channels import KINDS
from storage.database import Database
from storage.questions import learning, topics

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
TODAY = NOW.date()

IDS = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,12}", fullmatch=True)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20).map(
    lambda text: text.strip() or "x"
)
EMAILS = st.sampled_from([f"{name}@koivu.example" for name in ("anna", "ben", "carl", "dora")])

LISTENED = [
    ("webhook", ""),
    ("feed", "https://news.example/feed.xml"),
    ("mastodon", "#heatpumps@social.example"),
    ("mastodon", "@koivu@social.example"),
    ("bluesky", "#heatpumps"),
    ("bluesky", "koivu.example"),
]


@st.composite
def models(draw: st.DrawFn) -> Framework:
    """A model that keeps the rules."""
    names = draw(st.lists(WORDS, max_size=4, unique=True))
    units = [
        {
            "name": name,
            "part_of": draw(st.sampled_from([None, *names[:place]])),
            "phase": draw(st.sampled_from(["waiting", "pilot", "live", "paused"])),
            "starts": draw(st.none() | st.dates(date(2027, 1, 1), date(2028, 1, 1))),
        }
        for place, name in enumerate(names)
    ]
    channels = []
    for id_ in draw(st.lists(IDS | st.sampled_from(sorted(KINDS)), max_size=4, unique=True)):
        owner, deputy = draw(EMAILS), draw(st.none() | EMAILS)
        channels.append(
            {
                "id": id_,
                "name": draw(WORDS),
                "state": draw(st.sampled_from(["proposed", "active", "retired"])),
                "owner": owner,
                "deputy": None if deputy == owner else deputy,
                "disclosure": draw(st.booleans()),
                "max_length": draw(st.none() | st.integers(20, 9000)),
                "blocked": draw(st.lists(WORDS, max_size=2, unique=True)),
                "tone": draw(st.just("") | WORDS),
                "share_page": draw(st.sampled_from([None, "https://example.org/s?t={text}"])),
            }
        )
    ids = [channel["id"] for channel in channels]
    goals = [
        {
            "id": id_,
            "name": draw(WORDS),
            "metric": metric,
            "factor": "ownership" if metric == "pulse" else None,
            "baseline": draw(st.floats(0, 10)),
            "target": draw(st.floats(11, 100 if metric in PERCENT else 1e6)),
            "unit": draw(st.sampled_from([None, *names])),
            "channel": draw(st.sampled_from([None, *ids])),
            "starts": draw(st.dates(date(2026, 1, 1), date(2026, 12, 1))),
            "due": date(2027, 6, 1),
            "owner": draw(st.none() | EMAILS),
        }
        for id_ in draw(st.lists(IDS, max_size=3, unique=True))
        for metric in [draw(st.sampled_from(METRICS))]
    ]
    audiences = [
        {
            "id": id_,
            "name": draw(WORDS),
            "channels": [{"channel": one, "evidence": draw(WORDS)} for one in draw(st.permutations(ids))],
        }
        for id_ in draw(st.lists(IDS, max_size=2, unique=True))
    ]
    activities = [
        {
            "id": id_,
            "name": draw(WORDS),
            "time_zone": draw(st.sampled_from(["UTC", "Europe/Helsinki"])),
            "starts": draw(st.datetimes(NOW.replace(tzinfo=None), NOW.replace(tzinfo=None, year=2027))).replace(
                second=0
            ),
            "repeats": draw(st.sampled_from([None, "FREQ=WEEKLY;BYDAY=TU", "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=5"])),
            "goal": draw(st.sampled_from([None, *(goal["id"] for goal in goals)])),
            "minutes": draw(st.integers(1, 600)),
        }
        for id_ in draw(st.lists(IDS, max_size=3, unique=True))
    ]
    sources = [
        {
            "id": id_,
            "name": draw(WORDS),
            "kind": kind,
            "address": address,
            "channel": draw(st.sampled_from([None, *ids])),
            "audience": draw(st.sampled_from([None, *(audience["id"] for audience in audiences)])),
            "state": draw(st.sampled_from(["active", "paused"])),
        }
        for id_ in draw(st.lists(IDS, max_size=3, unique=True))
        for kind, address in [draw(st.sampled_from(LISTENED))]
    ]
    return Framework.model_validate(
        {
            "version": 1,
            "units": units,
            "channels": channels,
            "audiences": audiences,
            "goals": goals,
            "activities": activities,
            "sources": sources,
        }
    )


def apply(database: Database, model: Framework, **more: Any) -> list[repository.Difference]:
    with database.transaction() as session:
        return repository.apply(session, model, **{"seen": None, "by": None, "why": "", "now": NOW, **more})


def standing(database: Database) -> Framework:
    with database.transaction() as session:
        return repository.current_framework(session)


@given(model=models())
@settings(max_examples=25, deadline=None)
def test_what_is_written_is_read_as_the_same(model: Framework) -> None:
    assert file.read(file.write(model).encode()).model == model
    assert rules.problems(model, EMPTY, TODAY) == ([], [])


class TestInTheDatabase:
    @given(first=models(), second=models())
    @settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_applied_it_stands_there_and_applied_again_changes_nothing(
        self, first: Framework, second: Framework, sqlite: Database
    ) -> None:
        for model in (first, second):
            known = standing(sqlite).section("units")
            apply(sqlite, model)
            now = standing(sqlite)
            for section in SECTIONS[1:]:
                assert now.section(section) == model.section(section)
            assert now.section("units") == {**known, **model.section("units")}
            assert [channel.id for channel in now.channels] == [channel.id for channel in model.channels]
            exported = file.read(file.write(now).encode()).model
            assert apply(sqlite, exported) == []

    def test_spaces_that_nobody_sees_do_not_make_another_unit(self, sqlite: Database) -> None:
        plain, spaced = (GOOD.replace(b"Sales", name) for name in (b"Field service", b"Field\xc2\xa0  service"))
        assert apply(sqlite, file.read(spaced).model) != []
        assert apply(sqlite, file.read(plain).model) == []

    def test_what_stands_as_installed_can_be_exported_and_applied(self, sqlite: Database) -> None:
        now = standing(sqlite)
        assert [channel.id for channel in now.channels][:2] == ["linkedin", "x"]
        wrong, remarks = rules.problems(file.read(file.write(now).encode()).model, now, TODAY)
        assert wrong == []
        assert len(remarks) == len(now.channels)  # nobody owns them yet: said, not refused
        assert apply(sqlite, now) == []

    def test_a_fault_half_way_leaves_nothing(self, sqlite: Database) -> None:
        before = standing(sqlite)
        model = file.read(GOOD).model
        with pytest.raises(KeyError), sqlite.transaction() as session:
            repository.apply(session, model, seen=None, by=None, why="", now=NOW)
            raise KeyError
        assert standing(sqlite) == before

    def test_two_who_edit_at_once(self, sqlite: Database) -> None:
        seen = repository.fingerprint(standing(sqlite))
        apply(sqlite, file.read(GOOD).model, seen=seen)
        with pytest.raises(repository.ChangedMeanwhile):
            apply(sqlite, EMPTY, seen=seen)

    def test_what_is_in_use_is_not_taken_out(self, sqlite: Database) -> None:
        with sqlite.transaction() as session:
            topics.seed_defaults(session, {})
            learning.learn(session, "May I post on X?", "x", "seed", now=NOW)
        with pytest.raises(repository.InUse, match="state: retired"):
            apply(sqlite, EMPTY)


GOOD = b"""\
version: 1
units:
  - name: Sales
channels:
  - id: linkedin
    owner: anna@koivu.example
    deputy: ben@koivu.example
goals:
  - id: talent
    name: More who share
    metric: active_sharers
    target: 12
    starts: 2026-11-01
    due: 2027-03-01
"""


@pytest.mark.parametrize(
    ("wrong", "line", "words"),
    [
        (b"version: 1\nunits: [", 2, "no YAML"),
        (b"version: 1\n\tunits: 1", 2, "no YAML"),
        (b"", 1, "'version' is missing"),
        (b"- 1", 1, "the file"),
        (b"version: 2", 1, "none of those there are"),
        (GOOD.replace(b"metric", b"metrik"), 9, "'metric' is missing"),
        (GOOD.replace(b"metric", b"metrik"), 11, "one of id, name, kind, metric"),
        (GOOD.replace(b"target: 12", b"target: many"), 12, "a number, as 12"),
        (GOOD.replace(b"target: 12", b"target: .nan"), 12, "finite"),
        (GOOD.replace(b"anna@koivu.example", b"anna"), 6, "name@your.org"),
        (GOOD.replace(b"id: talent", b"id: Talent!"), 9, "small letters"),
        (GOOD.replace(b"id: talent", b"id: talent\n    id: other"), 10, "is there twice"),
        (GOOD.replace(b"Sales", b"&a Sales"), 3, "anchors and aliases (&a)"),
        (b"version: 1\nunits: " + b"[" * 5000 + b"]" * 5000, 2, "nested too deeply"),
        (GOOD + b"# " + b"x" * 1_100_000, 1, "less than a megabyte"),
        (b"version: 1\nunits: \xff", 1, "no UTF-8"),
        (GOOD.replace(b"Sales", b"!!python/object:os.system x"), 3, "not what its tag says"),
        (b"version: 1\n? [a, b]\n: 1", 2, "a single word"),
    ],
)
def test_what_cannot_be_read_says_where_and_what_instead(wrong: bytes, line: int, words: str) -> None:
    with pytest.raises(BadFile) as caught:
        file.read(wrong)
    assert any(mistake.line == line and words in str(mistake) for mistake in caught.value.mistakes), str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        (b"    owner: anna@koivu.example\n", b"", 5, "nobody owns it"),
        (b"ben@", b"anna@", 7, "cannot stand in for themselves"),
        (b"due: 2027-03-01", b"due: 2026-03-01", 14, "is not after"),
        (b"2026-11-01\n    due: 2027-03-01", b"2026-10-01\n    due: 2026-11-01", 14, "is over"),
        (b"target: 12", b"target: 12\n    baseline: 20", 12, "above the baseline"),
        (b"active_sharers", b"pulse", 11, "a factor goes with"),
        (b"id: linkedin", b"id: intranet", 5, "without a name"),
        (b"  - name: Sales", b"  - name: Sales\n  - name: Sales", 4, "is there twice"),
        (b"name: Sales", b"name: Sales\n    part_of: Sales", 4, "part of itself"),
        (b"name: Sales", b"name: Sales\n    part_of: Europe", 4, "one of Sales"),
        (b"target: 12", b"target: 12\n    unit: Ghosts", 13, "there is no unit 'Ghosts'"),
        (b"deputy: ben@koivu.example", b"share_page: https://x.example/{text.__class__}", 7, "is filled in here"),
        (b"deputy: ben@koivu.example", b"share_page: https://x.example/{link}{what}", 7, "can stand in braces"),
        (b"deputy: ben@koivu.example", b"share_page: 'javascript:{text}'", 7, "no web address"),
        (b"units:", b"sources:\n  - {id: a, name: A, kind: webhook, channel: ghost}\nunits:", 3, "no channel 'ghost'"),
        (
            b"units:",
            b"sources:\n  - {id: a, name: A, kind: feed, address: nowhere}\nunits:",
            3,
            "cannot be listened to",
        ),
    ],
)
def test_what_breaks_a_rule_says_where_and_what_instead(old: bytes, new: bytes, line: int, words: str) -> None:
    read = file.read(GOOD.replace(old, new))
    wrong, _remarks = rules.problems(read.model, EMPTY, TODAY)
    found = read.mistakes(wrong)
    assert any(mistake.line == line and words in str(mistake) for mistake in found), [str(item) for item in found]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "every day",
        "FREQ=DAILY;X=1",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=DAILY;COUNT=1;COUNT=2",
        "FREQ=DAILY\nRRULE:FREQ=DAILY",
    ],
)
def test_a_rule_that_cannot_be_kept(rule: str) -> None:
    model = Framework.model_validate(
        {"version": 1, "activities": [{"id": "a", "name": "A", "starts": "2026-11-24T09:00", "repeats": rule}]}
    )
    wrong, _remarks = rules.problems(model, EMPTY, TODAY)
    assert [problem.place for problem in wrong] == [("activities", 0, "repeats")]


def test_the_schema_knows_what_the_reader_knows() -> None:
    import jsonschema

    validator = jsonschema.Draft202012Validator(schema())
    validator.validate(file.read(GOOD).model.model_dump(mode="json"))
    assert not validator.is_valid({"version": 1, "goal": []})
