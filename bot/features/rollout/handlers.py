"""Widening: when all gates of a pilot hold, the leads get the evidence and the question; and what only people know, the
staff dialogue held and incidents, is noted with a tap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.cards import Bold, Button, Card, Facts, Form, Heading, TextField, actions, card, text
from bot.core.confidence_intervals import Interval, newcombe, wilson
from bot.core.context import ComposeRequest, Context, Effect, Job, OpenForm, Reply, words_of
from bot.core.errors import Gone
from bot.core.events import Pressed, Submitted
from bot.core.i18n import Words
from bot.features.framework.handlers import views
from bot.features.rollout import cards
from bot.features.rollout.domain import gates
from bot.features.rollout.domain.gates import FEWEST, Gate
from storage.database import Session
from storage.framework import goal_metrics
from storage.framework.goal_metrics import WEEK, Span
from storage.people import employees, organisation
from storage.people.organisation import Phase, Unit
from storage.rollout import records
from storage.rollout.records import RecordKind

LOOKED_BACK = 4  # weeks of sharing that are compared
MAX_NOTE = 500  # characters


@dataclass(frozen=True, slots=True)
class Comparison:
    """People who shared in four weeks, of all: in the pilot, and in the units that wait; the difference in points with
    its 95 % interval."""

    pilot: tuple[int, int]
    waiting: tuple[int, int]
    difference: Interval


def compose_gate(job: Job, asked: ComposeRequest) -> Card | None:
    """The question with its evidence; none where the pilot has ended meanwhile."""
    unit = organisation.unit_by_id(job.session, asked.subject)
    if unit is None or (unit.phase != Phase.PILOT and not asked.replacing):
        return None
    return _card(job, unit, words_of(asked.person, job.now))


def ask_to_widen(context: Context, event: Pressed) -> list[Effect]:
    """`unit.widen`: the question with its evidence, whenever a lead wants to see it."""
    return [Reply(_card(context, _unit(context, event.ref), context.words))]


def open_incident(context: Context, event: Pressed) -> list[Effect]:
    """`unit.incident`: the form."""
    return [OpenForm(incident_form(_unit(context, event.ref), context.words))]


def note_dialogue(context: Context, event: Pressed) -> list[Effect]:
    """`unit.dialogue`: the staff dialogue was held."""
    return _noted(context, event, RecordKind.DIALOGUE)


def note_resolved(context: Context, event: Pressed) -> list[Effect]:
    """`unit.resolved`: the incident was dealt with."""
    return _noted(context, event, RecordKind.RESOLVED)


def _noted(context: Context, event: Pressed, kind: RecordKind) -> list[Effect]:
    unit = _unit(context, event.ref)
    records.record(context.session, unit.id, kind, note="", by=context.person.id, now=context.now)
    return views.show_rollout(context, event)


def submit_incident(context: Context, event: Submitted) -> list[Effect]:
    """`incident`: what happened; the gate is shut until it is dealt with."""
    unit, said = _unit(context, event.ref), event.values.get("text", "").strip()[:MAX_NOTE]
    if not said:
        error = ("text", context.words.t("Write a few words first."))
        return [OpenForm(incident_form(unit, context.words, (error,)))]
    records.record(context.session, unit.id, RecordKind.INCIDENT, note=said, by=context.person.id, now=context.now)
    return [Reply(views.rollout(context))]


def cancel_incident(context: Context, _event: Pressed) -> list[Effect]:
    """`cancel.incident`, where the form replaced the card: show the roll-out's card again."""
    return [Reply(views.rollout(context))]


def comparison(session: Session, unit: Unit, now: datetime) -> Comparison | None:
    """With the units that wait: staggered starts make them the comparison. None while either side is too small."""
    waiting = [other for other in organisation.units(session) if other.phase == Phase.WAITING]
    here, there = _sharers(session, [unit], now), _sharers(session, waiting, now)
    if here[1] < FEWEST or there[1] < FEWEST:
        return None
    difference = newcombe(here[0] / here[1], wilson(*here), there[0] / there[1], wilson(*there))
    return Comparison(here, there, difference)


def widen_card(
    unit: Unit, judged: Sequence[Gate], compared: Comparison | None, following: Sequence[Unit], words: Words
) -> Card:
    """`following`: the units that wait, the next one first."""
    name = following[0].name if following else ""
    title = words.t("Roll out to {unit} next?", unit=name) if name else words.t("Is {unit} ready?", unit=unit.name)
    held = all(gate.holds for gate in judged)
    intro = (
        words.t("{unit} meets all conditions. Here’s the evidence; the decision is yours.", unit=unit.name)
        if held
        else words.t("{unit} doesn’t meet all conditions yet. Here’s where it stands.", unit=unit.name)
    )
    return card(
        title,
        Heading(title),
        text(intro),
        Facts(tuple(cards.gate_line(gate, words) for gate in judged)),
        text(Bold(words.t("Compared with the waiting units: ")), comparison_line(compared, words)),
        actions(
            *(
                Button(words.t("Start pilot in {unit}", unit=other.name), "unit.pilot", other.id)
                for other in following[:3]
            ),
            Button(words.t("Take {unit} live", unit=unit.name), "unit.live", unit.id),
            Button(words.t("Rollout"), "show.rollout"),
        ),
    )


def comparison_line(compared: Comparison | None, words: Words) -> str:
    if compared is None:
        return words.t("there are too few people to compare.")
    return words.t(
        "In four weeks, {part} of {whole} people here shared, against {other} of {others} in the "
        "waiting units. The real difference is very likely {low} to {high} percentage points (95% "
        "sure).",
        part=compared.pilot[0],
        whole=compared.pilot[1],
        other=compared.waiting[0],
        others=compared.waiting[1],
        low=words.number(round(100 * compared.difference.low)),
        high=words.number(round(100 * compared.difference.high)),
    )


def incident_form(unit: Unit, words: Words, errors: tuple[tuple[str, str], ...] = ()) -> Form:
    field = TextField(
        "text", words.t("What happened? Leave out names."), multiline=True, required=True, max_length=MAX_NOTE
    )
    return Form(
        "incident",
        unit.id,
        words.t("Incident"),
        (field,),
        words.t("Save"),
        words.t("Cancel"),
        intro=(text(Bold(unit.name)),),
        errors=errors,
    )


def _card(context: Context | Job, unit: Unit, words: Words) -> Card:
    judged = gates.gates(context.session, unit, context.now)
    waiting = [other for other in organisation.units(context.session) if other.phase == Phase.WAITING]
    following = sorted(waiting, key=lambda other: (other.starts is None, other.starts, other.name))
    return widen_card(unit, judged, comparison(context.session, unit, context.now), following, words)


def _sharers(session: Session, units: Sequence[Unit], now: datetime) -> tuple[int, int]:
    """(people of the units who shared in the last weeks, their people)."""
    span = Span(now - LOOKED_BACK * WEEK, LOOKED_BACK)
    found = [goal_metrics.people_sharing(session, span, unit.id) for unit in units]
    return sum(found), sum(employees.size_of(session, unit.id) for unit in units)


def _unit(context: Context, unit_id: int) -> Unit:
    unit = organisation.unit_by_id(context.session, unit_id)
    if unit is None:
        raise Gone("That unit is gone. Type /chorus {command} to see all units.", command="rollout")
    return unit
