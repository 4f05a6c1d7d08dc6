"""A post that is made: in the console with a picture and in two languages, in chat from nothing, shared by colleagues."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Start, picture
from tests.e2e.screens import PHONE
from tests.e2e.test_console import AXE, come_in, faults
from tests.e2e.test_playground import open_demo, pane, say
from tests.sizes import size

WORDS = {
    "en": {
        "content": "Library",
        "edit": "Edit",
        "new": "New post",
        "save": "Save",
        "wrong": "Check this first:",
        "title_missing": "Add a title.",
        "title": ("Our new office", "Uusi toimistomme"),
        "why": ("We moved in on Monday. There are 200 plants.", "Muutimme maanantaina. Kasveja on 200."),
        "question": "Who wants to see our plants?",
        "describe": "Describe each picture first",
        "shows": "What picture 1 shows",
        "trial": "Send me a test nudge",
        "sent": "I’ve sent you the nudge.",
        "approve": "Save and approve",
        "version": "Add a version: Finnish",
        "live": "Out for sharing",
        "share": "Share…",
        "text": "Your words",
        "own": "I work at Koivu Energy. I brought a plant of my own.",
        "take": "Get my text",
        "compose": "New post",
        "approve_in_chat": "Approve",
        "from_chat": "The canteen is open",
        "open_page": "Continue to",
    },
    "fi": {
        "content": "Kirjasto",
        "edit": "Muokkaa",
        "new": "Uusi sisältö",
        "save": "Tallenna",
        "wrong": "Tarkista ensin:",
        "title_missing": "Lisää otsikko.",
        "title": ("Uusi toimistomme", "Our new office"),
        "why": ("Muutimme maanantaina. Kasveja on 200.", "We moved in on Monday. There are 200 plants."),
        "question": "Kuka haluaa nähdä kasvimme?",
        "describe": "Kuvaile ensin jokainen kuva",
        "shows": "Mitä kuvassa 1 näkyy",
        "trial": "Lähetä minulle kokeeksi",
        "sent": "Lähetin ehdotuksen sinulle.",
        "approve": "Tallenna ja hyväksy",
        "version": "Lisää kieliversio: englanti",
        "live": "Jaettavissa",
        "share": "Jaa…",
        "text": "Omat sanasi",
        "own": "Työnantajani on Koivu Energy. Toin oman kasvin.",
        "take": "Näytä teksti",
        "compose": "Uusi sisältö",
        "approve_in_chat": "Hyväksy",
        "from_chat": "Ruokala on auki",
        "open_page": "Jatka",
    },
}


def draw_plants(path: Path) -> None:
    """A desk with plants on it, about twice as wide as it is high."""
    drawn = Image.new("RGB", (1200, 630), "#dfeef2")
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((0, 470, 1200, 630), fill="#c58b57")
    for left, tall in ((180, 250), (520, 330), (880, 210)):
        for lean in (-70, -25, 25, 70):
            pen.line((left + 60, 400, left + 60 + lean, 400 - tall), fill="#2d6b45", width=14)
            pen.ellipse((left + 20 + lean, 360 - tall, left + 100 + lean, 440 - tall), fill="#3f9a63")
        pen.polygon([(left, 390), (left + 120, 390), (left + 100, 500), (left + 20, 500)], fill="#a23c2a")
    drawn.save(path)


def turned_to(page: Page, user: str) -> Locator:
    """Their conversation; on a phone by its tab."""
    tab = page.locator("[data-tab]").filter(has_text=user.title())
    if tab.is_visible():
        tab.click()
    return pane(page, user)


@pytest.mark.parametrize(("language", "wide"), size([("fi", False)], [("en", True), ("fi", False)]))
def test_from_nothing_to_a_share(
    start: Start, page: Page, clients: Path, language: str, wide: bool, tmp_path: Path
) -> None:
    words, url = WORDS[language], open_demo(start, page, language)
    draw_plants(tmp_path / "plants.png")
    come_in(page, url, language)
    if not wide:
        page.set_viewport_size(PHONE)

    # what is missing is said where it is missing, and what is written stays
    page.get_by_role("link", name=words["content"]).first.click()
    page.get_by_role("link", name=words["new"]).click()
    page.locator("details", has=page.locator("#f-question")).locator("summary").click()
    page.locator("#f-question").fill(words["question"])
    save = page.locator(".foot").get_by_role("button", name=words["save"], exact=True)
    save.click()
    expect(page.get_by_role("alert").first).to_contain_text(words["wrong"])
    expect(page.locator("#f-title-error")).to_have_text(words["title_missing"])
    expect(page.locator("#f-question")).to_have_value(words["question"])

    # the preview follows what is written, and the picture comes with it
    page.locator("#f-title").fill(words["title"][0])
    page.locator("#f-summary").fill(words["why"][0])
    page.locator("#f-question").fill(words["question"] + " …")
    expect(page.locator("[data-look=linkedin]")).to_have_text(words["question"] + " …")
    page.get_by_label("Field service").check()
    page.locator("#f-pictures").set_input_files(tmp_path / "plants.png")
    save.click()
    expect(page.locator("#f-title")).to_have_value(words["title"][0])
    page.evaluate(AXE.read_text())
    assert faults(page) == []
    picture(page, f"composer-{language}")

    # a picture is described before anybody approves it
    page.get_by_role("button", name=words["approve"]).click()
    expect(page.get_by_role("alert").first).to_contain_text(words["describe"])
    page.get_by_label(words["shows"]).fill("200 plants")
    page.get_by_role("button", name=words["trial"]).click()
    expect(page.get_by_role("status")).to_contain_text(words["sent"])
    page.get_by_role("button", name=words["version"]).click()
    page.locator("#f-title").fill(words["title"][1])
    page.locator("#f-summary").fill(words["why"][1])
    save.click()
    page.get_by_label(words["shows"]).fill("200")
    page.get_by_role("button", name=words["approve"]).click()
    expect(page.get_by_role("status")).to_contain_text(words["live"])
    page.get_by_role("link", name=words["title"][0], exact=True).click()
    page.get_by_role("link", name=words["edit"]).click()
    page.get_by_role("button", name=words["approve"]).click()
    expect(page.get_by_role("status")).to_contain_text(words["live"])

    # the nudge has the picture and no link; the share is the words alone
    page.goto(f"{url}/playground?lang={language}")
    aino = turned_to(page, "aino")
    nudge = aino.locator("article", has_text=words["title"][0]).last
    expect(nudge.locator("img")).to_have_attribute("alt", "200 plants")
    expect(aino.locator("article", has_text=words["title"][1])).to_have_count(0)
    picture(page, f"composed-nudge-{language}", show=nudge)
    nudge.get_by_role("button", name=words["share"]).click()
    form = aino.locator("form[data-form=share]")
    expect(form.locator(".preview img")).to_have_count(1)
    form.get_by_label(words["text"]).fill(words["own"])
    form.get_by_role("button", name=words["take"]).click()
    ready = aino.locator("article", has_text=words["own"]).last
    expect(ready.locator("pre")).to_have_text(words["own"])

    # from nothing in chat
    laura = turned_to(page, "laura")
    say(laura, "/chorus compose")
    form = laura.locator("form[data-form=compose]")
    form.locator("[name=title]").fill(words["from_chat"])
    form.locator("[name=summary]").fill(words["why"][0])
    form.get_by_role("button", name=words["save"], exact=True).click()
    made = laura.locator("article", has_text=words["from_chat"]).last
    made.get_by_role("button", name=words["approve_in_chat"], exact=True).click()
    expect(laura.locator("article", has_text=words["from_chat"]).last).to_contain_text(words["live"])
    aino = turned_to(page, "aino")
    expect(aino.locator("article", has_text=words["from_chat"]).last).to_be_visible()
