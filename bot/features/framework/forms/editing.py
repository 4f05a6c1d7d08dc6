"""The lists and forms in which the model is edited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from bot.core.cards import Bold, Button, Card, Element, Form, Heading, TextField, actions, card, text
from bot.core.i18n import Words
from bot.features.framework.domain.model import ChannelPart, GoalPart, Part
from bot.features.framework.domain.repeats import in_words
from bot.features.framework.domain.rules import MOST_PER_CENT
from bot.features.framework.forms import part_fields, part_values
from bot.features.framework.forms.names import channel_name, value_name
from bot.features.framework.forms.part_fields import PARTS, Around
from content.channels import KINDS
from storage.framework.framework import Change

EDITED = tuple(PARTS)
SHOWN = 15


def list_card(section: str, parts: Sequence[tuple[Part, int]], history: Sequence[Change], words: Words) -> Card:
    """Each part with a button for its form; who changed what last."""
    title = edit_title(section, words)
    body: list[Element] = [Heading(title)]
    for part, version in parts[:SHOWN]:
        body += [
            text(Bold(label_of(part)), f" · {_in_short(part, words)}"),
            actions(
                Button(words.t("Edit…"), f"part.{section}", version),
                Button(words.t("Remove"), f"part_out.{section}", version),
            ),
        ]
    if len(parts) > SHOWN:
        more = words.n(
            "{count} more. You can see all of them in the file and in the console.",
            "{count} more. You can see all of them in the file and in the console.",
            len(parts) - SHOWN,
        )
        body.append(text(more, subtle=True))
    if not parts:
        body.append(text(words.t("There’s nothing here yet.")))
    body += [
        text(
            Bold(words.day(row.at)),
            f" · {row.part} · {row.by.name if row.by else words.t('command line')}"
            + (f" · {row.why}" if row.why else ""),
            subtle=True,
        )
        for row in history
    ]
    body.append(
        actions(
            Button(words.t("Add…"), f"part.{section}", 0, "primary"),
            Button(words.t("Framework"), "show.framework"),
        )
    )
    return card(title, *body)


def take_out_card(section: str, part: Part, ref: int, words: Words) -> Card:
    """Asks for confirmation and names it."""
    question = words.t("Remove “{name}”?", name=label_of(part))
    return card(
        question,
        Heading(question),
        text(words.t("It can’t be brought back, only made anew.")),
        actions(
            Button(words.t("Yes, remove it"), f"part_gone.{section}", ref, "danger"),
            Button(words.t("Keep it"), f"section.{section}"),
        ),
    )


def still_needed(section: str, part: Part, words: Words) -> str:
    """Why it cannot be removed, and what to do instead."""
    name = label_of(part)
    if section == "goals":
        return words.t("Posts serve the goal “{name}”. Give them another goal first, then remove it.", name=name)
    if section == "sources":
        return words.t("“{name}” has brought mentions, so it can’t be removed. Pause it instead.", name=name)
    return words.t(
        "“{name}” has shares or questions, so it can’t be removed. Set its status to “no longer in use” instead.",
        name=name,
    )


def edit_title(section: str, words: Words) -> str:
    return {
        "channels": words.t("Edit channels"),
        "audiences": words.t("Edit audiences"),
        "goals": words.t("Edit goals"),
        "activities": words.t("Edit activities"),
        "sources": words.t("Edit sources"),
    }[section]


def part_form(
    section: str,
    part: Part | None,
    ref: int,
    around: Around,
    words: Words,
    *,
    values: Mapping[str, str] | None = None,
    errors: tuple[tuple[str, str], ...] = (),
) -> Form:
    """Its fields, filled with what is there or with what was written."""
    filled = dict(values) if values is not None else part_values.written(part, around.zone)
    fields = part_fields.fields_of(section, part, around, words, filled)
    fields.append(TextField("why", words.t("Why? (kept in the history)"), filled.get("why", ""), max_length=300))
    title = form_title(section, words, is_new=part is None)
    if isinstance(part, ChannelPart):  # its field for a name is mostly empty
        title = f"{title}: {channel_name(part)}"
    kept = (("part", part.part_id),) if part is not None else ()
    return Form(
        f"part_{section}", ref, title, tuple(fields), words.t("Save"), words.t("Cancel"), errors=errors, kept=kept
    )


def form_title(section: str, words: Words, *, is_new: bool) -> str:
    new = {
        "channels": words.t("New channel"),
        "audiences": words.t("New audience"),
        "goals": words.t("New goal"),
        "activities": words.t("New activity"),
        "sources": words.t("New source"),
    }
    known = {
        "channels": words.t("Edit the channel"),
        "audiences": words.t("Edit the audience"),
        "goals": words.t("Edit the goal"),
        "activities": words.t("Edit the activity"),
        "sources": words.t("Edit the source"),
    }
    return (new if is_new else known)[section]


def wrong_with(section: str, field: str, part: Part, words: Words) -> tuple[str, str]:
    """(field, sentence) of what a rule of the model finds wrong with `field` of the part, as people read it."""
    if isinstance(part, GoalPart):
        if field == "due":
            is_over = part.due > part.starts
            said = words.t("That day is over. Choose a later one.")
            return field, said if is_over else words.t("The due date must be after the start.")
        if field == "target" and part.target > MOST_PER_CENT and part.target > part.baseline:
            return field, words.t("That’s a percentage: 100 at most.")
        if field == "target":
            return field, words.t("The target must be higher than where you start.")
        if field == "metric":
            said = words.t("Choose an area: positive answers are counted area by area.")
            left_out = words.t("Leave the area out: it goes with positive answers only.")
            return "factor", said if part.metric == "pulse" else left_out
    match section, field:
        case "channels", "deputy":
            return field, words.t("Choose someone other than the owner.")
        case "channels", "share_page":
            return field, words.t("Write an https address with TEXT, LINK or TITLE in it.")
        case "channels", "id":
            return "name", words.t("Give your channel a name.")
        case "channels", _:
            return "owner", words.t("Choose an owner, or set the status to proposed.")
        case "sources", "address":
            return field, words.t("I can’t listen to that. Look at the examples below the field.")
        case "activities", "repeats":
            return "until", words.t("The end is before the first time it would happen. Choose a later one.")
    return field, words.t("Choose one from the list.")


def label_of(part: Part) -> str:
    """What people call it."""
    name = getattr(part, "name", None)
    return name or (KINDS[part.part_id].name if part.part_id in KINDS else part.part_id)


def _in_short(part: Part, words: Words) -> str:
    names = ("state", "metric", "kind", "repeats", "starts", "due", "channel", "address")
    shown = [_as_read(name, value, words) for name in names if (value := getattr(part, name, None))]
    return " · ".join(shown[:5])


def _as_read(name: str, value: object, words: Words) -> str:
    match value:
        case datetime():
            return words.local_moment(value)
        case date():
            return words.date(value)
        case str() if name == "repeats":
            return in_words(value, words)
    return value_name(name, str(value), words)
