"""Settings: how are we set up? Pages of their own for channels, rules, figures, programs and the framework."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adapters.exports import EXPORTS, in_order
from adapters.web.console.pages.cards import said
from adapters.web.console.parts import Cell, Column, DataTable, LinkTo, Tab, Verdict, reading, ways_with
from adapters.web.console.query import Query
from bot.core.cards import Button, Card
from bot.core.context import Context
from bot.core.i18n import Words
from bot.core.rules import Rules
from bot.features.framework.cards import gap_name
from bot.features.framework.domain import coverage, repository
from bot.features.framework.forms.names import value_name
from bot.features.framework.handlers.editing import version_of, versions_of
from bot.features.sharing.handlers import feeds as feeding
from content.channels import kind_of
from storage.questions import topics
from storage.sharing import feeds, social_channels
from storage.sharing.social_channels import SocialChannel
from storage.web import api_tokens, webhooks

ENDINGS = ("csv", "xlsx", "json")


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that is set: what it is, how it stands, and why it is there."""

    label: str
    value: str
    why: str
    usual: str  # how it stands where nobody set it; "" where it stands so


@dataclass(frozen=True, slots=True)
class SettingsPage:
    tabs: Sequence[Tab]
    tables: Sequence[DataTable] = ()
    settings: Sequence[Setting] = ()
    cards: Sequence[Card] = ()
    add: tuple[str, str] | None = None  # (label, address)
    days: tuple[str, str] | None = None  # the first and the last of what is downloaded; "" for no bound


def view(context: Context, query: Query) -> SettingsPage | None:
    words = context.words
    names = _names(words)
    part = query.item or next(iter(names))
    if part not in names:
        return None
    tabs = [Tab(name, f"/console/settings/{one}", one == part) for one, name in names.items()]
    return PARTS[part](context, tabs, query)


def _names(words: Words) -> dict[str, str]:
    return {
        "channels": words.t("Channels"),
        "audiences": words.t("Audiences"),
        "feeds": words.t("Feeds"),
        "rules": words.t("Rules"),
        "framework": words.t("Framework"),
        "practices": words.t("Good practices"),
        "exports": words.t("Figures to download"),
        "programs": words.t("Programs"),
    }


def _channels(context: Context, tabs: Sequence[Tab], _query: Query) -> SettingsPage:
    words = context.words
    versions = versions_of(context, "channels")
    gaps = {gap.channel.id: gap_name(gap.kind, words) for gap in coverage.gaps(context.session, context.now)}
    deputies = {row.channel_id: row.deputy for row in topics.of_channels(context.session)}

    def row(one: SocialChannel) -> Sequence[Cell]:
        deputy = deputies.get(one.id)
        state = value_name("state", one.state, words)
        verdict = (
            Verdict(gaps[one.id], "warn", "warning")
            if one.id in gaps
            else Verdict(state, "good" if one.is_active else "", "check" if one.is_active else "same")
        )
        return (
            kind_of(one.id, one).name,
            one.owner.name if one.owner else "–",
            deputy.name if deputy else "–",
            verdict,
            ways_with("channels", versions[one.id], words) if one.id in versions else "",
        )

    columns = [
        Column(words.t("Channel")),
        Column(words.t("Owner")),
        Column(words.t("Deputy"), is_secondary=True),
        Column(words.t("Status")),
        Column(words.t("Actions")),
    ]
    rows = [row(one) for one in social_channels.all_channels(context.session)]
    table = DataTable(words.t("Channels and who answers for them"), columns, rows)
    return SettingsPage(tabs, [table], add=(words.t("Add a channel"), "/console/open/part.channels/0"))


def _audiences(context: Context, tabs: Sequence[Tab], _query: Query) -> SettingsPage:
    words = context.words
    columns = [
        Column(words.t("Name")),
        Column(words.t("Type")),
        Column(words.t("Where they are"), is_secondary=True),
        Column(words.t("Actions")),
    ]
    rows = [
        (
            part.name,
            value_name("kind", part.kind, words),
            ", ".join(kind_of(one.channel, None).name for one in part.channels) or "–",
            ways_with("audiences", version_of(part), words),
        )
        for part in repository.current_framework(context.session).audiences
    ]
    table = DataTable(words.t("Who we want to reach"), columns, rows)
    return SettingsPage(tabs, [table], add=(words.t("Add an audience"), "/console/open/part.audiences/0"))


def _rules(context: Context, tabs: Sequence[Tab], _query: Query) -> SettingsPage:
    """They are changed where the bot is run; each says why it is there, and what it is where nobody set it."""
    now, usual = _values(context.rules, context.words), _values(Rules(), context.words)
    settings = [
        Setting(label, now[label], why, "" if now[label] == usual[label] else usual[label])
        for label, why in _reasons(context.words).items()
    ]
    return SettingsPage(tabs, settings=settings)


def _reasons(words: Words) -> dict[str, str]:
    return {
        words.t("Messages to one person"): words.t(
            "Nudges, reminders and digests together, so that nobody is flooded."
        ),
        words.t("When they come"): words.t("In each person’s own time zone."),
        words.t("Weeks without nudges"): words.t(
            "Drawn at random, person by person, to learn whether nudges help at all."
        ),
        words.t("A post can be shared for"): words.t("Unless it has an end of its own."),
        words.t("Second approver"): words.t("Whether somebody else approves what a lead wrote."),
        words.t("Time to answer a question"): words.t("Before it is overdue and goes to the deputy."),
        words.t("Smallest group whose pulse results are shown"): words.t("So that nobody’s answers can be worked out."),
        words.t("AI writing"): words.t("What a language model drafts says so, and a person approves it."),
    }


def _values(rules: Rules, words: Words) -> dict[str, str]:
    day, week = words.number(rules.messages_a_day), words.number(rules.messages_a_week)
    return {
        words.t("Messages to one person"): words.t("{day} a day and {week} a week at most", day=day, week=week),
        words.t("When they come"): _when(rules, words),
        words.t("Weeks without nudges"): words.t("{value}%", value=round(100 * rules.no_nudge_share)),
        words.t("A post can be shared for"): words.n("{count} day", "{count} days", rules.post_lifetime_days),
        words.t("Second approver"): words.t("needed") if rules.second_approver else words.t("not needed"),
        words.t("Time to answer a question"): words.t("{count} working days", count=words.number(rules.answer_days)),
        words.t("Smallest group whose pulse results are shown"): words.t(
            "more than {count} people", count=words.number(rules.pulse_k)
        ),
        words.t("AI writing"): words.t("on") if rules.model_writes else words.t("off"),
    }


def _when(rules: Rules, words: Words) -> str:
    days, (start, end) = words.weekdays(rules.nudge_days), rules.hours
    if rules.on_holidays:
        return words.t("{days}, {start}:00–{end}:00, also on holidays", days=days, start=start, end=end)
    return words.t("{days}, {start}:00–{end}:00, not on holidays", days=days, start=start, end=end)


def _framework(context: Context, tabs: Sequence[Tab], _query: Query) -> SettingsPage:
    return SettingsPage(tabs, cards=[said(context, "framework")])


def _practices(context: Context, tabs: Sequence[Tab], _query: Query) -> SettingsPage:
    return SettingsPage(tabs, cards=[said(context, "practices")])


def _feeds(context: Context, tabs: Sequence[Tab], _query: Query) -> SettingsPage:
    words = context.words
    columns = [
        Column(words.t("Feed")),
        Column(words.t("Drafts"), is_number=True, is_secondary=True),
        Column(words.t("Status")),
        Column(words.t("Actions")),
    ]
    rows: list[Sequence[Cell]] = [
        (
            feeding.name_of(feed),
            words.number(brought),
            reading(feed, words),
            (Button(words.t("Stop…"), "feed.stop", feed.id),),
        )
        for feed, brought in feeds.listed(context.session)
    ]
    nothing = words.t("No feed is read yet. Your website’s feed brings each new page as a draft.")
    table = DataTable(words.t("Where drafts come from"), columns, rows, nothing)
    return SettingsPage(tabs, [table], add=(words.t("Add a feed"), "/console/open/feed.add/0"))


def _exports(context: Context, tabs: Sequence[Tab], query: Query) -> SettingsPage:
    words = context.words
    columns = [Column(words.t("Figures")), *(Column(ending.upper()) for ending in ENDINGS)]
    first, last = in_order(query.day("from"), query.day("to"))
    asked = {name: day.isoformat() for name, day in (("from", first), ("to", last)) if day is not None}
    title = words.t("The last 12 months, as files")
    if first or last:
        begin, end = words.date(first) if first else "…", words.date(last) if last else "…"
        title = words.t("As files, {first} to {last}", first=begin, last=end)
    rows: list[Sequence[Cell]] = [
        (
            export.title(words),
            *(
                LinkTo(words.t("Download"), Query(f"/console/export/{name}.{ending}", values=asked).address())
                for ending in ENDINGS
            ),
        )
        for name, export in EXPORTS.items()
    ]
    return SettingsPage(tabs, [DataTable(title, columns, rows)], days=(asked.get("from", ""), asked.get("to", "")))


def _programs(context: Context, tabs: Sequence[Tab], _query: Query) -> SettingsPage:
    words = context.words
    tokens = DataTable(
        words.t("Programs that may use the API"),
        [
            Column(words.t("Name")),
            Column(words.t("Permissions"), is_secondary=True),
            Column(words.t("Created"), is_secondary=True),
            Column(words.t("Last used")),
            Column(words.t("Status")),
        ],
        [
            (
                row.name,
                ", ".join(row.scopes),
                words.day(row.made_at),
                words.day(row.used_at) if row.used_at else "–",
                Verdict(words.t("ended"), "", "same")
                if row.revoked_at
                else Verdict(words.t("in use"), "good", "check"),
            )
            for row in api_tokens.tokens(context.session)
        ],
        words.t("There are none. Whoever runs the bot makes their keys: chorus tokens."),
    )
    calls = DataTable(
        words.t("Webhooks"),
        [Column(words.t("Address")), Column(words.t("Type"), is_secondary=True), Column(words.t("Status"))],
        [
            (
                row.url,
                ", ".join(row.kinds),
                Verdict(words.t("in use"), "good", "check") if row.is_active else Verdict(words.t("ended"), "", "same"),
            )
            for row in webhooks.listed(context.session)
        ],
        words.t("There are none. Whoever runs the bot adds them: chorus hooks."),
    )
    return SettingsPage(tabs, [tokens, calls])


PARTS: dict[str, Callable[[Context, Sequence[Tab], Query], SettingsPage]] = {
    "channels": _channels,
    "audiences": _audiences,
    "feeds": _feeds,
    "rules": _rules,
    "framework": _framework,
    "practices": _practices,
    "exports": _exports,
    "programs": _programs,
}
