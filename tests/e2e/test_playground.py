"""The main job, in the browser, as a lead and an employee do it: from a feed to a counted click."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e import demos
from tests.e2e.conftest import DESKTOP, Start, picture
from tests.e2e.screens import PHONE
from tests.sizes import size

STORY = {
    "en": {
        "approve": "Approve",
        "share": "Share…",
        "channel": "Channel",
        "words": "Your words",
        "done": "Get my text",
        "go_on": "Continue to LinkedIn",
        "open": "Open LinkedIn",
        "copy": "Copy",
        "copied": "Copied: your text and the link.",
        "posted": "Yes, posted",
        "thanks": "Thank you! Shared on LinkedIn",
        "readers": "Readers from your link",
        "results": "This week’s results",
        "clicks": "Readers",
        "shared": "Shares",
        "title": "Heat pumps in old houses",
        "own": "I work at Koivu Energy and visited nine of these homes. Ask me what surprised me!",
    },
    "fi": {
        "approve": "Hyväksy",
        "share": "Jaa…",
        "channel": "Kanava",
        "words": "Omat sanasi",
        "done": "Näytä tekstini",
        "go_on": "Jatka kanavaan LinkedIn",
        "open": "Avaa LinkedIn",
        "copy": "Kopioi",
        "copied": "Kopioitu: tekstisi ja linkki.",
        "posted": "Kyllä, julkaisin",
        "thanks": "Kiitos! Jaettu kanavassa LinkedIn",
        "readers": "Lukijoita linkistäsi",
        "results": "Tämän viikon tulokset",
        "clicks": "Lukijoita",
        "shared": "Jaot",
        "title": "Lämpöpumppu vanhaan taloon",
        "own": "Olen töissä Koivu Energyssä ja kävin itse yhdeksässä näistä kodeista. Kysy, mikä yllätti!",
    },
}


def open_demo(start: Start, page: Page, language: str, **env: str) -> str:
    """A demo of its own, with the page open; its address."""
    url = f"http://127.0.0.1:{demos.port()}"
    start(demos.demo(), url=f"{url}/healthz", env=env)
    page.goto(f"{url}/playground?lang={language}")
    return url


def pane(page: Page, user: str) -> Locator:
    return page.locator(f'.pane[data-user="{user}"]')


def expect_drawn(image: Locator) -> None:
    """The picture is there as soon as somebody looks at it: what is out of sight is not loaded yet."""
    image.scroll_into_view_if_needed()
    expect(image).to_have_js_property("complete", value=True)
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100


def say(conversation: Locator, words: str) -> None:
    conversation.locator(".say input").fill(words)
    conversation.locator(".say button").click()


def press_twice(button: Locator) -> None:
    """The second time on the card that has just been drawn anew, at the button that is in the same place of it."""
    button.evaluate(
        """async (button) => {
            const card = button.closest("article"), action = button.dataset.action, before = card.innerHTML;
            button.click();
            while (card.innerHTML === before) await new Promise(requestAnimationFrame);
            const {x, y, width, height} = card.querySelector(`[data-action="${action}"]`).getBoundingClientRect();
            document.elementFromPoint(x + width / 2, y + height / 2)?.click();
            await new Promise((done) => setTimeout(done, 1000));
        }"""
    )


@pytest.mark.parametrize("language", size(["fi"], ["en", "fi"]))
def test_from_a_feed_to_a_counted_click(start: Start, page: Page, language: str) -> None:
    words, url = STORY[language], open_demo(start, page, language)
    aino, laura = pane(page, "aino"), pane(page, "laura")

    # the first nudge is there at once, before anybody did anything
    expect(aino.locator("article.card").first).to_contain_text(words["share"])

    # the lead approves a draft that came from the feed, the employee gets the nudge
    draft = laura.locator("article", has_text=words["title"])
    draft.get_by_role("button", name=words["approve"]).click()
    expect(draft).not_to_contain_text(words["approve"])
    nudge = aino.locator("article", has_text=words["title"])
    expect(nudge).to_be_visible()
    picture(page, f"playground-{language}")

    # words first, a starter one tap away; what depends on the channel changes at once, and Done is in sight
    nudge.get_by_role("button", name=words["share"]).click()
    form = aino.locator("form[data-form=share]")
    expect(form.get_by_label(words["words"])).to_have_value("")
    starter = form.locator(".suggestions .suggestion").first
    starter.click()
    expect(form.get_by_label(words["words"])).to_have_value(starter.locator("span").inner_text())
    expect(form.locator(".preview")).to_contain_text(starter.locator("span").inner_text())
    form.get_by_label(words["channel"]).select_option("x")
    expect(form.locator(".hint").first).to_contain_text("280")
    expect(form.locator(".preview figcaption")).to_contain_text("X")
    form.get_by_label(words["channel"]).select_option("linkedin")
    form.get_by_label(words["words"]).fill(words["own"])
    expect(form.locator(".preview")).to_contain_text(words["own"])
    page.set_viewport_size(PHONE)
    page.locator("[data-tab]").filter(has_text="Aino").click()
    expect(form.get_by_role("button", name=words["done"])).to_be_in_viewport(ratio=1)
    picture(page, f"playground-share-phone-{language}")
    page.set_viewport_size(DESKTOP)
    picture(page, f"playground-share-{language}")
    form.get_by_role("button", name=words["done"]).click()
    ready = aino.locator("article", has_text=words["own"])
    expect(ready.get_by_role("link", name=words["go_on"])).to_have_attribute("href", re.compile(rf"^{url}/o/"))
    link = re.search(rf"{url}/r/\S+", ready.locator("pre").inner_text())
    assert link is not None

    # the share's own page: the whole text to take along, and "posted" said there is said in chat
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    with page.context.expect_page() as opened:
        ready.get_by_role("link", name=words["go_on"]).click()
    share = opened.value
    share.get_by_role("button", name=words["copy"], exact=True).click()
    expect(share.locator("[data-said]")).to_have_text(words["copied"])
    assert share.evaluate("navigator.clipboard.readText()") == f"{words['own']}\n\n{link.group()}"
    expect(share.get_by_role("link", name=words["open"])).to_have_attribute("href", re.compile("^https://www.linkedin"))
    picture(share, f"share-page-{language}")
    share.get_by_role("button", name=words["posted"]).click()
    expect(share.get_by_role("heading", level=1)).to_have_text(words["thanks"])
    share.close()
    expect(aino.locator("article", has_text=words["thanks"])).to_be_visible()
    done = aino.locator("article", has_text=words["readers"])
    expect(done.locator("dd").first).to_have_text("0")

    # the tracked link is opened in a browser like anybody's
    page.wait_for_timeout(2100)  # a hit within two seconds of posting counts as a machine's
    reader = page.context.browser.new_context(user_agent=_PERSON)
    article = reader.new_page()
    article.goto(link.group())
    expect(article.locator("h1")).to_contain_text(words["title"])
    assert "utm_source=linkedin" in article.url
    reader.close()
    expect(done.locator("dd").first).to_have_text("1")  # a quiet update of the card

    # the lead's results: exactly one share and one unique click
    say(laura, "/chorus results")
    results = laura.locator("article", has_text=words["results"])
    expect(results.locator("dd").last).to_be_visible()
    facts = dict(zip(results.locator("dt").all_text_contents(), results.locator("dd").all_text_contents(), strict=True))
    assert facts[words["shared"]] == "1"
    assert facts[words["clicks"]] == "1"
    expect_drawn(results.locator("img"))
    picture(page, f"playground-results-{language}")


PULSE = {
    "en": {
        "open": "Open a round",
        "open_now": "Yes, open it",
        "asked": "How are we doing on social media?",
        "answer": "Answer",
        "agree": "Agree",
        "thanks": "Thank you!",
        "close": "Close the round now",
        "yes_close": "Yes, close it",
        "over": "The round is closed",
        "publish": "Publish",
        "write": "Write it yourself…",
        "you_said": "You said (English)",
        "we_do": "What we’re doing (English)",
        "learned": "We ask when it suits you better.",
        "said": "You said:",
        "profile": "Culture profile",
        "units": "Units",
        "hidden": "too few answers yet",
        "comments": "Comments",
        "ownership": "Ownership",
    },
    "fi": {
        "open": "Avaa kierros",
        "open_now": "Kyllä, avaa",
        "asked": "Miten meillä sujuu somessa?",
        "answer": "Vastaa",
        "agree": "Jokseenkin samaa mieltä",
        "thanks": "Kiitos!",
        "close": "Päätä kierros nyt",
        "yes_close": "Kyllä, päätä se",
        "over": "Kierros on päättynyt",
        "publish": "Julkaise",
        "write": "Kirjoita itse…",
        "you_said": "Te sanoitte (suomi)",
        "we_do": "Mitä teemme (suomi)",
        "learned": "Kysymme, kun teille sopii paremmin.",
        "said": "Te sanoitte:",
        "profile": "Kulttuuriprofiili",
        "units": "Yksiköt",
        "hidden": "vastauksia liian vähän",
        "comments": "Kommentit",
        "ownership": "Vastuut",
    },
}


def test_what_is_typed_while_the_form_is_drawn_anew_stays(start: Start, page: Page) -> None:
    words = STORY["en"]
    open_demo(start, page, "en")
    aino = pane(page, "aino")
    aino.locator("article.card").first.get_by_role("button", name=words["share"]).click()
    form = aino.locator("form[data-form=share]")
    field = form.get_by_label(words["words"])
    form.locator(".suggestions .suggestion").first.click()
    expect(field).not_to_have_value("")

    def answered_late(route: Route) -> None:
        page.wait_for_timeout(1500)
        route.continue_()

    page.route("**/playground/act", answered_late, times=1)
    form.get_by_label(words["channel"]).evaluate(
        "field => { field.value = 'x'; field.dispatchEvent(new Event('change', { bubbles: true })) }"
    )
    with page.expect_response("**/playground/act"):
        field.evaluate("(field, words) => field.value = words", words["own"])  # while the answer is on its way
    expect(form.locator(".hint").first).to_contain_text("280")
    expect(field).to_have_value(words["own"])


@pytest.mark.parametrize("language", size(["en"], ["en", "fi"]))
def test_the_pulse_from_the_question_to_what_is_done(start: Start, page: Page, language: str) -> None:
    words = PULSE[language]
    open_demo(start, page, language)
    aino, laura = pane(page, "aino"), pane(page, "laura")

    # the lead looks at the last cycle: the framework's picture and its table, units with what is hidden
    say(laura, "/chorus pulse")
    view = laura.locator("article", has_text=words["open"]).last
    expect(view.locator("table")).to_contain_text(words["ownership"])
    expect_drawn(view.locator("img"))
    picture(page, f"playground-pulse-{language}", show=view.locator("img"))
    view.get_by_role("button", name=words["units"], exact=True).click()
    units = laura.locator("article", has=page.locator("table")).last
    expect(units.locator("table")).to_contain_text("–")
    picture(page, f"playground-pulse-units-{language}", show=units.locator("img"))
    laura.get_by_role("button", name=re.compile("^(Back|Takaisin)$")).last.click()
    laura.get_by_role("button", name=words["open"], exact=True).last.click()
    laura.get_by_role("button", name=words["open_now"], exact=True).last.click()

    # asked in the chat, a tap a statement, thanked; no answer stands in the conversation
    card = aino.locator("article", has_text=words["asked"])
    card.get_by_role("button", name=words["answer"], exact=True).click()
    statement = aino.locator("article", has=page.get_by_role("button", name=words["agree"], exact=True))
    expect(statement.locator("blockquote, q, pre, .quote").first).to_be_visible()
    picture(page, f"playground-pulse-statement-{language}")
    for number in range(2, 6):
        agree = statement.get_by_role("button", name=words["agree"], exact=True)
        if number == 2:
            press_twice(agree)
            expect(statement).to_contain_text(re.compile(r"\b2( of |/)3"))  # nothing that was not read was answered
        else:
            agree.click()
        if number <= 4:
            expect(
                aino.locator("article", has_text=re.compile(rf"{number}( of |/)\d"))
                .or_(aino.locator("article", has_text=words["thanks"]))
                .first
            ).to_be_visible()
        if aino.locator("article", has_text=words["thanks"]).count():
            break
    expect(aino.locator("article", has_text=words["thanks"]).last).to_be_visible()
    expect(aino).not_to_contain_text(words["agree"])

    # closed, published with one tap, and read by everybody
    say(laura, "/chorus pulse")
    laura.get_by_role("button", name=words["close"]).last.click()
    laura.get_by_role("button", name=words["yes_close"]).last.click()
    over = laura.locator("article", has_text=words["over"])
    over.get_by_role("button", name=words["write"]).click()  # one answer is too few to suggest a result from
    form = laura.locator("form[data-form=round_publish]")
    form.get_by_label(words["you_said"]).fill(words["learned"])
    form.get_by_label(words["we_do"]).fill(words["learned"])
    form.get_by_role("button", name=words["publish"], exact=True).click()
    say(aino, "/chorus pulse")
    read = aino.locator("article", has_text=words["said"]).last
    expect(read.locator("table")).to_contain_text(words["ownership"])
    picture(page, f"playground-pulse-read-{language}")


QUESTION = {
    "en": {
        "asked": "Should our LinkedIn posts be in English?",
        "again": "Should a LinkedIn post of ours be in English?",
        "way": "Your question is on its way",
        "because": "You’re getting this because it’s about LinkedIn",
        "claim": "I’ll take it",
        "answer": "Answer…",
        "your_answer": "Your answer",
        "said": "In the language of your readers.",
        "send": "Send",
        "answered": "Mikko Laine answered",
        "helps": "This helps",
        "keep": "Save for others",
        "kept": "Saved for others",
        "may": "Is this your question?",
        "show": "Show the answer",
        "inbox": "Questions in numbers",
    },
    "fi": {
        "asked": "Pitääkö LinkedIn-julkaisujen olla suomeksi?",
        "again": "Pitääkö LinkedIn-julkaisun olla suomeksi?",
        "way": "Kysymyksesi on matkalla",
        "because": "Saat tämän, koska aihe on LinkedIn",
        "claim": "Otan tämän",
        "answer": "Vastaa…",
        "your_answer": "Vastauksesi",
        "said": "Lukijoidesi kielellä.",
        "send": "Lähetä",
        "answered": "Mikko Laine vastasi",
        "helps": "Tästä on apua",
        "keep": "Tallenna muillekin",
        "kept": "Tallennettu muillekin",
        "may": "Tätäkö kysyit?",
        "show": "Näytä vastaus",
        "inbox": "Kysymykset lukuina",
    },
}


@pytest.mark.parametrize("language", size(["fi"], ["en", "fi"]))
def test_a_question_from_its_asker_to_the_next_who_asks(start: Start, page: Page, language: str) -> None:
    words = QUESTION[language]
    open_demo(start, page, language)
    aino, mikko, laura = pane(page, "aino"), pane(page, "mikko"), pane(page, "laura")
    expect(aino.locator("article.card").first).to_be_visible()

    # in plain words; the owner sees why it is theirs, claims it and answers
    say(aino, words["asked"])
    expect(aino.locator("article", has_text=words["way"])).to_be_visible()
    question = mikko.locator("article", has_text=words["asked"])
    expect(question).to_contain_text(words["because"])
    picture(page, f"playground-question-{language}", show=question)
    question.get_by_role("button", name=words["claim"]).click()
    question.get_by_role("button", name=words["answer"]).click()
    form = mikko.locator("form[data-form=answer]")
    form.get_by_label(words["your_answer"]).fill(words["said"])
    form.get_by_role("button", name=words["send"]).click()
    answer = aino.locator("article", has_text=words["answered"])
    expect(answer).to_contain_text(words["said"])
    answer.get_by_role("button", name=words["helps"]).click()
    expect(answer.get_by_role("button", name=words["helps"])).to_have_count(0)

    # kept with one tap, it is offered to the next who asks the like
    question.get_by_role("button", name=words["keep"]).click()
    expect(mikko.locator("article", has_text=words["kept"])).to_be_visible()
    say(laura, words["again"])
    offer = laura.locator("article", has_text=words["may"])
    expect(offer).not_to_contain_text(words["said"])
    offer.get_by_role("button", name=words["show"]).click()
    shown = laura.locator("article", has_text=words["said"])
    shown.get_by_role("button", name=words["helps"]).click()

    # the lead's figures
    say(laura, "/chorus inbox")
    inbox = laura.locator("article", has_text=words["inbox"])
    expect(inbox.locator("dd").first).to_be_visible()
    expect_drawn(inbox.locator("img"))
    picture(page, f"playground-inbox-{language}", show=inbox)


_PERSON = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
