"""The console's colours can be told apart: contrast by WCAG 2.2, computed from the tokens themselves, light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import adapters.web.console as console

SHEETS = Path(console.__file__).parent / "static"
TEXT, LARGE = 4.5, 3.0  # WCAG 1.4.3; 1.4.11 for what is not text
# (in front, behind, least contrast)
PAIRS = [
    *(("ink", behind, TEXT) for behind in ("paper", "ground", "sunken", "accent-soft")),
    *(("soft", behind, TEXT) for behind in ("paper", "ground", "sunken")),
    *(("accent", behind, TEXT) for behind in ("paper", "ground", "accent-soft")),
    ("on-accent", "accent", TEXT),
    *((kind, f"{kind}-soft", TEXT) for kind in ("good", "warn", "bad")),
    ("bad", "paper", TEXT),
    *(("control", behind, LARGE) for behind in ("paper", "ground")),
    *(("focus", behind, LARGE) for behind in ("paper", "ground")),
    *((f"series-{number}", "paper", LARGE) for number in (1, 2, 3)),
    ("comparison", "paper", LARGE),
]


def tokens(theme: str) -> dict[str, str]:
    """The colours of a theme; what it leaves out is that of the light one."""
    written = (SHEETS / "tokens.css").read_text()
    light, dark = written.split("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light))
    return found | (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", dark.split("@media print")[0])) if theme == "dark" else {}
    )


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "behind", "least"), PAIRS)
def test_what_stands_in_front_can_be_read(theme: str, front: str, behind: str, least: float) -> None:
    known = tokens(theme)
    assert contrast(known[front], known[behind]) >= least


def test_colours_stand_in_the_tokens_only() -> None:
    for sheet in ("layout", "components", "charts", "compose"):
        written = (SHEETS / f"{sheet}.css").read_text()
        assert not re.search(r"#[0-9a-f]{3,8}\b", written.replace("#main", "")), sheet


def test_the_measure_is_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
