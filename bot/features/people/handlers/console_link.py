"""The way into the console: a link that signs its holder in once, within ten minutes."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta

from bot.core.cards import Card, Heading, Link, actions, card, text
from bot.core.context import Context, Effect, Reply
from bot.core.events import Command, Pressed
from bot.core.i18n import Words
from bot.core.tokens import digest_of
from storage.people.employees import Employee
from storage.people.responsibilities import mandate_of
from storage.web.console_sessions import ConsoleLink

VALID = timedelta(minutes=10)


def give(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`console`: owners and leads work there, everybody can read the digests."""
    return [Reply(link_card(link_once(context, "console/in", digest_of), context.words))]


def link_once(context: Context, path: str, digest: Callable[[str], str]) -> str:
    """An address of ours behind `path` that is the person's, once, within ten minutes. `digest`: what is stored of its
    secret."""
    token = secrets.token_urlsafe(32)
    keep(context, context.person, digest(token))
    return f"{context.rules.base_url}/{path}/{token}?lang={context.words.language}"


def keep(context: Context, person: Employee, digest: str) -> None:
    """What may be shown once, within ten minutes, for `person`: a link's secret, a code. Anew where it is there."""
    mandate = mandate_of(context.session, person)
    row = ConsoleLink(digest=digest, employee_id=person.id, mandate=mandate, expires_at=context.now + VALID)
    context.session.merge(row)


def link_card(url: str, words: Words) -> Card:
    title = words.t("Your link to the console")
    return card(
        title,
        Heading(title),
        text(words.t("This link signs you in once and works for ten minutes. Keep it to yourself.")),
        actions(Link(words.t("Open the console"), url)),
    )
