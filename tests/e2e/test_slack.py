"""The same story in Slack: the real SDK against an emulated Web API; the test sends what Slack would send."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import httpx2 as http

from adapters.demo.organisation import FEED
from tests.e2e.conftest import AT_ANY_HOUR, Start, environment, run, slack_settings
from tests.e2e.passage import Passage
from tests.e2e.slack_client import SECRET, SlackWorkspace, install
from tests.forks import command
from tests.ports import free_port

PERSON = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"}


def test_from_a_feed_to_a_counted_click(start: Start, passage: Passage, tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = environment(url, tmp_path, **AT_ANY_HOUR, **slack_settings(passage))
    run(env, tmp_path, "db", "upgrade")
    start(command("serve", "--all", "--port", str(port)), url=f"{url}/healthz", env=env)
    token = install(url, passage, f"{url}/slack/oauth_redirect")
    slack = SlackWorkspace(
        api=f"{passage.url}/api/", token=token, chorus=url, signing_secret=SECRET, response_url=passage.response_url
    )
    passage.token = token

    # people come from the directory; the bot introduces itself and asks
    report = json.loads(run(env, tmp_path, "people", "sync", "--json"))
    assert report[0]["seen"] >= 3  # the clock may have met them first
    assert len(json.loads(run(env, tmp_path, "people", "list", "--json"))) == 3
    run(env, tmp_path, "people", "set", "laura@koivu.example", "--role", "lead")
    welcome = slack.wait_for("aino", "Hello, I’m Chorus")
    assert slack.press("aino", welcome, "Yes, nudge me").status_code == 200
    slack.wait_for("aino", "Your settings")

    # a feed becomes drafts, the lead approves one
    imported = json.loads(
        run(env, tmp_path, "content", "import", str(FEED), "--base-url", "https://koivu.example/", "--json")
    )
    assert (imported["created"], imported["duplicates"], imported["failed"]) == (5, 0, [])
    review = slack.wait_for("laura", "Heat pumps in old houses")
    assert slack.press("laura", review, "Approve").status_code == 200

    # the employee gets the nudge and shares it in own words
    nudge = slack.wait_for("aino", "Would you share this? Heat pumps")
    slack.press("aino", nudge, "Share…")
    view = _opened(passage, 1)
    assert [block["block_id"] for block in view["blocks"] if block["type"] == "input"] == ["text", "channel"]
    choice = {"channel": {"value": "linkedin"}}
    empty = slack.submit("aino", view, {"channel": {"value": "nowhere"}, "text": "Mine"})
    assert empty.status_code == 200  # an unknown channel is answered in words, and the words come back
    assert "Mine" in json.dumps(slack.wait_for("aino", "Here’s what you wrote"))
    done = slack.submit(
        "aino", view, {**choice, "text": "I work at Koivu Energy and visited nine of these homes. Ask me!"}
    )
    assert (done.status_code, done.content) == (200, b"")
    ready = slack.wait_for("aino", "Ready for LinkedIn")
    assert ready["ts"] == nudge["ts"]  # the card is replaced, no second message
    link = re.search(rf"{url}/r/[\w-]+", json.dumps(ready))
    assert link is not None
    slack.press("aino", ready, "Yes, posted")
    slack.wait_for("aino", "Thank you! Shared on LinkedIn")

    # the tracked link is opened; the sharer's card says so quietly
    time.sleep(2.1)
    arrived = http.get(link.group(), headers=PERSON, follow_redirects=False)
    assert (arrived.status_code, arrived.headers["location"].split("?")[0]) == (
        302,
        "https://koivu.example/articles/heat-pumps",
    )
    _until_card_says(slack, nudge["ts"], "1")

    # the lead's results
    slack.command("laura", "results")
    results = json.dumps(slack.wait_for("laura", "This week’s results"), ensure_ascii=False)
    assert re.search(r'Shares: "[^}]*}[^}]*}, {"type": "text", "text": "1"', results)
    assert re.search('Readers: "[^}]*}[^}]*}, {"type": "text", "text": "1"', results)

    _pulse(slack, passage)
    _listening(slack, passage)
    _ownership_and_rollout(slack, passage, env, tmp_path)

    # App Home, and a workspace that removes the bot
    slack.event({"type": "app_home_opened", "user": slack.users["aino"], "tab": "home", "channel": "D1"})
    _until_asked(passage, "views.publish")
    assert "Your shares" in json.dumps(passage.asked["views.publish"][-1]["view"])
    slack.event({"type": "app_uninstalled"})
    slack.close()
    listed = json.loads(run(env, tmp_path, "people", "list", "--json"))
    assert {person["name"] for person in listed} >= {"Aino Virtanen", "Laura Saari"}


def _pulse(slack: SlackWorkspace, passage: Passage) -> None:
    """Asked, tapped, thanked, closed, published, read; two people are too few for a figure, and it says so."""
    slack.command("laura", "pulse")
    slack.press("laura", slack.wait_for("laura", "There hasn’t been a round yet."), "Open a round")
    slack.press("laura", slack.wait_for("laura", "Open a round now?"), "Yes, open it")
    card = slack.wait_for("aino", "How are we doing on social media?")
    slack.press("aino", card, "Answer")
    total = 4
    for number in range(1, total + 1):
        asked = _card_with(slack, card["ts"], rf"{number} of (\d)|Thank you!")
        if "Thank you!" in json.dumps(asked):
            break
        slack.press("aino", asked, "Agree")
    thanks = json.dumps(_card_with(slack, card["ts"], "Thank you!"))
    assert "gree" not in thanks  # no answer is echoed into the conversation
    slack.command("laura", "pulse")
    slack.press("laura", slack.wait_for("laura", "You’ll see results only after that."), "Close the round now")
    slack.press("laura", slack.wait_for("laura", "Close the round now?"), "Yes, close it")
    over = slack.wait_for("laura", "Too few people answered to show a result")  # one answer is none to suggest from
    view = _form_after(passage, lambda: slack.press("laura", over, "Write it yourself…"))
    said = {"result_en": "Few of you answered so far.", "action_en": "We ask when it suits you better."}
    slack.submit("laura", view, {**said, "result_fi": "", "action_fi": ""})
    slack.wait_for("laura", "Published: what you said and what we’re doing")
    slack.command("aino", "pulse")
    read = json.dumps(slack.wait_for("aino", "What we’re doing:"))
    assert "Few of you answered so far." in read


def _listening(slack: SlackWorkspace, passage: Passage) -> None:
    """Anybody hands over what they heard; whoever looks after it notes the reply; the teller hears what came of it."""
    view = _form_after(passage, lambda: slack.command("aino", "heard The outage map was wrong all evening"))
    slack.submit("aino", view, {"text": "The outage map was wrong all evening", "address": "", "topic": {"value": "-"}})
    slack.wait_for("aino", "Thanks for telling us")
    mention = slack.wait_for("laura", "Aino Virtanen heard something")
    assert "negative tone" in json.dumps(mention)
    view = _form_after(passage, lambda: slack.press("laura", mention, "I’ve replied…"))
    slack.submit("laura", view, {"text": "The map is mended, and we said so."})
    assert "The map is mended" in json.dumps(slack.wait_for("aino", "Here’s what came of what you heard"))


def _ownership_and_rollout(slack: SlackWorkspace, passage: Passage, env: dict[str, str], tmp_path: Path) -> None:
    """Who is missing, handing over in one step, and a unit paused by one tap."""
    run(env, tmp_path, "units", "add", "Field service")
    run(env, tmp_path, "people", "set", "aino@koivu.example", "--role", "owner", "--unit", "Field service")
    run(env, tmp_path, "topics", "set", "linkedin", "--owner", "laura@koivu.example")
    slack.command("laura", "framework")
    assert "its owner has no deputy" in json.dumps(slack.wait_for("laura", "How we work with social media"))
    view = _form_after(passage, lambda: slack.command("laura", "handover"))
    people = {
        person["name"]: str(person["id"]) for person in json.loads(run(env, tmp_path, "people", "list", "--json"))
    }
    slack.submit("laura", view, {"from": {"value": people["Laura Saari"]}, "to": {"value": people["Aino Virtanen"]}})
    slack.wait_for("laura", "Laura Saari has handed over to Aino Virtanen")
    slack.command("laura", "rollout")
    units = slack.wait_for("laura", "Field service")
    slack.press("laura", units, "Pause")
    slack.wait_for("laura", "paused · since")


def _form_after(passage: Passage, act: Callable[[], object]) -> dict[str, object]:
    """The form that `act` opens."""
    before = len(passage.asked["views.open"])
    act()
    return _opened(passage, before + 1)


def _card_with(slack: SlackWorkspace, ts: str, words: str, seconds: float = 15) -> dict[str, object]:
    """Aino's card at `ts`, as soon as it says `words` (a pattern)."""
    deadline = time.monotonic() + seconds
    while True:
        card = next(message for message in slack.messages("aino") if message["ts"] == ts)
        if re.search(words, json.dumps(card)):
            return dict(card)
        assert time.monotonic() < deadline, json.dumps(card)[:2000]
        time.sleep(0.1)


def _opened(passage: Passage, number: int) -> dict[str, object]:
    _until_asked(passage, "views.open", number)
    return dict(passage.asked["views.open"][number - 1]["view"])


def _until_asked(passage: Passage, method: str, number: int = 1, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while len(passage.asked[method]) < number:
        assert time.monotonic() < deadline, f"{method} was never called"
        time.sleep(0.05)


def _until_card_says(slack: SlackWorkspace, ts: str, readers: str, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while True:
        card = next(m for m in slack.messages("aino") if m["ts"] == ts)
        if re.search(
            rf'Readers from your link: "[^}}]*}}[^}}]*}}, {{"type": "text", "text": "{readers}"', json.dumps(card)
        ):
            return
        assert time.monotonic() < deadline, json.dumps(card)[:2000]
        time.sleep(0.1)
