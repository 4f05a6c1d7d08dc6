"""Measurement beyond the week: quality before volume, cohorts, and what is only assumed, with its assumption beside it.

Reach is shares × people who see one (an assumption, off unless set). Earned media value is Σ clicks × the channel's
rate (off unless rates are set): what the same clicks would have cost as advertising, and no more than that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.cards import Card, Element, Facts, Heading, Table, card, text
from bot.core.context import Context
from bot.core.i18n import Words
from content.channels import kind_of
from storage.database import Session
from storage.digest import digest_queries, digests
from storage.digest.digest_queries import Brought, Cohort

SPAN = timedelta(weeks=12)


@dataclass(frozen=True, slots=True)
class Quality:
    """Of the last twelve weeks. `conversations`: questions answered and mentions replied to."""

    shares: int
    clicks: int
    own_words: int
    conversations: int
    leads: int
    digests_useful: tuple[int, int]  # said of digests: useful, either
    by_channel: tuple[Brought, ...]


def quality(session: Session, now: datetime) -> Quality:
    start = now - SPAN
    channels = digest_queries.brought(session, start, now)
    return Quality(
        shares=sum(row.shares for row in channels),
        clicks=sum(row.clicks for row in channels),
        own_words=sum(row.own_words for row in channels),
        conversations=digest_queries.conversations(session, start, now),
        leads=digest_queries.leads(session, start, now),
        digests_useful=digests.usefulness(session, start),
        by_channel=tuple(channels),
    )


def current_card(context: Context) -> Card:
    return measurement_card(
        quality(context.session, context.now),
        digest_queries.cohorts(context.session, context.now),
        context.words,
        reach=context.rules.reach_per_share,
        rates=context.rules.media_rates,
    )


def measurement_card(
    found: Quality, cohorts: Sequence[Cohort], words: Words, *, reach: int, rates: Mapping[str, float]
) -> Card:
    title = words.t("The last twelve weeks")
    if not found.shares:
        return card(title, Heading(title), text(words.t("Nothing has been shared in the last twelve weeks.")))
    pairs = [
        (words.t("Readers per share"), words.number(round(found.clicks / found.shares, 1))),
        (
            words.t("In own words"),
            words.t("{part} of {whole}", part=words.number(found.own_words), whole=words.number(found.shares)),
        ),
        (words.t("Questions answered and mentions replied to"), words.number(found.conversations)),
        (words.t("Contacts from your links"), words.number(found.leads)),
        (words.t("Shares"), words.number(found.shares)),
        (words.t("Readers"), words.number(found.clicks)),
    ]
    useful, said = found.digests_useful
    if said:
        part = words.t("{part} of {whole}", part=words.number(useful), whole=words.number(said))
        pairs.append((words.t("Digest rated useful"), part))
    body: list[Element] = [Heading(title), Facts(tuple(pairs))]
    rows = tuple(
        (
            kind_of(row.channel, None).name,
            words.number(row.shares),
            words.number(row.clicks),
            words.number(round(row.clicks / row.shares, 1)),
        )
        for row in found.by_channel
    )
    header = (words.t("Channel"), words.t("Shares"), words.t("Readers"), words.t("Readers per share"))
    body.append(Table(header, rows))
    if cohorts:
        body.append(
            text(
                words.t(
                    "The month people first shared, and how many of them shared in the last four weeks. Left out: "
                    "months that ended less than four weeks ago, and months with fewer than five people."
                )
            )
        )
        body.append(
            Table(
                (words.t("First shared in"), words.t("People"), words.t("Still sharing")),
                tuple((words.month(row.month), words.number(row.people), words.number(row.active)) for row in cohorts),
            )
        )
    body += _assumed(found, words, reach, rates)
    return card(title, *body)


def _assumed(found: Quality, words: Words, reach: int, rates: Mapping[str, float]) -> list[Element]:
    body: list[Element] = []
    if reach:
        said = words.t(
            "Estimated reach: {reach}, if {people} people see each share. This is a guess, not a measurement.",
            reach=words.number(reach * found.shares),
            people=words.number(reach),
        )
        body.append(text(said, subtle=True))
    valued = [(row.clicks, rates[row.channel]) for row in found.by_channel if row.channel in rates]
    if valued:
        formula = " + ".join(f"{clicks} × {words.number(rate)}" for clicks, rate in valued)
        value = words.number(round(sum(clicks * rate for clicks, rate in valued), 2))
        said = words.t(
            "Earned media value: {formula} = {value}. That is readers times the rate you set.",
            formula=formula,
            value=value,
        )
        body.append(text(said, subtle=True))
    return body
