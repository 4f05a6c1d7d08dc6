"""Forms on a page of their own: where they belong, and what is said once they are done."""

from __future__ import annotations

from bot.core.cards import Bold, Button, Card, Form, card, text
from bot.core.events import Event, Pressed, Submitted
from bot.core.i18n import Words

PART, GONE, SPOKEN = "part_", "part_gone.", "settings.language_"
MOVES = ("unit.pilot", "unit.live_now", "unit.paused", "unit.waiting_now")  # a unit into another phase
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
        done = words.t("Done. The unit’s phase has changed.")
        return card(done, text(Bold(done)))
    if isinstance(event, Pressed) and event.action.startswith("section."):
        done = words.t("Nothing was changed.")
        return card(done, text(Bold(done)))
    return said
