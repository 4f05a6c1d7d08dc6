"""The console's charts, each for one kind of question (docs/console.md). All take what is to be said in words ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from markupsafe import Markup

from adapters.web.console.charts.svg import LETTER, Scale, chart, element, path, text, ticks

WIDE, MIDDLE, NARROW = 680.0, 470.0, 260.0  # CSS pixels
LOWEST = 36.0  # of a sparkline's height
DOTS = 20
RADII, PILED = (7.0, 6.0, 5.0, 4.0, 3.0, 2.0), 100.0  # of a dot; how high a pile may be


def sparkline(values: Sequence[float], usual: tuple[float, float] | None) -> Markup:
    """The newest value as a dot at the end of its history, on the band of what is usual. Says nothing by itself."""
    width, height = 220.0, 40.0
    if len(values) < 2:
        return Markup("")
    low, high = (min(*values, *(usual or values)), max(*values, *(usual or values)))
    x, y = Scale(0, len(values) - 1, 4, width - 8), Scale(low, high, LOWEST, 4)
    drawn = []
    if usual is not None:
        drawn.append(
            element(
                "rect", x=0, y=y(usual[1]), width=width, height=max(y(usual[0]) - y(usual[1]), 2), rx=3, class_="band"
            )
        )
    drawn.append(path([(x(n), y(value)) for n, value in enumerate(values)], "line"))
    drawn.append(element("circle", cx=x(len(values) - 1), cy=y(values[-1]), r=4.5, class_="point"))
    return chart(width, height, *drawn)


class InAllWidths:
    """A chart that is drawn in each width; the style sheet shows the one that fits, so that letters keep their size."""

    __slots__ = ()

    def draw(self, width: float) -> Markup:
        raise NotImplementedError

    def in_all_widths(self) -> Markup:
        drawn = (("wide", WIDE), ("middle", MIDDLE), ("narrow", NARROW))
        return element(
            "div", *(element("div", self.draw(width), class_=f"{name}-chart") for name, width in drawn), class_="charts"
        )


@dataclass(frozen=True, slots=True)
class Line(InAllWidths):
    """Does it grow? `values` with their `labels`, over the same number of periods `before`, oldest first.

    `usual` is the band for the last one.
    """

    label: str
    labels: Sequence[str]
    values: Sequence[float]
    before: Sequence[float]
    before_label: str
    usual: tuple[float, float] | None
    usual_label: str = ""

    def draw(self, width: float) -> Markup:
        height, left, right, top, bottom = 220.0, 34.0, 16.0, 18.0, 190.0
        most = max([*self.values, *self.before, self.usual[1] if self.usual else 0, 1])
        marks = ticks(most)
        x = Scale(0, max(len(self.values) - 1, 1), left + 8, width - right)
        y = Scale(0, marks[-1], bottom, top)
        drawn = [
            part
            for mark in marks
            for part in (
                element("line", x1=left, x2=width - right, y1=y(mark), y2=y(mark), class_="axis"),
                text(left - 8, y(mark) + 4, f"{mark:g}", anchor="end"),
            )
        ]
        every = max(1, round(len(self.labels) / (12 if width > NARROW else 6)))
        last = len(self.labels) - 1
        for n, said in enumerate(self.labels):
            if (last - n) % every == 0:
                drawn.append(text(x(n), bottom + 20, said, anchor="middle", strong=n == last))
        if self.usual is not None:
            top_of, bottom_of = y(self.usual[1]), y(self.usual[0])
            drawn.append(
                element(
                    "rect", x=x(last) - 9, y=top_of, width=18, height=max(bottom_of - top_of, 2), rx=4, class_="band"
                )
            )
        if any(self.before):
            drawn.append(path([(x(n), y(value)) for n, value in enumerate(self.before)], "before"))
            highest = max(range(len(self.before)), key=lambda n: self.before[n])
            at = min(
                max(x(highest), left + len(self.before_label) * LETTER / 2),
                width - right - len(self.before_label) * LETTER / 2,
            )
            drawn.append(text(at, max(y(self.before[highest]) - 8, 11), self.before_label, anchor="middle"))
        if len(self.values) > 1:
            drawn.append(path([(x(n), y(value)) for n, value in enumerate(self.values)], "line"))
        drawn.append(element("circle", cx=x(last), cy=y(self.values[-1]), r=5, class_="point"))
        drawn.append(text(x(last), y(self.values[-1]) - 12, f"{self.values[-1]:g}", anchor="middle", strong=True))
        return chart(width, height, *drawn, label=self.label)


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """A percentage with the range it could be in. `said` is the figure in words; `is_marked` draws the eye to it."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    said: str
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Intervals(InAllWidths):
    """How sure is a percentage? A dot on its interval; `borders` are the stages' (percentage, name of what begins)."""

    label: str
    rows: Sequence[IntervalRow]
    borders: Sequence[tuple[float, str]]

    def draw(self, width: float) -> Markup:
        is_wide = width > NARROW
        left, right = (190.0, 120.0) if is_wide else (4.0, 4.0)
        x = Scale(0, 100, left, width - right)
        names = self._placed(x)
        above = 6 + 16 * (1 + max((line for _at, line, _name in names), default=0))
        step, top = 32.0 if is_wide else 52.0, above + 8.0
        bottom = top + step * len(self.rows)
        drawn = [text(at, 12 + 16 * line, name, anchor="middle") for at, line, name in names]
        for border in (*(border for border, _name in self.borders), 100.0):
            drawn.append(element("line", x1=x(border), x2=x(border), y1=above, y2=bottom, class_="axis"))
        for n, row in enumerate(self.rows):
            label_y, middle = (top + step * n + 18,) * 2 if is_wide else (top + step * n + 14, top + step * n + 32)
            if is_wide:
                drawn.append(text(left - 14, label_y, row.label, anchor="end", strong=row.is_marked))
                drawn.append(text(width - right + 12, label_y, row.said, strong=row.is_marked))
            else:
                drawn.append(text(left, label_y, row.label, strong=row.is_marked))
                drawn.append(text(width - right, label_y, row.said, anchor="end", strong=row.is_marked))
            y = middle - 4
            if row.value is None:
                continue
            if row.low is not None and row.high is not None:
                half = (row.low + row.value) / 2, (row.high + row.value) / 2
                for (low, high), kind in (((row.low, row.high), "band"), (half, "band inner")):
                    drawn.append(
                        element("rect", x=x(low), y=y - 7, width=max(x(high) - x(low), 4), height=14, rx=5, class_=kind)
                    )
            drawn.append(
                element("circle", cx=x(row.value), cy=y, r=6, class_="point marked" if row.is_marked else "point")
            )
        for mark in (0, *(border for border, _name in self.borders if border), 100):
            drawn.append(
                text(
                    x(mark),
                    bottom + 16,
                    f"{mark:g} %" if mark == 100 else f"{mark:g}",
                    anchor="middle" if 0 < mark < 100 or is_wide else "start" if mark == 0 else "end",
                )
            )
        return chart(width, bottom + 24, *drawn, label=self.label)

    def _placed(self, x: Scale) -> list[tuple[float, int, str]]:
        """(middle, line from above, name) of each stage: over its part of the scale, in the first line with room."""
        ends, found = list[float](), list[tuple[float, int, str]]()
        following = [border for border, _name in self.borders[1:]] + [100.0]
        for (border, name), end in zip(self.borders, following, strict=True):
            at, half = (x(border) + x(end)) / 2, (len(name) + 2) * LETTER / 2
            line = next((line for line, taken in enumerate(ends) if taken <= at - half), len(ends))
            ends[line : line + 1] = [at + half]
            found.append((at, line, name))
        return found


@dataclass(frozen=True, slots=True)
class Piles:
    """Dots by the number of their pile, how many are below each, and whether it is above no difference."""

    radius: float
    dots: Sequence[tuple[int, int, bool]]
    highest: int

    @property
    def step(self) -> float:
        return 2 * self.radius + 1

    @property
    def fits(self) -> bool:
        return self.highest * self.step <= PILED


@dataclass(frozen=True, slots=True)
class Dots:
    """Does it work? Twenty dots, each as likely as the others: the quantiles of a normal estimate `low`–`high` (95 %).

    Quantile dotplots: Kay, Kola, Hullman and Munson (CHI 2016).
    """

    label: str
    low: float
    high: float
    less: str
    more: str
    none: str

    @property
    def values(self) -> list[float]:
        spread = max((self.high - self.low) / (2 * 1.959963984540054), 1e-9)
        estimate = NormalDist((self.low + self.high) / 2, spread)
        return [estimate.inv_cdf((n + 0.5) / DOTS) for n in range(DOTS)]

    @property
    def above(self) -> int:
        """How many of the dots are above no difference."""
        return sum(value > 0 for value in self.values)

    def draw(self, width: float = NARROW) -> Markup:
        bottom = 118.0
        reach = max(abs(self.low), abs(self.high), 0.5) * 1.15
        x = Scale(-reach, reach, 12, width - 12)
        piles = next(found for radius in RADII if (found := self._piles(x, radius)).fits or radius == RADII[-1])
        words = [
            text(x(0) - 8, 12, self.less, anchor="end"),
            text(x(0) + 8, 12, self.more),
            text(x(0), bottom + 18, self.none, anchor="middle", strong=True),
        ]
        lines = [
            element("line", x1=12, x2=width - 12, y1=bottom, y2=bottom, class_="axis"),
            element("line", x1=x(0), x2=x(0), y1=2, y2=bottom, class_="zero"),
        ]
        dots = [
            element(
                "circle",
                cx=at * piles.step,
                cy=bottom - piles.radius - 1 - height * piles.step,
                r=piles.radius,
                class_="bar" if is_more else "hollow",
            )
            for at, height, is_more in piles.dots
        ]
        return chart(width, bottom + 26, *lines, *dots, *words, label=self.label)

    def _piles(self, x: Scale, radius: float) -> Piles:
        """Each dot on those that are there already."""
        piles: dict[int, int] = {}
        dots = []
        for value in self.values:
            at = round(x(value) / (2 * radius + 1))
            dots.append((at, piles.get(at, 0), value > 0))
            piles[at] = piles.get(at, 0) + 1
        return Piles(radius, dots, max(piles.values()))


@dataclass(frozen=True, slots=True)
class GoalBar:
    """Do we get there? The bar of today, the goal's tick, and where it could end (80 %), fading."""

    label: str
    now: float
    target: float
    low: float | None
    high: float | None
    target_label: str

    def draw(self, width: float = NARROW) -> Markup:
        most = max(self.now, self.target, self.high or 0, 0.001) * 1.12
        x, y, height = Scale(0, most, 0, width), 18.0, 18.0
        drawn = [element("rect", x=0, y=y, width=width, height=height, rx=5, class_="track")]
        if self.low is not None and self.high is not None:
            middle = (self.low + self.high) / 2
            for (low, high), kind in (
                ((self.low, self.high), "band"),
                (((self.low + middle) / 2, (self.high + middle) / 2), "band inner"),
            ):
                drawn.append(element("rect", x=x(low), y=y, width=max(x(high) - x(low), 2), height=height, class_=kind))
        drawn.append(element("rect", x=0, y=y + 4, width=max(x(self.now), 2), height=height - 8, rx=3, class_="bar"))
        goal = x(self.target)
        drawn.append(element("line", x1=goal, x2=goal, y1=y - 4, y2=y + height + 4, class_="goal"))
        half = len(self.target_label) * LETTER / 2
        drawn.append(text(min(max(goal, half), width - half), 11, self.target_label, anchor="middle"))
        return chart(width, y + height + 6, *drawn, label=self.label)


def bar(part: float, whole: float) -> Markup:
    """`part` of `whole` as one bar; the figure stands beside it."""
    width, height = 400.0, 18.0
    filled = max(width * min(part / whole, 1.0), 2.0) if whole and part else 0.0
    return element(
        "svg",
        element("rect", width=width, height=height, rx=4, class_="track"),
        element("rect", width=filled, height=height, rx=4, class_="bar"),
        class_="chart",
        viewBox=f"0 0 {width:g} {height:g}",
        preserveAspectRatio="none",
        width="100%",
        height=18,
        aria_hidden="true",
    )
