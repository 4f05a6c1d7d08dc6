"""What is kept of oneself: read in chat, taken along as a file, and deleted; in a browser, which has rules of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.core.i18n import Words
from tests.e2e.conftest import Start, picture
from tests.e2e.screens import PHONE
from tests.e2e.test_playground import open_demo, pane, say
from tests.sizes import size

NAME = "Aino Virtanen"


@pytest.mark.parametrize(("language", "wide"), size([("fi", False)], [("en", True), ("fi", False)]))
def test_from_my_data_to_nothing(start: Start, page: Page, language: str, wide: bool) -> None:
    w, url = Words(language), open_demo(start, page, language)
    if not wide:
        page.set_viewport_size(PHONE)
        page.locator("[data-tab]").filter(has_text="Aino").click()
    aino = pane(page, "aino")
    expect(aino.locator("article.card").first).to_be_visible()

    # the card counts what there is; its link leads to a file, once
    say(aino, "my data")
    card = aino.locator("article", has_text=w.t("What I keep about you")).last
    picture(page, f"own-data-{language}")
    with page.context.expect_page() as opened:
        card.get_by_role("link", name=w.t("Download it all")).click()
    door = opened.value
    with door.expect_download() as downloaded:
        door.get_by_role("button", name=w.t("Download it all")).click()
    kept = {kind["table"]: kind for kind in json.loads(Path(downloaded.value.path()).read_text(encoding="utf-8"))}
    assert kept["employees"]["rows"][0]["name"] == NAME
    assert kept["employees"]["what"] == w.t(kept_in_english())
    address = door.url
    door.goto(address)
    expect(door.get_by_role("heading")).to_have_text(w.t("This link no longer works"))
    door.close()

    # deleting asks first; afterwards nobody's page knows the name, and writing begins anew
    say(aino, "forget me")
    ask = aino.locator("article", has_text=w.t("Delete everything about you?")).last
    ask.get_by_role("button", name=w.t("Delete it all"), exact=True).click()
    expect(aino.locator("article").last).to_contain_text(w.t("Everything about you is deleted"))
    page.set_viewport_size({"width": 1280, "height": 900})
    laura = pane(page, "laura")
    say(laura, "/chorus console")
    link = laura.get_by_role("link", name=w.t("Open the console")).last.get_attribute("href")
    console = page.context.new_page()
    console.goto(str(link))
    console.locator("form button").first.click()
    console.goto(f"{url}/console/people?q=Aino")
    expect(console.locator("main")).not_to_contain_text(NAME)
    console.close()
    say(aino, "home")
    expect(aino.locator("article").last).to_be_visible()


def kept_in_english() -> str:
    return "name, address, unit, roles, language, time zone, and wishes"
