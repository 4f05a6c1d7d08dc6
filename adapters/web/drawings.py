"""What the pictures look like: altair charts, as PNG for chat and as SVG for the console."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi
from typing import Any

import altair as alt
import vl_convert

from bot.platform import HeatRow

INK, ACCENT, PAPER, QUIET = "#1b2a30", "#17637a", "#ffffff", "#e4e9eb"
STAGES = ("#f2c8ac", "#f0dd9c", "#a9d3c0", "#4c9a86")  # 1 to 4: told apart without colour by their number
FONT, ROOM = "Liberation Sans, Arial, sans-serif", 36  # points at the left, where a browser has only wider letters
GAP = 0.02  # radians between two parts of a ring
RINGS = ((0, 60), (63, 133), (136, 206))  # middle, inner, outer: radii in points


def bars(title: str, values: Sequence[tuple[str, float]]) -> alt.LayerChart:
    """Horizontal bars in their given order, the number beside each."""
    order = [label for label, _value in values]
    data = alt.InlineData(values=[{"step": label, "number": value} for label, value in values])
    base = alt.Chart(data).encode(
        y=alt.Y("step:N", sort=order, title=None, axis=alt.Axis(labelLimit=240, domain=False, ticks=False)),
        x=alt.X("number:Q", title=None, axis=None),
    )
    labels = base.mark_text(align="left", dx=6, fontSize=15, fontWeight="bold", color=INK).encode(text="number:Q")
    chart: alt.LayerChart = (base.mark_bar(color=ACCENT, cornerRadiusEnd=4, height=22) + labels).properties(
        title=title, width=420, height=44 * len(values)
    )
    return chart


def culture(title: str, stages: Sequence[tuple[str, int | None]], unknown: str) -> alt.LayerChart:
    """The framework: four factors around the middle, three around them, the last in the middle."""
    parts = [
        *_ring(stages[:4], RINGS[1], unknown),
        *_ring(stages[4:7], RINGS[2], unknown),
        {**_part(*stages[7], 0.0, 2 * pi, RINGS[0], unknown), "label_radius": 0},
    ]
    base = alt.Chart(alt.InlineData(values=parts)).encode(
        theta=alt.Theta("start:Q", scale=None), theta2=alt.Theta2("end:Q"),
        radius=alt.Radius("outer:Q", scale=None), radius2=alt.Radius2("inner:Q"),
        color=alt.Color("colour:N", scale=None),
    )  # fmt: skip
    words = alt.Chart(alt.InlineData(values=parts)).encode(
        theta=alt.Theta("middle:Q", scale=None), radius=alt.Radius("label_radius:Q", scale=None)
    )
    name = words.mark_text(fontSize=13, fontWeight="bold", color=INK, lineBreak="\n", dy=-24).encode(text="label:N")
    stage = words.mark_text(fontSize=20, fontWeight="bold", color=INK, dy=16).encode(text="stage:N")
    chart: alt.LayerChart = (base.mark_arc(stroke=PAPER, strokeWidth=1) + name + stage).properties(
        title=title, width=420, height=420
    )
    return chart


def heat(title: str, columns: Sequence[str], rows: Sequence[HeatRow], unknown: str) -> alt.LayerChart:
    """Percentages by row and column; what may not be shown is grey, a dash, and named above."""
    cells = [
        {"unit": unit, "factor": column, "value": cell[0] if cell else None, "label": cell[1] if cell else "–"}
        for unit, values in rows
        for column, cell in zip(columns, values, strict=True)
    ]
    base = alt.Chart(alt.InlineData(values=cells)).encode(
        x=alt.X("factor:N", sort=list(columns), title=None,
                axis=alt.Axis(orient="top", labelAngle=-35, labelLimit=180, domain=False, ticks=False)),
        y=alt.Y("unit:N", sort=[unit for unit, _values in rows], title=None,
                axis=alt.Axis(labelLimit=200, domain=False, ticks=False)),
    )  # fmt: skip
    scale = alt.Scale(domain=[0, 40, 60, 75, 100], range=[STAGES[0], STAGES[0], STAGES[1], STAGES[2], STAGES[3]])
    known = (
        base.transform_filter("isValid(datum.value)")
        .mark_rect(stroke=PAPER, strokeWidth=2)
        .encode(color=alt.Color("value:Q", scale=scale, legend=None))
    )
    hidden = base.transform_filter("!isValid(datum.value)").mark_rect(stroke=PAPER, strokeWidth=2, color=QUIET)
    labels = base.mark_text(fontSize=12, color=INK).encode(text="label:N")
    chart: alt.LayerChart = (hidden + known + labels).properties(
        title=alt.TitleParams(title, subtitle=f"– {unknown}"), width=72 * len(columns), height=34 * len(rows)
    )
    return chart


def _ring(stages: Sequence[tuple[str, int | None]], radii: tuple[int, int], unknown: str) -> list[dict[str, Any]]:
    step = 2 * pi / len(stages)
    return [
        _part(label, stage, index * step + GAP / 2, (index + 1) * step - GAP / 2, radii, unknown)
        for index, (label, stage) in enumerate(stages)
    ]


def _part(
    label: str, stage: int | None, start: float, end: float, radii: tuple[int, int], unknown: str
) -> dict[str, Any]:
    inner, outer = radii
    return {
        "label": _two_lines(label), "stage": str(stage) if stage else "–",
        "colour": STAGES[stage - 1] if stage else QUIET, "start": start, "end": end, "middle": (start + end) / 2,
        "inner": inner, "outer": outer, "label_radius": (inner + outer) / 2, "unknown": unknown,
    }  # fmt: skip


def _two_lines(label: str) -> str:
    """Long labels broken at the first space, short ones on the second line, so that all stand alike."""
    return label.replace(" ", "\n", 1) if len(label) > 12 and " " in label else f"\u00a0\n{label}"


def png(chart: alt.LayerChart) -> bytes:
    return bytes(vl_convert.vegalite_to_png(_styled(chart), scale=2))


def svg(chart: alt.LayerChart) -> bytes:
    return str(vl_convert.vegalite_to_svg(_styled(chart))).encode()


def _styled(chart: alt.LayerChart) -> dict[str, Any]:
    styled: dict[str, Any] = (
        chart.properties(background=PAPER, padding={"left": ROOM, "top": 16, "right": 16, "bottom": 16})
        .configure(font=FONT)
        .configure_axis(labelFontSize=14, labelColor=INK, grid=False)
        .configure_title(fontSize=16, color=INK, anchor="start", subtitleColor=INK, subtitleFontSize=12)
        .configure_view(stroke=None)
        .to_dict()
    )
    return styled
