"""Forms on a page of their own: where they belong, and what is said once they are done."""

from __future__ import annotations

from collections.abc import Callable

from bot.core.cards import Bold, Button, Card, Form, Text, card, text
from bot.core.events import Event, Pressed, Submitted
from bot.core.i18n import Words

PART, GONE, SPOKEN = "part_", "part_gone.", "settings.language_"
MOVES = ("unit.pilot_now", "unit.live_now", "unit.paused", "unit.waiting_now")  # a unit into another phase
DONE: dict[str, Callable[[Words], str]] = {  # to what stands on the page below: a question, a unit in pilot
    "answer": lambda w: w.t("Your answer is sent."),
    "question_back": lambda w: w.t("Your question is sent."),
    "question_hand_on": lambda w: w.t("It’s passed on."),
    "question_decline": lambda w: w.t("The asker has your reason."),
    "question.claim": lambda w: w.t("It’s yours now."),
    **dict.fromkeys(("unit.dialogue", "unit.resolved", "incident"), lambda w: w.t("Saved.")),
}
PAGES = {
    "part_goals": "goals",
    "part_activities": "calendar",
    "part_channels": "settings",
    "part_audiences": "settings",
    "part_sources": "listening",
    "person": "people",
    "entry": "questions",
    "answer": "questions",
    "heard": "listening",
    "post_decline": "library",
    "feed": "settings",
}


def page_of_form(name: str) -> str | None:
    """The page in the menu that the form belongs to."""
    return PAGES.get(name)


def _name_of(event: Event) -> str:
    """Of the press or the form; "" of anything else."""
    match event:
        case Pressed(action=name) | Submitted(form=name):
            return name
    return ""


def _in_bold(said: Card) -> Card:
    """What the card says in bold first: what was done."""
    line = next(one for one in said.body if isinstance(one, Text) and isinstance(one.parts[0], Bold))
    return Card(said.summary, (line,))


def take_out_of(form: Form) -> Button | None:
    """The press that removes what the form edits, where it edits something that can be removed."""
    is_known_part = form.name.startswith(PART) and form.ref
    return Button("", f"part_out.{form.name.removeprefix(PART)}", form.ref) if is_known_part else None


def short_notice(event: Event, said: Card, words: Words) -> Card | None:
    """What is said of an act: in chat a list comes back where the form was, here the page has it already. None
    where the page says it by itself."""
    if isinstance(event, Pressed) and event.action.startswith(SPOKEN):
        return None
    is_list = any(element.kind == "heading" for element in said.body)
    if isinstance(event, Submitted) and event.form.startswith(PART) and is_list:
        name = event.values.get("name", "").strip()
        done = words.t("Saved: {name}.", name=name) if name else words.t("Saved.")
        return card(done, text(Bold(done)))
    if isinstance(event, Pressed) and event.action.startswith(GONE) and is_list:
        done = words.t("Removed.")
        return card(done, text(Bold(done)))
    if isinstance(event, Pressed) and event.action in MOVES and is_list:
        return _in_bold(said)
    if is_list and (told := DONE.get(_name_of(event))) is not None:
        done = told(words)
        return card(done, text(Bold(done)))
    if isinstance(event, Pressed) and event.action.startswith("section."):
        done = words.t("Nothing was changed.")
        return card(done, text(Bold(done)))
    return said
