"""What the bot can do, for the roles that a person has; and the answer to what it did not understand."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.cards import Bold, Button, Card, Heading, actions, card, text
from bot.core.context import Context, Effect, Reply
from bot.core.events import Command, Message
from bot.core.i18n import Words
from bot.core.routes import CommandRoute
from storage.people.employees import Employee


def show_help(context: Context, _event: Command) -> list[Effect]:
    return [Reply(help_card(context.person, context.words, context.router.commands))]


def answer_message(context: Context, _event: Message) -> list[Effect]:
    """Plain words that are no command: say what there is, with a button for each."""
    return [Reply(help_card(context.person, context.words, context.router.commands))]


def help_card(person: Employee, words: Words, commands: Mapping[str, CommandRoute]) -> Card:
    """The commands that the person may use, those of everybody first, each as its feature declares it."""
    offered = {name: route for name, route in commands.items() if _is_offered(route, person)}
    everybodys = [name for name, route in offered.items() if route.role is None]
    order = [*everybodys, *(name for name in offered if name not in everybodys)]
    is_lead = person.has_role("lead")
    return card(
        words.t("What I can do"),
        Heading(words.t("What I can do")),
        *(
            text(Bold(words.t(offered[name].said_as(name))), f" – {_meaning(offered[name], words, is_lead=is_lead)}")
            for name in order
        ),
        actions(
            *(Button(words.t(offered[name].button), f"show.{name}") for name in order if offered[name].button),
        ),
    )


def _is_offered(route: CommandRoute, person: Employee) -> bool:
    roles = route.help_roles or ((route.role,) if route.role else ())
    return bool(route.help) and (not roles or person.has_role(*roles))


def _meaning(route: CommandRoute, words: Words, *, is_lead: bool) -> str:
    return words.t(route.help_for_leads if is_lead and route.help_for_leads else route.help)
