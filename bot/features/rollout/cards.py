"""The roll-out in chat: the units with their phase, the conditions of a pilot, what is asked before a unit moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core.cards import Bold, Button, Card, Element, Facts, Heading, actions, card, text
from bot.core.i18n import Words, capital
from bot.features.framework.cards import SHOWN, phase_name
from bot.features.rollout.domain import gates as gating
from bot.features.rollout.domain.gates import Gate
from storage.people.organisation import Phase, Unit


def rollout_card(units: Sequence[Unit], gates: Mapping[int, Sequence[Gate]], words: Words, *, notice: str = "") -> Card:
    """Units with their phase, and for those in pilot whether they are ready. `notice`: what was done just now."""
    title = words.t("Rollout")
    if not units:
        return card(title, Heading(title), text(words.t("There are no units yet.")))
    body: list[Element] = [
        Heading(title),
        *([text(Bold(notice))] if notice else []),
        text(
            words.t("Units that are waiting or paused get no nudges. New units wait while others are in pilot."),
            subtle=True,
        ),
    ]
    for unit in units[: 2 * SHOWN]:
        since = words.t("since {day}", day=words.day(unit.phase_since)) if unit.phase_since else ""
        planned = words.t("starts on {day}", day=words.date(unit.starts)) if unit.starts and not unit.is_in else ""
        notes = " · ".join(note for note in (phase_name(unit.phase, words), since, planned) if note)
        body.append(text(Bold(unit.name), f" · {notes}"))
        judged = gates.get(unit.id, ())
        if judged:
            body.append(Facts(tuple(gate_line(gate, words) for gate in judged)))
            body.append(actions(*_notes(unit, judged, words)))
        body.append(actions(*_steps(unit, words)))
    return card(title, *body)


def unit_buttons(unit: Unit, judged: Sequence[Gate], words: Words) -> list[Button]:
    """All that can be done with a unit; `judged`: its conditions, where it is in pilot."""
    return [*(_notes(unit, judged, words) if judged else ()), *_steps(unit, words)]


def _notes(unit: Unit, judged: Sequence[Gate], words: Words) -> list[Button]:
    """What only people know of a pilot, and the way on where all gates hold."""
    holds = {gate.kind: gate.holds for gate in judged}
    buttons = (
        Button(words.t("Roll out further…"), "unit.widen", unit.id, "primary") if all(holds.values()) else None,
        Button(words.t("Mark staff dialogue as held"), "unit.dialogue", unit.id)
        if not holds[gating.DIALOGUE]
        else None,
        Button(words.t("Report an incident…"), "unit.incident", unit.id) if holds[gating.INCIDENT] else None,
        Button(words.t("Mark incident as resolved"), "unit.resolved", unit.id) if not holds[gating.INCIDENT] else None,
    )
    return [button for button in buttons if button is not None]


def _steps(unit: Unit, words: Words) -> list[Button]:
    """The buttons for the phases that may follow."""
    begin = [(Phase.PILOT, words.t("Start pilot")), (Phase.LIVE, words.t("Go live"))]
    stop = [(Phase.PAUSED, words.t("Pause")), (Phase.WAITING, words.t("Move back to waiting"))]
    following = {
        Phase.WAITING: begin,
        Phase.PILOT: [(Phase.LIVE, words.t("Go live")), *stop],
        Phase.LIVE: stop,
        Phase.PAUSED: begin,
    }[unit.phase]
    return [Button(label, f"unit.{phase}", unit.id) for phase, label in following]


def gate_line(gate: Gate, words: Words) -> tuple[str, str]:
    """A condition: what it asks for, whether it is met, and the evidence."""
    asked = {
        gating.WORKSHOP: words.t("the workshop was held, and needs and expectations are written down"),
        gating.DIALOGUE: words.t("the staff dialogue was held"),
        gating.INCIDENT: words.t("no unresolved incidents"),
        gating.RESPONSE: words.t("at least 60% answer, three rounds in a row"),
        gating.OPT_OUT: words.t("fewer than 15% have turned nudges off"),
        gating.VOLUNTARY: words.t("over 70% say that taking part is “genuinely voluntary” (we’re 90% sure)"),
        gating.IN_TIME: words.t("80% of questions answered on time"),
        gating.ANSWERED: words.t("every round led to a published result and an action"),
    }[gate.kind]
    if gate.holds is None:
        early = words.t("Too early to tell")
        return asked, early + f" ({_part_of(gate, words)})" if gate.of else early
    sign = words.t("Met") if gate.holds else words.t("Not met")
    if gate.found is None:
        return asked, sign
    per_cent = words.t("{value}%", value=gate.found)
    if gate.kind == gating.VOLUNTARY and not gate.holds and gate.found > gating.FAVOURABLE * 100:
        return asked, words.t("About {value}%, not sure yet", value=gate.found)
    return asked, f"{sign} {per_cent if gate.of is None else _part_of(gate, words)}"


def _part_of(gate: Gate, words: Words) -> str:
    return words.t("{part} of {whole}", part=gate.found, whole=gate.of)


def _who_hears(people: int, words: Words) -> str:
    return words.n(
        "{count} person there will be asked whether they want nudges, and is part of the pulse.",
        "{count} people there will be asked whether they want nudges, and are part of the pulse.",
        people,
    )


def pilot_card(unit: Unit, people: int, in_pilot: Sequence[Unit], words: Words) -> Card:
    """Asks for confirmation: from then on the unit's people are spoken to. `in_pilot`: other units."""
    question = words.t("Start the pilot in {unit}?", unit=unit.name)
    others = ", ".join(other.name for other in in_pilot)
    return card(
        question,
        Heading(question),
        text(words.t("Still in pilot: {units}. One unit at a time shows best what works.", units=others))
        if others
        else None,
        text(_who_hears(people, words), " ", words.t("You can pause the unit at any time.")),
        actions(
            Button(words.t("Yes, start the pilot"), "unit.pilot_now", unit.id, "primary"),
            Button(words.t("Not yet"), "show.rollout"),
        ),
    )


def go_live_card(unit: Unit, people: int, unmet: Sequence[Gate], words: Words) -> Card:
    """Asks for confirmation: from then on the unit's people are spoken to. `unmet`: what a pilot should have shown."""
    question = words.t("Take {unit} live?", unit=unit.name)
    warning: list[Element] = []
    if unmet:
        warning = [
            text(Bold(words.t("Not everything is in place yet. You decide, but this is what’s missing:"))),
            Facts(tuple((capital(asked), found) for asked, found in (gate_line(gate, words) for gate in unmet))),
        ]
    return card(
        question,
        Heading(question),
        *warning,
        text(
            words.n(
                "For the {count} person there it goes on as in the pilot.",
                "For the {count} people there it goes on as in the pilot.",
                people,
            )
            if unit.phase == Phase.PILOT
            else _who_hears(people, words),
            " ",
            words.t("You can pause the unit at any time."),
        ),
        actions(
            Button(words.t("Yes, go live"), "unit.live_now", unit.id, "primary"),
            Button(words.t("Not yet"), "show.rollout"),
        ),
    )


def back_to_waiting_card(unit: Unit, words: Words) -> Card:
    """Asks for confirmation: the unit's people get nothing more until it is let in again."""
    question = words.t("Send {unit} back to waiting?", unit=unit.name)
    return card(
        question,
        Heading(question),
        text(
            words.t(
                "People there will get no more nudges, and the planned ones are dropped. You can let the unit in again."
            )
        ),
        actions(
            Button(words.t("Yes, back to waiting"), "unit.waiting_now", unit.id, "danger"),
            Button(words.t("Leave it in"), "show.rollout"),
        ),
    )


def moved_line(unit: Unit, words: Words) -> str:
    """What has just become of the unit."""
    return {
        Phase.PILOT: words.t("{unit} is in pilot from now on.", unit=unit.name),
        Phase.LIVE: words.t("{unit} is live from now on.", unit=unit.name),
        Phase.PAUSED: words.t("{unit} is paused. People there get no nudges.", unit=unit.name),
        Phase.WAITING: words.t("{unit} is waiting again.", unit=unit.name),
    }[unit.phase]
