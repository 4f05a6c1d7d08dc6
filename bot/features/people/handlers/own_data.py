"""What is kept of a person, for themselves: to read, to take along, and to have deleted."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.cards import Bold, Button, Card, Facts, Heading, Link, actions, card, text
from bot.core.context import Context, Effect, Reply
from bot.core.events import Command, Pressed
from bot.core.i18n import Words, capital
from bot.core.role_names import role_name
from bot.core.tokens import digest_of
from bot.features.people.domain.forgetting import forget
from bot.features.people.handlers.console_link import link_once
from storage.people import employees
from storage.people.responsibilities import has_responsibility
from storage.privacy.export import counts_of
from storage.questions import questions


def show_own_data(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`my data`: how much there is of each kind, and a link to all of it."""
    url = link_once(context, "my-data", download_digest)
    kept = [(kind.what, number) for kind, number in counts_of(context.session, context.person.id)]
    return [Reply(data_card(kept, url, context.words))]


def ask_to_forget(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`forget me`: nothing is deleted before it was said what that means."""
    leads = {one.id for role in ("lead", "admin") for one in employees.with_role(context.session, role)}
    person = context.person
    roles = [role for role in person.roles if role != "employee"] or (
        ["owner"] if has_responsibility(context.session, person) else []
    )
    asks_unnamed = questions.asks_unnamed(context.session, person.id)
    is_last_lead = leads == {person.id}
    return [Reply(ask_card(context.words, roles=roles, is_last_lead=is_last_lead, asks_unnamed=asks_unnamed))]


def forget_me(context: Context, _event: Pressed) -> list[Effect]:
    """`own.forget`: now. Whoever speaks with the bot afterwards begins anew."""
    done = forgotten_card(context.words)
    elsewhere = [effect for tell in context.router.on_forgetting for effect in tell(context)]
    context.session.flush()
    forget(context.session, context.ballots, context.person, now=context.now, stays=True)
    return [Reply(done), *elsewhere]


def download_digest(token: str) -> str:
    """Of a link to the download, so that it opens nothing else."""
    return digest_of(f"my-data {token}")


def data_card(kept: Sequence[tuple[str, int]], url: str, words: Words) -> Card:
    title = words.t("What I keep about you")
    return card(
        title,
        Heading(title),
        Facts(tuple((capital(words.t(what).partition(":")[0]), words.number(number)) for what, number in kept)),
        text(words.t("The link works once, for ten minutes. Keep it to yourself."), subtle=True),
        text(words.t("What you answered in an open round of the pulse is on its own card."), subtle=True),
        actions(Link(words.t("Download it all"), url), Button(words.t("Delete it all…"), "own.ask_to_forget")),
    )


def ask_card(
    words: Words, *, roles: Sequence[str] = (), is_last_lead: bool = False, asks_unnamed: bool = False
) -> Card:
    """`roles`: those that the person loses; `is_last_lead`: nobody else approves posts, nor answers what has no
    owner; `asks_unnamed`: something that they asked without their name is still open."""
    title = words.t("Delete everything about you?")
    return card(
        title,
        Heading(title),
        text(
            words.t(
                "I delete your name, your settings, what you wrote and asked, your connected accounts, and what you "
                "answered in an open round of the pulse."
            )
        ),
        text(Bold(_lost(roles, words))) if roles else None,
        text(
            words.t(
                "Your open questions disappear from the lists of whoever was to answer them, those without your name "
                "at the same moment: somebody who watches closely could tell that they were yours."
            )
        )
        if asks_unnamed
        else None,
        text(
            words.t("Sums of weeks that are over stay, without you. What you posted on your own accounts stays there.")
        ),
        text(
            words.t(
                "This can’t be undone. Messages that you can see here stay in this chat, and what colleagues got from "
                "me about your questions stays in theirs. I won’t write to you again unless you write to me."
            )
        ),
        text(
            Bold(
                words.t(
                    "You are the only comms lead. Without you nobody approves posts or takes questions that have no "
                    "owner: ask your administrator to name another first."
                )
            )
        )
        if is_last_lead
        else None,
        actions(
            Button(words.t("Delete it all"), "own.forget", style="danger"),
            Button(words.t("Keep everything"), "show.settings"),
        ),
    )


def _lost(roles: Sequence[str], words: Words) -> str:
    named = ", ".join(role_name(role, words) for role in roles)
    return words.t(
        "You’re {roles} here. You lose that, also if you come back, and what you’re responsible for goes to the comms "
        "leads.",
        roles=named,
    )


def forgotten_card(words: Words) -> Card:
    title = words.t("Everything about you is deleted")
    return card(
        title,
        Heading(title),
        text(words.t("I no longer know who you are. If you write to me one day, we start from the beginning.")),
    )
