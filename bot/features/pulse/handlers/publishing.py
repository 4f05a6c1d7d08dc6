"""You said, we did: the result of a round and one action, told by a lead; without it no further round opens."""

from __future__ import annotations

from bot.core import factors
from bot.core.cards import Bold, Button, Card, Form, Heading, Text, TextField, actions, card, text
from bot.core.context import ComposeRequest as Composed
from bot.core.context import Context, Effect, Job, OpenForm, Reply, words_of
from bot.core.errors import NotAllowed
from bot.core.events import Pressed, Submitted
from bot.core.i18n import DEFAULT, Words, languages
from bot.features.pulse.cards.answering import said_in
from bot.features.pulse.domain.culture import CultureProfile, profile
from bot.features.pulse.domain.figures import figure, verdict
from bot.features.pulse.domain.reading import FEWEST
from bot.features.pulse.domain.results import response
from bot.features.pulse.jobs.closing import close_round, open_now
from bot.features.pulse.jobs.rounds import check_may_open, open_round
from storage.database import Session
from storage.pulse import readings, rounds
from storage.pulse.readings import Change, Level
from storage.pulse.rounds import NoFigures, Round, RoundState

MOST = 600  # characters of a result and of an action


def ask_to_open(context: Context, _event: Pressed) -> list[Effect]:
    """`round.open`: asks once."""
    check_may_open(context)
    return [Reply(open_card(context.words))]


def open_one(context: Context, _event: Pressed) -> list[Effect]:
    """`round.open_now`."""
    return [Reply(opened_card(open_round(context), context.words))]


def ask_to_close(context: Context, _event: Pressed) -> list[Effect]:
    """`round.close`: asks once."""
    return [Reply(close_card(open_now(context.session), context.words))]


def close_open_round(context: Context, _event: Pressed) -> list[Effect]:
    """`round.close_now`."""
    close_round(context.session)
    return [Reply(closing_card(context.words))]


def ask_to_publish(context: Context, event: Pressed) -> list[Effect]:
    """`round.publish`: what is suggested, and asks once."""
    row = _closed(context, event.ref)
    return [Reply(publish_card(row, *_suggested(context.session, row), context.words))]


def publish_as_suggested(context: Context, event: Pressed) -> list[Effect]:
    """`round.publish_now`."""
    row = _closed(context, event.ref)
    return _publish(context, row, *_suggested(context.session, row))


def show_closed(context: Context, event: Pressed) -> list[Effect]:
    """`round.keep`, also `cancel.round_publish`: the card that asks for a publication, again."""
    row = _closed(context, event.ref)
    return [Reply(closed_card(row, *suggestion(context.session, row), context.words))]


def write_publication(context: Context, event: Pressed) -> list[Effect]:
    """`round.edit`: the form."""
    row = _closed(context, event.ref)
    return [OpenForm(publication_form(row, *suggestion(context.session, row), context.words))]


def submit_publication(context: Context, event: Submitted) -> list[Effect]:
    """`round_publish` was submitted; a language left empty falls back to another."""
    result = {name: said for name in languages() if (said := _said(event, f"result_{name}"))}
    action = {name: said for name in languages() if (said := _said(event, f"action_{name}"))}
    row = _closed(context, event.ref, kept="\n".join([*result.values(), *action.values()]))
    missing = tuple(
        (f"{name}_{languages()[0]}", context.words.t("Write this in at least one language."))
        for name, texts in (("result", result), ("action", action))
        if not texts
    )
    if missing:
        return [OpenForm(publication_form(row, result, action, context.words, errors=missing))]
    return _publish(context, row, result, action)


def _publish(context: Context, row: Round, result: dict[str, str], action: dict[str, str]) -> list[Effect]:
    row.publish(result, action, by=context.person.id, now=context.now)
    context.session.flush()
    return [Reply(published_card(row, context.words))]


def compose_closed(job: Job, composed: Composed) -> Card | None:
    """To a lead, after the close: what may be said, and what may be promised."""
    row = rounds.a_round(job.session, composed.subject)
    if row is None or row.state != RoundState.CLOSED or not composed.person.has_role("lead"):
        return None
    return closed_card(row, *suggestion(job.session, row), words_of(composed.person, job.now))


def _suggested(session: Session, row: Round) -> tuple[dict[str, str], dict[str, str]]:
    """Raises NotAllowed where there is nothing to publish but what was said before."""
    result, action = suggestion(session, row)
    if not result:
        raise NotAllowed("Too few people answered this round to suggest a result. Write it yourself instead.")
    return result, action


def suggestion(session: Session, row: Round) -> tuple[dict[str, str], dict[str, str]]:
    """A result and an action to start from, in each language: what the round says of its area, and what helps where the
    culture is lowest. None of either where the round said nothing: what was said before is no result of it."""
    reading, counted = readings.of_round(row), response(row)
    level = reading.organisation.get(row.factor) if reading else None
    if level is None or counted is None or counted[0] < FEWEST:
        return {}, {}
    found = profile(session)
    action = factors.actions()[found.weakest or found.lowest or row.factor]["action"]
    return (
        {name: result_sentence(row.factor, level, found, Words(name)) for name in languages()},
        {name: action.get(name) or action[DEFAULT] for name in languages()},
    )


def result_sentence(factor: str, level: Level, found: CultureProfile, words: Words) -> str:
    """The area of the round, in words, with how sure that is; and which areas stand out, where that is clear."""
    names = factors.factor_names(words)
    said = [words.t("Positive answers in “{area}”: {figure}.", area=names[factor], figure=figure(level, words))]
    if level.change in (Change.BETTER, Change.WORSE):
        said.append(words.t("That’s {verdict} than last time.", verdict=verdict(level.change, words)))
    if found.strongest and found.weakest:
        said.append(
            words.t("Strongest: {best}. Weakest: {worst}.", best=names[found.strongest], worst=names[found.weakest])
        )
    elif found.weakest:
        said.append(words.t("Weakest of all areas: {area}.", area=names[found.weakest]))
    return " ".join(said)


# -- Cards ------------------------------------------------------------------------------------------------


def open_card(words: Words) -> Card:
    """Asks for confirmation: people are asked, and cannot be asked again for a while."""
    question = words.t("Open a round now?")
    return card(
        question,
        Heading(question),
        text(
            words.t(
                "I’ll ask everybody I can reach, in their own working hours. A round that is open can be closed, but "
                "not taken back: it counts towards this year’s privacy budget."
            )
        ),
        actions(
            Button(words.t("Yes, open it"), "round.open_now", 0, "primary"),
            Button(words.t("Not now"), "show.pulse"),
        ),
    )


def opened_card(row: Round, words: Words) -> Card:
    return card(
        words.t("A round is open"),
        Heading(words.t("A round is open")),
        text(
            words.t(
                "I ask people in their own working hours. The round closes on {moment}. People who haven’t "
                "answered get one reminder; you will not see who they are.",
                moment=words.moment(row.closes_at),
            )
        ),
    )


def closing_card(words: Words) -> Card:
    return card(
        words.t("The round is closing"),
        Heading(words.t("The round is closing")),
        text(words.t("I’m counting the answers. In a moment I’ll tell you what can be shown.")),
    )


def closed_card(row: Round, result: dict[str, str], action: dict[str, str], words: Words) -> Card:
    return card(
        words.t("The round is closed: tell people what came of it"),
        Heading(words.t("The round is closed: tell people what came of it")),
        response_line(row, words),
        *(_said_and_done(result, action, words) if result else [text(_no_result(row, words))]),
        text(
            words.t(
                "The next round opens only after people have heard the result. What tires people is "
                "answering and seeing nothing happen."
            ),
            subtle=True,
        ),
        actions(
            Button(words.t("Publish this"), "round.publish", row.id, "primary") if result else None,
            Button(words.t("Write it yourself…"), "round.edit", row.id),
            Button(words.t("See the results"), "show.pulse"),
        ),
    )


def _no_result(row: Round, words: Words) -> str:
    """Why nothing is suggested."""
    if row.no_figures == NoFigures.LOST:
        return words.t(
            "The answers of this round were lost when the database failed, so there’s no result. Tell people that in "
            "your own words, and when you’ll ask again."
        )
    if row.no_figures == NoFigures.BUDGET:
        return words.t(
            "While this round was open, the limit on what a year’s rounds may tell was lowered, so its figures can’t "
            "be shown; the answers are deleted. Tell people that in your own words."
        )
    return words.t(
        "Too few people answered to show a result, so I haven’t suggested one. Tell people that in "
        "your own words, and say what you’ll do so that more take part."
    )


def _said_and_done(result: dict[str, str] | None, action: dict[str, str] | None, words: Words) -> list[Text]:
    return [
        text(Bold(words.t("You said: ")), said_in(result, words)),
        text(Bold(words.t("What we’re doing: ")), said_in(action, words)),
    ]


def publish_card(row: Round, result: dict[str, str], action: dict[str, str], words: Words) -> Card:
    """Asks for confirmation: everybody will read it."""
    question = words.t("Publish this to everybody?")
    return card(
        question,
        Heading(question),
        *_said_and_done(result, action, words),
        text(
            words.t("Everybody can read it with /chorus pulse, and sees it again before the next round."), subtle=True
        ),
        actions(
            Button(words.t("Yes, publish"), "round.publish_now", row.id, "primary"),
            Button(words.t("Not yet"), "round.keep", row.id),
        ),
    )


def close_card(row: Round, words: Words) -> Card:
    """Asks for confirmation: nobody can answer after that."""
    question = words.t("Close the round now?")
    return card(
        question,
        Heading(question),
        text(
            words.t(
                "It would close by itself on {moment}. People who haven’t answered by then can’t answer any more.",
                moment=words.moment(row.closes_at),
            )
        ),
        actions(
            Button(words.t("Yes, close it"), "round.close_now", row.id, "danger"),
            Button(words.t("Leave it open"), "show.pulse"),
        ),
    )


def published_card(row: Round, words: Words) -> Card:
    return card(
        words.t("Published: what you said and what we’re doing"),
        Heading(words.t("Published: what you said and what we’re doing")),
        *_said_and_done(row.result, row.action, words),
        text(
            words.t("Everybody can read it with /chorus pulse, and sees it again before the next round."), subtle=True
        ),
        actions(Button(words.t("See the results"), "show.pulse")),
    )


def response_line(row: Round, words: Words) -> Text | None:
    """None where it was not counted."""
    counted = response(row)
    if counted is None:
        return None
    answered, invited = counted
    if answered < FEWEST:
        return text(words.t("Too few people answered the last round to show its figures."), subtle=True)
    return text(
        words.t(
            "About {answered} of {invited} people answered.",
            answered=words.number(answered),
            invited=words.number(invited),
        ),
        subtle=True,
    )


def publication_form(
    row: Round,
    result: dict[str, str],
    action: dict[str, str],
    words: Words,
    errors: tuple[tuple[str, str], ...] = (),
) -> Form:
    fields = [
        TextField(
            f"{name}_{language}",
            f"{label} ({words.language_name(language)})",
            texts.get(language, ""),
            multiline=True,
            max_length=MOST,
        )
        for name, label, texts in (
            ("result", words.t("You said"), result),
            ("action", words.t("What we’re doing"), action),
        )
        for language in languages()
    ]
    return Form(
        name="round_publish",
        ref=row.id,
        title=words.t("You said, we do"),
        intro=(text(words.t("Say what you learned and one thing you’ll do.")),),
        fields=tuple(fields),
        submit=words.t("Publish"),
        cancel=words.t("Cancel"),
        errors=errors,
    )


def _said(event: Submitted, field: str) -> str:
    return " ".join(event.values.get(field, "").split())[:MOST]


def _closed(context: Context, round_id: int, kept: str = "") -> Round:
    row = rounds.a_round(context.session, round_id)
    if row is None or row.state not in (RoundState.CLOSED, RoundState.PUBLISHED):
        raise NotAllowed("That round is still open.", kept=kept)
    if row.state == RoundState.PUBLISHED:
        raise NotAllowed("The result of that round has already been published.", kept=kept)
    return row
