"""What the pictures look like: charts in Vega-Lite (https://vega.github.io/vega-lite/docs/spec.html), as PNG for chat.

They are drawn for 360 CSS pixels, the width of a chat on a phone, and 12 of these at least are the smallest letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import vl_convert

from bot.core.ports import HeatRow

INK, ACCENT, PAPER, QUIET = "#1b2a30", "#17637a", "#ffffff", "#e4e9eb"
STAGES = ("#f2c8ac", "#f0dd9c", "#a9d3c0", "#4c9a86")  # 1 to 4: told apart without colour by their number
FONT = "Liberation Sans, Arial, sans-serif"
WIDTH, ROOM = 360, 16  # CSS pixels, of the whole picture and of its margins
INNER = WIDTH - 2 * ROOM
TEXT, TITLE = 13, 15  # CSS pixels: letters at that width
LETTERS = 40  # of a title in one line
GAP = 0.03  # between two steps, in steps
BAR, LABEL = 18, 9  # height of a bar; how far its label is above the middle of its row, and the bar below
ROW = 46
CELL, NAMES = 28, 100  # a column of the heat map; room for the names of its rows

Spec = dict[str, Any]
STYLE: Spec = {
    "font": FONT,
    "axis": {"labelFontSize": TEXT, "labelColor": INK, "grid": False},
    "title": {
        "fontSize": TITLE,
        "color": INK,
        "anchor": "start",
        "frame": "bounds",
        "subtitleColor": INK,
        "subtitleFontSize": TEXT,
    },
    "view": {"stroke": None},
}


def png(chart: Spec) -> bytes:
    return bytes(vl_convert.vegalite_to_png(chart, scale=2))


def bars(title: str, values: Sequence[tuple[str, float]]) -> Spec:
    """Horizontal bars in their given order, the label above each and the number behind it."""
    row = _rows("step", [label for label, _value in values])
    most = max((value for _label, value in values), default=0.0)
    number = _along("number", [0, most * 1.25 or 1])
    return _chart(
        _title(title),
        width=INNER,
        height=max(ROW * len(values), 1),
        data={"values": [{"step": label, "number": value} for label, value in values]},
        layer=[
            {"mark": _bar(color=ACCENT, cornerRadiusEnd=4), "encoding": {"y": row, "x": number}},
            _label(row, "step", align="left", at=0),
            {
                "mark": _text(align="left", dx=6, dy=LABEL, fontWeight="bold"),
                "encoding": {"y": row, "x": number, "text": _field("number", "quantitative", format="~f")},
            },
        ],
    )


def culture(title: str, stages: Sequence[tuple[str, int | None]], unknown: str) -> Spec:
    """The eight factors in their order, each with as many of four steps filled as its stage has; `unknown`: none."""
    row = _rows("factor", [label for label, _stage in stages])
    words = {"values": [{"factor": label, "stage": str(stage) if stage else unknown} for label, stage in stages]}
    steps = [
        {"factor": label, "step": step, "next": step + 1 - GAP, "colour": STAGES[stage - 1] if step < stage else QUIET}
        for label, stage in ((label, stage or 0) for label, stage in stages)
        for step in range(len(STAGES))
    ]
    filled = {
        "y": row,
        "x": _along("step", [0, len(STAGES)]),
        "x2": {"field": "next"},
        "color": _field("colour", "nominal", scale=None),
    }
    return _chart(
        _title(title),
        width=INNER,
        height=ROW * len(stages),
        layer=[
            {"data": {"values": steps}, "mark": _bar(cornerRadius=3), "encoding": filled},
            {"data": words, **_label(row, "factor", align="left", at=0)},
            {"data": words, **_label(row, "stage", align="right", at=INNER, fontWeight="bold")},
        ],
    )


def heat(title: str, columns: Sequence[str], rows: Sequence[HeatRow], unknown: str) -> Spec:
    """Percentages by row and column; what may not be shown is grey, a dash, and named above."""
    cells = [
        {"unit": unit, "factor": column, "value": cell[0] if cell else None, "label": cell[1] if cell else "–"}
        for unit, values in rows
        for column, cell in zip(columns, values, strict=True)
    ]
    bare = {"domain": False, "ticks": False}
    place = {
        "x": _field(
            "factor",
            "nominal",
            sort=list(columns),
            title=None,
            axis={"orient": "top", "labelAngle": -90, "labelLimit": 160, **bare},
        ),
        "y": _field(
            "unit", "nominal", sort=[unit for unit, _values in rows], title=None, axis={"labelLimit": NAMES, **bare}
        ),
    }
    colours = {"domain": [0, 40, 60, 75, 100], "range": [STAGES[0], *STAGES]}
    tile = {"type": "rect", "stroke": PAPER, "strokeWidth": 2}
    return _chart(
        _title(title, f"– {unknown}"),
        width=CELL * len(columns),
        height=CELL * len(rows),
        data={"values": cells},
        layer=[
            {"transform": [{"filter": "!isValid(datum.value)"}], "mark": {**tile, "color": QUIET}, "encoding": place},
            {
                "transform": [{"filter": "isValid(datum.value)"}],
                "mark": tile,
                "encoding": {**place, "color": _field("value", "quantitative", scale=colours, legend=None)},
            },
            {
                "mark": {"type": "text", "fontSize": 12, "color": INK},
                "encoding": {**place, "text": _field("label", "nominal")},
            },
        ],
    )


def _chart(title: Spec, **fields: Any) -> Spec:
    return {"title": title, "background": PAPER, "padding": ROOM, "config": STYLE, **fields}


def _title(title: str, subtitle: str = "") -> Spec:
    return {"text": wrap(title, LETTERS), "subtitle": subtitle}


def _field(name: str, kind: str, **fields: Any) -> Spec:
    return {"field": name, "type": kind, **fields}


def _rows(name: str, order: list[str]) -> Spec:
    return _field(name, "nominal", sort=order, title=None, axis=None)


def _along(name: str, domain: list[float]) -> Spec:
    return _field(name, "quantitative", title=None, axis=None, scale={"domain": domain})


def _bar(**fields: Any) -> Spec:
    return {"type": "bar", "height": BAR, "yOffset": LABEL, **fields}


def _text(**fields: Any) -> Spec:
    return {"type": "text", "fontSize": TEXT, "color": INK, **fields}


def _label(row: Spec, name: str, *, align: str, at: int, **fields: Any) -> Spec:
    """The text of a field above the bar of its row, `at` so many pixels from the left."""
    return {
        "mark": _text(align=align, dy=-LABEL - 3, **fields),
        "encoding": {"y": row, "x": {"value": at}, "text": _field(name, "nominal")},
    }
