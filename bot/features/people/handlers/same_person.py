"""Who is in Slack and in Teams says so in both: a code from the one, written in the other, and Yes in the first.

An address alone joins nobody who is responsible for something, and a code must not either: it can be talked out of
somebody. Who has a role is joined by an administrator or the directory.
"""

from __future__ import annotations

import re
import secrets

from bot.core.cards import Bold, Button, Card, Heading, actions, card, text
from bot.core.context import Context, Effect, Reply, Send
from bot.core.errors import Gone, NotAllowed, NotUnderstood
from bot.core.events import Command, Pressed
from bot.core.i18n import Words
from bot.core.tokens import digest_of
from bot.features.people.domain import roster
from bot.features.people.handlers.console_link import keep
from storage.audit import watch
from storage.people import directory_records, employees
from storage.people.employees import Employee, Identity, IdentityState
from storage.people.responsibilities import has_responsibility
from storage.web import console_sessions

NAME = "same-person"
LETTERS, LENGTH = "ABCDEFGHJKMNPQRSTUVWXYZ23456789", 10  # none that is read as another; 49 bits, for ten minutes
CODE = re.compile(rf"[{LETTERS}]{{{LENGTH // 2}}}-[{LETTERS}]{{{LENGTH // 2}}}", re.IGNORECASE)


def say_same_person(context: Context, event: Command) -> list[Effect]:
    """`same-person`: a code. `same-person CODE`: from the other place."""
    if has_responsibility(context.session, context.person):
        raise _not_by_code()
    said = "".join(sign for sign in event.text.upper() if sign.isalnum())
    if said:
        return _ask_there(context, event, said)
    code = "".join(secrets.choice(LETTERS) for _letter in range(LENGTH))
    keep(context, context.person, _of_code(code))
    return [Reply(code_card(f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}", context.words))]


def join_places(context: Context, event: Pressed) -> list[Effect]:
    """`same.yes`, where the code came from."""
    session, person = context.session, context.person
    identity = _answered(context, event)
    if not _may_be_joined(context, person, identity.employee):
        raise _not_by_code()
    watch.note(session, "person joined", about=f"employees {person.id}", details={"workspace": identity.workspace_id})
    roster.join(session, identity, person, context.now)
    return [Reply(joined_card(context.words))]


def keep_apart(context: Context, event: Pressed) -> list[Effect]:
    """`same.no`."""
    _answered(context, event)
    return [Reply(apart_card(context.words))]


def code_card(code: str, words: Words) -> Card:
    title = words.t("One person in two places")
    return card(
        title,
        Heading(title),
        text(words.t("If you use me in Slack and in Teams, write this to me in the other one, within ten minutes:")),
        text(Bold(f"{NAME} {code}")),
        text(words.t("What is yours here stays. What I know of you only there is deleted after 30 days.")),
        text(words.t("Give the code to nobody: whoever writes it asks to be you."), subtle=True),
    )


def is_it_you_card(name: str, workspace: str, identity: int, words: Words) -> Card:
    title = words.t("Is this you?")
    return card(
        title,
        Heading(title),
        text(words.t("{name} in {workspace} says they are you.", name=name, workspace=workspace)),
        text(words.t("Yes means that whatever is yours here is theirs, too: your nudges, your settings, your data.")),
        actions(Button(words.t("Yes, that’s me"), "same.yes", identity), Button(words.t("No"), "same.no", identity)),
    )


def asked_card(words: Words) -> Card:
    title = words.t("I’ve asked you in the other place")
    return card(title, Heading(title), text(words.t("Say yes there, within ten minutes.")))


def joined_card(words: Words) -> Card:
    title = words.t("You’re one person to me now")
    return card(title, Heading(title), text(words.t("I write to you where you spoke with me last.")))


def apart_card(words: Words) -> Card:
    title = words.t("I keep the two apart")
    return card(title, Heading(title), text(words.t("If somebody tries to be you, tell your administrator.")))


def _ask_there(context: Context, event: Command, code: str) -> list[Effect]:
    session, words = context.session, context.words
    identity = employees.identity(session, event.workspace, event.user)
    number = console_sessions.use_link(session, _of_code(code), now=context.now)
    if number is None or identity is None:
        raise NotUnderstood(
            "I don’t know that code. It works once, for ten minutes; type {command} in the other place for a new one.",
            command=f"/chorus {NAME}",
        )
    first = session.get_one(Employee, number)
    if first.id == context.person.id or any(one.workspace_id == event.workspace for one in first.identities):
        raise NotUnderstood("That code is from here. Write it to me in the other place.")
    if not first.is_active or not _may_be_joined(context, first, context.person):
        raise _not_by_code()
    keep(context, first, _of_answer(first, identity))
    workspace = identity.workspace.name or identity.workspace_id
    asked = is_it_you_card(
        context.person.name, workspace, identity.id, Words(first.language, first.time_zone, context.now)
    )
    return [Send(first, f"same:{identity.id}:{context.now:%Y%m%d%H%M%S}", asked), Reply(asked_card(words))]


def _answered(context: Context, event: Pressed) -> Identity:
    """Whom the person was asked about. Raises Gone for an answer that comes too late or again, or was never asked."""
    identity = context.session.get(Identity, event.ref)
    digest = _of_answer(context.person, identity) if identity is not None else ""
    if identity is None or console_sessions.use_link(context.session, digest, now=context.now) != context.person.id:
        raise Gone("That took more than ten minutes, or you have answered. Type {command} again.", command=NAME)
    return identity


def _may_be_joined(context: Context, first: Employee, second: Employee) -> bool:
    """Nobody gains a role, and nobody is two people in one workspace."""
    session = context.session
    places = {one.workspace_id for one in first.identities if one.state != IdentityState.LEFT}
    return (
        not any(has_responsibility(session, one) for one in (first, second))
        and not directory_records.of_person(session, second.id)
        and places.isdisjoint(one.workspace_id for one in second.identities)
    )


def _not_by_code() -> NotAllowed:
    return NotAllowed(
        "A code can’t join somebody who has a role or a topic, or is in the directory. Your administrator can, with "
        "chorus people join."
    )


def _of_code(code: str) -> str:
    return digest_of(f"{NAME} {code}")


def _of_answer(first: Employee, identity: Identity) -> str:
    return digest_of(f"{NAME} {first.id} {identity.id}")
