"""Which handler an event reaches, and what of the event may be logged."""

from __future__ import annotations

from bot import routes
from bot.core.context import Context
from bot.core.errors import NotAllowed, NotUnderstood
from bot.core.events import Command, Event, Message, Pressed, Submitted
from bot.routes import Route

TAKES_WORDS = {"suggest", "language", "ask", "room", "heard", "workshop"}  # commands that take more than their name


def understood(event: Event) -> Event:
    """Plain words that are a command ("help", "/chorus settings", "suggest https://…") as that command."""
    if not isinstance(event, Message):
        return event
    words = event.text.strip()
    by_name = words.lower().startswith(("/chorus", "chorus "))
    name, _, rest = (words.partition(" ")[2] if by_name else words).strip().partition(" ")
    name = name.lower()
    if name not in routes.COMMANDS or not (by_name or not rest or name in TAKES_WORDS):
        return event
    return Command(
        workspace=event.workspace,
        user=event.user,
        address=event.address,
        keys=event.keys,
        locale=event.locale,
        name=name,
        text=rest.strip(),
        place=event.place,
    )


def _route(event: Event) -> Route:
    route: Route | None
    match event:
        case Command():
            route = routes.COMMANDS.get(event.name)
            if route is None:
                raise NotUnderstood(
                    "I do not know “{name}”. Type /chorus help to see what I can do.", name=event.name[:40]
                )
        case Pressed():
            route = routes.press_route(event.action)
        case Submitted():
            route = routes.FORMS.get(event.form)
        case Message():
            route = routes.MESSAGE
        case _:
            route = None
    if route is None:
        raise NotUnderstood("I do not know that button. It may belong to an older card.", kept=written(event))
    return route


def route_for(context: Context, event: Event) -> Route:
    """Who answers, if the person may ask. Raises NotUnderstood, NotAllowed."""
    route = _route(event)
    if route.role is not None and not context.person.has_role(route.role):
        raise NotAllowed(
            "Only comms leads can do that. If you should be one, ask your administrator.",
            kept=written(event),
        )
    return route


def written(event: Event) -> str:
    """What the person wrote in a form, to give it back."""
    if not isinstance(event, Submitted):
        return ""
    return max(event.values.values(), key=len, default="")[:3000]


def is_confidential(event: Event) -> bool:
    """Whether that somebody does this, and when, is to be found nowhere afterwards."""
    match understood(event):
        case Command(name=name):
            return name in routes.UNTRACED
        case Pressed(action=name):
            return name.removeprefix("show.").partition(".")[0] in routes.UNTRACED
        case Submitted(form=name):
            return name.partition("_")[0] in routes.UNTRACED
    return False


def name_of(event: Event) -> str:
    """For the log: never a word that somebody wrote."""
    match event:
        case Command(name=name):
            return f"command {name if name in routes.COMMANDS else '?'}"
        case Pressed(action=name):
            capability = name.partition(".")[0]
            known = capability if capability in routes.CONFIDENTIAL else name
            return f"press {known if routes.press_route(name) else '?'}"
        case Submitted(form=name):
            return f"form {name if name in routes.FORMS else '?'}"
        case _:
            return type(event).__name__.lower()
