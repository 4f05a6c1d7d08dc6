"""Five jobs of a comms lead, in taps, fields and pages: in the demo, with a browser, from the console's overview.

A tap is a click or a choice made; a field is one that is written in; a page is one that is loaded. Seconds are those of
the machine, without reading and thinking. Prints JSON, each job with its steps.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import Locator, Page, expect

from tests.benchmarks.demo import playground


class Walk:
    """Counts what a hand does."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.steps: list[str] = []
        self.taps = self.fields = self.pages = 0
        page.on("load", self._loaded)
        self.began = time.perf_counter()

    def _loaded(self, _page: Page) -> None:
        self.pages += 1

    def tap(self, role: Any, name: str, *, within: Locator | None = None) -> None:
        (within or self.page).get_by_role(role, name=name).first.click()
        self.page.wait_for_load_state()
        self.taps += 1
        self.steps.append(f"tap “{name}”")

    def write(self, label: str, words: str) -> None:
        self.page.get_by_label(label, exact=True).first.fill(words)
        self.fields += 1
        self.steps.append(f"write “{label}”")

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_label(label, exact=True).first.select_option(label=option)
        self.taps += 1
        self.steps.append(f"choose “{label}”: {option}")

    def reads(self, place: Locator, what: str) -> None:
        expect(place.first).to_be_visible()
        self.steps.append(f"read {what}")

    def done(self) -> dict[str, Any]:
        self.page.remove_listener("load", self._loaded)
        seconds = round(time.perf_counter() - self.began, 1)
        return {
            "taps": self.taps,
            "fields": self.fields,
            "pages": self.pages,
            "seconds": seconds,
            "steps": self.steps,
        }


def first_post(walk: Walk) -> None:
    walk.tap("link", "Library")
    walk.tap("link", "New post")
    walk.write("Title", "Open day at the substation")
    walk.write("Why share it? One or two sentences", "Come and see what keeps your lights on.")
    walk.tap("button", "Save and approve")
    walk.reads(walk.page.get_by_text("Out for sharing"), "that it is out for sharing")


def pulse_read(walk: Walk) -> None:
    walk.reads(walk.page.get_by_text("Where is our culture strong"), "the eight areas, on the overview")
    walk.tap("link", "Pulse")
    walk.reads(walk.page.get_by_role("heading", level=1, name="Pulse"), "the round and what to do about it")


def role_changed(walk: Walk) -> None:
    walk.tap("link", "People")
    walk.write("Search", "Petra")
    walk.page.keyboard.press("Enter")
    walk.page.wait_for_load_state()
    walk.tap("link", "Petra Niemi")
    walk.tap("link", "Edit")
    walk.tap("checkbox", "Channel owner")
    walk.tap("button", "Save")
    walk.reads(walk.page.get_by_text("Channel owner"), "the new role")


def month_planned(walk: Walk) -> None:
    walk.tap("link", "Calendar")
    walk.tap("link", "Later")
    walk.tap("link", "Add an activity on")
    walk.write("Name", "Meet an owner")
    walk.choose("Repeats", "Every week")
    walk.tap("button", "Save")
    walk.reads(walk.page.get_by_text("Meet an owner"), "it on its days")


def for_the_board(walk: Walk) -> None:
    walk.tap("link", "4 weeks")
    walk.reads(walk.page.get_by_text("people shared"), "the month in a sentence, ready to print")


JOBS: dict[str, Callable[[Walk], None]] = {
    "first post live": first_post,
    "a pulse round read": pulse_read,
    "a person's role changed": role_changed,
    "next month planned": month_planned,
    "last month's results for the board": for_the_board,
}


def main() -> None:
    with playground() as (page, url):
        print(json.dumps(_walked(page, url), indent=2))


def _walked(page: Page, url: str) -> dict[str, Any]:
    laura = page.locator('.pane[data-user="laura"]')
    laura.locator(".say input").fill("/chorus console")
    laura.locator(".say button").click()
    page.goto(str(laura.get_by_role("link", name="Open the console").last.get_attribute("href")))
    page.get_by_role("button", name="Sign in").click()
    found = {}
    for name, job in JOBS.items():
        page.goto(f"{url}/console")
        walk = Walk(page)
        job(walk)
        found[name] = walk.done()
    return found


if __name__ == "__main__":
    main()
