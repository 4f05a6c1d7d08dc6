"""Cards as Adaptive Cards 1.5; a form is a card, too. Pure and total; Teams' limits are enforced here.

Words go into RichTextBlocks, which know no Markdown: no link, mention or markup that a person wrote can act.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

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
    Part,
    Preview,
    Quote,
    Suggestion,
    Table,
    Text,
    TextField,
    cut,
)

Node = dict[str, Any]

VERSION = "1.5"
CONTENT_TYPE = "application/vnd.microsoft.card.adaptive"
# https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages (100 KB a message;
# cards stay under 25 KB to draw quickly) and …/task-modules-and-cards/cards/cards-reference (6 actions a set)
WHOLE_CARD = 25_000  # bytes of JSON
HEADING, TEXT, CELL, BUTTON, SUMMARY, URL = 300, 5000, 500, 60, 500, 3000
ACTIONS_A_ROW = 4
SHOWN_WHOLE = 8  # options of which any number may be chosen; a longer list opens when it is wanted
CLOCK = ".time"  # behind a field's name: its time of day, an input of its own
TABLE_ROWS, TABLE_COLUMNS, FACTS, OPTIONS = 30, 8, 20, 100


def adaptive_card(card: Card) -> Node:
    body: list[Node] = []
    for element in card.body:
        body += _element(element)
    return _card(body, card.summary)


def form_card(form: Form) -> Node:
    """The form, as the card that takes the place of the one pressed."""
    body: list[Node] = [_rich([Bold(form.title)], HEADING, size="Large")]
    for element in form.intro:
        body += _element(element)
    # A live choice has to be buttons: inputs of Adaptive Cards 1.5 do not tell that they changed. What was chosen
    # travels in the data of all other buttons.
    buttoned = {field.name: field for field in form.fields if isinstance(field, Choice) and field.is_live}
    kept = {**dict(form.kept), **{name: field.value for name, field in buttoned.items()}}
    for field in form.fields:
        live = buttoned.get(field.name)
        body += _live_choice(form, live, kept) if live else _input(field, form.error_of(field.name))
    body += _live_parts(form, kept)
    data = {"ref": form.ref, **kept}
    submit = _form_action(form.submit, f"submit.{form.name}", data, "auto")
    buttons: list[Node] = [{**submit, "style": "positive"}] if form.submit else []
    buttons.append(_form_action(form.cancel, f"cancel.{form.name}", {"ref": form.ref}, "none"))
    # the inputs and buttons must not be cut away, however long the words above them are
    return _card(body, form.title, tail=[{"type": "ActionSet", "actions": buttons}], keep=len(form.fields) + 1)


def _form_action(title: str, verb: str, data: Node, inputs: str) -> Node:
    return {
        "type": "Action.Execute",
        "title": cut(title, BUTTON) or "…",
        "verb": verb,
        "data": data,
        "associatedInputs": inputs,
    }


def _change(form: Form, kept: Mapping[str, str], changed: str, item: Suggestion) -> Node:
    """A button that has the card drawn anew, with what stands in its inputs."""
    data = {"ref": form.ref, **kept, "changed": changed, "chosen": item.value}
    return _form_action(item.label, f"change.{form.name}", data, "auto")


def _live_choice(form: Form, field: Choice, kept: Mapping[str, str]) -> list[Node]:
    chosen = next((option.label for option in field.options if option.value == field.value), "")
    nodes = [_rich([Bold(f"{field.label}: {chosen}")], HEADING)]
    if field.hint:
        nodes.append({**_rich([field.hint], TEXT, subtle=True), "spacing": "Small"})
    others = [
        _change(form, {**kept, field.name: option.value}, field.name, Suggestion(option.value, option.label))
        for option in field.options[:OPTIONS]
        if option.value != field.value
    ]
    return nodes + _action_sets(others)


def _live_parts(form: Form, kept: Mapping[str, str]) -> list[Node]:
    nodes: list[Node] = []
    if form.tip is not None:
        fix = [_change(form, kept, "fix", form.tip.fix)] if form.tip.fix else []
        nodes.append(
            {"type": "Container", "style": "warning", "items": [_rich([form.tip.text], TEXT), *_action_sets(fix)]}
        )
    if form.suggestions is not None:
        nodes.append(_rich([Bold(form.suggestions.label)], HEADING))
        for item in form.suggestions.items:
            said = [_rich([item.text], TEXT, subtle=True)] if item.text else []
            taps = _action_sets([_change(form, kept, form.suggestions.name, item)])
            nodes.append({"type": "Container", "items": [*said, *taps]})
    return [*nodes, *(_preview(form, kept, form.preview) if form.preview else [])]


def _preview(form: Form, kept: Mapping[str, str], preview: Preview) -> list[Node]:
    said = [
        _rich([Bold(preview.author)], HEADING),
        _rich([preview.text or preview.empty], TEXT, subtle=not preview.text),
    ]
    page = []
    if preview.pictures:
        page = [node for address in preview.pictures for node in _picture(address, preview.title)]
    elif preview.domain:
        page = _picture(preview.picture, preview.title)
        page += [_rich([preview.domain], CELL, subtle=True), _rich([Bold(preview.title)], HEADING)]
    refresh = [_change(form, kept, "preview", Suggestion("refresh", preview.refresh))] if preview.refresh else []
    return [
        _rich([Bold(preview.label)], HEADING),
        {"type": "Container", "style": "emphasis", "items": [*said, *page]},
        *_action_sets(refresh),
    ]


def _card(body: list[Node], summary: str, tail: list[Node] | None = None, keep: int = 0) -> Node:
    whole: Node = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": VERSION,
        "fallbackText": cut(summary, SUMMARY) or "…",
        "body": tail or [],
    }
    fitted = body if keep else _fitted(body, WHOLE_CARD - _size(whole))
    return {**whole, "body": [*fitted, *(tail or [])]}


def _element(element: Element) -> list[Node]:
    match element:
        case Heading():
            return [_rich([Bold(element.text)], HEADING, size="Large")]
        case Text():
            return [_rich(list(element.parts), TEXT, subtle=element.subtle)]
        case Facts():
            return [_facts(element)] if element.pairs else []
        case Image():
            return _picture(element.url, element.alt)
        case Chart():
            return _picture(element.url, element.alt) or [_bars(element)]
        case Table():
            return [_table(element)] if element.rows else []
        case Quote():
            return [{"type": "Container", "style": "emphasis", "items": [_rich([element.text], TEXT)]}]
        case Divider():
            return [{"type": "Container", "separator": True, "spacing": "Medium", "items": []}]
        case Actions():
            return _action_sets([_button(item) for item in element.items])


def _action_sets(items: Sequence[Node]) -> list[Node]:
    rows = [items[i : i + ACTIONS_A_ROW] for i in range(0, len(items), ACTIONS_A_ROW)]
    return [{"type": "ActionSet", "actions": list(row)} for row in rows]


def _button(item: Button | Link) -> Node:
    title = cut(item.label, BUTTON) or "…"
    if isinstance(item, Link):
        return {"type": "Action.OpenUrl", "title": title, "url": item.url[:URL], "style": "positive"}
    button: Node = {
        "type": "Action.Execute",
        "title": title,
        "verb": item.action,
        "data": {"ref": item.ref},
        "associatedInputs": "none",
    }
    if item.style != "plain":
        button["style"] = {"primary": "positive", "danger": "destructive"}[item.style]
    return button


def _input(field: Field, error: str) -> list[Node]:
    nodes: list[Node] = []
    match field:
        case TextField():
            nodes.append(
                {
                    "type": "Input.Text",
                    "id": field.name,
                    "label": cut(field.label, HEADING) or "…",
                    "value": cut(field.value, field.max_length),
                    "isMultiline": field.multiline,
                    "maxLength": field.max_length,
                }
            )
        case Choice() if field.options:
            nodes.append(_choice_set(field, field.value or field.options[0].value, is_whole=field.expanded))
        case Choices() if field.options:
            nodes.append(_choice_set(field, ",".join(field.values), is_whole=len(field.options) <= SHOWN_WHOLE))
        case MomentField():
            day = {"type": "Input.Date", "id": field.name, "label": cut(field.label, HEADING) or "…"}
            clock = {"type": "Input.Time", "id": f"{field.name}{CLOCK}"}
            if field.value is not None:
                day["value"], clock["value"] = field.value.strftime("%Y-%m-%d"), field.value.strftime("%H:%M")
            nodes += [day, clock]
        case DateField():
            nodes.append({"type": "Input.Date", "id": field.name, "label": cut(field.label, HEADING) or "…"})
            if field.value is not None:
                nodes[-1]["value"] = field.value.isoformat()
    if field.hint:
        nodes.append({**_rich([field.hint], TEXT, subtle=True), "spacing": "Small"})
    if error:
        nodes.append({**_rich([Bold(error)], TEXT, color="Attention"), "spacing": "Small"})
    return nodes


def _choice_set(field: Choice | Choices, chosen: str, *, is_whole: bool) -> Node:
    return {
        "type": "Input.ChoiceSet",
        "id": field.name,
        "label": cut(field.label, HEADING) or "…",
        **({"isMultiSelect": True} if isinstance(field, Choices) else {}),
        "style": "expanded" if is_whole else "compact",
        "value": chosen,
        "choices": [
            {"title": cut(option.label, BUTTON) or "…", "value": option.value} for option in field.options[:OPTIONS]
        ],
    }


def _facts(facts: Facts) -> Node:
    rows = [
        {
            "type": "ColumnSet",
            "spacing": "Small",
            "columns": [
                {"type": "Column", "width": 2, "items": [_rich([Bold(label)], CELL)]},
                {"type": "Column", "width": 3, "items": [_rich([value], CELL)]},
            ],
        }
        for label, value in facts.pairs[:FACTS]
    ]
    return {"type": "Container", "items": rows}


def _table(table: Table) -> Node:
    columns = min(max(len(table.header), *(len(row) for row in table.rows)), TABLE_COLUMNS)
    header: list[Part] = [Bold(cell) for cell in table.header]
    rows: list[Sequence[Part]] = [header, *table.rows[:TABLE_ROWS]]
    return {
        "type": "Table",
        "firstRowAsHeader": True,
        "columns": [{"width": 2 if number == 0 else 1} for number in range(columns)],
        "rows": [
            {
                "type": "TableRow",
                "cells": [_cell(row[number] if number < len(row) else "") for number in range(columns)],
            }
            for row in rows
        ],
    }


def _cell(part: Part) -> Node:
    return {"type": "TableCell", "items": [_rich([part], CELL)]}


def _bars(chart: Chart) -> Node:
    most = max((value for _label, value in chart.bars), default=0) or 1
    pairs = tuple((label, f"{'█' * round(value / most * 20)} {value:g}") for label, value in chart.bars)
    return {"type": "Container", "items": [_rich([Bold(chart.title)], TEXT), _facts(Facts(pairs))]}


def _picture(url: str, alt: str) -> list[Node]:
    """Teams fetches pictures from public https addresses only."""
    if not url.startswith("https://") or len(url) > URL:
        return []
    return [{"type": "Image", "url": url, "altText": cut(alt, SUMMARY), "size": "Stretch"}]


def _rich(parts: list[Part], limit: int, *, size: str = "", subtle: bool = False, color: str = "") -> Node:
    runs: list[Node] = []
    room = limit
    for part in parts:
        words = cut(part if isinstance(part, str) else part.text, max(room, 1))
        room -= len(words)
        if not words:
            continue
        run: Node = {"type": "TextRun", "text": words}
        if isinstance(part, Bold):
            run["weight"] = "Bolder"
        if isinstance(part, LinkTo):
            run["selectAction"] = {"type": "Action.OpenUrl", "url": part.url[:URL]}
            run["underline"] = True
        if size:
            run["size"] = size
        if subtle:
            run |= {"isSubtle": True, "size": "Small"}
        if color:
            run["color"] = color
        runs.append(run)
        if room <= 0:
            break
    return {"type": "RichTextBlock", "inlines": runs or [{"type": "TextRun", "text": " "}]}


def _fitted(body: list[Node], room: int) -> list[Node]:
    """As much as `room` bytes hold, and a line that says how many parts were left out."""
    if sum(map(_size, body)) <= room:
        return body
    taken: list[Node] = []
    room -= _size(_left_out(len(body)))
    for node in body:
        room -= _size(node)
        if room < 0:
            break
        taken.append(node)
    return [*taken, _left_out(len(body) - len(taken))]


def _left_out(number: int) -> Node:
    return _rich([f"…[+{number}]"], TEXT, subtle=True)


def _size(node: Node) -> int:
    """Bytes, with the comma behind it."""
    return len(json.dumps(node).encode()) + 2
