"""The team: what a unit's shares led to together, and encouragement. People are named only among those who opted in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.core.cards import (
    Bold,
    Button,
    Card,
    Element,
    Facts,
    Form,
    Heading,
    Quote,
    Table,
    TextField,
    actions,
    card,
    text,
)
from bot.core.contact_budget import moment_for
from bot.core.context import Context, Effect, OpenForm, Reply, Send, words_of
from bot.core.errors import NotAllowed
from bot.core.events import Command, Pressed, Submitted
from bot.core.i18n import Words
from storage.people import organisation
from storage.sharing import shares
from storage.sharing.shares import RankedPerson

SPAN = timedelta(days=28)
FEWEST = 3  # sharers, below which a team's sum would show single people; also people in a ranking
SHOWN, MOST = 10, 200
MAX_CHEER = 300  # characters


@dataclass(frozen=True, slots=True)
class Together:
    """A unit's sums of four weeks, and of the four before."""

    unit: str
    sharers: int
    shares: int
    readers: int
    own_words: int
    before: int  # readers


def show_team(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`team`."""
    return [Reply(_card(context))]


def join_ranking(context: Context, _event: Pressed) -> list[Effect]:
    """`team.join`: on the list."""
    context.person.ranking_wanted = True
    return _refreshed(context)


def leave_ranking(context: Context, _event: Pressed) -> list[Effect]:
    """`team.leave`: off the list."""
    context.person.ranking_wanted = False
    return _refreshed(context)


def open_cheer(context: Context, _event: Pressed) -> list[Effect]:
    """`team.cheer`: the form."""
    return [OpenForm(cheer_form(context.words))]


def _refreshed(context: Context) -> list[Effect]:
    context.session.flush()
    return [Reply(_card(context))]


def submit_cheer(context: Context, event: Submitted) -> list[Effect]:
    """`cheer`: a few words to those of one's unit who have shared, within each one's budget."""
    said = event.values.get("text", "").strip()[:MAX_CHEER]
    if context.person.unit_id is None:
        raise NotAllowed("I don’t know which unit you’re in. Ask your administrator.")
    if not said:
        return [OpenForm(cheer_form(context.words, (("text", context.words.t("Write a few words first.")),)))]
    people = shares.sharers_of(context.session, context.person.unit_id, context.now - SPAN, MOST)
    told: list[Effect] = []
    for person in people:
        due = moment_for(context, person)
        if person.id != context.person.id and due is not None:
            key = f"cheer:{context.person.id}:{person.id}:{context.now:%Y%m%d%H%M}"
            words = words_of(person, context.now)
            told.append(Send(person, key, cheer_card(context.person.name, said, words), kind="cheer", not_before=due))
    return [Reply(sent_card(len(told), context.words)), *told]


def cancel_cheer(context: Context, _event: Pressed) -> list[Effect]:
    """`cancel.cheer` where the form replaced the card: show the card again."""
    return [Reply(_card(context))]


def team_card(
    found: Together | None, ranked: Sequence[RankedPerson], words: Words, *, is_in: bool, may_cheer: bool
) -> Card:
    title = words.t("Your unit")
    body: list[Element] = [Heading(title)]
    if found is None:
        body.append(text(words.t("I don’t know which unit you’re in. Ask your administrator.")))
    elif found.sharers < FEWEST:
        body.append(
            text(
                words.t(
                    "Fewer than three people in {unit} have shared in the last four weeks, so totals would show "
                    "who they are. Be one of the first.",
                    unit=found.unit,
                )
            )
        )
    else:
        said = words.n(
            "Shares from {unit} brought {count} reader in four weeks.",
            "Shares from {unit} brought {count} readers in four weeks.",
            found.readers,
            unit=found.unit,
        )
        pairs = (
            (words.t("People who shared"), words.number(found.sharers)),
            (words.t("Shares"), words.number(found.shares)),
            (words.t("In own words"), words.number(found.own_words)),
            (words.t("Readers in the four weeks before"), words.number(found.before)),
        )
        body += [text(Bold(said)), Facts(pairs)]
    if is_in and len(ranked) >= FEWEST:
        rows = tuple((row.name, words.number(row.shares), words.number(row.readers)) for row in ranked[:SHOWN])
        header = (words.t("People on the list"), words.t("Shares"), words.t("Readers"))
        body.append(Table(header, rows))
    elif is_in:
        body.append(text(words.t("The list appears once three people want to be on it."), subtle=True))
    body.append(
        text(words.t("Only people who asked to be on the list are on it, and only they can see it."), subtle=True)
    )
    body.append(
        actions(
            Button(words.t("Take me off the list"), "team.leave")
            if is_in
            else Button(words.t("Put me on the list"), "team.join"),
            Button(words.t("Cheer on your colleagues…"), "team.cheer", style="primary") if may_cheer else None,
        )
    )
    return card(title, *body)


def cheer_form(words: Words, errors: tuple[tuple[str, str], ...] = ()) -> Form:
    field = TextField(
        "text",
        words.t("A few words to colleagues in your unit who have shared"),
        multiline=True,
        required=True,
        max_length=MAX_CHEER,
        hint=words.t("Your thanks go to people who have shared. Nobody finds out who hasn’t."),
    )
    return Form(
        "cheer", 0, words.t("Cheer on your colleagues"), (field,), words.t("Send"), words.t("Cancel"), errors=errors
    )


def cheer_card(name: str, said: str, words: Words) -> Card:
    title = words.t("{name} says thank you", name=name)
    return card(title, Heading(title), Quote(said))


def sent_card(number: int, words: Words) -> Card:
    said = words.n(
        "{count} person will hear it, at a time that suits them.",
        "{count} people will hear it, at a time that suits them.",
        number,
    )
    return card(said, text(said))


def _card(context: Context) -> Card:
    person, found = context.person, None
    unit = organisation.unit_by_id(context.session, person.unit_id) if person.unit_id is not None else None
    if unit is not None:
        now = shares.unit_sums(context.session, unit.id, context.now - SPAN, context.now)
        before = shares.unit_sums(context.session, unit.id, context.now - 2 * SPAN, context.now - SPAN)
        found = Together(unit.name, *now, before[2])
    ranked = shares.ranking(context.session, context.now - SPAN, MOST) if person.ranking_wanted else []
    return team_card(
        found,
        ranked,
        context.words,
        is_in=person.ranking_wanted,
        may_cheer=unit is not None and person.has_role("lead", "owner"),
    )
