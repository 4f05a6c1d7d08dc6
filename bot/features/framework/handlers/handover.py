"""Handing over: all that one person answers for, open questions and mentions included, goes to another in one step."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.cards import Bold, Button, Card, Choice, Form, Heading, Option, actions, card, text
from bot.core.context import Context, Effect, OpenForm, Reply, Send, words_of
from bot.core.errors import Gone, NotAllowed
from bot.core.events import Command, Pressed, Submitted
from bot.core.i18n import Words
from bot.features.escalation.domain.reminders import ALERTS, QUIET
from bot.features.framework.domain import repository
from bot.features.framework.domain.model import Framework
from bot.features.framework.forms.names import channel_name
from storage.mentions import listening as mentions
from storage.people import employees
from storage.people.employees import Employee
from storage.questions import questions, topics
from storage.questions.questions import WITH_A_PERSON

MOST = 100  # people to choose among: what Slack's menus take
MOST_OPEN = 500  # questions, and mentions


@dataclass(frozen=True, slots=True)
class Moved:
    """How much changed hands; `without_deputy`: channels whose deputy is their owner now."""

    places: int
    questions: int = 0
    mentions: int = 0
    without_deputy: tuple[str, ...] = ()

    @property
    def is_something(self) -> bool:
        return bool(self.places or self.questions or self.mentions)


def open_handover(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`handover`, or the button on the framework's card."""
    return [OpenForm(_form(context))]


def submit_handover(context: Context, event: Submitted) -> list[Effect]:
    """`handover` was submitted. Owners hand over what is theirs, leads anybody's."""
    giver, taker = (_person(context, event.values.get(name, "")) for name in ("from", "to"))
    if giver.id != context.person.id and not context.person.has_role("lead"):
        raise NotAllowed("You can hand over what’s yours. To hand over for somebody else, ask a comms lead.")
    if not taker.is_active:
        raise Gone("{name} has left, so they can’t take anything over. Choose somebody else.", name=taker.name)
    if giver.id == taker.id:
        error = ("to", context.words.t("Choose two different people."))
        return [OpenForm(_form(context, dict(event.values), (error,)))]
    if giver.email is None or taker.email is None:
        raise Gone(
            "One of these two people has no email address here, so nothing can be handed over. Ask your administrator."
        )
    before = repository.current_framework(context.session)
    wanted = handed_over(before, giver.email, taker.email)
    why = context.words.t("handed over by {name}", name=giver.name)
    changed = repository.apply(context.session, wanted, seen=None, by=context.person, why=why, now=context.now)
    others = _topics(context, giver, taker)
    asked = questions.of_owner(context.session, giver.id, WITH_A_PERSON, MOST_OPEN)
    mentioned = mentions.waiting(context.session, owner_id=giver.id, limit=MOST_OPEN)
    for question in asked:
        question.owner = taker
    for mention in mentioned:
        mention.owner = taker
    for mention in mentioned[ALERTS:]:
        mention.reminded = [*mention.reminded, QUIET]
    context.session.flush()
    if (changed or others) and "owner" not in taker.roles:
        taker.roles = [*taker.roles, "owner"]
    alone = without_deputy(before, wanted)
    moved = Moved(len(changed) + others, len(asked), len(mentioned), alone)
    when = f"{context.now:%Y%m%d%H%M}"
    cards = [Send(taker, f"handover:{row.id}:{taker.id}:{when}", kind="question", subject=row.id) for row in asked]
    cards += [
        Send(taker, f"handover:{row.id}:{taker.id}:m{when}", kind="mention", subject=row.id)
        for row in mentioned[:ALERTS]
    ]
    told = [
        Send(person, f"handover:{giver.id}:{taker.id}:{person.id}:{when}", _told(context, person, giver, taker, moved))
        for person in (taker, giver)
        if moved.is_something and person.id != context.person.id
    ]
    return [Reply(done_card(giver.name, taker.name, moved, context.words)), *told, *cards]


def _told(context: Context, person: Employee, giver: Employee, taker: Employee, moved: Moved) -> Card:
    words = words_of(person, context.now)
    return done_card(giver.name, taker.name, moved, words, is_taker=person.id == taker.id)


def cancel_handover(context: Context, _event: Pressed) -> list[Effect]:
    """Where the form stands in a card's place: that nothing was done."""
    said = context.words.t("There was nothing to hand over.")
    return [Reply(card(said, text(said)))]


def without_deputy(before: Framework, after: Framework) -> tuple[str, ...]:
    """The names of channels that had a deputy, and have none now that the deputy owns them."""
    had = {channel.id for channel in before.channels if channel.deputy is not None}
    return tuple(channel_name(channel) for channel in after.channels if channel.id in had and channel.deputy is None)


def handed_over(model: Framework, giver: str, taker: str) -> Framework:
    """The model in which `taker` (addresses) has every place of `giver`; nobody stands in for themselves."""

    def instead(address: str | None) -> str | None:
        return taker if address == giver else address

    channels = []
    for channel in model.channels:
        owner, deputy = instead(channel.owner), instead(channel.deputy)
        update = {"owner": owner, "deputy": None if deputy == owner else deputy}
        channels.append(channel.model_copy(update=update))
    goals = tuple(goal.model_copy(update={"owner": instead(goal.owner)}) for goal in model.goals)
    activities = tuple(item.model_copy(update={"owner": instead(item.owner)}) for item in model.activities)
    return model.model_copy(update={"channels": tuple(channels), "goals": goals, "activities": activities})


def done_card(giver: str, taker: str, moved: Moved, words: Words, *, is_taker: bool = False) -> Card:
    """`is_taker`: for whoever has it now."""
    title = words.t("{giver} has handed over to {taker}", giver=giver, taker=taker)
    if is_taker:
        title = words.t("{giver} has handed over to you", giver=giver)
    return card(
        title,
        Heading(title),
        text(words.n("{count} responsibility moved.", "{count} responsibilities moved.", moved.places)),
        text(words.n("{count} open question moved.", "{count} open questions moved.", moved.questions))
        if moved.questions
        else None,
        text(words.n("{count} open mention moved.", "{count} open mentions moved.", moved.mentions))
        if moved.mentions
        else None,
        text(Bold(words.t("Without a deputy now:")), f" {', '.join(moved.without_deputy)}")
        if moved.without_deputy
        else None,
        actions(
            Button(words.t("Framework"), "show.framework"),
            Button(words.t("Inbox"), "show.inbox") if is_taker and moved.questions else None,
        ),
    )


def handover_form(
    people: list[Employee],
    giver: int,
    words: Words,
    errors: tuple[tuple[str, str], ...] = (),
    taker: str = "",
    *,
    for_others: bool = True,
) -> Form:
    """`for_others`: whether the person may hand over what is not theirs."""
    options = tuple(Option(str(person.id), person.name) for person in people[:MOST])
    givers = options if for_others else tuple(one for one in options if one.value == str(giver))
    return Form(
        name="handover",
        ref=0,
        title=words.t("Hand over"),
        fields=(
            Choice("from", words.t("Who hands over?"), givers, value=str(giver)),
            Choice(
                "to",
                words.t("Who takes over?"),
                options,
                value=taker or options[-1].value,
                hint=words.t("Channels, topics, goals, activities, open questions and mentions. They’re told at once."),
            ),
        ),
        submit=words.t("Hand over"),
        cancel=words.t("Cancel"),
        errors=errors,
    )


def _form(context: Context, values: dict[str, str] | None = None, errors: tuple[tuple[str, str], ...] = ()) -> Form:
    people = {person.id: person for role in ("owner", "lead") for person in employees.with_role(context.session, role)}
    people[context.person.id] = context.person
    listed = sorted(people.values(), key=lambda person: (person.id != context.person.id, person.name))
    values = values or {}
    return handover_form(
        listed,
        int(values.get("from", context.person.id)),
        context.words,
        errors,
        values.get("to", ""),
        for_others=context.person.has_role("lead"),
    )


def _person(context: Context, value: str) -> Employee:
    person = employees.employee(context.session, int(value)) if value.isdecimal() and len(value) < 10 else None
    if person is None:
        raise Gone("I don’t know that person. Choose somebody from the list.")
    return person


def _topics(context: Context, giver: Employee, taker: Employee) -> int:
    """Topics that are no channels; how many changed hands."""
    mine = [row for row in topics.of_person(context.session, giver.id) if row.channel_id is None]
    for row in mine:
        row.holder = taker if row.holder is giver else row.holder
        if row.deputy in (giver, taker):
            row.deputy = None if row.holder is taker else taker
    return len(mine)
