"""How the console looks, held against pictures that somebody looked at (`looks/`).

Each page is drawn once, in turn in another language, scheme and width. Letters differ by browser and fonts, so pictures are compared only where they were made: with the
browser and the fonts that `looks/drawn-with.txt` names. `make looks` makes them anew; then look at each.
"""

from __future__ import annotations

import os
import subprocess
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Literal

import pytest
from PIL import Image, ImageChops, ImageFilter
from playwright.sync_api import Browser, Page, StorageState

from bot.core.i18n import languages
from tests import at_a_moment
from tests.at_a_moment import MOMENT
from tests.e2e.conftest import HERE, Start
from tests.e2e.test_console import come_in
from tests.forks import command
from tests.ports import free_port
from tests.sizes import size

LOOKS = HERE / "looks"
DRAWN_WITH = LOOKS / "drawn-with.txt"
WEEK = f"{MOMENT.isocalendar().year}-W{MOMENT.isocalendar().week - 1}"
PAGES = (
    "",
    "library",
    "library?look=list&state=ended",
    "library/10",
    "compose",
    "calendar",
    "calendar?look=week",
    "questions",
    "questions/knowledge",
    "listening",
    "goals",
    "rollout",
    f"digests/{WEEK}",
    "people",
    "people/1",
    "deliveries",
    "settings/rules",
    "open/part.goals/0",
    "components",
)
SEEN: tuple[tuple[str, Literal["light", "dark"], int], ...] = (
    ("en", "light", 1440),
    ("fi", "dark", 390),
    ("en", "dark", 768),
    ("fi", "light", 1440),
    ("en", "light", 390),
)
# The demo's clock goes on: something may be due a minute later where the machine is slow.
TO_THE_HOUR = """() => { const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replace(/((?:at|klo) \\d+[.:])\\d+/g, "$100") }"""
PIXEL = 32  # of 255: what a pixel's colour may differ by, as at the edge of a letter
SHARE = 0.0005  # of a picture's pixels may differ by more


def drawn_with(browser: Browser) -> str:
    """The browser and the font that a page's letters come from."""
    fonts = subprocess.run(["fc-match", "system-ui"], capture_output=True, text=True, check=True, timeout=10)
    return f"Chromium {browser.version}\n{fonts.stdout.strip()}\n"


def name_of(page: str, language: str, scheme: str, width: int) -> str:
    said = "".join(letter if letter.isalnum() else "-" for letter in page or "overview")
    return f"{said}.{language}.{scheme}.{width}.png"


def differences(made: Image.Image, kept: Image.Image) -> tuple[float, tuple[int, int, int, int] | None]:
    """(share of pixels that differ, the box that holds them all): by any channel more than PIXEL from every pixel beside
    it in the other picture, for a line may be drawn one pixel lower from one time to the next."""
    new, old = made.convert("RGB"), kept.convert("RGB")
    far = ImageChops.lighter(_off(new, old), _off(old, new))
    one = ImageChops.lighter(ImageChops.lighter(*far.split()[:2]), far.split()[2])
    return one.histogram()[255] / (one.width * one.height), one.getbbox()


def _off(one: Image.Image, other: Image.Image) -> Image.Image:
    """White, channel by channel, where `one` is out of the range that `other` has around that pixel."""
    above = ImageChops.subtract(one, other.filter(ImageFilter.MaxFilter(3)))
    below = ImageChops.subtract(other.filter(ImageFilter.MinFilter(3)), one)
    return ImageChops.lighter(above, below).point(lambda value: 255 * (value > PIXEL))


def under(page: Page, box: tuple[int, int, int, int]) -> str:
    """What stands in the middle of that box, as somebody would name it."""
    left, top, right, bottom = box
    return str(
        page.evaluate(
            """([x, y]) => { scrollTo(0, y - 300); const found = document.elementFromPoint(x, y - scrollY);
            return found ? `<${found.tagName.toLowerCase()} class="${found.className}"> ` +
            `“${(found.textContent || '').trim().slice(0, 60)}”` : 'nothing' }""",
            [(left + right) // 2, (top + bottom) // 2],
        )
    )


def fault_of(page: Page, made: Path, kept: Path) -> str | None:
    """How the page differs from its picture, in a sentence, with both kept side by side; None if it does not."""
    with Image.open(made) as new, Image.open(kept) as old:
        if new.size != old.size:
            return f"{kept.name}: {new.width}×{new.height} pixels, and was {old.width}×{old.height} ({made})"
        share, box = differences(new, old)
        if box is None or share <= SHARE:
            return None
        beside = Image.new("RGB", (2 * new.width, new.height))
        beside.paste(old, (0, 0))
        beside.paste(new, (new.width, 0))
    shown = made.with_suffix(".before-and-now.png")
    beside.save(shown)
    left, top, right, bottom = box
    where = f"within {right - left}×{bottom - top} at ({left}, {top}), about {under(page, box)}"
    return f"{kept.name}: {share:.2%} of the pixels differ, {where} ({shown})"


@pytest.fixture
def url(start: Start) -> str:
    """The address of a demo whose days are always the same."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    demo = command("demo", "--no-open", "--port", str(port))
    start(partial(at_a_moment.carry_out, demo), url=f"{url}/healthz")
    return url


def session_of(browser: Browser, url: str) -> StorageState:
    """What a browser keeps of Laura's session."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{url}/playground?lang=en")
    come_in(page, url, "en")
    state = context.storage_state()
    context.close()
    return state


def everybody_speaks(browser: Browser, url: str, language: str) -> None:
    context = browser.new_context()
    context.new_page().goto(f"{url}/playground?lang={language}")
    context.pages[0].wait_for_timeout(2500)
    context.close()


def test_pages_look_as_somebody_saw_them(url: str, browser: Browser, tmp_path: Path) -> None:
    anew = os.environ.get("CHORUS_LOOKS") == "anew"
    if anew:
        LOOKS.mkdir(exist_ok=True)
        for old in LOOKS.glob("*.png"):
            old.unlink()
        DRAWN_WITH.write_text(drawn_with(browser))
    elif DRAWN_WITH.read_text() != drawn_with(browser):
        pytest.skip(f"pictures were made with {DRAWN_WITH.read_text()!r}, and here is {drawn_with(browser)!r}")
    found = []
    drawn = list(zip(PAGES, cycle(SEEN), strict=False))[:: 1 if anew else size(2, 1)]
    state = session_of(browser, url)
    for language in languages():
        everybody_speaks(browser, url, language)
        for name, (_language, scheme, width) in (one for one in drawn if one[1][0] == language):
            context = browser.new_context(
                storage_state=state,
                color_scheme=scheme,
                viewport={"width": width, "height": 900},
                reduced_motion="reduce",
            )
            page = context.new_page()
            kept = LOOKS / name_of(name, language, scheme, width)
            made = kept if anew else tmp_path / kept.name
            page.goto(f"{url}/console/{name}".rstrip("/"))
            page.wait_for_load_state("networkidle")
            page.evaluate(TO_THE_HOUR)
            page.screenshot(path=made, full_page=True, animations="disabled")
            if not anew:
                fault = fault_of(page, made, kept) if kept.exists() else f"{kept.name}: there is no picture of it yet"
                found += [fault] if fault else []
            context.close()
    assert not found, "\n".join(found)


def test_a_picture_that_differs_is_noticed() -> None:
    """One word more, a line gone or another colour is; the edge of a letter and a line one pixel lower are not."""
    plain = Image.new("RGB", (400, 300), "white")
    assert differences(plain, plain.copy()) == (0.0, None)
    edge = plain.copy()
    edge.putpixel((7, 7), (230, 230, 230))
    assert differences(edge, plain) == (0.0, None)
    line, lower = plain.copy(), plain.copy()
    line.paste("black", (10, 50, 390, 51))
    lower.paste("black", (10, 51, 390, 52))
    assert differences(lower, line) == (0.0, None)
    assert differences(plain, line)[0] > SHARE < differences(line, plain)[0]
    word = plain.copy()
    word.paste((30, 60, 90), (100, 100, 160, 112))
    share, box = differences(word, plain)
    assert share > SHARE
    assert box == (100, 100, 160, 112)
