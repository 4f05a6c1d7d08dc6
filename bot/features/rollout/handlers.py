"""Widening: when all gates of a pilot hold, the leads get the evidence and the question; and what only people know, the
staff dialogue held and incidents, is noted with a tap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.cards import Bold, Button, Card, Facts, Form, Heading, TextField, actions, card, text
from bot.core.confidence_intervals import Interval, newcombe, wilson
from bot.core.context import ComposeRequest, Context, Effect, Job, OpenForm, Post, Reply, words_of
from bot.core.errors import Gone
from bot.core.events import Pressed, Submitted
from bot.core.i18n import Words
from bot.features.framework import cards
from bot.features.framework.handlers import views
from bot.features.rollout.domain import gates
from bot.features.rollout.domain.gates import FEWEST, Gate
from storage.database import Session
from storage.framework import goal_metrics
from storage.framework.goal_metrics import WEEK, Span
from storage.people import employees
from storage.people.employees import PILOT, WAITING, Unit
from storage.rollout import records

LOOKED_BACK = 4  # weeks of sharing that are compared
ASK_AGAIN = timedelta(days=28)  # after which the leads are asked once more
MAX_NOTE = 500  # characters
DIALOGUE, INCIDENT, RESOLVED, PROPOSED = "dialogue", "incident", "resolved", "widened"


@dataclass(frozen=True, slots=True)
class Comparison:
    """People who shared in four weeks, of all: in the pilot, and in the units that wait; the difference in points with
    its 95 % interval."""

    pilot: tuple[int, int]
    waiting: tuple[int, int]
    difference: Interval


def propose(job: Job) -> list[Effect]:
    """Once a day: pilots that are ready, and of which the leads have not been asked lately."""
    effects: list[Effect] = []
    for unit in employees.units(job.session):
        if unit.phase != PILOT or not all(gate.holds for gate in gates.gates(job.session, unit, job.now)):
            continue
        asked = records.latest_record(job.session, unit.id, PROPOSED)
        if asked is not None and job.now - asked.at < ASK_AGAIN:
            continue
        records.record(job.session, unit.id, PROPOSED, note="", by=None, now=job.now)
        effects += [
            Post(lead, f"widen:{unit.id}:{lead.id}:{job.now:%Y-%m-%d}", kind="widen", subject=unit.id)
            for lead in employees.with_role(job.session, "lead")
        ]
    return effects


def compose(job: Job, asked: ComposeRequest) -> Card | None:
    """The question with its evidence; none where the pilot has ended meanwhile."""
    unit = employees.unit_by_id(job.session, asked.subject)
    if unit is None or (unit.phase != PILOT and not asked.replacing):
        return None
    return _card(job, unit, words_of(asked.person))


def press(context: Context, event: Pressed) -> list[Effect]:
    """`unit.dialogue`, `unit.incident`, `unit.resolved`, `unit.widen` on a unit."""
    unit = _unit(context, event.ref)
    match event.action.removeprefix("unit."):
        case "incident":
            return [OpenForm(incident_form(unit, context.words))]
        case "widen":
            return [Reply(_card(context, unit, context.words))]
        case "resolved":
            records.record(context.session, unit.id, RESOLVED, note="", by=context.person.id, now=context.now)
        case _:
            records.record(context.session, unit.id, DIALOGUE, note="", by=context.person.id, now=context.now)
    return views.show_rollout(context, event)


def submit_incident(context: Context, event: Submitted) -> list[Effect]:
    """`incident`: what happened; the gate is shut until it is dealt with."""
    unit, said = _unit(context, event.ref), event.values.get("text", "").strip()[:MAX_NOTE]
    if not said:
        error = ("text", context.words.t("Please write a few words."))
        return [OpenForm(incident_form(unit, context.words, (error,)))]
    records.record(context.session, unit.id, INCIDENT, note=said, by=context.person.id, now=context.now)
    return [Reply(views.rollout(context))]


def cancel(context: Context, _event: Pressed) -> list[Effect]:
    """`cancel.incident`, where the form stands in the card's place: the roll-out's card again."""
    return [Reply(views.rollout(context))]


def comparison(session: Session, unit: Unit, now: datetime) -> Comparison | None:
    """With the units that wait: staggered starts make them the comparison. None while either side is too small."""
    waiting = [other for other in employees.units(session) if other.phase == WAITING]
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
    title = words.t("Widen to {unit}?", unit=name) if name else words.t("Ready to widen: {unit}", unit=unit.name)
    held = all(gate.holds for gate in judged)
    intro = (
        words.t("All gates of {unit} hold. Here is the evidence; the decision is yours.", unit=unit.name)
        if held
        else words.t("Not all gates of {unit} hold yet. Here is how they stand.", unit=unit.name)
    )
    return card(
        title,
        Heading(title),
        text(intro),
        Facts(tuple(cards.gate_line(gate, words) for gate in judged)),
        text(Bold(words.t("Compared with those who wait: ")), comparison_line(compared, words)),
        actions(
            *(
                Button(words.t("Start {unit} as pilot", unit=other.name), "unit.pilot", other.id)
                for other in following[:3]
            ),
            Button(words.t("{unit} is no pilot any more: live", unit=unit.name), "unit.live", unit.id),
            Button(words.t("Roll-out"), "show.rollout"),
        ),
    )


def comparison_line(compared: Comparison | None, words: Words) -> str:
    if compared is None:
        return words.t("too few people on one of the two sides to compare.")
    return words.t(
        "{part} of {whole} people shared in four weeks, beside {other} of {others} in the units that wait; the "
        "difference is between {low} and {high} points (95 %).",
        part=compared.pilot[0],
        whole=compared.pilot[1],
        other=compared.waiting[0],
        others=compared.waiting[1],
        low=words.number(round(100 * compared.difference.low)),
        high=words.number(round(100 * compared.difference.high)),
    )


def incident_form(unit: Unit, words: Words, errors: tuple[tuple[str, str], ...] = ()) -> Form:
    field = TextField(
        "text", words.t("What happened? No names, please."), multiline=True, required=True, max_length=MAX_NOTE
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
    waiting = [other for other in employees.units(context.session) if other.phase == WAITING]
    following = sorted(waiting, key=lambda other: (other.starts is None, other.starts, other.name))
    return widen_card(unit, judged, comparison(context.session, unit, context.now), following, words)


def _sharers(session: Session, units: Sequence[Unit], now: datetime) -> tuple[int, int]:
    """(people of the units who shared in the last weeks, their people)."""
    span = Span(now - LOOKED_BACK * WEEK, LOOKED_BACK)
    found = [goal_metrics.people_sharing(session, span, unit.id) for unit in units]
    return sum(found), sum(employees.size_of(session, unit.id) for unit in units)


def _unit(context: Context, unit_id: int) -> Unit:
    unit = employees.unit_by_id(context.session, unit_id)
    if unit is None:
        raise Gone("That unit is no longer there. Type /chorus {command} to see them.", command="rollout")
    return unit
