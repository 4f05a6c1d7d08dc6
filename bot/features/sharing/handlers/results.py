"""Results: for a lead the week's funnel by post and channel; for an employee what their own shares led to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from bot.core.cards import Card, Chart, Element, Facts, Heading, Table, card, text
from bot.core.context import Context, Effect, Reply
from bot.core.events import Command, Pressed
from bot.core.i18n import Words
from bot.core.ports import Pictures, chart
from bot.core.working_time import monday_of, zone_of
from content.channels import kind_of
from storage.digest import digest_queries
from storage.digest.digest_queries import Reached
from storage.publishing import publications
from storage.sharing import nudges, shares
from storage.sharing.shares import FunnelRow, Share

FEW = 5  # sharers under which a row says that it is few


def show_results(context: Context, _event: Command | Pressed) -> list[Effect]:
    if context.person.has_role("lead"):
        since = _monday(context)
        by_post = shares.funnel_by_post(context.session, since)
        reached = digest_queries.reached(context.session, since, since + timedelta(weeks=1))
        by_channel = shares.funnel_by_channel(context.session, since)
        reasons = nudges.decline_reasons(context.session, since)
        results = funnel_card(
            by_post,
            by_channel,
            reached,
            reasons,
            context.words,
            context.pictures,
            reactions=_reactions(context, since),
        )
        return [Reply(results)]
    return [Reply(own_card(shares.shares_of(context.session, context.person.id), context.words))]


def _reactions(context: Context, since: datetime) -> tuple[int, int, int] | None:
    """Likes, replies and reshares of posts on connected accounts; None unless more than k people wrote them."""
    people, *sums = publications.reaction_sums(context.session, since)
    return (sums[0], sums[1], sums[2]) if people > context.rules.pulse_k else None


def _monday(context: Context) -> datetime:
    """When this week began, where the lead is; the weeks before are the digest's."""
    zone = zone_of(context.person.time_zone)
    return datetime.combine(monday_of(context.now.astimezone(zone).date()), time(), zone)


def funnel_card(
    by_post: Sequence[FunnelRow],
    by_channel: Sequence[FunnelRow],
    reached: Reached,
    reasons: Sequence[tuple[str, int]],
    words: Words,
    pictures: Pictures,
    *,
    reactions: tuple[int, int, int] | None = None,
) -> Card:
    """The funnel's sums; no row names a person. `reactions`: likes, replies, reshares on connected accounts."""
    columns = [words.t("Nudges sent"), words.t("Opened"), words.t("Shared"), words.t("Readers")]
    sums = [words.t("Nudges sent"), words.t("Share pages opened"), words.t("Shares"), words.t("Readers")]
    totals = [
        sum(row.nudged for row in by_post),
        sum(row.opened for row in by_post),
        sum(row.confirmed for row in by_post),
        sum(row.clicks for row in by_post),
    ]
    if not any(totals):
        return card(
            words.t("This week’s results"),
            Heading(words.t("This week’s results")),
            text(words.t("Nothing has happened yet this week. Last week is in the digest: type /chorus digest.")),
        )
    body: list[Element | None] = [
        Heading(words.t("This week’s results")),
        Facts(tuple(zip(sums, map(words.number, totals), strict=True))),
        reached_chart(reached, words, pictures),
        text(words.t("Post by post")),
        Table((words.t("Post"), *columns), tuple(_row(row.label, row, words) for row in by_post[:10])),
        text(words.t("Channel by channel")),
        Table(
            (words.t("Channel"), *columns[1:]),
            tuple(_row(kind_of(row.label, None).name, row, words, nudged=False) for row in by_channel),
        ),
    ]
    if reactions is not None:
        likes, replies, reshares = map(words.number, reactions)
        body.append(
            text(
                words.t(
                    "On connected accounts: {likes} likes, {replies} replies, {reshares} reshares.",
                    likes=likes,
                    replies=replies,
                    reshares=reshares,
                )
            )
        )
    if reasons:
        meanings = {
            "topic": words.t("Not my topic"),
            "words": words.t("Doesn’t sound like me"),
            "salesy": words.t("Too salesy"),
            "account": words.t("Not for my profile"),
        }
        said = [f"{meanings[reason]} {words.number(times)}" for reason, times in reasons if reason in meanings]
        body.append(text(words.t("Why people passed: {reasons}", reasons=", ".join(said)), subtle=True))
    if totals[2] < FEW:
        body.append(text(words.t("Fewer than five shares – too few to compare."), subtle=True))
    body.append(
        text(
            words.t(
                "A share counts once the person says they’ve posted it; opening a nudge isn’t enough. Link "
                "previews and robots aren’t counted."
            ),
            subtle=True,
        )
    )
    return card(words.t("This week’s results"), *body)


def reached_chart(reached: Reached, words: Words, pictures: Pictures) -> Chart | None:
    """Each bar is of people, and within the one above it; clicks are of others, and stand elsewhere. None where nobody
    was nudged."""
    if not reached.nudged:
        return None
    names = (words.t("People nudged"), words.t("Opened or shared"), words.t("Shared"))
    bars = list(zip(names, map(float, (reached.nudged, reached.opened, reached.shared)), strict=True))
    return chart(pictures, words.t("What nudged people did"), bars)


def own_card(mine: Sequence[Share], words: Words) -> Card:
    posted = [share for share in mine if share.is_confirmed]
    if not posted:
        return card(
            words.t("Your shares"),
            Heading(words.t("Your shares")),
            text(words.t("You haven’t shared anything yet. Type /chorus share to see what you can share.")),
        )
    readers = sum(share.link.unique_clicks for share in posted)
    return card(
        words.t("Your shares"),
        Heading(words.t("Your shares")),
        text(words.n("Your shares brought {count} reader.", "Your shares brought {count} readers.", readers)),
        Table(
            (words.t("Post"), words.t("Channel"), words.t("Shared on"), words.t("Readers")),
            tuple(
                (
                    share.post.title,
                    kind_of(share.channel, share.social).name,
                    words.day(share.confirmed_at) if share.confirmed_at else "",
                    words.number(share.link.unique_clicks),
                )
                for share in posted[:10]
            ),
        ),
        text(words.t("Only you see this. Your comms team sees totals."), subtle=True),
    )


def _row(label: str, row: FunnelRow, words: Words, *, nudged: bool = True) -> tuple[str, ...]:
    figures = [row.nudged, row.opened, row.confirmed, row.clicks] if nudged else [row.opened, row.confirmed, row.clicks]
    return (label, *map(words.number, figures))
