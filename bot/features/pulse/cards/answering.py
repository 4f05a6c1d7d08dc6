"""What people see when they are asked: the invitation, a statement, thanks, and how it is kept from everybody."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from bot.core.cards import Bold, Button, Card, Divider, Form, Heading, Quote, TextField, actions, card, text
from bot.core.i18n import Words
from bot.features.pulse.domain.bank import bank, scale
from bot.features.pulse.domain.noise import Noise
from bot.features.pulse.domain.privacy_budget import PrivacyBudget, best_guess, cost_of_factor
from storage.pulse.rounds import AskedStatement, Round

MOST = 500  # characters of a comment
GUESS_OF_A_ROUND = ceil(100 * best_guess(cost_of_factor(Noise())))  # with the least noise that can be set


def invitation_card(row: Round, words: Words, last: Round | None) -> Card:
    """`last` is the newest published round: what people said then, and what is done about it."""
    return card(
        words.t("Three taps: how are we doing on social media?"),
        Heading(words.t("How are we doing on social media?")),
        *(
            (
                text(Bold(words.t("Last time you said: ")), said_in(last.result, words)),
                text(Bold(words.t("What we’re doing: ")), said_in(last.action, words)),
                Divider(),
            )
            if last is not None and last.result and last.action
            else ()
        ),
        text(
            words.t(
                "Up to three statements, one tap each, about 30 seconds. Open until {moment}.",
                moment=words.moment(row.closes_at),
            )
        ),
        text(Bold(words.t("Voluntary.") + " "), confidence(row, words)),
        actions(
            Button(words.t("Answer"), "pulse.answer", row.id, "primary"),
            Button(words.t("Who sees what?"), "pulse.notice", row.id),
            Button(words.t("Don’t ask me again"), "pulse.refuse", row.id),
        ),
    )


def confidence(row: Round, words: Words) -> str:
    """One sentence on who sees what: promise 4 of docs/privacy.md."""
    return words.t(
        "Your answers stay confidential. When the round closes on {day} they are deleted, and only figures that give "
        "nobody away remain.",
        day=words.date(row.closes_at.date()),
    )


def notice_card(
    row: Round, words: Words, *, is_open: bool, organisation: str, asked_by: Sequence[str], budget: PrivacyBudget
) -> Card:
    """The notice before the first question, and ever after. `asked_by`: names of the comms leads; `budget`: of the
    year, as it stands."""
    names = ", ".join(asked_by)
    lines = (
        words.t(
            "Answering is voluntary. You can skip any statement, and change or erase your answers while the round is "
            "open. After that nobody can tell which answers were yours, so they can’t be changed. Your manager isn’t "
            "told whether you answered."
        ),
        words.t(
            "When the round closes, your answers are added up with everybody’s, noise is added to the sums, and only "
            "these are kept. Your answers, and that you answered, are deleted."
        ),
        words.t(
            "A comment is kept as text, without your name, for 12 months: comms leads read it, and everybody does once "
            "it’s answered. If fewer than ten people answer, or fewer than five comment in a language, it’s deleted "
            "unread."
        ),
        words.t(
            "Even somebody who knows what all the others answered, and thinks two answers of yours equally likely, "
            "picks the right one from a round’s figures in at most {guess} of 100 cases, where a coin gives 50.",
            guess=GUESS_OF_A_ROUND,
        ),
        words.t(
            "All rounds of the last 12 months have used {spent} of our privacy budget of {most}: whoever guesses what "
            "somebody answers who always answers alike is right in at most {guess} of 100 cases.",
            spent=words.number(round(budget.spent, 1)),
            most=words.number(round(budget.most, 1)),
            guess=ceil(100 * best_guess(budget.spent)),
        )
        if budget.spent
        else None,
        words.t(
            "Everybody sees the figures of {organisation}, comms leads those of units, too. While the round is open, "
            "somebody who runs the server could find out what you answered if they tried hard.",
            organisation=organisation,
        ),
        words.t("{organisation} asks; write to {names} if you object.", organisation=organisation, names=names)
        if asked_by
        else None,
        words.t(
            "You can stop being asked at any time. Results are never used in performance reviews. Questions? Type "
            "/chorus {command}.",
            command="help",
        ),
    )
    return card(
        words.t("Who sees what?"),
        Heading(words.t("Who sees what?")),
        *(text(line) for line in lines if line),
        actions(
            Button(words.t("Answer"), "pulse.answer", row.id, "primary") if is_open else None,
            Button(words.t("Don’t ask me again"), "pulse.refuse", row.id),
            Button(words.t("See the results"), "show.pulse"),
        ),
    )


def statement_card(asked: AskedStatement, number: int, words: Words, *, is_rated: bool = False) -> Card:
    """One statement, the scale, and two ways not to rate it. It does not show what was said before; `is_rated`: that
    something was."""
    pass_over = (
        Button(words.t("Keep my answer"), "pulse.keep", asked.id)
        if is_rated
        else Button(words.t("Skip"), "pulse.skip", asked.id)
    )
    *labels, cant_say = scale(words)
    styles = [Button(label, f"pulse.rate_{value}", asked.id) for value, label in enumerate(labels, start=1)]
    return card(
        words.t("Three taps: how are we doing on social media?"),
        text(words.t("{number} of {total}", number=asked.position + 1, total=number), subtle=True),
        Quote(asked.wording.text(words.language)),
        actions(*styles),
        actions(Button(cant_say, "pulse.cant_say", asked.id), pass_over),
    )


def thanks_card(row: Round, words: Words, *, has_comment: bool = False) -> Card:
    return card(
        words.t("Thank you!"),
        Heading(words.t("Thank you!")),
        text(
            words.t(
                "What came of it, and what we’ll do, you’ll find with /chorus {command} and in the next invitation.",
                command="pulse",
            )
        ),
        text(words.t("Your comment is saved too.")) if has_comment else None,
        text(confidence(row, words), subtle=True),
        actions(
            Button(
                words.t("Change my comment…") if has_comment else words.t("Add a comment…"), "pulse.comment", row.id
            ),
            Button(words.t("Change my answers"), "pulse.answer", row.id),
            Button(words.t("Erase my answers"), "pulse.erase", row.id),
        ),
    )


def erased_card(row: Round, words: Words) -> Card:
    return card(
        words.t("Your answers have been erased"),
        Heading(words.t("Your answers have been erased")),
        text(words.t("They no longer count, your comment neither. You can answer again while the round is open.")),
        actions(Button(words.t("Answer"), "pulse.answer", row.id)),
    )


def refused_card(words: Words) -> Card:
    return card(
        words.t("I won’t ask again"),
        Heading(words.t("I won’t ask again")),
        text(words.t("Nobody is told. You can still see the results: type /chorus {command}.", command="pulse")),
        actions(Button(words.t("Ask me again"), "pulse.accept")),
    )


def asked_again_card(row: Round | None, words: Words) -> Card:
    """`row`: the round that is open and asks them, too."""
    return card(
        words.t("I’ll ask you again"),
        text(words.t("I’ll ask you from the next round on.") if row is None else words.t("A round is open just now.")),
        actions(Button(words.t("Answer"), "pulse.answer", row.id, "primary")) if row is not None else None,
    )


def over_card(words: Words) -> Card:
    """In place of a card of a round that is over."""
    return card(
        words.t("That round is over"),
        text(words.t("That round is over: answers can no longer be given, changed or erased.")),
        actions(Button(words.t("See the results"), "show.pulse")),
    )


def comment_form(row: Round, words: Words, *, masked: str = "", kept: str = "", is_too_long: bool = False) -> Form:
    """`masked` is what the person wrote as others will read it, for them to send or to change; `kept` what they sent
    before, or what is too long."""
    question: dict[str, str] = bank()["comment"]
    return Form(
        name="pulse_comment",
        ref=row.id,
        title=words.t("Your comment"),
        intro=(
            text(Bold(question.get(words.language) or question["en"])),
            text(
                words.t(
                    "I’ve masked colleagues’ names, addresses and numbers. This is how others will read it. Check it "
                    "for anything else, then send it."
                )
                if masked
                else words.t(
                    "Somebody might recognise your style of writing. I mask colleagues’ names, email addresses, links "
                    "and phone numbers, and show you the result before it’s sent."
                ),
                subtle=not masked,
            ),
        ),
        fields=(TextField("text", words.t("Your comment"), masked or kept, multiline=True, max_length=MOST),),
        submit=words.t("Send"),
        cancel=words.t("Cancel"),
        errors=(("text", words.t("Write at most {number} characters.", number=MOST)),) if is_too_long else (),
    )


def said_in(texts: dict[str, str] | None, words: Words) -> str:
    """What a lead wrote, in the person's language if available, else in another."""
    texts = texts or {}
    return texts.get(words.language) or next(iter(texts.values()), "")
