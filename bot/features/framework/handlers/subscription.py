"""A calendar of one's own: an address that only its owner knows, ended by one tap or by making another."""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256

from bot.core.cards import Button, Card, Heading, Quote, actions, card, text
from bot.core.context import Context, Effect, Reply
from bot.core.events import Pressed
from bot.core.i18n import Words
from storage.database import Session
from storage.framework import framework
from storage.people import employees

SECRET_BYTES = 24


def make_address(context: Context, _event: Pressed) -> list[Effect]:
    """`calendar.address`: an address; the one before ends."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    framework.subscribe(context.session, context.person.id, _digest(secret), now=context.now)
    return [Reply(address_card(f"{context.rules.base_url}/calendar/{secret}.ics", context.words))]


def end(context: Context, _event: Pressed) -> list[Effect]:
    """`calendar.end`: the address no longer works."""
    framework.unsubscribe(context.session, context.person.id)
    return [Reply(ended_card(context.words))]


def feed(session: Session, secret: str, *, name: str, now: datetime) -> bytes | None:
    """The calendar behind that secret; None where it was ended, or its owner has left."""
    from bot.features.framework.domain import ics  # a tenth of a second: only for those who subscribe

    found = framework.subscriber(session, _digest(secret))
    person = employees.employee(session, found) if found is not None else None
    if person is None or not person.is_active:
        return None
    return ics.calendar(framework.activities(session), name=name, now=now)


def address_card(address: str, words: Words) -> Card:
    title = words.t("Add this to your calendar")
    return card(
        title,
        Heading(title),
        text(
            words.t(
                "Subscribe to this address in Outlook or Google Calendar. Anyone who has it can read the "
                "calendar. I show it only once; a new address replaces it."
            )
        ),
        Quote(address, copy=True),
        actions(Button(words.t("Turn off this address"), "calendar.end"), Button(words.t("Calendar"), "show.calendar")),
    )


def ended_card(words: Words) -> Card:
    said = words.t("Your calendar address no longer works.")
    return card(said, text(said), actions(Button(words.t("Calendar"), "show.calendar")))


def _digest(secret: str) -> str:
    """What is stored: from it nobody can make the address."""
    return sha256(secret.encode()).hexdigest()
