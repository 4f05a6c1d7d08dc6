"""`/chorus pulse`: for everybody the organisation's result and what is done about it; for leads also the units,
the comments, and the next step. What is shown was frozen at the close and is the same for every viewer."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.cards import Bold, Button, Card, Element, Facts, Heading, Image, Table, Text, actions, card, text
from bot.core.context import Context, Effect, Reply
from bot.core.events import Command, Pressed
from bot.core.factors import FACTORS, factor_names, facts
from bot.core.i18n import Words
from bot.core.ports import Pictures
from bot.features.pulse.cards.answering import said_in
from bot.features.pulse.domain.culture import CultureProfile, profile
from bot.features.pulse.domain.figures import bounds_sentence, figure, stage_name, verdict
from bot.features.pulse.handlers import answering
from bot.features.pulse.handlers.publishing import response_line
from storage.pulse import comments, readings, rounds
from storage.pulse.readings import Level
from storage.pulse.rounds import Round, RoundState

MOST_UNITS = 30  # rows of the heat map; more are in the export


def show_pulse(context: Context, _event: Command | Pressed) -> list[Effect]:
    newest, published = rounds.newest(context.session), rounds.newest_published(context.session)
    found = profile(context.session)
    body: list[Element | None] = [Heading(context.words.t("Pulse: how we’re doing on social media"))]
    asked = answering.open_ballot(context)
    if asked is not None:
        row, ballot = asked
        label = context.words.t("Change my answers") if ballot.has_answered else context.words.t("Answer")
        body.append(
            text(context.words.t("A round is open until {moment}.", moment=context.words.moment(row.closes_at)))
        )
        body.append(actions(Button(label, "pulse.answer", row.id, "primary")))
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
    elif asked is None:
        body.append(text(context.words.t("There hasn’t been a round yet.")))
    answered = comments.newest_answered(context.session)
    if newest is not None or answered:
        body.append(
            actions(
                Button(context.words.t("Answers to comments"), "pulse_view.answers") if answered else None,
                Button(context.words.t("Who sees what?"), "pulse.notice", newest.id) if newest is not None else None,
            )
        )
    if is_lead:
        body += _next_step(newest, context)
    return [Reply(card(context.words.t("Pulse: how we’re doing on social media"), *body))]


def show_units(context: Context, _event: Pressed) -> list[Effect]:
    """`pulse_view.units`."""
    return [Reply(units_card(rounds.newest_read(context.session), context.words, context.pictures))]


def profile_elements(
    found: CultureProfile, beside: Mapping[str, str], words: Words, pictures: Pictures
) -> list[Element | None]:
    """The picture of the framework, its table, and the whole: the lowest factor."""
    names = factor_names(words)
    if not found.known:
        return [text(words.t("There’s nothing to show yet: too few people have answered."))]
    compares = any(item.level is not None and item.level.change for item in found.standings)
    header = (words.t("Area"), words.t("Positive answers"), words.t("Level"), words.t("Change since last time"))
    rows = tuple(
        (
            names[item.factor],
            figure(item.level, words) if item.level else words.t("too few answers yet"),
            stage_name(item.stage, words) if item.level else "–",
            verdict(item.level.change, words) if item.level else "–",
        )
        for item in found.standings
    )
    width = len(header) if compares else len(header) - 1
    picture = [(names[item.factor], item.stage) for item in found.standings]
    bounds = bounds_sentence(((names[factor], level) for factor, level in found.areas.items()), words)
    alt = ", ".join(f"{label}: {stage_name(stage, words)}" for label, stage in picture)
    return [
        Image(pictures.culture_url(words.t("Culture profile"), picture, words.t("too few answers yet")), alt),
        text(Bold(whole_sentence(found, words))),
        Table(header[:width], tuple(row[:width] for row in rows)),
        text(
            words.t(
                "In brackets: where the figure of those who answered very likely lies (95% sure). Every figure has "
                "noise added, so that it tells hardly anything about any one person."
            ),
            subtle=True,
        ),
        text(bounds, subtle=True) if bounds else None,
        text(
            words.t("People who are unhappy answer less often, so the true picture may be somewhat worse."), subtle=True
        ),
        text(Bold(words.t("That’s what people think. Here’s what happened:"))),
        Facts(tuple((names[factor], fact) for factor, fact in beside.items() if fact)),
    ]


def whole_sentence(found: CultureProfile, words: Words) -> str:
    """The overall level, how sure it is, and which area sets it."""
    if not found.overall or not found.whole:
        return words.t(
            "Overall it’s too early to tell: {known} of {all} areas have a level so far.",
            known=found.known,
            all=len(FACTORS),
        )
    overall = words.t(
        "Overall: {stage} (about {percent}% sure). Your weakest area sets the level, because the others can’t make up "
        "for it.",
        stage=stage_name(found.overall, words),
        percent=round(100 * found.whole.stages[found.overall - 1]),
    )
    if found.weakest:
        weakest = words.t(
            "{area} is clearly the weakest among those who answered.", area=factor_names(words)[found.weakest]
        )
    else:
        weakest = words.t("There’s no clear weakest area.")
    return f"{overall} {weakest}"


def units_card(row: Round | None, words: Words, pictures: Pictures) -> Card:
    """Units × factors, as read at the newest close; a unit of which nothing can be said says so."""
    title, names, reading = words.t("Results by unit"), factor_names(words), readings.of_round(row)
    units = [(unit, name) for unit, _parent, name in (row.tree if row else [])][:MOST_UNITS]
    if not units or reading is None:
        return card(title, Heading(title), text(words.t("There are no results by unit yet.")))
    levels = {unit: reading.units.get(unit, {}) for unit, _name in units}
    table = tuple(
        (name, *(_unit_figure(levels[unit].get(factor), words) for factor in FACTORS)) for unit, name in units
    )
    heat = [(name, [_heat(levels[unit].get(factor)) for factor in FACTORS]) for unit, name in units]
    alt = "; ".join(f"{line[0]}: {', '.join(line[1:])}" for line in table)
    small = [name for unit, name in units if not levels[unit]]
    quiet = [name for unit, name in units if any(level.bounds for level in levels[unit].values())]
    return card(
        title,
        Heading(title),
        Image(
            pictures.heat_url(title, [names[factor] for factor in FACTORS], heat, words.t("too few answers yet")), alt
        ),
        Table((words.t("Unit"), *(names[factor] for factor in FACTORS)), table),
        text(
            words.t(
                "Figures of small units lean towards the organisation’s, because noise and chance weigh more there. "
                "“–” means that too little is known."
            ),
            subtle=True,
        ),
        text(
            words.t(
                "Fewer than 70% answered about some area in: {units}. Depending on what the others think, figures "
                "there could be up to {points} percentage points off.",
                units=", ".join(quiet),
                points=max(_farthest(level) for unit, _name in units for level in levels[unit].values()),
            ),
            subtle=True,
        )
        if quiet
        else None,
        text(
            words.t(
                "Too small for figures: {units}. What works for a small unit is the workshop: type /chorus {command}.",
                units=", ".join(small),
                command="workshop",
            ),
            subtle=True,
        )
        if small
        else None,
        actions(Button(words.t("Back"), "show.pulse")),
    )


def _next_step(newest: Round | None, context: Context) -> list[Element | None]:
    """What the lead may do now."""
    words = context.words
    views = Button(words.t("Units"), "pulse_view.units"), Button(words.t("Comments"), "pulse_view.comments")
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
            actions(*views, Button(words.t("Publish a result…"), "round.edit", newest.id, "primary")),
        ]
    return [response_line(newest, words), actions(*views, Button(words.t("Open a round"), "round.open", 0))]


def _unit_figure(level: Level | None, words: Words) -> str:
    return words.t("{value}%", value=level.value) if level else "–"


def _farthest(level: Level) -> int:
    """By how many points the figure could be off, had all answered; 0 where enough did."""
    return max(level.value - level.could_be[0], level.could_be[1] - level.value) if level.could_be else 0


def _heat(level: Level | None) -> tuple[int, str] | None:
    """What colours the cell, in per cent, and what it says."""
    return (level.value, str(level.value)) if level else None
