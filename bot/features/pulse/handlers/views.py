"""`/chorus pulse`: for everybody the organisation's result and what is done about it; for leads also the units,
the comments, and the next step. What is shown was frozen at the close and is the same for every viewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core.cards import Bold, Button, Card, Element, Facts, Heading, Image, Quote, Table, Text, actions, card, text
from bot.core.context import Context, Effect, Reply
from bot.core.events import Command, Pressed
from bot.core.factors import FACTORS, factor_names, facts
from bot.core.i18n import Words
from bot.core.ports import Pictures
from bot.features.pulse.cards.answering import said_in
from bot.features.pulse.domain.comments import OTHER
from bot.features.pulse.domain.culture import CultureProfile, profile
from bot.features.pulse.domain.disclosure import Cell, Disclosure, Key
from bot.features.pulse.domain.figures import figure, stage_name, verdict, worst_case
from bot.features.pulse.domain.results import current_cells
from bot.features.pulse.handlers import answering
from bot.features.pulse.handlers.publishing import response_line
from storage.pulse import rounds
from storage.pulse.rounds import Round, RoundState

MOST_UNITS = 30  # rows of the heat map; more are in the export
MOST_COMMENTS = 20


def show_pulse(context: Context, _event: Command | Pressed) -> list[Effect]:
    newest, published = rounds.newest(context.session), rounds.newest_published(context.session)
    found = profile(context.session)
    body: list[Element | None] = [Heading(context.words.t("Pulse: how we’re doing on social media"))]
    invitation = answering.open_invitation(context)
    if invitation is not None:
        label = context.words.t("Change my answers") if invitation.answered else context.words.t("Answer")
        body.append(
            text(
                context.words.t(
                    "A round is open until {moment}.", moment=context.words.moment(invitation.round.closes_at)
                )
            )
        )
        body.append(actions(Button(label, "pulse.answer", invitation.round_id, "primary")))
    if published is not None:
        body += [
            text(Bold(context.words.t("You said: ")), said_in(published.result, context.words)),
            text(Bold(context.words.t("What we’re doing: ")), said_in(published.action, context.words)),
        ]
    is_lead = context.person.has_role("lead")
    if is_lead or published is not None:
        body += profile_elements(
            found, facts(context.session, context.now, context.words), context.words, context.pictures
        )
    elif invitation is None:
        body.append(text(context.words.t("There hasn’t been a round yet.")))
    if is_lead:
        body += _next_step(newest, context)
    return [Reply(card(context.words.t("Pulse: how we’re doing on social media"), *body))]


def show_units(context: Context, _event: Pressed) -> list[Effect]:
    """`pulse_view.units`."""
    cycle, newest = rounds.newest_cycle(context.session), rounds.newest(context.session)
    cells = current_cells(context.session, cycle) if cycle else {}
    return [Reply(units_card(newest, cells, context.words, context.pictures))]


def show_comments(context: Context, _event: Pressed) -> list[Effect]:
    """`pulse_view.comments`."""
    shown = rounds.newest_with_comments(context.session)
    return [Reply(comments_card((shown.comments if shown else None) or [], context.words))]


def profile_elements(
    found: CultureProfile, beside: Mapping[str, str], words: Words, pictures: Pictures
) -> list[Element | None]:
    """The picture of the framework, its table, and the whole: the lowest factor."""
    names = factor_names(words)
    if found.known == 0 and all(item.cell is None for item in found.standings):
        return [
            text(words.t("There’s nothing to show yet: too few people have answered. Their answers are kept safe."))
        ]
    compares = any(item.cell is not None and item.cell.verdict for item in found.standings)
    header = (words.t("Area"), words.t("Positive answers"), words.t("Level"), words.t("Change since last time"))
    rows = tuple(
        (
            names[item.factor],
            figure(item.cell, words) if item.cell else words.t("too few answers yet"),
            stage_name(item.stage, words) if item.cell else "–",
            verdict(item.cell, words) if item.cell else "–",
        )
        for item in found.standings
    )
    width = len(header) if compares else len(header) - 1
    doubts = [
        f"{names[item.factor]}: {worst_case(item.cell, words)}"
        for item in found.standings
        if item.cell is not None and item.cell.worst is not None
    ]
    picture = [(names[item.factor], item.stage) for item in found.standings]
    whole = (
        words.t(
            "Overall: {stage}. Your weakest area sets the level, because the others can’t make up for it.",
            stage=stage_name(found.overall, words),
        )
        if found.overall
        else words.t(
            "Overall it’s too early to tell: {known} of {all} areas have a level so far.",
            known=found.known,
            all=len(FACTORS),
        )
    )
    alt = ", ".join(f"{label}: {stage_name(stage, words)}" for label, stage in picture)
    return [
        Image(pictures.culture_url(words.t("Culture profile"), picture, words.t("too few answers yet")), alt),
        text(Bold(whole)),
        Table(header[:width], tuple(row[:width] for row in rows)),
        text(" · ".join(doubts), subtle=True) if doubts else None,
        text(
            words.t(
                "In brackets: where the true figure very likely lies (95% sure). The level is a cautious "
                "one: the lowest that the answers support (80% range)."
            ),
            subtle=True,
        ),
        text(Bold(words.t("That’s what people think. Here’s what happened:"))),
        Facts(tuple((names[factor], fact) for factor, fact in beside.items() if fact)),
    ]


def units_card(newest: Round | None, cells: Mapping[Key, Cell], words: Words, pictures: Pictures) -> Card:
    """Units × factors; a cell that may not be shown says so."""
    title = words.t("Results by unit")
    names = factor_names(words)
    units = [(unit, name) for unit, _parent, name in (newest.tree if newest else [])][:MOST_UNITS]
    if not units:
        return card(title, Heading(title), text(words.t("There are no units yet.")))
    short = {factor: names[factor] for factor in FACTORS}
    table = tuple(
        (name, *(_unit_figure(cells.get((factor, None, "factor", unit)), words) for factor in FACTORS))
        for unit, name in units
    )
    heat = [(name, [_heat(cells.get((factor, None, "factor", unit))) for factor in FACTORS]) for unit, name in units]
    alt = "; ".join(f"{row[0]}: {', '.join(row[1:])}" for row in table)
    return card(
        title,
        Heading(title),
        Image(pictures.heat_url(title, list(short.values()), heat, words.t("too few answers yet")), alt),
        Table((words.t("Unit"), *short.values()), table),
        text(
            words.t(
                "Figures for small groups are moved towards the organisation’s average so that units can be "
                "compared fairly. “–” means too few answers, or that somebody’s answers could be worked out "
                "from it."
            ),
            subtle=True,
        ),
        actions(Button(words.t("Back"), "show.pulse")),
    )


def comments_card(released: Sequence[Mapping[str, str]], words: Words) -> Card:
    title = words.t("What people wrote")
    names = {**factor_names(words), OTHER: words.t("Other")}
    if not released:
        told = words.t(
            "There’s too little to show yet. You’ll see comments once ten people have answered and five "
            "have commented in the same language."
        )
        return card(title, Heading(title), text(told), actions(Button(words.t("Back"), "show.pulse")))
    body: list[Element] = [Heading(title)]
    for theme, name in names.items():
        said = [item["text"] for item in released if item["theme"] == theme]
        if said:
            body.append(text(Bold(name)))
            body += [Quote(words_of_one) for words_of_one in said[:MOST_COMMENTS]]
    body.append(
        text(words.t("In random order and not linked to anything else. Names and addresses are masked."), subtle=True)
    )
    body.append(actions(Button(words.t("Back"), "show.pulse")))
    return card(title, *body)


def _next_step(newest: Round | None, context: Context) -> list[Element | None]:
    """What the lead may do now."""
    words = context.words
    views = (
        Button(words.t("Units"), "pulse_view.units"),
        Button(words.t("Comments"), "pulse_view.comments"),
    )
    if newest is None:
        return [
            text(
                words.t("There hasn’t been a round yet. When you open the first one, I’ll ask everybody I can reach.")
            ),
            actions(Button(words.t("Open a round"), "round.open", 0, "primary")),
        ]
    if newest.state == RoundState.OPEN:
        told: Text = text(
            words.t(
                "The round closes on {moment}. You’ll see results only after that.",
                moment=words.moment(newest.closes_at),
            )
        )
        return [told, actions(*views, Button(words.t("Close the round now"), "round.close", newest.id))]
    if newest.state == RoundState.CLOSING:
        return [text(words.t("I’m counting the answers. In a moment I’ll tell you what can be shown."))]
    if newest.state == RoundState.CLOSED:
        return [
            response_line(newest, words),
            text(words.t("People haven’t heard yet what came of this round.")),
            actions(
                *views,
                Button(words.t("Publish a result…"), "round.edit", newest.id, "primary"),
            ),
        ]
    return [response_line(newest, words), actions(*views, Button(words.t("Open a round"), "round.open", 0))]


def _unit_figure(cell: Cell | None, words: Words) -> str:
    if cell is None:
        return "–"
    if cell.how == Disclosure.BAND:
        return figure(cell, words)
    return words.t("{value}%", value=cell.shrunk if cell.shrunk is not None else cell.value)


def _heat(cell: Cell | None) -> tuple[int, str] | None:
    """What colours the cell, in per cent, and what it says: a band has a word and no number."""
    if cell is None:
        return None
    if cell.how == Disclosure.BAND:
        return round(cell.shown.share * 100), "•"  # its word stands in the table, where there is room for it
    value = cell.shrunk if cell.shrunk is not None else cell.value
    return value, str(value)
