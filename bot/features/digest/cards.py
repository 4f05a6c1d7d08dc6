"""The digest as cards: for leads all of it, for owners their channels, for employees three items at most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.core.cards import Bold, Button, Card, Element, Heading, Link, Quote, Table, actions, card, text
from bot.core.cards import Facts as Pairs
from bot.core.i18n import Words, capital
from bot.core.ports import Pictures
from bot.features.digest.domain import lessons, summary
from bot.features.digest.domain.facts import ComparisonVerdict, Funnel, PulseFacts, WeekFacts
from bot.features.pulse.cards.answering import said_in
from bot.features.sharing.handlers.results import reached_chart


class DigestAudience(StrEnum):
    """Who a digest is for."""

    LEAD = "lead"
    OWNER = "owner"
    EMPLOYEE = "employee"


AUDIENCES = (DigestAudience.LEAD, DigestAudience.OWNER, DigestAudience.EMPLOYEE)
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Issue:
    """One digest: its row's id (0: a preview), the facts, the week's lesson, and what changed in the week before."""

    id: int
    facts: WeekFacts
    lesson: str
    changed: Sequence[Sequence[object]] = ()
    summary: Mapping[str, str] = field(default_factory=dict)  # by language, in the model's checked words
    address: str = ""  # of its page; "" for a preview


def lead_card(issue: Issue, words: Words, pictures: Pictures) -> Card:
    """The week in short: what happened, three figures, a picture, what was learned, a lesson. The rest is a page."""
    facts = issue.facts
    title = week_name(facts, words)
    body: list[Element | None] = [
        Heading(title),
        text(issue.summary.get(words.language) or " ".join(summary.summary(facts, words))),
    ]
    if issue.changed:
        body.append(text(summary.changed_line(issue.changed, step_names(words), words), subtle=True))
    if not facts.is_quiet:
        body.append(Pairs(_figures(facts, words)))
    body.append(reached_chart(facts.reached, words, pictures) if facts.reached is not None else None)
    body += you_said(facts.pulse, words)
    body += _better(issue, words)
    body += _lesson(issue, words)
    body.append(
        actions(
            Link(words.t("Open the digest"), issue.address) if issue.address else None,
            Button(words.t("Inbox"), "show.inbox"),
            Button(words.t("Goals"), "show.goals"),
        )
    )
    body += _useful(issue, words)
    return card(title, *body)


def owner_card(issue: Issue, owned: Sequence[str], person: int, words: Words) -> Card:
    """`owned`: channels of the owner, whose questions wait for `person`."""
    facts = issue.facts
    title = week_name(facts, words)
    rows = [row for row in facts.channels if row.id in owned]
    waiting = [item for item in facts.questions.open if item.owner == person]
    body: list[Element | None] = [Heading(title)]
    if rows:
        body.append(funnel_table(words.t("Your channel"), rows, words, nudged=False))
    else:
        body.append(text(words.t("Nobody shared in your channels this week.")))
    body.append(
        text(
            Bold(
                words.n(
                    "When the week ended, {count} question was waiting for you.",
                    "When the week ended, {count} questions were waiting for you.",
                    len(waiting),
                )
            )
        )
    )
    for item in waiting[:SHOWN]:
        body += [Quote(item.text), actions(Button(words.t("Answer…"), "question.answer", item.id))]
    return card(title, *body, *_lesson(issue, words), *_page(issue, words), *_useful(issue, words))


def employee_card(issue: Issue, words: Words, practice: Sequence[Element] = ()) -> Card | None:
    """One answered question, one result with its action, one practice or lesson; None where nothing is new."""
    facts = issue.facts
    if not (facts.has_news or practice):
        return None
    title = week_name(facts, words)
    body: list[Element | None] = [Heading(title)]
    if facts.questions.learned:
        asked, answer = facts.questions.learned[0]
        body += [text(Bold(words.t("Somebody asked: ")), asked), Quote(answer)]
    body += you_said(facts.pulse, words)
    if practice:
        body += [Heading(words.t("What worked in other units")), *practice]
    last = [] if practice else _lesson(issue, words)
    return card(title, *body, *last, *_page(issue, words), *_useful(issue, words))


def step_names(words: Words) -> dict[str, str]:
    """The week's sums by name."""
    return {
        "nudged": words.t("Nudges sent"),
        "opened": words.t("Share pages opened"),
        "shared": words.t("Shares"),
        "clicks": words.t("Readers"),
        "sharers": words.t("People who shared"),
        "asked": words.t("Questions asked"),
        "answered": words.t("Questions answered"),
        "heard": words.t("Mentions"),
    }


def preview(issue: Issue, audience: str, words: Words, pictures: Pictures) -> Card | None:
    """As somebody of the audience gets it; an owner of all channels."""
    if audience == DigestAudience.LEAD:
        return lead_card(issue, words, pictures)
    if audience == DigestAudience.OWNER:
        whole = replace(
            issue.facts.questions, open=tuple(replace(item, owner=0) for item in issue.facts.questions.open)
        )
        every = replace(issue, facts=replace(issue.facts, questions=whole))
        return owner_card(every, [row.id for row in issue.facts.channels], 0, words)
    return employee_card(issue, words)


def week_name(facts: WeekFacts, words: Words) -> str:
    return capital(words.week(facts.week))


def you_said(pulse: PulseFacts, words: Words) -> list[Element | None]:
    if not pulse.done:
        return []
    return [
        text(Bold(words.t("You said: ")), said_in(dict(pulse.said), words)),
        text(Bold(words.t("What we’re doing: ")), said_in(dict(pulse.done), words)),
    ]


def _lesson(issue: Issue, words: Words) -> list[Element | None]:
    if not issue.lesson:
        return []
    lesson: Mapping[str, str] = lessons.in_language(issue.lesson, words.language)
    answers = actions(
        Button(words.t("I did it"), "lesson.done", issue.id),
        Button(words.t("Not for us"), "lesson.not_for_us", issue.id),
    )
    return [
        Heading(words.t("Two-minute lesson: {title}", title=lesson["title"])),
        text(lesson["lesson"]),
        text(Bold(words.t("Try it: ")), lesson["exercise"]),
        answers,
    ]


def _page(issue: Issue, words: Words) -> list[Element]:
    return [actions(Link(words.t("Open the digest"), issue.address))] if issue.address else []


def _figures(facts: WeekFacts, words: Words) -> tuple[tuple[str, str], ...]:
    in_time = facts.questions.in_time
    answered = (
        words.t("{part} of {whole}", part=words.number(in_time[0]), whole=words.number(in_time[1]))
        if in_time
        else words.t("nothing was due")
    )
    return (
        (words.t("People who shared"), words.number(facts.sharers)),
        (words.t("Readers"), words.number(facts.total.clicks)),
        (words.t("Answered on time"), answered),
    )


def _better(issue: Issue, words: Words) -> list[Element | None]:
    """What clearly went with more; a tap keeps it."""
    body: list[Element | None] = []
    for finding in issue.facts.findings:
        if finding.verdict == ComparisonVerdict.BETTER:
            line = f": {summary.finding_line(finding, words)}"
            body += [
                text(Bold(summary.finding_name(finding.kind, words)), line),
                actions(Button(words.t("Save as a good practice"), f"practice.keep_{finding.kind}", issue.id)),
            ]
    return [Heading(words.t("What we’ve learned")), *body] if body else []


def _useful(issue: Issue, words: Words) -> list[Element | None]:
    return [
        text(words.t("Was this useful?"), subtle=True),
        actions(
            Button(words.t("Yes"), "digest.useful_yes", issue.id), Button(words.t("No"), "digest.useful_no", issue.id)
        ),
    ]


def funnel_table(first: str, rows: Sequence[Funnel], words: Words, *, nudged: bool = True) -> Table:
    names = step_names(words)
    columns = ("nudged", "opened", "shared", "clicks") if nudged else ("opened", "shared", "clicks")
    figures = tuple((row.label, *(words.number(getattr(row, name)) for name in columns)) for row in rows)
    return Table((first, *(names[name] for name in columns)), figures)
