"""What the pictures look like: altair charts, as PNG for chat.

They are drawn for 360 CSS pixels, the width of a chat on a phone, and 12 of these at least are the smallest letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import altair as alt
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


def bars(title: str, values: Sequence[tuple[str, float]]) -> alt.LayerChart:
    """Horizontal bars in their given order, the label above each and the number behind it."""
    order = [label for label, _value in values]
    data = alt.InlineData(values=[{"step": label, "number": value} for label, value in values])
    most = max((value for _label, value in values), default=0.0)
    base = alt.Chart(data).encode(y=alt.Y("step:N", sort=order, title=None, axis=None))
    number = alt.X("number:Q", title=None, axis=None, scale=alt.Scale(domain=[0, most * 1.25 or 1]))
    bar = base.mark_bar(color=ACCENT, cornerRadiusEnd=4, height=BAR, yOffset=LABEL).encode(x=number)
    names = base.mark_text(align="left", dy=-LABEL - 3, fontSize=TEXT, color=INK).encode(x=alt.value(0), text="step:N")
    numbers = base.mark_text(align="left", dx=6, dy=LABEL, fontSize=TEXT, fontWeight="bold", color=INK).encode(
        x=number, text=alt.Text("number:Q", format="~f")
    )
    chart: alt.LayerChart = (bar + names + numbers).properties(
        title=_title(title), width=INNER, height=max(ROW * len(values), 1)
    )
    return chart


def culture(title: str, stages: Sequence[tuple[str, int | None]], unknown: str) -> alt.LayerChart:
    """The eight factors in their order, each with as many of four steps filled as its stage has; `unknown`: none."""
    order = [label for label, _stage in stages]
    words = [{"factor": label, "stage": str(stage) if stage else unknown} for label, stage in stages]
    steps = [
        {"factor": label, "step": step, "next": step + 1 - GAP, "colour": STAGES[stage - 1] if step < stage else QUIET}
        for label, stage in ((label, stage or 0) for label, stage in stages)
        for step in range(len(STAGES))
    ]
    row = alt.Y("factor:N", sort=order, title=None, axis=None)
    across = alt.Scale(domain=[0, len(STAGES)])
    bar = (
        alt.Chart(alt.InlineData(values=steps))
        .mark_bar(height=BAR, yOffset=LABEL, cornerRadius=3)
        .encode(
            y=row,
            x=alt.X("step:Q", title=None, axis=None, scale=across),
            x2="next:Q",
            color=alt.Color("colour:N", scale=None),
        )
    )
    text = alt.Chart(alt.InlineData(values=words)).encode(y=row)
    names = text.mark_text(align="left", dy=-LABEL - 3, fontSize=TEXT, color=INK).encode(
        x=alt.value(0), text="factor:N"
    )
    said = text.mark_text(align="right", dy=-LABEL - 3, fontSize=TEXT, fontWeight="bold", color=INK).encode(
        x=alt.value(INNER), text="stage:N"
    )
    chart: alt.LayerChart = (bar + names + said).properties(title=_title(title), width=INNER, height=ROW * len(stages))
    return chart


def heat(title: str, columns: Sequence[str], rows: Sequence[HeatRow], unknown: str) -> alt.LayerChart:
    """Percentages by row and column; what may not be shown is grey, a dash, and named above."""
    cells = [
        {"unit": unit, "factor": column, "value": cell[0] if cell else None, "label": cell[1] if cell else "–"}
        for unit, values in rows
        for column, cell in zip(columns, values, strict=True)
    ]
    base = alt.Chart(alt.InlineData(values=cells)).encode(
        x=alt.X(
            "factor:N",
            sort=list(columns),
            title=None,
            axis=alt.Axis(orient="top", labelAngle=-90, labelLimit=160, domain=False, ticks=False),
        ),
        y=alt.Y(
            "unit:N",
            sort=[unit for unit, _values in rows],
            title=None,
            axis=alt.Axis(labelLimit=NAMES, domain=False, ticks=False),
        ),
    )
    scale = alt.Scale(domain=[0, 40, 60, 75, 100], range=[STAGES[0], STAGES[0], STAGES[1], STAGES[2], STAGES[3]])
    known = (
        base.transform_filter("isValid(datum.value)")
        .mark_rect(stroke=PAPER, strokeWidth=2)
        .encode(color=alt.Color("value:Q", scale=scale, legend=None))
    )
    hidden = base.transform_filter("!isValid(datum.value)").mark_rect(stroke=PAPER, strokeWidth=2, color=QUIET)
    labels = base.mark_text(fontSize=12, color=INK).encode(text="label:N")
    chart: alt.LayerChart = (hidden + known + labels).properties(
        title=_title(title, f"– {unknown}"), width=CELL * len(columns), height=CELL * len(rows)
    )
    return chart


def _title(title: str, subtitle: str = "") -> alt.TitleParams:
    return alt.TitleParams(wrap(title, LETTERS), subtitle=subtitle)


def png(chart: alt.LayerChart) -> bytes:
    return bytes(vl_convert.vegalite_to_png(_styled(chart), scale=2))


def _styled(chart: alt.LayerChart) -> dict[str, Any]:
    styled: dict[str, Any] = (
        chart.properties(background=PAPER, padding=ROOM)
        .configure(font=FONT)
        .configure_axis(labelFontSize=TEXT, labelColor=INK, grid=False)
        .configure_title(
            fontSize=TITLE, color=INK, anchor="start", frame="bounds", subtitleColor=INK, subtitleFontSize=TEXT
        )
        .configure_view(stroke=None)
        .to_dict()
    )
    return styled
