"""The inbox: what waits for an owner, is overdue, was answered; one's own questions; the figures for leads."""

from __future__ import annotations

from bot.core.cards import Bold, Button, Card, Divider, Element, Facts, Heading, actions, card, text
from bot.core.context import Context, Effect, Reply
from bot.core.errors import Gone, NotAllowed
from bot.core.events import Command, Pressed
from bot.core.i18n import Words
from bot.core.ports import Pictures, chart
from bot.features.questions.cards import owner as owner_cards
from bot.features.questions.domain.access import to_answer
from bot.features.questions.domain.figures import Figures, figures
from bot.features.questions.jobs import finding
from storage.questions import knowledge, questions, topics
from storage.questions.questions import WITH_A_PERSON, Question, QuestionState

SHOWN, SHOWN_OF_ASKER = 5, 10
LONGEST = 140  # characters of a question in a list


def show_inbox(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`inbox`."""
    return [Reply(inbox_card(context))]


def inbox_card(context: Context) -> Card:
    session, person, words = context.session, context.person, context.words
    body: list[Element] = []
    if answers(context):
        body += _for_owner(context)
    asked = questions.of_asker(session, person.id, SHOWN_OF_ASKER)
    body += [Heading(words.t("Your questions"))]
    body += [element for row in asked for element in _line(row, words, "question.show", words.t("Show"))]
    if not asked:
        body.append(
            text(words.t("You haven’t asked anything yet. Just write to me, or type /chorus ask."), subtle=True)
        )
    if person.has_role("lead"):
        body += [Divider(), *_for_lead(context)]
    return card(
        words.t("Inbox"), *body, actions(Button(words.t("Ask…"), "question.new"), Button(words.t("Home"), "show.home"))
    )


def answers(context: Context) -> bool:
    """Whether the person is asked anything."""
    is_owner = context.person.has_role("owner", "lead") or bool(topics.of_person(context.session, context.person.id))
    return is_owner or questions.count_of_owner(context.session, context.person.id, WITH_A_PERSON) > 0


def show_question(context: Context, event: Pressed) -> list[Effect]:
    """`question.show`: as its asker, or as somebody who may answer it."""
    found = questions.question(context.session, event.ref)
    if found is not None and found.asker_id == context.person.id:
        return [Reply(finding.standing_card(context.session, found, context.words))]
    found = to_answer(context, event.ref)
    entry = knowledge.entry(context.session, found.entry_id) if found.entry_id else None
    return [Reply(owner_cards.question_card(found, context.words, context.person.id, entry))]


def set_room(context: Context, event: Command) -> list[Effect]:
    """`room linkedin`, said where the owners of a topic meet: its questions come there from now on; `room linkedin
    off` ends that."""
    name, _, off = event.text.strip().lower().partition(" ")
    topic = next((row for row in topics.active(context.session) if row.id == name), None)
    if topic is None:
        known = ", ".join(row.id for row in topics.active(context.session))
        raise Gone("I don’t know that topic. Choose one of these: {topics}.", topics=known)
    if not (context.person.has_role("lead") or context.person in (topic.owner, topic.deputy)):
        raise NotAllowed("Only the topic’s owner or a comms lead can do that.")
    if off == "off":
        topic.room = topic.room_workspace = ""
        sentence = context.words.t(
            "Questions about {topic} go to the owner again.", topic=topic.name(context.words.language)
        )
    elif not event.place:
        raise Gone("Type this in the conversation where the owners meet, and mention me.")
    else:
        topic.room, topic.room_workspace = event.place, event.workspace
        sentence = context.words.t("Questions about {topic} now come here.", topic=topic.name(context.words.language))
    return [Reply(card(sentence, text(sentence)))]


def lead_elements(found: Figures, words: Words, names: dict[str, str], pictures: Pictures) -> list[Element]:
    """The figures, each with what it rests on."""
    pairs = [
        (words.t("Questions in the last 90 days"), words.number(found.asked)),
        (words.t("Waiting"), waiting_line(found.waiting, found.overdue, words)),
    ]
    hours = words.t("too early to tell")
    if found.median_hours is not None:
        hours = words.t("{hours} hours", hours=words.number(round(found.median_hours, 1)))
    pairs.append((words.t("Typical time to answer"), hours))
    if found.in_time is not None:
        in_time, judged, bounds = found.in_time
        pairs.append(
            (
                words.t("Answered on time"),
                words.t(
                    "{share}% of {number} questions (the true figure is very likely {low}–{high}%)",
                    share=round(100 * in_time / judged),
                    low=round(100 * bounds.low),
                    high=round(100 * bounds.high),
                    number=judged,
                ),
            )
        )
    if found.asked_again is not None:
        again, ripe = found.asked_again
        pairs.append((words.t("Asked again within 14 days"), words.t("{part} of {whole}", part=again, whole=ripe)))
    body: list[Element] = [Heading(words.t("Questions in numbers")), Facts(tuple(pairs))]
    if found.answered_within:
        bars = [
            (words.t("{hours} hours", hours=words.number(hours)), round(100 * share))
            for hours, share in found.answered_within
        ]
        body.append(chart(pictures, words.t("How fast questions are answered (%)"), bars))
    if found.without_owner:
        listed = ", ".join(names.get(topic, topic) for topic in found.without_owner)
        body.append(text(Bold(words.t("Topics without an owner:")), f" {listed}"))
    body += [
        text(
            Bold(
                words.n(
                    "Asked {count} time, with no saved answer:", "Asked {count} times, with no saved answer:", times
                )
            ),
            f" {_cut(asked)}",
        )
        for asked, times in found.missing
    ]
    for entry in found.to_review[:SHOWN]:
        body.append(text(Bold(words.t("Check again:")), f" {_cut(entry.answer)}"))
        body.append(
            actions(
                Button(words.t("It’s still right"), "entry.review", entry.id),
                Button(words.t("Edit…"), "entry.edit", entry.id),
            )
        )
    return body


def waiting_line(waiting: int, overdue: int, words: Words) -> str:
    """How many wait, and how many of them are overdue, where any is."""
    said = words.n("{count} question is waiting", "{count} questions are waiting", waiting)
    if not overdue:
        return said
    return said + words.n(", {count} of them overdue", ", {count} of them overdue", overdue)


def _for_lead(context: Context) -> list[Element]:
    names = {row.id: row.name(context.words.language) for row in topics.active(context.session)}
    return lead_elements(figures(context.session, context.now), context.words, names, context.pictures)


def _for_owner(context: Context) -> list[Element]:
    session, person, words = context.session, context.person, context.words
    waiting = questions.of_owner(session, person.id, WITH_A_PERSON, 50)
    overdue = [row for row in waiting if row.is_overdue(context.now)]
    others = [row for row in waiting if row not in overdue]
    body: list[Element] = []
    for title, rows in ((words.t("Overdue"), overdue), (words.t("Waiting for you"), others)):
        if rows:
            body.append(Heading(f"{title} ({words.number(len(rows))})"))
            body += [part for row in rows[:SHOWN] for part in _line(row, words, "question.answer", words.t("Answer…"))]
            if (more := len(rows) - SHOWN) > 0:
                body.append(text(words.n("{count} more is waiting.", "{count} more are waiting.", more), subtle=True))
    if not waiting:
        body += [
            Heading(words.t("Waiting for you")),
            text(words.t("Nothing is waiting for you right now."), subtle=True),
        ]
    answered = questions.of_owner(session, person.id, (QuestionState.ANSWERED,), SHOWN)
    if answered:
        body.append(Heading(words.t("Recently answered")))
        body += [part for row in answered for part in _line(row, words, "question.show", words.t("Show"))]
    return [*body, Divider()]


def _line(row: Question, words: Words, action: str, label: str) -> list[Element]:
    state = {
        "new": words.t("looking for an answer"),
        "choosing": words.t("what is it about?"),
        "offered": words.t("answer suggested"),
        "open": words.t("waiting"),
        "claimed": words.t("in progress"),
        "asked_back": words.t("details requested"),
        "answered": words.t("answered"),
        "helped": words.t("answered"),
        "declined": words.t("couldn’t be answered"),
        "merged": words.t("waiting"),
        "dropped": words.t("cancelled"),
    }[row.state]
    due = words.t("due {moment}", moment=words.moment(row.answer_by)) if row.is_with_a_person and row.answer_by else ""
    said = text(Bold(_cut(row.text)), f" · {state}", f" · {due}" if due else "")
    return [said, actions(Button(label, action, row.id))]


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[:LONGEST].rstrip()}…"
