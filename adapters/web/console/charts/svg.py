"""SVG as text: elements with escaped attributes, and scales from figures to pixels. Looks come from charts.css by
class; the page's CSP knows no `style=`."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup, escape

SMALLEST = 1e-6  # a figure below it is drawn as nothing
LETTER = 6.7  # CSS pixels, the width of a letter at 12.5 px on average


def element(name: str, *inside: str, **attributes: object) -> Markup:
    """<name …>inside</name>. `class_` becomes class, other underscores hyphens; None is left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_short(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{written}>{Markup('').join(inside)}</{name}>")  # noqa: S704 - each part is escaped


def chart(width: float, height: float, *inside: str, label: str = "") -> Markup:
    """The whole picture, `width` × `height` CSS pixels; without a label it only decorates what is said beside it."""
    told = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    return element(
        "svg",
        *inside,
        class_="chart",
        width=width,
        height=height,
        viewBox=f"0 0 {_short(width)} {_short(height)}",
        **told,
    )


def text(x: float, y: float, said: str, *, anchor: str = "start", strong: bool = False) -> Markup:
    return element("text", escape(said), x=x, y=y, text_anchor=anchor, class_="strong" if strong else None)


def path(points: list[tuple[float, float]], class_: str) -> Markup:
    drawn = "L".join(f"{_short(x)} {_short(y)}" for x, y in points)
    return element("path", d=f"M{drawn}", class_=class_)


@dataclass(frozen=True, slots=True)
class Scale:
    """From `low`–`high` to `start`–`end` pixels, linear; what is outside is drawn at the edge."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        within = min(max(value, min(self.low, self.high)), max(self.low, self.high))
        return self.start + (within - self.low) / ((self.high - self.low) or 1) * (self.end - self.start)


def ticks(high: float, number: int = 3) -> list[float]:
    """Round figures from 0 to at least `high`: `number` of them or a few more."""
    if high < SMALLEST:
        return [0.0, 1.0]
    size = 10 ** floor(log10(high / number))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor * number >= high)
    step = max(1.0, step) if high >= 1 else step
    return [step * n for n in range(ceil(high / step) + 1)]


def _short(value: object) -> object:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else value
