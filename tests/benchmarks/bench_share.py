"""From a nudge to a post, in taps and seconds: by hand, and on a connected account; in the demo, with a browser.

Taps are counted as a person makes them, the network's own "Post" included; seconds are those of the machine, without
reading and thinking. Prints JSON; `by_hand` is the baseline of `connected`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import Locator, Page, expect

from tests.benchmarks.demo import playground


class Hand:
    """Taps and counts."""

    def __init__(self) -> None:
        self.taps = 0
        self.began = time.perf_counter()

    def taps_on(self, place: Locator) -> None:
        place.click()
        self.taps += 1

    def done(self) -> dict[str, float]:
        return {"taps": self.taps, "seconds": round(time.perf_counter() - self.began, 2)}


def by_hand(page: Page) -> dict[str, float]:
    """Mikko shares on X: the network's own page stands in for itself, so its tap is counted and not made."""
    mikko, hand = page.locator('.pane[data-user="mikko"]'), Hand()
    hand.taps_on(mikko.get_by_role("button", name="Share…").first)
    form = mikko.locator("form[data-form=share]")
    form.get_by_label("Channel").select_option("x")  # once: the form opens on it the next time
    expect(form.locator(".preview figcaption")).to_contain_text("on X")
    _starts(hand, form)
    hand.taps_on(form.get_by_role("button", name="Get my text"))
    way = mikko.get_by_role("link", name="Continue to X")
    way.wait_for()
    hand.taps += 1  # the link, which leads out of this machine
    hand.taps_on(mikko.get_by_role("button", name="Yes, posted"))
    mikko.get_by_text("Thank you!").wait_for()
    return hand.done() | {"taps_with_the_networks_own": hand.taps + 1}


def connected(page: Page) -> dict[str, float]:
    """Aino posts on the practice network, which she has connected before."""
    aino = page.locator('.pane[data-user="aino"]')
    _connect(page, aino)
    hand = Hand()
    hand.taps_on(aino.get_by_role("button", name="Share…").first)
    form = aino.locator("form[data-form=share]")
    _starts(hand, form)
    hand.taps_on(form.get_by_role("button", name="Post on Mastodon"))
    aino.get_by_text("Thank you! It’s on Mastodon").wait_for()
    return hand.done() | {"taps_with_the_networks_own": hand.taps}


def _starts(hand: Hand, form: Locator) -> None:
    """With the first starter: it stands in the field before the hand goes on."""
    hand.taps_on(form.locator(".suggestion").first)
    expect(form.get_by_label("Your words")).not_to_have_value("")


def _connect(page: Page, aino: Locator) -> None:
    aino.locator(".say input").fill("/chorus accounts")
    aino.locator(".say button").click()
    aino.get_by_role("button", name="Connect Mastodon…").click()
    aino.get_by_role("button", name="Continue").click()
    with page.context.expect_page() as opened:
        aino.get_by_role("link", name="Sign in to Mastodon").click()
    opened.value.get_by_role("button", name="Sign in to Mastodon").click()
    opened.value.get_by_role("button", name="Allow", exact=True).click()
    opened.value.get_by_text("You can close this page").wait_for()
    opened.value.close()


def main() -> None:
    with playground() as (page, _url):
        print(json.dumps({"by_hand": by_hand(page), "connected": connected(page)}, indent=2))


if __name__ == "__main__":
    main()
