"""The week's digest: computed once the week is over, and sent on Monday at the reader's hour, once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from bot.core import contact_budget
from bot.core.cards import Card
from bot.core.context import (
    BackgroundRequest,
    BackgroundResult,
    Broadcast,
    ComposeRequest,
    Effect,
    Job,
    NextSlice,
    Place,
    Recipient,
    Send,
    words_of,
)
from bot.core.i18n import Words, languages
from bot.core.ports import Pictures
from bot.core.working_time import at_hour, country_of, is_working_day, zone_of
from bot.features.digest import cards
from bot.features.digest.cards import DigestAudience, Issue
from bot.features.digest.domain import facts as facting
from bot.features.digest.domain import lessons
from bot.features.digest.domain.compute_facts import WEEK, gather, last_week, monday
from bot.features.digest.handlers import practices
from bot.features.digest.jobs import llm_summary
from storage.database import Session
from storage.digest import digests
from storage.digest.digests import Digest, DigestReader
from storage.people.employees import Employee
from storage.people.responsibilities import split_off_all_joined_identities
from storage.sharing import social_channels
from storage.sharing.plans import ContactHistory

log = structlog.get_logger()

SLICE = 500  # readers of one transaction
SETTLING = timedelta(minutes=15)  # after the end of the week (UTC), until its facts are there for certain


def gather_week(job: Job) -> list[Effect]:
    """Compute the facts of the week that is over, and again those of the week before: late events revise them."""
    week = last_week(job.now)
    for earlier in digests.before(job.session, week, 1):
        revise(job.session, earlier, k=job.rules.pulse_k, now=job.now)
    row = digest_of_week(job.session, week, k=job.rules.pulse_k, now=job.now)
    if row.computed_at < monday(week) + WEEK:  # east of UTC it was needed before its week had ended
        row.facts, row.computed_at = facting.to_json(gather(job.session, week, k=job.rules.pulse_k)), job.now
    if not job.rules.model_writes or row.summary:
        return []
    facts = facting.from_json(row.facts)
    return [
        BackgroundRequest(
            f"summary_{language}", row.id, request=llm_summary.summary_request(facts, Words(language), job.pictures)
        )
        for language in languages()
    ]


def take_summary(language: str) -> Callable[[Job, BackgroundResult], list[Effect]]:
    """What the model wrote of a week in that language, kept if all of it holds against the facts as they are now."""

    def take(job: Job, said: BackgroundResult) -> list[Effect]:
        row = digests.digest(job.session, said.subject)
        if row is not None:
            facts = facting.from_json(row.facts)
            if found := llm_summary.checked_summary(said.written or "", facts, Words(language), job.pictures):
                row.summary = {**row.summary, language: found}
        return []

    return take


def digest_of_week(session: Session, week: str, *, k: int, now: datetime) -> Digest:
    """The digest of the week, computed now if it was not before."""
    found = digests.of_week(session, week)
    if found is None:
        facts = gather(session, week, k=k)
        found = Digest(week=week, facts=facting.to_json(facts), lesson=lesson_for(session, facts), computed_at=now)
        session.add(found)
        session.flush()
        log.info("digest computed", week=week)
    return found


def revise(session: Session, row: Digest, *, k: int, now: datetime) -> None:
    """Recompute it; the next digest says what changed."""
    old, new = facting.from_json(row.facts), gather(session, row.week, k=k)
    written = facting.to_json(new)
    if written != row.facts:
        row.facts, row.revision, row.computed_at, row.summary = written, row.revision + 1, now, {}
        row.changed = [list(change) for change in facting.changes(old, new)]
        log.info("digest revised", week=row.week, revision=row.revision)


def issue_of(session: Session, row: Digest, base_url: str = "") -> Issue:
    """`base_url`: of the console, where its page is."""
    earlier = digests.before(session, row.week, 1)
    changed = earlier[0].changed if earlier and earlier[0].revision > 1 else ()
    address = f"{base_url}/console/digests/{row.week}" if base_url else ""
    return Issue(row.id, facting.from_json(row.facts), row.lesson, changed, row.summary, address)


def send_digests(job: Job) -> list[Effect]:
    """To the readers of one time zone, a slice at a time, and to the conversations of those who live in it."""
    week = last_week(job.now + WEEK / 7)  # east of UTC, Monday comes before the week has ended
    ready = max(job.now, monday(week) + WEEK + SETTLING)
    split_off_all_joined_identities(
        job.session, now=job.now
    )  # a digest is for its reader, not for who shows the same address
    row = digest_of_week(job.session, week, k=job.rules.pulse_k, now=job.now)
    readers, following = digests.readers(job.session, job.scope, after_id=job.after, limit=SLICE)
    has_news = facting.from_json(row.facts).has_news
    effects = _to_readers(
        job, row, [reader for reader in readers if has_news or reader.audience != DigestAudience.EMPLOYEE], ready
    )
    if not job.after:
        effects += _to_places(job, row, ready)
    return effects if following is None else [*effects, NextSlice(following)]


def compose_digest(job: Job, asked: ComposeRequest) -> Card | None:
    copy = digests.a_copy(job.session, asked.subject)
    if copy is None or not asked.person.is_active or asked.person.digest_wanted is False:
        return None
    issue = issue_of(job.session, copy.digest, job.rules.base_url)
    return card_for(job.session, asked.person, copy.audience, issue, job.pictures)


def card_for(session: Session, person: Employee, audience: str, issue: Issue, pictures: Pictures) -> Card | None:
    """The person's card, for the role that they have now."""
    speech = words_of(person)
    if audience == DigestAudience.LEAD and person.has_role("lead"):
        return cards.lead_card(issue, speech, pictures)
    if audience in (DigestAudience.LEAD, DigestAudience.OWNER) and (owned := _owned(session, person)) is not None:
        return cards.owner_card(issue, owned, person.id, speech)
    known = practices.offered_to(session, person, monday(issue.facts.week) + WEEK)
    return cards.employee_card(issue, speech, practices.told(known, speech) if known is not None else ())


def audience_of(session: Session, person: Employee) -> str:
    if person.has_role("lead"):
        return DigestAudience.LEAD
    return DigestAudience.OWNER if _owned(session, person) is not None else DigestAudience.EMPLOYEE


def _owned(session: Session, person: Employee) -> list[str] | None:
    """The channels that the person owns; None for who is no owner."""
    owned = [row.id for row in social_channels.channels(session) if row.owner_id == person.id]
    return owned if owned or person.has_role("owner") else None


def _to_readers(job: Job, row: Digest, readers: Sequence[DigestReader], ready: datetime) -> list[Effect]:
    ids = [reader.id for reader in readers]
    have = digests.have_copies(job.session, row.id, ids)
    spoken = contact_budget.spoken_lately(job, ids)
    moments = {reader.id: _moment(job, reader, spoken.get(reader.id), ready) for reader in readers}
    chosen = [reader for reader in readers if reader.id not in have and moments[reader.id] is not None]
    copies = digests.add_copies(
        job.session,
        [
            {"digest_id": row.id, "employee_id": reader.id, "place_id": 0, "audience": reader.audience}
            for reader in chosen
        ],
    )
    recipients = [
        Recipient(reader.id, reader.workspace_id, reader.address, copy, due)
        for reader, copy in zip(chosen, copies, strict=True)
        if (due := moments[reader.id]) is not None
    ]
    return [Broadcast("digest", f"digest:{row.week}:{job.scope}", recipients)] if recipients else []


def _moment(job: Job, reader: DigestReader, spoken: ContactHistory | None, ready: datetime) -> datetime | None:
    """Leads and owners: the first hour of their first working day of the week, for it is their work. Others: within
    the one budget. None where there is no such moment."""
    away = reader.away_until
    if reader.audience == DigestAudience.EMPLOYEE:
        if away is not None and away > ready:
            return None
        return contact_budget.next_moment(
            spoken,
            ready,
            ready + timedelta(days=4),
            job.rules,
            time_zone=job.scope,
            country=reader.country,
            random=job.random,
        )
    zone, today = zone_of(job.scope), ready.astimezone(zone_of(job.scope)).date()
    for day in (today + timedelta(days=number) for number in range(5)):
        at = max(ready, at_hour(day, job.rules.hours[0], zone))
        if not is_working_day(country_of(reader.country, job.scope), day):
            continue
        if away is None or away <= at:
            return at
    return None


def _to_places(job: Job, row: Digest, ready: datetime) -> list[Effect]:
    """In the language of who chose the conversation; after they left or lost their role, no longer."""
    effects: list[Effect] = []
    for place in digests.places(job.session):
        person = place.set_by
        if person.time_zone != job.scope or not person.is_active or not person.has_role("lead"):
            continue
        if digests.copy_for_place(job.session, row.id, place.id) is not None:
            continue
        (copy,) = digests.add_copies(
            job.session,
            [{"digest_id": row.id, "employee_id": person.id, "place_id": place.id, "audience": DigestAudience.LEAD}],
        )
        zone = zone_of(job.scope)
        opens = at_hour(ready.astimezone(zone).date(), job.rules.hours[0], zone)
        effects.append(
            Send(
                person,
                f"digest_place:{copy}",
                kind="digest",
                subject=copy,
                not_before=max(ready, opens),
                place=Place(place.workspace_id, place.address),
            )
        )
    return effects


def lesson_for(session: Session, facts: facting.WeekFacts) -> str:
    """The lesson of that week, by what was shown and said before it."""
    shown = [row.lesson for row in digests.before(session, facts.week, 52)]
    return lessons.choose(facts.pulse, shown, digests.lesson_answers(session))
