"""Comments of closed rounds: leads read and answer them; an answer stands beside its comment for everybody.

There is no private way back to whoever wrote it: that would know who that is.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.cards import Bold, Button, Card, Element, Form, Heading, Quote, TextField, actions, card, text
from bot.core.context import Context, Effect, OpenForm, Reply
from bot.core.errors import Gone
from bot.core.events import Pressed, Submitted
from bot.core.factors import factor_names
from bot.core.i18n import Words
from bot.features.pulse.domain.comments import OTHER
from storage.pulse import comments
from storage.pulse.comments import Comment

PAGE = 12  # comments on a card
MOST = 600  # characters of an answer


def show_comments(context: Context, event: Pressed) -> list[Effect]:
    """`pulse_view.comments`: from the `ref`th on."""
    return _listed(context, after=event.ref)


def show_answered_comments(context: Context, _event: Pressed) -> list[Effect]:
    """`pulse_view.answers`."""
    return [Reply(answers_card(comments.newest_answered(context.session), context.words))]


def write_comment_answer(context: Context, event: Pressed) -> list[Effect]:
    """`comment.answer`: the form."""
    return [OpenForm(answer_form(_comment(context, event.ref), context.words))]


def submit_comment_answer(context: Context, event: Submitted) -> list[Effect]:
    """`comment_answer` was submitted."""
    said = " ".join(event.values.get("answer", "").split())
    row = _comment(context, event.ref, kept=said)
    if not said or len(said) > MOST:
        return [OpenForm(answer_form(row, context.words, said=said, is_wrong=True))]
    row.take_answer(said, by=context.person.id, now=context.now)
    context.session.flush()
    return _listed(context)


def take_back_comment_answer(context: Context, event: Pressed) -> list[Effect]:
    """`comment.take_back`: nobody reads it any more."""
    _comment(context, event.ref).take_back_answer()
    context.session.flush()
    return _listed(context)


def cancel_comment_answer(context: Context, _event: Pressed) -> list[Effect]:
    return _listed(context)


def _listed(context: Context, *, after: int = 0) -> list[Effect]:
    return [Reply(comments_card(comments.newest(context.session), context.words, after=after))]


def comments_card(released: Sequence[Comment], words: Words, *, after: int = 0) -> Card:
    """To leads: each with its answer, or a way to give one."""
    title = words.t("What people wrote")
    if not released:
        told = words.t(
            "There’s too little to show yet. You’ll see comments once ten people have answered and five "
            "have commented in the same language."
        )
        return card(title, Heading(title), text(told), actions(Button(words.t("Back"), "show.pulse")))
    shown = _by_theme(released, words)[after : after + PAGE]
    body: list[Element | None] = [Heading(title)]
    for number, (theme, row) in enumerate(shown):
        if number == 0 or shown[number - 1][0] != theme:
            body.append(text(Bold(theme)))
        body += _with_answer(row, words)
        label = words.t("Change the answer…") if row.answer else words.t("Answer for everybody…")
        take_back = Button(words.t("Take the answer back"), "comment.take_back", row.id) if row.answer else None
        body.append(actions(Button(label, "comment.answer", row.id), take_back))
    body.append(
        text(words.t("In random order and not linked to anything else. Names and addresses are masked."), subtle=True)
    )
    rest = len(released) - after - len(shown)
    body.append(
        actions(
            Button(words.t("{number} more", number=rest), "pulse_view.comments", after + PAGE) if rest > 0 else None,
            Button(words.t("Back"), "show.pulse"),
        )
    )
    return card(title, *body)


def answers_card(answered: Sequence[Comment], words: Words) -> Card:
    """To everybody: comments that were answered, and the answers."""
    title = words.t("Answers to comments")
    if not answered:
        told = words.t("No comment has been answered yet.")
        return card(title, Heading(title), text(told), actions(Button(words.t("Back"), "show.pulse")))
    return card(
        title,
        Heading(title),
        *(element for _theme, row in _by_theme(answered, words)[:PAGE] for element in _with_answer(row, words)),
        text(
            words.t("Nobody knows who wrote a comment, so the answer stands here for everybody."),
            subtle=True,
        ),
        actions(Button(words.t("Back"), "show.pulse")),
    )


def answer_form(row: Comment, words: Words, *, said: str = "", is_wrong: bool = False) -> Form:
    """`is_wrong`: what was `said` is nothing, or too much."""
    wrong = (
        words.t("Write at most {number} characters.", number=MOST) if said else words.t("Write an answer, or cancel.")
    )
    return Form(
        name="comment_answer",
        ref=row.id,
        title=words.t("Answer a comment"),
        intro=(
            Quote(row.text),
            text(words.t("Everybody will read the comment and your answer. Don’t guess who wrote it."), subtle=True),
        ),
        fields=(
            TextField("answer", words.t("Your answer"), said or row.answer or "", multiline=True, max_length=MOST),
        ),
        submit=words.t("Publish"),
        cancel=words.t("Cancel"),
        errors=(("answer", wrong),) if is_wrong else (),
    )


def _by_theme(rows: Sequence[Comment], words: Words) -> list[tuple[str, Comment]]:
    names = {**factor_names(words), OTHER: words.t("Other")}
    order = {theme: number for number, theme in enumerate(names)}
    return [(names[row.theme], row) for row in sorted(rows, key=lambda row: order[row.theme])]


def _with_answer(row: Comment, words: Words) -> list[Element]:
    said: list[Element] = [Quote(row.text)]
    return [*said, text(Bold(words.t("Our answer: ")), row.answer)] if row.answer else said


def _comment(context: Context, comment_id: int, kept: str = "") -> Comment:
    row = comments.comment(context.session, comment_id)
    if row is None:
        raise Gone("That comment is no longer kept.", kept=kept)
    return row
