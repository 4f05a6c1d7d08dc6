"""Cards as Adaptive Cards 1.5; a form is a card, too. Pure and total; Teams' limits are enforced here.

Words go into RichTextBlocks, which know no Markdown: no link, mention or markup that a person wrote can act.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bot.core.cards import (
    Actions,
    Bold,
    Button,
    Card,
    Chart,
    Choice,
    Divider,
    Element,
    Facts,
    Field,
    Form,
    Heading,
    Image,
    Link,
    LinkTo,
    Part,
    Quote,
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
    for field in form.fields:
        body += _input(field, form.error_of(field.name))
    data = {"ref": form.ref}
    buttons: list[Node] = [
        {
            "type": "Action.Execute",
            "title": cut(form.submit, BUTTON),
            "verb": f"submit.{form.name}",
            "data": data,
            "style": "positive",
            "associatedInputs": "auto",
        },
        {
            "type": "Action.Execute",
            "title": cut(form.cancel, BUTTON),
            "verb": f"cancel.{form.name}",
            "data": data,
            "associatedInputs": "none",
        },
    ]
    # the inputs and buttons must not be cut away, however long the words above them are
    return _card(body, form.title, tail=[{"type": "ActionSet", "actions": buttons}], keep=len(form.fields) + 1)


def _card(body: list[Node], summary: str, tail: list[Node] | None = None, keep: int = 0) -> Node:
    return {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": VERSION,
        "fallbackText": cut(summary, SUMMARY) or "…",
        "body": _fitted(body, tail or []) if not keep else [*body, *(tail or [])],
    }


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
            rows = [element.items[i : i + ACTIONS_A_ROW] for i in range(0, len(element.items), ACTIONS_A_ROW)]
            return [{"type": "ActionSet", "actions": [_button(item) for item in row]} for row in rows]


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
            nodes.append(
                {
                    "type": "Input.ChoiceSet",
                    "id": field.name,
                    "label": cut(field.label, HEADING) or "…",
                    "style": "expanded" if field.expanded else "compact",
                    "value": field.value or field.options[0].value,
                    "choices": [
                        {"title": cut(option.label, BUTTON) or "…", "value": option.value}
                        for option in field.options[:OPTIONS]
                    ],
                }
            )
    if field.hint:
        nodes.append({**_rich([field.hint], TEXT, subtle=True), "spacing": "Small"})
    if error:
        nodes.append({**_rich([Bold(error)], TEXT, color="Attention"), "spacing": "Small"})
    return nodes


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


def _fitted(body: list[Node], tail: list[Node]) -> list[Node]:
    """As much as one card holds, and a line that says how many parts were left out."""
    room = WHOLE_CARD - len(json.dumps(tail).encode())
    taken: list[Node] = []
    for node in body:
        room -= len(json.dumps(node).encode())
        if room < 0:
            taken.append(_rich([f"…[+{len(body) - len(taken)}]"], TEXT, subtle=True))
            break
        taken.append(node)
    return [*taken, *tail]
