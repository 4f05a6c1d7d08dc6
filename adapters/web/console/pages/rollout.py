"""The rollout: which unit is where on its way in, and what the next step waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.web.console.pages.cards import said
from adapters.web.console.parts import Verdict
from adapters.web.console.query import Query
from bot.core.cards import Button, Card
from bot.core.context import Context
from bot.core.i18n import capital
from bot.features.framework.cards import phase_name
from bot.features.rollout.cards import gate_line, unit_buttons
from bot.features.rollout.domain import gates
from bot.features.rollout.domain.gates import Gate
from bot.features.workshop.handlers import workshop as handlers
from storage.people import employees, organisation
from storage.people.organisation import Phase, Unit
from storage.workshop import workshops


@dataclass(frozen=True, slots=True)
class Condition:
    asked: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class UnitCard:
    name: str
    phase: Verdict
    said: str
    conditions: Sequence[Condition]
    buttons: Sequence[Button]


@dataclass(frozen=True, slots=True)
class RolloutPage:
    said: str
    units: Sequence[UnitCard]
    workshop: Card
    outcomes: Sequence[Card]  # of the last one


def view(context: Context, _query: Query) -> RolloutPage:
    words = context.words
    units = organisation.units(context.session)
    order = {Phase.PILOT: 0, Phase.WAITING: 1, Phase.PAUSED: 2, Phase.LIVE: 3}
    live = sum(unit.phase == Phase.LIVE for unit in units)
    closed = [row for row in workshops.listed(context.session, 3) if row.closed_at is not None]
    outcomes = [handlers.outcome_of(context, row, context.person) for row in closed[:1]]
    return RolloutPage(
        said=words.t("{part} of {whole} units are live.", part=words.number(live), whole=words.number(len(units))),
        units=[_unit(context, unit) for unit in sorted(units, key=lambda one: (order[Phase(one.phase)], one.name))],
        workshop=said(context, "workshop"),
        outcomes=outcomes,
    )


def _unit(context: Context, unit: Unit) -> UnitCard:
    words = context.words
    judged = gates.gates(context.session, unit, context.now) if unit.phase == Phase.PILOT else ()
    kind, sign = {
        Phase.PILOT: ("blue", "rollout"),
        Phase.LIVE: ("good", "check"),
        Phase.PAUSED: ("warn", "same"),
    }.get(Phase(unit.phase), ("", "clock"))
    people = words.n("{count} person", "{count} people", employees.size_of(context.session, unit.id))
    notes = [people]
    if unit.phase_since:
        notes.append(words.t("since {day}", day=words.day(unit.phase_since)))
    if unit.starts and not unit.is_in:
        notes.append(words.t("starts on {day}", day=words.date(unit.starts)))
    return UnitCard(
        unit.name,
        Verdict(phase_name(unit.phase, words), kind, sign),
        ", ".join(notes),
        [_condition(context, gate) for gate in judged],
        unit_buttons(unit, judged, words),
    )


def _condition(context: Context, gate: Gate) -> Condition:
    asked, found = gate_line(gate, context.words)
    kind, sign = {True: ("good", "check"), False: ("warn", "warning"), None: ("", "clock")}[gate.holds]
    return Condition(capital(asked), Verdict(found, kind, sign))
