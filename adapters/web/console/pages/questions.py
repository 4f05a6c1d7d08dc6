"""Questions: who waits, whose turn is it, and what is known already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.web.console.fields import ref_of
from adapters.web.console.names import question_state
from adapters.web.console.parts import Cell, Column, DataTable, LinkTo, Narrowed, Tab, Tile, Verdict, could_be
from adapters.web.console.query import Query
from bot.core.cards import Button, Card
from bot.core.context import Context
from bot.core.i18n import Words
from bot.features.questions.cards import owner as owner_cards
from bot.features.questions.domain.access import may_answer
from bot.features.questions.domain.figures import Figures, figures
from storage.questions import inbox as rows
from storage.questions import knowledge, questions
from storage.questions.inbox import Tray
from storage.questions.questions import Question
from storage.remembered import remembered

AT_ONCE = 25
LONGEST = 160  # characters of a question in the list
KNOWLEDGE = "knowledge"


@dataclass(frozen=True, slots=True)
class QuestionsPage:
    said: str
    tabs: Sequence[Tab]
    tiles: Sequence[Tile]
    table: DataTable
    narrowed: Narrowed | None
    missing: Sequence[str]


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """One question with all that was said about it."""

    title: str
    card: Card


def view(context: Context, query: Query) -> QuestionsPage | QuestionPage | None:
    if query.item and query.item != KNOWLEDGE:
        found = questions.question(context.session, ref_of(query.item))
        return None if found is None else _one(context, found)
    return _many(context, query)


def _one(context: Context, found: Question) -> QuestionPage | None:
    title = _cut(found.text)
    if may_answer(context.person, found):
        entry = knowledge.entry(context.session, found.entry_id) if found.entry_id else None
        return QuestionPage(title, owner_cards.question_card(found, context.words, context.person.id, entry))
    return None


def _many(context: Context, query: Query) -> QuestionsPage:
    words, is_lead = context.words, context.person.has_role("lead")
    trays = _trays(is_lead=is_lead)
    tray = Tray(query.among("tray", [*trays], Tray.MINE))
    is_knowledge = query.item == KNOWLEDGE
    numbers = rows.numbers(context.session, context.person.id, trays, now=context.now)
    here = Query("/console/questions")
    names, due = _tray_names(words), (Tray.LATE, Tray.UNOWNED)
    tabs = [
        Tab(
            names[one],
            here.address(tray="" if one == Tray.MINE else one),
            one == tray and not is_knowledge,
            numbers.get(one),
            one in due,
        )
        for one in trays
    ]
    tabs.append(Tab(words.t("Saved answers"), "/console/questions/knowledge", is_knowledge))
    key = ("questions", context.now.date())
    found = (
        remembered(context.session, key, lambda session: _without_rows(figures(session, context.now)))
        if is_lead
        else None
    )
    return QuestionsPage(
        said=_said(numbers, words),
        tabs=tabs,
        tiles=_tiles(found, numbers, words) if found is not None and not is_knowledge else [],
        table=_knowledge(context, query) if is_knowledge else _tray(context, query, tray),
        narrowed=Narrowed(
            query=query, searched=query.text("q"), search_hint=words.t("Words of the question or the answer")
        )
        if is_knowledge
        else None,
        missing=_missing(context, found) if found is not None else [],
    )


def _trays(*, is_lead: bool) -> list[Tray]:
    return [Tray.MINE, Tray.UNOWNED, Tray.LATE, Tray.ALL, Tray.SETTLED] if is_lead else [Tray.MINE, Tray.ANSWERED]


def _tray_names(words: Words) -> dict[Tray, str]:
    return {
        Tray.MINE: words.t("Yours"),
        Tray.UNOWNED: words.t("Unassigned"),
        Tray.LATE: words.t("Overdue"),
        Tray.ALL: words.t("All waiting"),
        Tray.ANSWERED: words.t("Answered"),
        Tray.SETTLED: words.t("Answered"),
    }


def _said(numbers: dict[Tray, int], words: Words) -> str:
    mine = numbers.get(Tray.MINE, 0)
    return (
        words.n("{count} question waits for you.", "{count} questions wait for you.", mine)
        if mine
        else words.t("No question waits for you.")
    )


def _tray(context: Context, query: Query, tray: Tray) -> DataTable:
    words = context.words
    found = rows.page(
        context.session, context.person.id, tray, now=context.now, after=query.text("after"), limit=AT_ONCE
    )
    columns = [
        Column(words.t("Question")),
        Column(words.t("Topic"), is_secondary=True),
        Column(words.t("Assigned to"), is_secondary=True),
        Column(words.t("Status")),
        Column(words.t("Actions")),
    ]
    nothing = {
        Tray.MINE: words.t("Nothing waits for you. I’ll write to you when something does."),
        Tray.UNOWNED: words.t("Every question is with somebody."),
        Tray.LATE: words.t("Nothing is overdue."),
        Tray.ALL: words.t("Nobody waits for an answer."),
        Tray.ANSWERED: words.t("Nothing has been answered yet."),
        Tray.SETTLED: words.t("Nothing has been answered yet."),
    }[tray]
    table = [_row(context, row) for row in found.questions]
    return DataTable(_tray_names(words)[tray], columns, table, nothing, query.following(found.following))


def _row(context: Context, row: Question) -> Sequence[Cell]:
    words = context.words
    label, address = _cut(row.text), f"/console/questions/{row.id}"
    acts = (Button(words.t("Answer…"), "question.answer", row.id, "primary"),) if row.is_with_a_person else ()
    topic = row.topic.name(words.language) if row.topic else "–"
    title: Cell = LinkTo(label, address) if may_answer(context.person, row) else label
    return title, topic, row.owner.name if row.owner else words.t("nobody"), _state(context, row), acts or ""


def _state(context: Context, row: Question) -> Verdict:
    words = context.words
    if row.is_overdue(context.now):
        return Verdict(words.t("overdue"), "bad", "warning")
    if row.is_with_a_person and row.answer_by:
        return Verdict(words.t("due {moment}", moment=words.moment(row.answer_by)), "", "clock")
    return Verdict(question_state(row.state, words), "", "check" if row.answer else "clock")


def _tiles(found: Figures, numbers: Mapping[Tray, int], words: Words) -> list[Tile]:
    hours = words.t("Too early to tell")
    if found.median_hours is not None:
        hours = words.t("{hours} hours", hours=words.number(round(found.median_hours, 1)))
    tiles = [
        Tile(words.t("Asked in the last 90 days"), words.number(found.asked)),
        Tile(
            words.t("Waiting"),
            words.number(numbers[Tray.ALL]),
            said=[words.n("{count} overdue", "{count} overdue", numbers[Tray.LATE])],
        ),
        Tile(
            words.t("Typical time to answer"),
            hours,
            is_in_words=True,
            said=[words.t("Half of the questions are answered within this time.")],
        ),
    ]
    if found.in_time is not None:
        part, whole, bounds = found.in_time
        tiles.append(
            Tile(
                words.t("Answered on time"),
                words.t("{part} of {whole}", part=part, whole=whole),
                said=[could_be(bounds, words)],
                is_in_words=True,
            )
        )
    return tiles


def _without_rows(found: Figures) -> Figures:
    """What may be remembered of them: entries belong to their session."""
    return replace(found, to_review=())


def _missing(context: Context, found: Figures) -> list[str]:
    """The figures may be remembered: what was saved meanwhile is none of it."""
    words, saved = context.words, knowledge.saved_among(context.session, [asked for asked, _times in found.missing])
    return [
        words.n("Asked {count} time: “{question}”", "Asked {count} times: “{question}”", times, question=_cut(asked))
        for asked, times in found.missing
        if asked not in saved
    ]


def _knowledge(context: Context, query: Query) -> DataTable:
    words, today = context.words, context.now.date()
    found = knowledge.page(context.session, q=query.text("q"), after_id=query.number("after"), limit=AT_ONCE)
    columns = [
        Column(words.t("How people ask it")),
        Column(words.t("The answer"), is_secondary=True),
        Column(words.t("Owner"), is_secondary=True),
        Column(words.t("Check again by")),
        Column(words.t("Actions")),
    ]
    table: list[Sequence[Cell]] = [
        (
            _cut(row.variants[0].text) if row.variants else "–",
            _cut(row.answer),
            row.owner.name if row.owner else "–",
            Verdict(words.date(row.review_on), "warn", "warning")
            if row.review_on <= today
            else words.date(row.review_on),
            (
                LinkTo(words.t("Edit…"), f"/console/open/entry.edit/{row.id}"),
                Button(words.t("It’s still right"), "entry.review", row.id),
            ),
        )
        for row in found
    ]
    following = query.following(found[-1].id if len(found) == AT_ONCE else 0)
    nothing = words.t("No saved answers match.") if query.text("q") else words.t("Saved answers appear here.")
    return DataTable(words.t("Saved answers"), columns, table, nothing, following)


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[:LONGEST].rstrip()}…"
