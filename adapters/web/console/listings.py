"""The console's lists: posts, people, entries, deliveries, tokens; a page at a time, whatever their number."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.exports import EXPORTS
from adapters.web.console.sections import Downloads, FilterChoice, Listing, PageLink
from bot.core.cards import Button, Card, Facts, Heading, card, text
from bot.core.context import Context
from bot.core.i18n import Words
from storage.delivery import deliveries
from storage.delivery.deliveries import DeliveryState
from storage.people import employees
from storage.questions import knowledge
from storage.sharing import posts, topic_names
from storage.sharing.posts import PostState
from storage.web import api_tokens, webhooks

ROWS = 50  # of a page
STATES = (
    PostState.DRAFT,
    PostState.IN_REVIEW,
    PostState.LIVE,
    PostState.EXPIRED,
    PostState.RECALLED,
    PostState.DECLINED,
)


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What the address asks of a list."""

    after: int = 0
    q: str = ""
    state: str = ""


def posts_listing(context: Context, asked: ListQuery) -> Listing:
    words = context.words
    rows = posts.page(context.session, state=asked.state or None, before_id=asked.after, limit=ROWS)
    named = topic_names.in_language(context.session, {row.topic for row in rows}, words.language)
    cells = tuple(
        (
            row.title,
            post_state(row.state, words),
            row.source,
            named[row.topic],
            words.day(row.created_at),
            _post_buttons(row.id, row.state, words),
        )
        for row in rows
    )
    return Listing(
        title=words.t("All posts"),
        ways=(PageLink(words.t("New post"), "/console/compose"),),
        header=(
            words.t("Title"),
            words.t("Status"),
            words.t("Source"),
            words.t("Topic"),
            words.t("Since"),
            words.t("Actions"),
        ),
        rows=cells,
        choices=(
            FilterChoice("", words.t("All")),
            *(FilterChoice(state, post_state(state, words)) for state in STATES),
        ),
        chosen=asked.state if asked.state in STATES else "",
        following=str(rows[-1].id) if len(rows) == ROWS else "",
    )


def people_listing(context: Context, asked: ListQuery) -> Listing:
    """Names, units and roles; nothing of what anybody shared, asked or answered."""
    words = context.words
    rows = employees.page(context.session, q=asked.q, after_id=asked.after, limit=ROWS)
    cells = tuple(
        (
            row.name,
            row.email or "–",
            unit or "–",
            ", ".join(role_name(role, words) for role in row.roles),
            words.language_name(row.language),
            words.t("active") if row.is_active else words.t("left"),
        )
        for row, unit in rows
    )
    header = (
        words.t("Name"),
        words.t("Email"),
        words.t("Unit"),
        words.t("Roles"),
        words.t("Language"),
        words.t("Status"),
    )
    following = str(rows[-1][0].id) if len(rows) == ROWS else ""
    return Listing(words.t("People"), header, cells, searched=asked.q, following=following)


def entries_listing(context: Context, asked: ListQuery) -> Listing:
    words = context.words
    rows = knowledge.page(context.session, after_id=asked.after, limit=ROWS)
    cells = tuple(
        (
            row.variants[0].text if row.variants else "–",
            row.answer[:200],
            row.owner.name if row.owner else "–",
            words.date(row.review_on),
            (Button(words.t("Edit…"), "entry.edit", row.id),),
        )
        for row in rows
    )
    header = (
        words.t("How people ask it"),
        words.t("The answer"),
        words.t("Owner"),
        words.t("Check again by"),
        words.t("Actions"),
    )
    following = str(rows[-1].id) if len(rows) == ROWS else ""
    return Listing(words.t("Saved answers"), header, cells, following=following)


def queues_listing(context: Context) -> Listing:
    words = context.words
    cells = tuple(
        (
            queue.workspace,
            *(
                words.number(queue.states.get(state, 0))
                for state in (
                    DeliveryState.PLANNED,
                    DeliveryState.SENDING,
                    DeliveryState.SENT,
                    DeliveryState.FAILED,
                    DeliveryState.UNKNOWN,
                )
            ),
            words.t("{count} s", count=words.number(round(queue.lag))),
        )
        for queue in deliveries.queues(context.session, now=context.now)
    )
    header = (
        words.t("Workspace"),
        words.t("Waiting"),
        words.t("On its way"),
        words.t("Sent"),
        words.t("Failed"),
        words.t("Not sure if it arrived"),
        words.t("Delayed by"),
    )
    return Listing(words.t("Messages"), header, cells)


def troubled_listing(context: Context) -> Listing:
    """Failed and in doubt; of whom and of what, and never what was said."""
    words = context.words
    cells = tuple(
        (words.moment(row.changed_at), row.workspace_id, row.kind, row.state, row.reason or "–")
        for row in deliveries.troubled(context.session, ROWS)
    )
    header = (words.t("When"), words.t("Workspace"), words.t("Type"), words.t("Status"), words.t("Reason"))
    return Listing(words.t("Messages that didn’t arrive"), header, cells)


def calls_listing(context: Context) -> Listing:
    words = context.words
    rows = webhooks.listed(context.session)
    cells = tuple(
        (row.url, ", ".join(row.kinds), words.t("in use") if row.is_active else words.t("ended")) for row in rows
    )
    return Listing(words.t("Webhooks"), (words.t("Address"), words.t("Type"), words.t("Status")), cells)


def tokens_listing(context: Context) -> Listing:
    words = context.words
    cells = tuple(
        (
            row.name,
            ", ".join(row.scopes),
            words.day(row.made_at),
            words.day(row.used_at) if row.used_at else "–",
            words.t("ended") if row.revoked_at else words.t("in use"),
        )
        for row in api_tokens.tokens(context.session)
    )
    header = (words.t("Name"), words.t("Permissions"), words.t("Created"), words.t("Last used"), words.t("Status"))
    return Listing(words.t("Programs that may use the API"), header, cells)


def rules_card(context: Context) -> Card:
    """The organisation's own figures, as its settings have them; they are changed where the bot is run."""
    words, rules = context.words, context.rules
    title = words.t("Your organisation’s rules")
    pairs = (
        (words.t("Messages per day and per week"), f"{rules.messages_a_day}, {rules.messages_a_week}"),
        (words.t("Sending hours"), f"{rules.hours[0]}–{rules.hours[1]}"),
        (
            words.t("Weeks without nudges, chosen at random"),
            words.t("{value}%", value=round(100 * rules.no_nudge_share)),
        ),
        (words.t("Results are shown of more people than"), words.number(rules.pulse_k)),
        (words.t("Working days to answer"), words.number(rules.answer_days)),
        (words.t("AI writing"), words.t("on") if rules.model_writes else words.t("off")),
    )
    return card(
        title,
        Heading(title),
        Facts(pairs),
        text(words.t("Whoever runs the bot sets these; docs/settings.md lists them."), subtle=True),
    )


def exports(context: Context) -> Downloads:
    files = tuple(
        (f"{export.title(context.words)} · {ending.upper()}", f"/console/export/{name}.{ending}")
        for name, export in EXPORTS.items()
        for ending in ("csv", "xlsx", "json")
    )
    return Downloads(context.words.t("Download the figures"), files)


def post_state(state: PostState, words: Words) -> str:
    return {
        PostState.DRAFT: words.t("Draft"),
        PostState.IN_REVIEW: words.t("Waiting for approval"),
        PostState.LIVE: words.t("Out for sharing"),
        PostState.EXPIRED: words.t("Expired"),
        PostState.RECALLED: words.t("Withdrawn"),
        PostState.DECLINED: words.t("Declined"),
    }[state]


def role_name(role: str, words: Words) -> str:
    return {
        "employee": words.t("employee"),
        "owner": words.t("channel owner"),
        "lead": words.t("comms lead"),
        "admin": words.t("administrator"),
    }.get(role, role)


def _post_buttons(post_id: int, state: str, words: Words) -> tuple[Button | PageLink, ...]:
    match state:
        case "live":
            return (
                PageLink(words.t("Edit…"), f"/console/compose/{post_id}"),
                Button(words.t("Withdraw"), "post.recall", post_id, "danger"),
            )
        case "draft" | "in_review":
            return (
                Button(words.t("Approve"), "review.approve", post_id, "primary"),
                PageLink(words.t("Edit…"), f"/console/compose/{post_id}"),
                Button(words.t("Decline…"), "review.decline", post_id, "danger"),
            )
    return ()
