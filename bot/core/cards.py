"""Cards: what the bot says, described once and rendered by each platform.

Everything here is plain text plus explicit bold and link; the renderers escape. A button carries a name
and a row id, never state. A card is data: it can be compared, stored as JSON and drawn anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

import regex
from pydantic import TypeAdapter

_GRAPHEME = regex.compile(r"\X")


@dataclass(frozen=True, slots=True)
class Bold:
    text: str
    part: Literal["bold"] = "bold"


@dataclass(frozen=True, slots=True)
class LinkTo:
    text: str
    url: str
    part: Literal["link"] = "link"


Part = str | Bold | LinkTo


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Text:
    parts: tuple[Part, ...]
    subtle: bool = False
    kind: Literal["text"] = "text"

    @property
    def plain(self) -> str:
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class Facts:
    """Pairs of a label and a value."""

    pairs: tuple[tuple[str, str], ...]
    kind: Literal["facts"] = "facts"


@dataclass(frozen=True, slots=True)
class Image:
    url: str
    alt: str
    kind: Literal["image"] = "image"


@dataclass(frozen=True, slots=True)
class Chart:
    """Horizontal bars with their numbers; `url` is where the picture is drawn."""

    title: str
    bars: tuple[tuple[str, float], ...]
    url: str
    kind: Literal["chart"] = "chart"

    @property
    def alt(self) -> str:
        return f"{self.title}: " + ", ".join(f"{label} {value:g}" for label, value in self.bars)


@dataclass(frozen=True, slots=True)
class Table:
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's own words; `copy` marks text that is there to be copied."""

    text: str
    copy: bool = False
    kind: Literal["quote"] = "quote"


@dataclass(frozen=True, slots=True)
class Divider:
    kind: Literal["divider"] = "divider"


@dataclass(frozen=True, slots=True)
class Button:
    """A press comes back as `Pressed(action, ref)`."""

    label: str
    action: str
    ref: int = 0
    style: Literal["plain", "primary", "danger"] = "plain"
    kind: Literal["button"] = "button"


@dataclass(frozen=True, slots=True)
class Link:
    """A button that opens `url`; pressing it sends no event."""

    label: str
    url: str
    kind: Literal["link"] = "link"


@dataclass(frozen=True, slots=True)
class Actions:
    items: tuple[Button | Link, ...]
    kind: Literal["actions"] = "actions"


Element = Heading | Text | Facts | Image | Chart | Table | Quote | Divider | Actions


@dataclass(frozen=True, slots=True)
class Card:
    """`summary` is the one line that a notification shows."""

    summary: str
    body: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class TextField:
    name: str
    label: str
    value: str = ""
    hint: str = ""
    multiline: bool = False
    required: bool = False
    max_length: int = 3000  # characters; what Slack's modals take
    is_live: bool = False  # the form is drawn anew as it is written
    kind: Literal["text_field"] = "text_field"


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Choice:
    name: str
    label: str
    options: tuple[Option, ...]
    value: str = ""
    hint: str = ""
    expanded: bool = False  # show all options at once
    is_live: bool = False  # the form is drawn anew when another is chosen
    kind: Literal["choice"] = "choice"


@dataclass(frozen=True, slots=True)
class Choices:
    """Any number of options. Comes back as the values chosen, with commas between them, which none of them may hold."""

    name: str
    label: str
    options: tuple[Option, ...]
    values: tuple[str, ...] = ()
    hint: str = ""
    is_live: bool = False
    kind: Literal["choices"] = "choices"


@dataclass(frozen=True, slots=True)
class MomentField:
    """A day and a time, in the person's zone: `value` is in it, None for an empty field that may stay so. What comes
    back is read by `moments.moment_of`."""

    name: str
    label: str
    value: datetime | None
    hint: str = ""
    is_live: bool = False
    kind: Literal["moment_field"] = "moment_field"


@dataclass(frozen=True, slots=True)
class DateField:
    """A day; None for an empty field. What comes back is ISO 8601: "2026-11-24", or ""."""

    name: str
    label: str
    value: date | None
    hint: str = ""
    is_live: bool = False
    kind: Literal["date_field"] = "date_field"


Field = TextField | Choice | Choices | MomentField | DateField


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One tap has the form drawn anew with it; `text` shows what it writes, "" where that depends on what is there."""

    value: str
    label: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Ways to begin, none of them chosen. A tap comes back as `Changed(changed=name, chosen=value)`."""

    name: str
    label: str
    items: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class Tip:
    """A word on what is written so far, with what mends it: a tap comes back as `Changed(changed="fix", …)`."""

    text: str
    fix: Suggestion | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """How a post will look in its network: `author` says `text`, above its `pictures` (addresses), or without any above
    the card of the page that it links to."""

    label: str
    author: str
    text: str
    title: str = ""
    domain: str = ""
    picture: str = ""  # of the page
    pictures: tuple[str, ...] = ()  # of the post's own
    empty: str = ""  # what stands there while there is no text
    refresh: str = ""  # a button's label, for where the form cannot be drawn anew while it is written in


@dataclass(frozen=True, slots=True)
class Form:
    """A form comes back as `Submitted(name, ref, values)`, or as `Changed` where something live in it was changed.

    Shown in this order: `intro`, `fields`, `tip`, `suggestions`, `preview`, buttons. `errors` are (field, sentence)
    pairs. Without `submit` there is nothing to send, only to read and close.
    """

    name: str
    ref: int
    title: str
    fields: tuple[Field, ...]
    submit: str
    cancel: str
    intro: tuple[Text | Quote | Facts, ...] = ()
    errors: tuple[tuple[str, str], ...] = field(default=())
    tip: Tip | None = None
    suggestions: Suggestions | None = None
    preview: Preview | None = None
    kept: tuple[tuple[str, str], ...] = ()  # values that come back with it, though it shows no field for them now

    @property
    def is_live(self) -> bool:
        """Whether it is drawn anew while it is filled in."""
        return any(one.is_live for one in self.fields)

    @property
    def wrong(self) -> tuple[tuple[str, str, str], ...]:
        """(field, its label, sentence) of each error; an error of no field that is shown goes by the form's title."""
        labels = {one.name: one.label for one in self.fields}
        return tuple((name, labels.get(name, self.title), sentence) for name, sentence in self.errors)

    def error_of(self, name: str) -> str:
        return " ".join(sentence for field_name, sentence in self.errors if field_name == name)


_CARD = TypeAdapter(Card)


def text(*parts: Part, subtle: bool = False) -> Text:
    return Text(parts, subtle)


def dotted(*parts: Part) -> tuple[Part, ...]:
    """The parts on one line, those that are "" left out."""
    return tuple(one for part in parts if part for one in (" · ", part))[1:]


def actions(*items: Button | Link | None) -> Actions:
    """A row of buttons; None is left out."""
    return Actions(tuple(item for item in items if item is not None))


def card(summary: str, *body: Element | None) -> Card:
    """A card of these elements; None is left out."""
    return Card(summary, tuple(element for element in body if element is not None))


def about(value: Card, ref: int) -> Card:
    """The card with `ref` set on all its buttons, so that a card for many people is composed once."""
    return Card(value.summary, tuple([_about(part, ref) if isinstance(part, Actions) else part for part in value.body]))


def _about(row: Actions, ref: int) -> Actions:
    items = [Button(it.label, it.action, ref, it.style) if isinstance(it, Button) else it for it in row.items]
    return Actions(tuple(items))


def to_json(value: Card) -> dict[str, Any]:
    return _CARD.dump_python(value, mode="json")  # type: ignore[no-any-return]


def from_json(value: dict[str, Any]) -> Card:
    return _CARD.validate_python(value)


def plain_text(value: Card) -> str:
    """The card as lines of plain text: for notifications, logs of a terminal, and screens that show no cards."""
    return "\n".join(line for element in value.body if (line := _line(element)))


def _line(element: Element) -> str:
    match element:
        case Heading(text=words) | Quote(text=words):
            return words
        case Text():
            return "".join(
                f"{part.text} ({part.url})"
                if isinstance(part, LinkTo)
                else part
                if isinstance(part, str)
                else part.text
                for part in element.parts
            )
        case Facts():
            return "\n".join(f"{label}: {value}" for label, value in element.pairs)
        case Image():
            return f"[{element.alt}]"
        case Chart():
            return element.alt
        case Table():
            return "\n".join(" | ".join(row) for row in (element.header, *element.rows))
        case Divider():
            return "—"
        case Actions():
            return "  ".join(
                f"[{item.label}]" + (f" {item.url}" if isinstance(item, Link) else "") for item in element.items
            )


def cut(words: str, limit: int) -> str:
    """`words` within `limit` UTF-16 units (what the platforms count), cut between graphemes.

    A cut text ends in "…[+n]": n more characters. Signs that JSON or a platform cannot carry are dropped.
    """
    words = words.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")
    if _units(words) <= limit:
        return words
    tail = f"…[+{len(words)}]"
    room, kept = limit - len(tail), 0
    if room <= 0:
        return "…"[:limit]
    end = 0
    for grapheme in _GRAPHEME.finditer(words):
        kept += _units(grapheme.group())
        if kept > room:
            break
        end = grapheme.end()
    if end == 0:  # one grapheme, endlessly marked: cut it between its marks
        end = max(0, room // 2)
    return f"{words[:end]}…[+{len(words) - end}]"


def _units(words: str) -> int:
    return len(words.encode("utf-16-le")) // 2
