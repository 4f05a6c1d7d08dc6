"""A suggestion from its sender to its approval, with second thoughts; shared, withdrawn, and put back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.core.i18n import Words
from tests.e2e.conftest import Start, picture
from tests.e2e.screens import PHONE
from tests.e2e.test_playground import open_demo, pane, say
from tests.sizes import size

TITLE = {"en": "Apprentices wanted", "fi": "Oppisopimus auki"}
OWN = {
    "en": "I work at Koivu Energy. I was an apprentice once: ask me!",
    "fi": "Työnantajani on Koivu Energy. Olin itsekin oppisopimuksella: kysy!",
}


@pytest.mark.parametrize(("language", "wide"), size([("fi", False)], [("en", True), ("fi", False)]))
def test_from_a_suggestion_to_its_withdrawal(start: Start, page: Page, language: str, wide: bool) -> None:
    w, title = Words(language), TITLE[language]
    open_demo(start, page, language)
    if not wide:
        page.set_viewport_size(PHONE)

    def turn_to(user: str, name: str) -> Locator:
        if not wide:
            page.locator("[data-tab]").filter(has_text=name).click()
        return pane(page, user)

    # what is no address is said at the field, and the reason is kept
    aino = turn_to("aino", "Aino")
    say(aino, "/chorus suggest")
    form = aino.locator("form[data-form=suggestion]")
    form.get_by_label(w.t("Link to the page")).fill("koivu dot example")
    form.get_by_label(w.t("Why is it worth sharing?")).fill(title)
    form.get_by_role("button", name=w.t("Suggest"), exact=True).click()
    expect(form.locator(".error").first).to_be_visible()
    expect(form.get_by_label(w.t("Why is it worth sharing?"))).to_have_value(title)
    form.get_by_label(w.t("Link to the page")).fill("https://koivu.example/apprentices")
    form.get_by_role("button", name=w.t("Suggest"), exact=True).click()
    expect(aino.locator("article", has_text=w.t("Thank you for the suggestion")).last).to_be_visible()

    # the lead gives it a title, declines it by mistake, and approves it
    laura = turn_to("laura", "Laura")
    say(laura, "/chorus compose https://koivu.example/apprentices")  # it is there already: the form is that post's
    form = laura.locator("form[data-form=compose]")
    form.locator("[name=title]").fill(title)
    form.get_by_role("button", name=w.t("Save"), exact=True).click()
    card = laura.locator("article", has_text=title).last
    card.get_by_role("button", name=w.t("Decline…")).click()
    laura.locator("form[data-form=post_decline]").get_by_role("button", name=w.t("Decline"), exact=True).click()
    card.get_by_role("button", name=w.t("Undo")).click()
    card.get_by_role("button", name=w.t("Approve"), exact=True).click()
    expect(card).to_contain_text(w.t("Out for sharing"))

    # whoever suggested it hears so, and shares it
    aino = turn_to("aino", "Aino")
    expect(aino.locator("article", has_text=w.t("Your suggestion was approved")).last).to_be_visible()
    nudge = aino.locator("article").filter(has=page.get_by_role("heading", name=title)).last
    nudge.get_by_role("button", name=w.t("Share…")).click()
    form = aino.locator("form[data-form=share]")
    form.get_by_label(w.t("Your words")).fill(OWN[language])
    form.get_by_role("button", name=w.t("Get my text")).click()
    shared = aino.locator("article", has_text=OWN[language]).last
    shared.get_by_role("button", name=w.t("Yes, posted")).click()
    expect(aino.locator("article", has_text=w.t("Readers from your link")).last).to_be_visible()

    # withdrawn after one question: the card says so
    laura = turn_to("laura", "Laura")
    say(laura, "/chorus posts")
    listed = laura.locator("article", has_text=w.t("What people can share now")).last
    listed.get_by_role("button", name=w.t("Withdraw"), exact=True).first.click()
    question = laura.locator("article", has_text=w.t("Yes, withdraw it")).last
    expect(question).to_contain_text(title)
    question.get_by_role("button", name=w.t("Yes, withdraw it")).click()
    gone = laura.locator("article", has_text=w.t("Put it back…")).last
    expect(gone).to_be_visible()
    aino = turn_to("aino", "Aino")
    expect(aino.locator("article", has_text=w.t("Withdrawn")).last).to_be_visible()
    picture(page, f"withdrawn-{language}")

    # and put back after one, too
    laura = turn_to("laura", "Laura")
    gone.get_by_role("button", name=w.t("Put it back…")).click()
    laura.get_by_role("button", name=w.t("Yes, put it back")).last.click()
    expect(laura.locator("article", has_text=title).last).to_contain_text(w.t("Out for sharing"))
