"""The same story in Microsoft's own local client of Teams: typing, clicking, a form in a card, a proactive nudge."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from adapters.demo.organisation import FEED
from tests.e2e.conftest import AT_ANY_HOUR, Start, environment, picture, run
from tests.e2e.teams_client import card, say
from tests.forks import command
from tests.ports import free_port


def write(field: Locator, words: str) -> None:
    """Again where the client was still drawing the card: on a busy machine it puts an empty field in its place."""
    for _time in range(5):
        field.fill(words)
        field.page.wait_for_timeout(400)
        if field.input_value() == words:
            return
    raise AssertionError("the field does not stay")


def test_from_a_feed_to_a_counted_click(start: Start, page: Page, clients: Path, tmp_path: Path) -> None:
    port, client_port = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    env = environment(url, tmp_path, CHORUS_PLAYGROUND="1", **AT_ANY_HOUR)
    run(env, tmp_path, "db", "upgrade")
    start(command("serve", "--all", "--port", str(port)), url=f"{url}/healthz", env=env)
    client = f"http://127.0.0.1:{client_port}"
    client_command = [str(clients / "agentsplayground"), "-e", f"{url}/api/messages", "-c", "msteams", "--dt"]
    start([*client_command, "-p", str(client_port)], url=client)
    page.goto(client)

    # installed: the bot introduces itself; one tap says yes, and the card is replaced in place
    card(page, "Hello, I’m Chorus").get_by_role("button", name="Yes, nudge me").click()
    expect(card(page, "Your settings")).to_contain_text("on")

    # the person is made a lead, a feed becomes drafts, one is approved
    people = json.loads(run(env, tmp_path, "people", "list", "--json"))
    run(env, tmp_path, "people", "set", people[0]["email"], "--role", "lead")
    imported = run(env, tmp_path, "content", "import", str(FEED), "--base-url", f"{url}/", "--json")
    assert json.loads(imported)["created"] == 5
    card(page, "Heat pumps in old houses").get_by_role("button", name="Approve").click()
    expect(card(page, "Out for sharing · until")).to_be_visible()

    # a nudge arrives by itself; the form takes the card's place, and the answer the form's
    nudge = page.locator(".ac-adaptiveCard", has_text="You’re getting this because")
    expect(nudge).to_be_visible()
    picture(page, "teams-nudge")
    nudge.get_by_role("button", name="Share…").click()
    form = card(page, "Your words")
    write(form.get_by_label("Your words"), "Best green 100 % ever. Ask me!")
    picture(page, "teams-form")
    form.get_by_role("button", name="X", exact=True).click()  # the card is drawn anew, with the words in it
    form = card(page, "Channel: X")
    expect(form.get_by_label("Your words")).to_have_value("Best green 100 % ever. Ask me!")
    expect(form).to_contain_text("of 280 characters")
    form.get_by_role("button", name="Just the facts").click()
    form = card(page, "Channel: X")
    expect(form).to_contain_text("How it will look on X")
    expect(form.get_by_label("Your words")).to_have_value(re.compile("Insulation first"))  # it is drawn anew by now
    form.get_by_role("button", name="Cancel").click()
    expect(card(page, "You’re getting this because")).to_be_visible()
    card(page, "You’re getting this because").get_by_role("button", name="Share…").click()
    form = card(page, "Your words")
    write(form.get_by_label("Your words"), "I work at Koivu Energy and visited nine of these homes. Ask me!")
    form.get_by_role("button", name="Get my text").click()
    ready = card(page, "Ready for LinkedIn")
    link = re.search(rf"{url}/r/[\w-]+", ready.inner_text())
    assert link is not None
    ready.get_by_role("button", name="Yes, posted").click()
    done = card(page, "Thank you! Shared on LinkedIn")
    expect(done).to_contain_text("Readers from your link")

    # the tracked link is opened by a reader; the card says so quietly
    page.wait_for_timeout(2100)
    reader = page.context.browser.new_context(user_agent="Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/132.0")
    answer = reader.request.get(link.group(), max_redirects=0)
    assert answer.status == 302
    reader.close()
    expect(card(page, "Thank you! Your share brought 1 reader")).to_contain_text(re.compile(r"link\s*1"))

    # the lead types a command and reads the results
    say(page, "results")
    results = card(page, "This week’s results")
    expect(results).to_contain_text(re.compile(r"Shares\s*1"))
    expect(results).to_contain_text(re.compile("Readers\\s*1"))
    picture(page, "teams-results")

    # the pulse: asked, tapped, thanked, closed, published, read; one person is too few for a figure
    say(page, "pulse")
    card(page, "There hasn’t been a round yet.").get_by_role("button", name="Open a round").click()
    card(page, "Open a round now?").get_by_role("button", name="Yes, open it").click()
    card(page, "How are we doing on social media?").get_by_role("button", name="Answer").click()
    for number in range(1, 5):
        statement = card(page, "Strongly agree")
        if number > 1 and card(page, "Thank you!").filter(has_text="Change").count():
            break
        expect(statement).to_be_visible()
        if number == 1:
            picture(page, "teams-pulse")
        statement.get_by_role("button", name="Agree", exact=True).click()
        page.wait_for_timeout(1200)
    expect(card(page, "What came of it, and what we’ll do")).to_be_visible()
    say(page, "pulse")
    card(page, "You’ll see results only after that.").get_by_role("button", name="Close the round now").click()
    card(page, "Close the round now?").get_by_role("button", name="Yes, close it").click()
    card(page, "Too few people answered to show a result").get_by_role("button", name="Write it yourself…").click()
    form = card(page, "Say what you learned and one thing you’ll do.")
    form.get_by_label("You said (English)").fill("Few of you answered so far.")
    form.get_by_label("What we’re doing (English)").fill("We ask when it suits you better.")
    form.get_by_role("button", name="Publish").click()
    expect(card(page, "Published: what you said and what we’re doing")).to_be_visible()
    say(page, "pulse")
    expect(card(page, "Few of you answered so far.")).to_be_visible()
    picture(page, "teams-pulse-read")

    # listening: handed over in a form, looked after, and what came of it
    say(page, "heard The outage map was wrong all evening")
    form = card(page, "What did you hear or read?")
    form.get_by_role("button", name="Pass it on").click()
    expect(card(page, "Thanks for telling us")).to_be_visible()
    mention = card(page, "heard something")
    expect(mention).to_contain_text("negative tone")
    picture(page, "teams-mention")
    mention.get_by_role("button", name="Take").click()
    expect(card(page, "Yours. Handle it by")).to_be_visible()
    card(page, "Yours. Handle it by").get_by_role("button", name="I’ve replied…").click()
    form = card(page, "What did you reply or do?")
    form.get_by_label("What did you reply or do?").fill("The map is mended, and we said so.")
    form.get_by_role("button", name="Save").click()
    expect(card(page, "The map is mended, and we said so.")).to_be_visible()

    # learning: the week's digest
    say(page, "digest")
    expect(card(page, "Was this useful?")).to_be_visible()
    picture(page, "teams-digest")

    # ownership and roll-out: who is missing, and a unit paused by one tap
    run(env, tmp_path, "units", "add", "Field service")
    run(env, tmp_path, "people", "set", people[0]["email"], "--unit", "Field service")
    run(env, tmp_path, "topics", "set", "linkedin", "--owner", people[0]["email"])
    say(page, "framework")
    expect(card(page, "How we work with social media")).to_contain_text("its owner has no deputy")
    say(page, "rollout")
    card(page, "Units that are waiting or paused get no nudges.").get_by_role("button", name="Pause").click()
    expect(card(page, "paused · since")).to_be_visible()

    # in Finnish, too, and plain words that are no command
    say(page, "language fi")
    expect(card(page, "Asetuksesi")).to_be_visible()
    say(page, "hei, mitä osaat?")
    expect(card(page, "Mitä osaan")).to_be_visible()
