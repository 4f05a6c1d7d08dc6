"""On one's own account, in the browser: connect it, post now and later, read it there, delete it, disconnect."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Start, picture
from tests.e2e.screens import PHONE
from tests.e2e.test_playground import open_demo, pane, say
from tests.sizes import size

WORDS = {
    "en": {
        "connect": "Connect Mastodon…",
        "go_on": "Continue",
        "sign_in": "Sign in to Mastodon",
        "for": "For Aino Virtanen",
        "may": "Allow Chorus to post for you?",
        "allow": "Allow",
        "connected": "Mastodon is connected.",
        "share": "Share…",
        "channel": "Channel",
        "words": "Your words",
        "when": "When",
        "post": "Post on Mastodon",
        "thanks": "Thank you! It’s on Mastodon",
        "see": "See your post",
        "delete": "Delete it from Mastodon…",
        "yes": "Yes, delete it",
        "moment": "Day and time",
        "schedule": "Schedule it",
        "waits": "Goes out on Mastodon",
        "cancel": "Don’t post it",
        "end": "Disconnect",
        "ended": "Mastodon is disconnected.",
        "readers": "Readers from your link",
    },
    "fi": {
        "connect": "Yhdistä Mastodon…",
        "go_on": "Jatka",
        "sign_in": "Kirjaudu Mastodoniin",
        "for": "Chorus-käyttäjä: Aino Virtanen",
        "may": "Saako Chorus julkaista puolestasi?",
        "allow": "Salli",
        "connected": "Mastodon on yhdistetty.",
        "share": "Jaa…",
        "channel": "Kanava",
        "words": "Omat sanasi",
        "when": "Milloin",
        "post": "Julkaise Mastodonissa",
        "thanks": "Kiitos! Julkaistu Mastodonissa",
        "see": "Katso julkaisusi",
        "delete": "Poista Mastodonista…",
        "yes": "Kyllä, poista",
        "moment": "Päivä ja kellonaika",
        "schedule": "Ajasta",
        "waits": "Julkaistaan Mastodonissa",
        "cancel": "Älä julkaise",
        "end": "Katkaise yhteys",
        "ended": "Mastodon ei ole enää yhdistettynä.",
        "readers": "Lukijoita linkistäsi",
    },
}


@pytest.mark.parametrize(("language", "wide"), size([("en", True)], [("en", True), ("fi", False)]))
def test_on_ones_own_account(start: Start, page: Page, language: str, wide: bool) -> None:
    words = WORDS[language]
    if not wide:
        page.set_viewport_size(PHONE)
    open_demo(start, page, language)
    aino = pane(page, "aino")
    if not wide:
        page.locator("[data-tab]").filter(has_text="Aino").click()

    # the account is connected where it is: signed in there, with whose it will be said before
    say(aino, "/chorus accounts")
    aino.get_by_role("button", name=words["connect"]).click()
    aino.get_by_role("button", name=words["go_on"]).click()
    with page.context.expect_page() as opened:
        aino.get_by_role("link", name=words["sign_in"]).click()
    door = opened.value
    expect(door.locator("main")).to_contain_text(words["for"])
    picture(door, f"connect-{language}")
    door.get_by_role("button", name=words["sign_in"]).click()
    expect(door.get_by_role("heading", level=1)).to_have_text(words["may"])
    door.get_by_role("button", name=words["allow"], exact=True).click()
    expect(door.get_by_role("heading", level=1)).to_have_text(words["connected"])
    door.close()
    expect(aino.locator("article", has_text=words["connected"])).to_be_visible()

    # three taps from the nudge to the post
    nudge = aino.locator("article", has_text=words["share"]).first
    nudge.get_by_role("button", name=words["share"]).click()
    form = aino.locator("form[data-form=share]")
    expect(form.get_by_label(words["channel"])).to_have_value("mastodon")
    form.locator(".suggestion").first.click()
    text = form.locator(".suggestion span").first.inner_text()
    expect(form.get_by_label(words["words"])).to_have_value(text)
    picture(page, f"publish-form-{language}")
    form.get_by_role("button", name=words["post"]).click()
    done = aino.locator("article", has_text=words["thanks"])
    expect(done).to_be_visible()
    expect(done).to_contain_text(text)
    picture(page, f"published-{language}")

    # it stands there, and its writer's own clicks are no readers
    with page.context.expect_page() as opened:
        done.get_by_role("link", name=words["see"]).click()
    there = opened.value
    expect(there.locator("article")).to_contain_text(text)
    page.wait_for_timeout(2100)  # a hit within two seconds of posting counts as a machine's
    there.locator("article a[href*='/r/']").click()
    page.wait_for_timeout(1500)
    expect(done.locator("dd").first).to_have_text("0")

    # deleted there, after one question; the post is offered again
    done.get_by_role("button", name=words["delete"]).click()
    aino.get_by_role("button", name=words["yes"]).click()
    again = aino.locator("article", has_text=words["share"]).first
    expect(again).to_be_visible()
    there.reload()
    expect(there.locator("article")).to_have_count(0)
    there.close()

    # at a time of one's choice, and not after all
    again.get_by_role("button", name=words["share"]).click()
    form.get_by_label(words["words"]).fill(f"{text} #energia")
    form.get_by_label(words["when"]).select_option("chosen")
    moment = form.get_by_label(words["moment"])
    expect(moment).not_to_have_value("")
    form.get_by_role("button", name=words["schedule"]).click()
    waits = aino.locator("article", has_text=words["waits"])
    expect(waits).to_contain_text("#energia")
    waits.get_by_role("button", name=words["cancel"]).click()
    expect(aino.locator("article", has_text=words["waits"])).to_have_count(0)

    # one tap to end it
    say(aino, "/chorus accounts")
    aino.get_by_role("button", name=words["end"]).last.click()
    expect(aino.locator("article", has_text=words["ended"])).to_be_visible()
