"""The console in a browser: a lead comes in by the bot's link, reads, approves, exports. Nothing hostile is run, and
axe-core finds no fault, on any page, in either language, light or dark."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from adapters.web.console import pages
from tests.e2e.conftest import HERE, Start, picture
from tests.e2e.screens import Looker
from tests.e2e.test_playground import open_demo, pane, say
from tests.sizes import size

AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WORDS = {
    "en": {
        "open": "Open the console",
        "in": "Sign in",
        "content": "Content",
        "approve": "Approve",
        "live": "Out for sharing",
        "out": "Sign out",
        "title": "Heat pumps in old houses",
        "edit": "Edit…",
        "save": "Save",
        "wrong": "Add a title.",
        "field": "Title",
    },
    "fi": {
        "open": "Avaa selainnäkymä",
        "in": "Kirjaudu",
        "content": "Sisältö",
        "approve": "Hyväksy",
        "live": "Jaettavissa",
        "out": "Kirjaudu ulos",
        "title": "Lämpöpumppu vanhaan taloon",
        "edit": "Muokkaa…",
        "save": "Tallenna",
        "wrong": "Lisää otsikko.",
        "field": "Otsikko",
    },
}


def come_in(page: Page, url: str, language: str) -> None:
    """By the link that the bot gives Laura."""
    laura = pane(page, "laura")
    say(laura, "/chorus console")
    link = laura.get_by_role("link", name=WORDS[language]["open"]).last
    page.goto(str(link.get_attribute("href")))
    page.get_by_role("button", name=WORDS[language]["in"]).click()
    expect(page).to_have_url(f"{url}/console")


def faults(page: Page) -> list[str]:
    """What axe-core finds on the page; its script is brought in by the browser's own tools, past the page's CSP."""
    found = page.evaluate(
        "rules => axe.run({runOnly: {type: 'tag', values: rules}})"
        ".then(result => result.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 120)).join(' | ')))",
        RULES,
    )
    return list(found)


@pytest.mark.parametrize("language", size(["fi"], ["en", "fi"]))
def test_a_lead_reads_approves_and_exports(start: Start, page: Page, language: str, tmp_path: Path) -> None:
    words, url = WORDS[language], open_demo(start, page, language)
    come_in(page, url, language)
    picture(page, f"console-overview-{language}")

    # approves a draft; a form says what is wrong at its field
    page.get_by_role("link", name=words["content"], exact=True).click()
    draft = page.locator("section", has_text=words["title"]).first
    draft.get_by_role("button", name=words["edit"]).click()
    page.get_by_label(words["field"], exact=True).fill(" ")
    page.get_by_role("button", name=words["save"], exact=True).last.click()
    expect(page.get_by_role("alert").first).to_contain_text(words["wrong"])
    page.get_by_label(words["field"], exact=True).fill(f"{words['title']}!")
    page.get_by_role("button", name=words["save"], exact=True).last.click()
    expect(page.get_by_label(words["field"], exact=True)).to_have_value(f"{words['title']}!")
    page.get_by_role("link", name=words["content"], exact=True).first.click()
    picture(page, f"console-content-{language}")
    page.locator("section", has_text=f"{words['title']}!").first.get_by_role("button", name=words["approve"]).click()
    expect(page.get_by_role("status")).to_contain_text(words["live"])

    # takes the week along; the file says what the page says
    page.goto(f"{url}/console/settings")
    with page.expect_download() as download:
        page.locator('a[href="/console/export/weeks.json"]').click()
    weeks = json.loads(Path(download.value.path()).read_text())
    page.goto(f"{url}/console")
    expect(page.locator("main")).to_contain_text(str(weeks[0]["clicks"]))

    # out, and the way back is shut
    page.get_by_role("button", name=words["out"]).click()
    page.goto(f"{url}/console")
    expect(page).to_have_url(f"{url}/console/sign-in")


def test_axe_finds_nothing_on_any_page(start: Start, page: Page, browser: Browser, clients: Path) -> None:
    url = open_demo(start, page, "en")
    script = AXE.read_text()
    for first, language in enumerate(("en", "fi")):
        page.goto(f"{url}/playground?lang={language}")
        page.wait_for_timeout(1500)
        come_in(page, url, language)
        state = page.context.storage_state()
        for number, (scheme, width) in enumerate((("light", 1280), ("dark", 1280), ("light", 380)), first):
            context = browser.new_context(
                storage_state=state, color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True
            )
            looked = context.new_page()
            for name in [*pages.PAGES][number % size(3, 1) :: size(3, 1)]:
                looked.goto(f"{url}/console/{name}".rstrip("/"))
                looked.evaluate(script)
                assert faults(looked) == [], f"{name or 'overview'}, {language}, {scheme}, {width}"
                too_wide = looked.evaluate("document.documentElement.scrollWidth > window.innerWidth")
                assert not too_wide, f"{name or 'overview'} is wider than {width}"
                if scheme == "dark":
                    picture(looked, f"console-{name or 'overview'}-dark")
            context.close()


def test_hostile_text_is_run_nowhere(start: Start, page: Page, looker: Looker, tmp_path: Path) -> None:
    """Two hundred attempts in every field of a post, a mention, a goal, a unit and a name; the pages show them as text."""
    looker.overlooked.add("machine")  # the hostile text looks like what a machine wrote
    url = open_demo(start, page, "en", TMPDIR=str(tmp_path))
    (database,) = tmp_path.glob("chorus-demo-*/demo.db")
    loader = [sys.executable, "-m", "tests.e2e.hostile", str(database)]
    subprocess.run(loader, check=True, cwd=Path(__file__).parents[2], timeout=60)
    come_in(page, url, "en")
    ran: list[str] = []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda said: ran.append(said.text) if "Content Security Policy" in said.text else None)
    seen = 0
    for name in pages.PAGES:
        address: str | None = f"{url}/console/{name}".rstrip("/")
        while address is not None:
            page.goto(address)
            page.wait_for_timeout(50)
            seen += page.locator("main").inner_text().count("alert(")
            following = page.get_by_role("link", name="Next page")
            address = f"{url}{following.get_attribute('href')}" if following.count() else None
    assert page.evaluate("window.hostile") is None
    assert ran == []
    assert seen >= 200
