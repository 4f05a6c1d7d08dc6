"""Cards as Block Kit, forms as modals. Pure and total; Slack's limits are enforced here.

Words go into `plain_text` and `rich_text` objects, which Slack does not parse: no mention, link or markup
that a person wrote can act. Only context lines with a link are `mrkdwn`, and escaped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from bot.core.cards import (
    Actions,
    Bold,
    Button,
    Card,
    Chart,
    Choice,
    Choices,
    DateField,
    Divider,
    Element,
    Facts,
    Field,
    Form,
    Heading,
    Image,
    Link,
    LinkTo,
    MomentField,
    Option,
    Part,
    Preview,
    Quote,
    Suggestion,
    Table,
    Text,
    TextField,
    cut,
    plain_text,
)

Block = dict[str, Any]

# https://docs.slack.dev/reference/block-kit/blocks and …/block-kit/block-elements
BLOCKS_A_MESSAGE, BLOCKS_A_VIEW = 50, 100
HEADING, RICH_TEXT, CONTEXT = 150, 3000, 2000
BUTTON, BUTTON_VALUE, URL, ALT, BUTTONS = 75, 2000, 3000, 2000, 25
TABLE_ROWS, TABLE_COLUMNS, TABLE_CELL = 100, 20, 500
VIEW_TITLE, LABEL, HINT, OPTION, OPTIONS, RADIOS, INPUT = 24, 2000, 2000, 75, 100, 10, 3000
FACTS = 20
SPOKEN = 3000
CHANGE = "change."  # begins the action of what changes an open form
WHOLE_MESSAGE = 12_000  # characters of JSON; at about 13,200 Slack refuses with msg_blocks_too_long (undocumented)


def message(card: Card) -> dict[str, Any]:
    """`text` and `blocks` of chat.postMessage and chat.update. Screen readers read `text` alone, so it says all of it
    (docs.slack.dev, "Accessibility": the top-level text)."""
    return {
        "text": escape(cut(spoken(card), SPOKEN)),
        "blocks": _fitted(_blocks(card), BLOCKS_A_MESSAGE),
    }


def spoken(card: Card) -> str:
    """The whole card in words, its summary first."""
    words = plain_text(card)
    return words if words.startswith(card.summary) else f"{card.summary}\n{words}"


def home(card: Card) -> dict[str, Any]:
    """A view for views.publish. Views hold no tables, so they are set as text."""
    blocks = [block for element in card.body for block in _element(element, tables=False)]
    return {"type": "home", "blocks": _fitted(blocks, BLOCKS_A_VIEW)}


def modal(form: Form, *, message: str | None, filling: int = 0, from_home: bool = False) -> dict[str, Any]:
    """A view for views.open and views.update. Where it was opened, on a card or in the Home, comes back with it.

    Slack keeps what is typed in a block as long as its id stays the same (docs.slack.dev, "Modal views": preserving
    input). `filling` counts how often we wrote into the fields ourselves: each time the ids are new.
    """
    blocks = [block for element in form.intro for block in _element(element, tables=False)]
    inputs = [_input(one, filling) for one in form.fields if not isinstance(one, Choice | Choices) or one.options]
    live, kept = _live_parts(form), {"kept": dict(form.kept)} if form.kept else {}
    opened = {"message": message, **({"from_home": True} if from_home else {})}
    view = {
        "type": "modal",
        "callback_id": form.name,
        "private_metadata": json.dumps({"ref": form.ref, **opened, "filling": filling, **kept}),
        "title": _plain(form.title, VIEW_TITLE),
        "close": _plain(form.cancel, VIEW_TITLE),
        "blocks": _fitted([*blocks, *inputs, *live], BLOCKS_A_VIEW, keep=len(inputs) + len(live)),
    }
    return {**view, "submit": _plain(form.submit, VIEW_TITLE)} if form.submit else view


def errors(form: Form, filling: int = 0) -> dict[str, str]:
    """Block id → sentence, for `response_action: errors`."""
    return {
        _block_id(field, filling): cut(form.error_of(field.name), LABEL)
        for field in form.fields
        if form.error_of(field.name)
    }


def is_rewritten(form: Form, values: Mapping[str, str]) -> bool:
    """Whether a field of the form holds something else than what the person has in it."""
    return any(isinstance(field, TextField) and field.value != values.get(field.name, "") for field in form.fields)


def _block_id(field: Field, filling: int) -> str:
    return f"{field.name}#{filling}" if filling and isinstance(field, TextField) else field.name


def _live_parts(form: Form) -> list[Block]:
    blocks: list[Block] = []
    if form.tip is not None:
        blocks.append(_section(form.tip.text, _tap("fix", form.tip.fix, 0) if form.tip.fix else None))
    if form.suggestions is not None:
        blocks.append(_rich({"type": "rich_text_section", "elements": _parts((Bold(form.suggestions.label),))}))
        taps = [(_tap(form.suggestions.name, item, number), item) for number, item in enumerate(form.suggestions.items)]
        blocks += [_section(item.text, tap) for tap, item in taps if item.text]
        if others := [tap for tap, item in taps if not item.text]:
            blocks.append({"type": "actions", "elements": others})
    return [*blocks, *(_preview(form.preview) if form.preview else [])]


def _preview(preview: Preview) -> list[Block]:
    said = _parts((Bold(preview.author), "\n", preview.text or preview.empty))
    blocks = [
        _rich({"type": "rich_text_section", "elements": _parts((Bold(preview.label),))}),
        _rich({"type": "rich_text_quote", "elements": said}),
        *(block for address in preview.pictures for block in _picture(address, preview.title)),
    ]
    if preview.domain and not preview.pictures:
        page = _section(f"{preview.title}\n{preview.domain}", None)
        if preview.picture.startswith("https://") and len(preview.picture) <= URL:
            page["accessory"] = {
                "type": "image",
                "image_url": preview.picture,
                "alt_text": cut(preview.title, ALT) or "…",
            }
        blocks.append(page)
    if preview.refresh:
        blocks.append({"type": "actions", "elements": [_tap("preview", Suggestion("refresh", preview.refresh), 0)]})
    return blocks


def _section(words: str, accessory: Block | None) -> Block:
    section: Block = {"type": "section", "text": _plain(words, RICH_TEXT)}
    return {**section, "accessory": accessory} if accessory else section


def _tap(name: str, item: Suggestion, number: int) -> Block:
    """A button in a modal: what is in the fields comes with it, and the answer draws the modal anew."""
    return {
        "type": "button",
        "action_id": f"{CHANGE}{name}#{number}",
        "text": _plain(item.label, BUTTON),
        "value": item.value,
    }


def escape(words: str) -> str:
    """For the few places that Slack parses: https://docs.slack.dev/messaging/formatting-message-text"""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def without_images(blocks: list[Block]) -> list[Block]:
    """What is left when Slack could not fetch a picture and refused the whole message for it."""
    return [block for block in blocks if block["type"] != "image"]


def _blocks(card: Card) -> list[Block]:
    blocks: list[Block] = []
    tables = 0
    for element in card.body:
        tables += isinstance(element, Table)
        blocks += _element(element, tables=tables <= 1)  # a message holds one table
    return blocks


def _element(element: Element, *, tables: bool) -> list[Block]:
    match element:
        case Heading():
            return [{"type": "header", "text": _plain(element.text, HEADING)}]
        case Text(subtle=True):
            return [{"type": "context", "elements": [_context(element)]}]
        case Text():
            return [_rich({"type": "rich_text_section", "elements": _parts(element.parts)})]
        case Facts():
            lines: list[Part] = []
            for label, value in element.pairs[:FACTS]:
                lines += [Bold(f"{label}: "), value, "\n"]
            return [_rich({"type": "rich_text_section", "elements": _parts(tuple(lines[:-1]))})]
        case Image():
            return _picture(element.url, element.alt)
        case Chart():
            return _picture(element.url, element.alt) or [_preformatted(_bars(element))]
        case Table() if tables:
            return [_table(element)]
        case Table():
            return [_preformatted(plain_text(Card("", (element,))))]
        case Quote(copy=True):
            return [_preformatted(element.text)]
        case Quote():
            return [_rich({"type": "rich_text_quote", "elements": _parts((element.text,))})]
        case Divider():
            return [{"type": "divider"}]
        case Actions():
            buttons = [_button(item, number) for number, item in enumerate(element.items[:BUTTONS])]
            return [{"type": "actions", "elements": buttons}] if buttons else []


def _button(item: Button | Link, number: int) -> Block:
    if isinstance(item, Link):
        return {
            "type": "button",
            "action_id": f"link#{number}",
            "text": _plain(item.label, BUTTON),
            "url": item.url[:URL],
            "style": "primary",
        }
    button: Block = {
        "type": "button",
        "action_id": f"{item.action}#{number}",
        "text": _plain(item.label, BUTTON),
        "value": str(item.ref),
    }
    if item.style != "plain":
        button["style"] = item.style
    return button


def _options(options: Sequence[Option]) -> list[Block]:
    return [{"text": _plain(option.label, OPTION), "value": option.value} for option in options]


def _input(field: Field, filling: int) -> Block:
    match field:
        case TextField():
            element: Block = {
                "type": "plain_text_input",
                "action_id": field.name,
                "multiline": field.multiline,
                "max_length": min(field.max_length, INPUT),
            }
            if field.value:
                element["initial_value"] = cut(field.value, min(field.max_length, INPUT))
            required = field.required
        case Choice():
            options = _options(field.options[: RADIOS if field.expanded else OPTIONS])
            chosen = next((option for option in options if option["value"] == field.value), options[0])
            element = {
                "type": "radio_buttons" if field.expanded else "static_select",
                "action_id": field.name,
                "options": options,
                "initial_option": chosen,
            }
            required = True
        case Choices():
            options = _options(field.options[:OPTIONS])
            element = {"type": "multi_static_select", "action_id": field.name, "options": options}
            if several := [option for option in options if option["value"] in field.values]:
                element["initial_options"] = several
            required = False
        case MomentField():
            element = {"type": "datetimepicker", "action_id": field.name}
            if field.value is not None:
                element["initial_date_time"] = int(field.value.timestamp())
            required = field.value is not None
        case DateField():
            element = {"type": "datepicker", "action_id": field.name}
            if field.value is not None:
                element["initial_date"] = field.value.isoformat()
            required = field.value is not None
    block: Block = {
        "type": "input",
        "block_id": _block_id(field, filling),
        "label": _plain(field.label, LABEL),
        "element": element,
        "optional": not required,
    }
    if field.hint:
        block["hint"] = _plain(field.hint, HINT)
    if isinstance(field, Choice | Choices) and field.is_live:
        block["dispatch_action"] = True
    return block


def _table(table: Table) -> Block:
    rows = [table.header, *table.rows][:TABLE_ROWS]
    return {
        "type": "table",
        "rows": [
            [{"type": "raw_text", "text": cut(cell, TABLE_CELL).strip() or "–"} for cell in row[:TABLE_COLUMNS]]
            for row in rows
        ],
    }


def _bars(chart: Chart) -> str:
    most = max((value for _label, value in chart.bars), default=0) or 1
    width = max((len(label) for label, _value in chart.bars), default=0)
    lines = [f"{label:<{width}}  {'█' * round(value / most * 20)} {value:g}" for label, value in chart.bars]
    return "\n".join((chart.title, *lines))


def _picture(url: str, alt: str) -> list[Block]:
    """Slack fetches pictures itself, from public https addresses only, and refuses a message it cannot fill."""
    if not url.startswith("https://") or len(url) > URL:
        return []
    return [{"type": "image", "image_url": url, "alt_text": cut(alt, ALT) or "…"}]


def _context(element: Text) -> Block:
    if all(isinstance(part, str) for part in element.parts):
        return _plain(element.plain, CONTEXT)
    words = "".join(_mrkdwn(part) for part in element.parts)
    if len(words) > CONTEXT:  # a link must not be cut in two
        return _plain(element.plain, CONTEXT)
    return {"type": "mrkdwn", "text": words, "verbatim": True}


def _mrkdwn(part: Part) -> str:
    match part:
        case LinkTo():
            url = part.url.replace("|", "%7C").replace(">", "%3E").replace("<", "%3C")
            return f"<{url}|{escape(cut(part.text, 200)) or '…'}>"
        case Bold():
            words = escape(cut(part.text, CONTEXT))
            return f"*{words}*" if words.strip() else words
        case _:
            return escape(cut(part, CONTEXT))


def _parts(parts: tuple[Part, ...]) -> list[Block]:
    elements: list[Block] = []
    room = RICH_TEXT
    for part in parts:
        words = cut(part if isinstance(part, str) else part.text, max(room, 1))
        room -= len(words)
        if not words:
            continue
        match part:
            case LinkTo():
                elements.append({"type": "link", "url": part.url[:URL], "text": words})
            case Bold():
                elements.append({"type": "text", "text": words, "style": {"bold": True}})
            case _:
                elements.append({"type": "text", "text": words})
        if room <= 0:
            break
    return elements or [{"type": "text", "text": " "}]


def _rich(element: Block) -> Block:
    return {"type": "rich_text", "elements": [element]}


def _preformatted(words: str) -> Block:
    return _rich({"type": "rich_text_preformatted", "elements": _parts((words,))})


def _plain(words: str, limit: int) -> Block:
    return {"type": "plain_text", "text": cut(words, limit).strip() or "…", "emoji": True}


def _fitted(blocks: list[Block], most: int, keep: int = 0) -> list[Block]:
    """As many blocks as one message holds, and a line that says how many were left out; the last `keep` stay."""
    room = WHOLE_MESSAGE if most == BLOCKS_A_MESSAGE else 10 * WHOLE_MESSAGE
    if blocks and len(blocks) < most and (_is_short(blocks, room) or _length(blocks) <= room):
        return blocks
    head, tail = (blocks[:-keep], blocks[-keep:]) if keep else (blocks, [])
    room -= _length(tail)
    taken: list[Block] = []
    for block in head:
        room -= _length(block)
        if room < 0 or len(taken) + len(tail) >= most - 1:
            taken.append({"type": "context", "elements": [_plain(f"…[+{len(head) - len(taken)}]", CONTEXT)]})
            break
        taken.append(block)
    return [*taken, *tail] or [{"type": "divider"}]


def _is_short(blocks: list[Block], room: int) -> bool:
    """Whether `_length` can't be more than `room`, at a sixth of its cost: to_json sets no spaces, of which there is at
    most one for each of its own signs."""
    return 2 * len(to_json(blocks)) <= room


def _length(content: Block | list[Block]) -> int:
    """Characters of its JSON."""
    return len(json.dumps(content, ensure_ascii=False))
