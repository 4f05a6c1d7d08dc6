"""Whether a unit in pilot is ready to go on: each gate computed from what happened, with its evidence.

What only people know (that the staff dialogue was held, that something went wrong) is noted by a lead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.database import Session
from storage.framework import goal_metrics
from storage.framework.goal_metrics import WEEK, Span
from storage.people import employees
from storage.people.organisation import Unit
from storage.pulse import readings, rounds
from storage.pulse.readings import Level
from storage.pulse.rounds import Round
from storage.rollout import records
from storage.rollout.records import RecordKind
from storage.workshop import workshops

WORKSHOP, DIALOGUE, INCIDENT = "workshop", "dialogue", "incident"
RESPONSE, OPT_OUT, VOLUNTARY, IN_TIME, ANSWERED = "response", "opt_out", "voluntary", "in_time", "answered"
LEAST_RESPONSE = 60  # per cent, in each of the last three rounds
ROUNDS = 3
MOST_OPT_OUT = 0.15
AREA, GUARD = "learning_culture", "learning-2"  # "Taking part on social media is genuinely voluntary here."
FAVOURABLE, SURE = 0.70, 0.90  # P(favourable > .70) must be at least .90
LEAST_IN_TIME = 0.80
LOOKED_BACK = 8  # weeks of questions
FEWEST_QUESTIONS = 5  # under which their share tells nothing
FEWEST = 5  # people of a unit, up to which nothing is said about it


@dataclass(frozen=True, slots=True)
class Gate:
    """`holds`: None where it cannot be known yet. `found` and `of`: the evidence, per cent or a part and its whole."""

    kind: str
    holds: bool | None
    found: int | None = None
    of: int | None = None


def gates(session: Session, unit: Unit, now: datetime) -> tuple[Gate, ...]:
    """All must hold. Their thresholds are our judgement, told in the README."""
    over = [row for row in rounds.listed(session) if row.release is not None]  # the newest first
    return (
        Gate(WORKSHOP, any(row.closed_at is not None for row in workshops.of_unit(session, unit.id))),
        Gate(DIALOGUE, records.latest_record(session, unit.id, RecordKind.DIALOGUE) is not None),
        _response(unit, over),
        _opt_out(session, unit, FEWEST),
        _voluntary(unit, over),
        _in_time(session, unit, now),
        _answered(unit, over),
        _incident(session, unit),
    )


def _incident(session: Session, unit: Unit) -> Gate:
    """None that is not dealt with."""
    latest = records.latest_record(session, unit.id, RecordKind.INCIDENT, RecordKind.RESOLVED)
    return Gate(INCIDENT, latest is None or latest.kind == RecordKind.RESOLVED)


def _response(unit: Unit, over: list[Round]) -> Gate:
    """The lowest of the last three rounds, by the noisy counts of the unit."""
    read = [reading for row in over[:ROUNDS] if (reading := readings.of_round(row)) is not None]
    found = [reading.units_answered[unit.id] for reading in read if unit.id in reading.units_answered]
    if len(found) < ROUNDS:
        return Gate(RESPONSE, None)
    lowest = min(round(100 * answered / invited) for answered, invited in found)
    return Gate(RESPONSE, lowest >= LEAST_RESPONSE, lowest)


def _opt_out(session: Session, unit: Unit, k: int) -> Gate:
    """Of k people or fewer it is not shown: who sees it knows their own answer."""
    refused, asked = employees.opted_out(session, unit.id)
    if asked <= k:
        return Gate(OPT_OUT, None)
    return Gate(OPT_OUT, refused / asked < MOST_OPT_OUT, round(100 * refused / asked))


def _voluntary(unit: Unit, over: list[Round]) -> Gate:
    """The unit's level of the area in which it is asked, and the organisation's of the statement itself: both must very
    likely be above 70 %. Of a unit alone the statement is not released."""
    reading = next((read for row in over if (read := readings.of_round(row)) is not None), None)
    of_unit = reading.units.get(unit.id, {}).get(AREA) if reading else None
    of_all = reading.statements.get(GUARD) if reading else None
    if of_unit is None or of_all is None:
        return Gate(VOLUNTARY, None)
    lower: Level = min(of_unit, of_all, key=lambda level: level.probability_above(FAVOURABLE))
    return Gate(VOLUNTARY, lower.probability_above(FAVOURABLE) >= SURE, lower.value)


def _in_time(session: Session, unit: Unit, now: datetime) -> Gate:
    span = Span(now - LOOKED_BACK * WEEK, LOOKED_BACK, unit=unit.name)
    weeks = goal_metrics.questions_in_time(session, span)
    part, whole = int(sum(week[0] for week in weeks)), int(sum(week[1] for week in weeks))
    if whole < FEWEST_QUESTIONS:
        return Gate(IN_TIME, None, part, whole)
    return Gate(IN_TIME, part / whole >= LEAST_IN_TIME, part, whole)


def _answered(unit: Unit, over: list[Round]) -> Gate:
    """Rounds since the unit's phase began that a result and an action answered."""
    since = [row for row in over if unit.phase_since is None or row.opened_at >= unit.phase_since]
    part = sum(row.published_at is not None for row in since)
    return Gate(ANSWERED, part == len(since), part, len(since)) if since else Gate(ANSWERED, None)
