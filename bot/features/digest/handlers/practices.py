"""Practices: what worked is kept with one tap, with its evidence and who to ask, for units that join later."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import TypeAdapter

from bot.core.cards import Bold, Button, Card, Element, Heading, actions, card, text
from bot.core.context import Context, Effect, Reply
from bot.core.errors import Gone
from bot.core.events import Command, Pressed
from bot.core.i18n import Words
from bot.features.digest.domain import facts as facting
from bot.features.digest.domain import summary
from bot.features.digest.domain.facts import ComparisonVerdict, Finding
from storage.database import Session
from storage.digest import digests, practices
from storage.digest.practices import Practice
from storage.people import organisation
from storage.people.employees import Employee

OFFERED_FOR = timedelta(weeks=8)  # after a unit joined: one practice a week, the newest first
_FINDING = TypeAdapter(Finding)


def show_practices(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`practices`."""
    return [
        Reply(practices_card(practices.live(context.session), context.words, is_lead=context.person.has_role("lead")))
    ]


def keep_practice(context: Context, event: Pressed) -> list[Effect]:
    """`practice.keep_*` on a digest: what was found better is kept; the lead who keeps it is who to ask."""
    kind = event.argument
    row = digests.digest(context.session, event.ref)
    facts = facting.from_json(row.facts) if row is not None else None
    findings = facts.findings if facts is not None else ()
    found = next((item for item in findings if item.kind == kind and item.verdict == ComparisonVerdict.BETTER), None)
    if facts is None or found is None:
        raise Gone("That digest is gone. Type /chorus {command} for the newest one.", command="digest")
    if practices.of_week(context.session, facts.week, kind) is None:
        context.session.add(
            Practice(
                week=facts.week,
                kind=kind,
                finding=_FINDING.dump_python(found, mode="json"),
                kept_at=context.now,
                ask_id=context.person.id,
            )
        )
        context.session.flush()
    return [Reply(practices_card(practices.live(context.session), context.words, is_lead=True))]


def retire_practice(context: Context, event: Pressed) -> list[Effect]:
    """`practice.retire`: it no longer holds."""
    row = practices.practice(context.session, event.ref)
    if row is not None:
        row.retire()
        context.session.flush()
    return [Reply(practices_card(practices.live(context.session), context.words, is_lead=True))]


def practices_card(rows: list[Practice], words: Words, *, is_lead: bool) -> Card:
    title = words.t("Good practices")
    body: list[Element] = [Heading(title)]
    if not rows:
        body.append(
            text(
                words.t(
                    "There are no good practices yet. When the digest finds that something works better, a comms "
                    "lead can save it with one tap."
                )
            )
        )
    for row in rows:
        body += told(row, words)
        if is_lead:
            body.append(actions(Button(words.t("This no longer works"), "practice.retire", row.id)))
    return card(title, *body)


def told(row: Practice, words: Words) -> list[Element]:
    """What, where and when it was found, how sure, and who to ask."""
    found = finding_of(row)
    line = words.t("Found in {week}. Ask {name} about it.", week=words.week(row.week), name=row.ask.name)
    return [
        text(Bold(f"{summary.finding_name(found.kind, words)}: "), summary.finding_line(found, words)),
        text(line, subtle=True),
    ]


def finding_of(row: Practice) -> Finding:
    return _FINDING.validate_python(row.finding)


def offered_to(session: Session, person: Employee, now: datetime) -> Practice | None:
    """The practice of this week for somebody whose unit joined lately: what was known before they did."""
    unit = organisation.unit_by_id(session, person.unit_id) if person.unit_id is not None else None
    if unit is None or not unit.is_in or unit.phase_since is None or now - unit.phase_since > OFFERED_FOR:
        return None
    known = practices.kept_before(session, unit.phase_since)
    return known[((now - unit.phase_since) // timedelta(weeks=1)) % len(known)] if known else None
