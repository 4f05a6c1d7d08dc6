"""Ask the owner: a question about a post goes to the person answerable, the answer comes back to the asker."""

from __future__ import annotations

from bot.cards import Bold, Button, Card, Form, Heading, Quote, TextField, actions, card, text
from bot.errors import Gone
from bot.events import Pressed, Submitted
from bot.language import Words
from bot.own import own_nudge
from bot.turn import OpenForm, Post, Reply, Turn, Wish, words_of
from storage import employees, posts, questions
from storage.employees import Employee
from storage.questions import Question

MAX_TEXT = 2000  # characters of a question and of an answer


def open_form(turn: Turn, event: Pressed) -> list[Wish]:
    """`question.open` on a nudge."""
    nudge = own_nudge(turn, event.ref)
    return [OpenForm(question_form(nudge.id, nudge.post.title, turn.words))]


def submit(turn: Turn, event: Submitted) -> list[Wish]:
    """`question` was filled in."""
    said = event.values.get("text", "").strip()[:MAX_TEXT]
    nudge = own_nudge(turn, event.ref, kept=said)
    if not said:
        error = ("text", turn.words.t("Please write your question."))
        return [OpenForm(question_form(nudge.id, nudge.post.title, turn.words, errors=(error,)))]
    owner = _owner(turn)
    if owner is None:
        raise Gone("Nobody answers questions yet. Please ask your comms team.", kept=said)
    question = Question(asker=turn.person, owner=owner, post=nudge.post, text=said, asked_at=turn.now)
    turn.session.add(question)
    turn.session.flush()
    asked = Post(owner, f"question:{question.id}", question_card(question, words_of(owner)))
    told = card(
        turn.words.t("Your question is on its way"),
        text(turn.words.t("I asked {owner}. The answer comes to you here.", owner=owner.name)),
        Quote(said),
        actions(Button(turn.words.t("Back to the post"), "nudge.back", nudge.id)),
    )
    return [Reply(told), asked]


def open_answer(turn: Turn, event: Pressed) -> list[Wish]:
    """`question.answer` on a question; only its owner may."""
    return [OpenForm(answer_form(_question(turn, event.ref), turn.words))]


def submit_answer(turn: Turn, event: Submitted) -> list[Wish]:
    """`answer` was filled in."""
    said = event.values.get("text", "").strip()[:MAX_TEXT]
    question = _question(turn, event.ref, kept=said)
    if not said:
        error = ("text", turn.words.t("Please write your answer."))
        return [OpenForm(answer_form(question, turn.words, errors=(error,)))]
    if question.answer is None:
        question.answer, question.answered_at = said, turn.now
    words = words_of(question.asker)
    answered = card(
        words.t("{owner} answered", owner=turn.person.name),
        Heading(words.t("{owner} answered", owner=turn.person.name)),
        Quote(question.text),
        text(question.answer),
    )
    return [
        Reply(question_card(question, turn.words)),
        Post(question.asker, f"answer:{question.id}", answered),
    ]


def cancel_answer(turn: Turn, event: Pressed) -> list[Wish]:
    """`cancel.answer`, where the form stands in the card's place: the card again."""
    return [Reply(question_card(_question(turn, event.ref), turn.words))]


def question_form(nudge_id: int, title: str, words: Words, errors: tuple[tuple[str, str], ...] = ()) -> Form:
    return Form(
        name="question",
        ref=nudge_id,
        title=words.t("Ask the owner"),
        intro=(text(Bold(title)),),
        fields=(TextField("text", words.t("Your question"), multiline=True, required=True, max_length=MAX_TEXT),),
        submit=words.t("Ask"),
        cancel=words.t("Cancel"),
        errors=errors,
    )


def answer_form(question: Question, words: Words, errors: tuple[tuple[str, str], ...] = ()) -> Form:
    return Form(
        name="answer",
        ref=question.id,
        title=words.t("Answer"),
        intro=(Quote(question.text),),
        fields=(TextField("text", words.t("Your answer"), multiline=True, required=True, max_length=MAX_TEXT),),
        submit=words.t("Send"),
        cancel=words.t("Cancel"),
        errors=errors,
    )


def question_card(question: Question, words: Words) -> Card:
    title = question.post.title if question.post else ""
    return card(
        words.t("{name} asks", name=question.asker.name),
        Heading(words.t("{name} asks", name=question.asker.name)),
        text(Bold(title)) if title else None,
        Quote(question.text),
        text(words.t("Your answer:")) if question.answer else None,
        Quote(question.answer) if question.answer else None,
        None if question.answer else actions(Button(words.t("Answer…"), "question.answer", question.id, "primary")),
    )


def _question(turn: Turn, question_id: int, kept: str = "") -> Question:
    question = questions.question(turn.session, question_id)
    if question is None or question.owner_id != turn.person.id:
        raise Gone("That question is not yours to answer, or it is no longer there.", kept=kept)
    return question


def _owner(turn: Turn) -> Employee | None:
    """Who answers: the owner of the first channel in use that has one, else a comms lead."""
    owners = [row.owner for row in posts.channels(turn.session) if row.owner and row.owner.state == "active"]
    if owners:
        return owners[0]
    return next(iter(employees.with_role(turn.session, "lead")), None)
