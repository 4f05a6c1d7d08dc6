"""The console in a browser: a lead comes in by the bot's link, reads, approves, exports. Nothing hostile is run, and
axe-core finds no fault, on any page, in either language, light or dark."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from adapters.web.console.all_pages import PAGES
from tests import pseudo
from tests.e2e.conftest import HERE, Start, picture
from tests.e2e.screens import Looker
from tests.e2e.test_playground import open_demo, pane, say
from tests.forks import command
from tests.ports import free_port
from tests.pseudo import LANGUAGE
from tests.sizes import size

AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
MORE = (  # pages below others, and forms at addresses of their own
    "components",
    "library/1",
    "library?look=list&state=ended",
    "calendar?look=week",
    "questions/knowledge",
    "listening/sources",
    "pulse/units",
    "pulse/comments",
    "people/1",
    "import",
    "settings/audiences",
    "settings/rules",
    "settings/framework",
    "settings/practices",
    "settings/exports",
    "settings/programs",
    "compose",
    "open/part.goals/0",
    "open/part.activities/0",
    "open/part.channels/0",
    "open/part.audiences/0",
    "open/person.edit/1",
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WORDS = {
    "en": {
        "open": "Open the console",
        "in": "Sign in",
        "library": "Library",
        "approve": "Approve",
        "live": "Out for sharing",
        "out": "Sign out",
        "title": "Heat pumps in old houses",
        "edit": "Edit",
        "save": "Save",
        "wrong": "Add a title.",
        "field": "Title",
    },
    "fi": {
        "open": "Avaa selainnäkymä",
        "in": "Kirjaudu",
        "library": "Kirjasto",
        "approve": "Hyväksy",
        "live": "Jaettavissa",
        "out": "Kirjaudu ulos",
        "title": "Lämpöpumppu vanhaan taloon",
        "edit": "Muokkaa",
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

    # finds a draft, edits it; the form says what is wrong at its field
    page.get_by_role("link", name=words["library"]).first.click()
    picture(page, f"console-library-{language}")
    page.get_by_role("link", name=words["title"]).first.click()
    page.get_by_role("link", name=words["edit"]).click()
    page.get_by_label(words["field"], exact=True).fill(" ")
    page.get_by_role("button", name=words["save"], exact=True).last.click()
    expect(page.get_by_role("alert").first).to_contain_text(words["wrong"])
    page.get_by_label(words["field"], exact=True).fill(f"{words['title']}!")
    page.get_by_role("button", name=words["save"], exact=True).last.click()
    expect(page.get_by_label(words["field"], exact=True)).to_have_value(f"{words['title']}!")

    # ticks it in the library, and approves what is ticked
    page.get_by_role("link", name=words["library"]).first.click()
    page.get_by_role("checkbox", name=f"{words['title']}!").check()
    page.get_by_role("button", name=words["approve"], exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1")
    page.get_by_role("button", name=words["approve"], exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("1")
    expect(page.locator("article", has_text=f"{words['title']}!").first).to_contain_text(words["live"])

    # takes the week along; the file says what the page says
    page.goto(f"{url}/console/settings/exports")
    with page.expect_download() as download:
        page.locator('a[href="/console/export/weeks.json"]').click()
    weeks = json.loads(Path(download.value.path()).read_text())
    newest = max(weeks, key=lambda week: week["week"])
    page.goto(f"{url}/console/digests/{newest['week']}")
    expect(page.locator("main")).to_contain_text(str(newest["clicks"]))
    picture(page, f"console-digest-{language}")

    # out, and the way back is shut
    page.get_by_role("button", name=words["out"]).click()
    page.goto(f"{url}/console")
    expect(page).to_have_url(f"{url}/console/sign-in")


def test_next_month_is_planned_with_the_keyboard_alone(start: Start, page: Page) -> None:
    """A day of the calendar, a form, a repetition in words; leaving with unsaved words asks."""
    url = open_demo(start, page, "en")
    come_in(page, url, "en")
    page.goto(f"{url}/console/calendar")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    reach(page, "Later")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    reach(page, "Add an activity on")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("Meet an owner")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.evaluate("history.back()")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    page.get_by_label("Repeats", exact=True).focus()
    page.keyboard.type("Every month")
    reach(page, "Save")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Meet an owner")
    page.goto(f"{url}/console/calendar?look=week&day={page.evaluate('new Date().toISOString().slice(0, 10)')}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def reach(page: Page, name: str) -> None:
    """By Tab, from wherever the focus is."""
    for _press in range(120):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "document.activeElement.getAttribute('aria-label') || document.activeElement.innerText || ''"
        )
        if str(said).strip().startswith(name) or name in str(said):
            return
    raise AssertionError(f"{name!r} cannot be reached by the keyboard")


PARTS = size(12, 1)  # of the pages, of which each look has one: the two languages of the sample have each page once
LOOKS = (("light", 1440), ("dark", 390), ("light", 768), ("dark", 1440), ("light", 390), ("dark", 768))


@pytest.mark.parametrize(("turn", "language"), list(enumerate(size(("fi", LANGUAGE), ("en", "fi", LANGUAGE)))))
def test_axe_and_the_lint_find_nothing_on_any_page(
    start: Start, page: Page, browser: Browser, clients: Path, looker: Looker, tmp_path: Path, turn: int, language: str
) -> None:
    """Every page in every language, one of them longer by 40 %, light and dark, wide and narrow: a sample that has each
    page once, and all of it by `make full`."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    demo = command("demo", "--no-open", "--port", str(port))
    start(partial(pseudo.carry_out, tmp_path, demo), url=f"{url}/healthz")
    script = AXE.read_text()
    names = (*PAGES, *MORE)
    page.goto(f"{url}/playground?lang={language}")
    page.wait_for_timeout(2000)
    say(pane(page, "laura"), "/chorus console")
    link = pane(page, "laura").locator('a[href*="/console/in/"]').last
    page.goto(str(link.get_attribute("href")))
    page.get_by_role("button").last.click()
    state = page.context.storage_state()
    for number, (scheme, width) in enumerate(LOOKS, start=turn * size(len(LOOKS), 0)):
        context = browser.new_context(
            storage_state=state, color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True
        )
        looked = context.new_page()
        for name in names[number % PARTS :: PARTS]:
            looked.goto(f"{url}/console/{name}".rstrip("/"))
            where = f"{name or 'overview'}, {language}, {scheme}, {width}"
            looked.evaluate(script)
            assert faults(looked) == [], where
            assert looker.findings(looked) == [], where
            if language == "en" and scheme == "dark" and width == 1440:
                picture(looked, f"console-{(name or 'overview').split('/')[0].split('?')[0]}-dark")
        context.close()


def test_zoomed_to_400_per_cent_and_on_paper(start: Start, page: Page, looker: Looker) -> None:
    """1280 pixels at 400 % are 320: nothing scrolls sideways, nothing is cut; and print leaves out what only clicks."""
    url = open_demo(start, page, "fi")
    come_in(page, url, "fi")
    page.set_viewport_size({"width": 320, "height": 800})
    for name in (*PAGES, *MORE)[:: size(2, 1)]:
        page.goto(f"{url}/console/{name}".rstrip("/"))
        assert looker.findings(page) == [], name
    page.set_viewport_size({"width": 800, "height": 1100})
    page.emulate_media(media="print")
    for name in ("", "digests", "goals"):
        page.goto(f"{url}/console/{name}".rstrip("/"))
        assert page.locator("main").is_visible()
        for gone in (".side", ".foot-tabs", ".actions", ".filters"):
            assert not any(one.is_visible() for one in page.locator(gone).all()), (name, gone)
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == "rgb(255, 255, 255)"


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
    for name in PAGES:
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
