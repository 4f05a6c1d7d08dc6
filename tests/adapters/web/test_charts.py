"""Charts say what their figures say: nothing is drawn outside, nothing hostile is run, whatever the figures are."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.web.console.charts.figures import (
    MIDDLE,
    NARROW,
    WIDE,
    Dots,
    GoalBar,
    IntervalRow,
    Intervals,
    Line,
    bar,
    sparkline,
)
from adapters.web.console.charts.svg import ticks

COUNTS = st.lists(st.integers(0, 100_000).map(float), min_size=1, max_size=30)
PERCENT = st.floats(0, 100)
HOSTILE = '"><script>alert(1)</script>'


def numbers(drawn: str, attribute: str) -> list[float]:
    return [float(value) for value in re.findall(rf'\b{attribute}="(-?[\d.]+)"', drawn)]


def is_within(drawn: str) -> bool:
    """Well-formed, and no rectangle, line or dot beyond the picture."""
    root = ElementTree.fromstring(str(drawn).replace("<svg ", '<svg xmlns="x" ', 1))
    _x, _y, width, height = map(float, root.attrib["viewBox"].split())
    across = [*numbers(drawn, "cx"), *numbers(drawn, "x1"), *numbers(drawn, "x2")]
    down = [*numbers(drawn, "cy"), *numbers(drawn, "y1"), *numbers(drawn, "y2")]
    return all(-1 <= value <= width + 1 for value in across) and all(-1 <= value <= height + 1 for value in down)


@given(values=COUNTS, usual=st.none() | st.tuples(PERCENT, PERCENT).map(lambda pair: (min(pair), max(pair))))
@settings(max_examples=60)
@pytest.mark.parametrize("width", [WIDE, MIDDLE, NARROW])
def test_lines(width: float, values: list[float], usual: tuple[float, float] | None) -> None:
    labels = [str(number) for number in range(len(values))]
    drawn = Line(HOSTILE, labels, values, values[::-1], HOSTILE, usual).draw(width)
    assert is_within(drawn)
    assert "<script" not in drawn
    assert f"{values[-1]:g}" in drawn  # the newest figure is said
    small = sparkline(values, usual)
    assert not small or is_within(small)


@given(rows=st.lists(st.tuples(PERCENT, PERCENT, PERCENT), min_size=1, max_size=10))
@settings(max_examples=60)
@pytest.mark.parametrize("width", [WIDE, MIDDLE, NARROW])
def test_intervals_hold_their_dot(width: float, rows: list[tuple[float, float, float]]) -> None:
    made = [IntervalRow(HOSTILE, sorted(row)[1], min(row), max(row), "x") for row in rows]
    drawn = Intervals("all", made, [(0, "a"), (40, "b"), (60, "c"), (75, "d")]).draw(width)
    assert is_within(drawn)
    assert "<script" not in drawn
    dots = numbers(drawn, "cx")
    assert len(dots) == len(rows)
    assert (dots[0] < dots[-1]) == (made[0].value < made[-1].value) or abs(dots[0] - dots[-1]) < 0.2


@given(low=st.floats(-30, 30), wide=st.floats(0, 30))
@settings(max_examples=60)
def test_twenty_dots_of_which_as_many_say_yes_as_are_likely(low: float, wide: float) -> None:
    dots = Dots("x", low, low + wide, "less", "more", "none")
    drawn = dots.draw()
    assert len(re.findall("<circle", drawn)) == 20
    assert drawn.count('class="bar"') == dots.above
    assert dots.above == 20 or low <= 0.01
    assert is_within(drawn)


@given(
    now=st.floats(0, 1e6), target=st.floats(0.1, 1e6), ends=st.none() | st.tuples(st.floats(0, 1e6), st.floats(0, 1e6))
)
@settings(max_examples=60)
def test_goals(now: float, target: float, ends: tuple[float, float] | None) -> None:
    low, high = sorted(ends) if ends else (None, None)
    assert is_within(GoalBar("x", now, target, low, high, "goal").draw(300))


@pytest.mark.parametrize(("part", "whole", "width"), [(0, 0, 0), (0, 9, 0), (9, 9, 400), (3, 9, 133.3), (12, 9, 400)])
def test_bars_are_as_long_as_their_part(part: float, whole: float, width: float) -> None:
    assert numbers(bar(part, whole), "width")[-1] == width


@given(high=st.floats(0, 1e9))
def test_ticks_are_round_and_reach(high: float) -> None:
    found = ticks(high)
    assert found[0] == 0
    assert found[-1] >= high
    assert 2 <= len(found) <= 8
