"""What the bot can do, for the roles that a person has; and the answer to what it did not understand."""

from __future__ import annotations

from bot.core.cards import Bold, Button, Card, Heading, actions, card, text
from bot.core.context import Context, Effect, Reply
from bot.core.events import Command, Message
from bot.core.i18n import Words
from storage.people.employees import Employee


def show_help(context: Context, _event: Command) -> list[Effect]:
    return [Reply(help_card(context.person, context.words))]


def answer_message(context: Context, _event: Message) -> list[Effect]:
    """Plain words that are no command: say what there is, with a button for each."""
    return [Reply(help_card(context.person, context.words))]


def help_card(person: Employee, words: Words) -> Card:
    handover = [
        ("console", words.t("all of it on pages, in your browser")),
        ("mentions", words.t("what was said about us, and what waits for you")),
        ("handover", words.t("give what you answer for to somebody else")),
    ]
    lines = [
        ("home", words.t("your nudges, your shares, your settings")),
        ("share", words.t("approved content that you may share now")),
        ("suggest", words.t("suggest a page to your colleagues: suggest https://…")),
        *([] if person.has_role("lead") else [("results", words.t("what your shares led to"))]),
        ("ask", words.t("ask whoever knows: ask May I …? – or just write to me")),
        ("inbox", words.t("your questions, and those that wait for you")),
        ("heard", words.t("hand over what you heard about us: heard …")),
        ("team", words.t("what your unit’s shares led to together")),
        ("workshop", words.t("what you need and expect, and what came of it")),
        ("pulse", words.t("how social media is going here, and what we do about it")),
        ("goals", words.t("what we want to reach, and how far we are")),
        ("calendar", words.t("what is planned in the next four weeks")),
        ("digest", words.t("last week in short; digest on or off for every Monday")),
        *(handover if person.has_role("owner", "lead") else []),
        ("topics", words.t("what you care about")),
        ("settings", words.t("nudges on, off or fewer; language")),
    ]
    if person.has_role("lead"):
        lines += [
            ("review", words.t("content that waits for your approval")),
            ("posts", words.t("what is live, with recall")),
            ("results", words.t("the week's funnel by post and channel")),
            ("framework", words.t("the model at a glance: who is missing, what changed")),
            ("rollout", words.t("units: let in, pause, hold back")),
        ]
    return card(
        words.t("What I can do"),
        Heading(words.t("What I can do")),
        *(text(Bold(f"/chorus {name}"), f" – {meaning}") for name, meaning in lines),
        actions(
            Button(words.t("Home"), "show.home"),
            Button(words.t("Share something"), "show.share"),
            Button(words.t("Inbox"), "show.inbox"),
            Button(words.t("Settings"), "show.settings"),
            Button(words.t("Review"), "show.review") if person.has_role("lead") else None,
            Button(words.t("Results"), "show.results"),
            Button(words.t("Pulse"), "show.pulse"),
            Button(words.t("Goals"), "show.goals"),
            Button(words.t("Framework"), "show.framework") if person.has_role("lead") else None,
        ),
    )
