"""Questions across platforms: asked in Slack, claimed and answered in Teams, read in Slack, offered to the next."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.conftest import AT_ANY_HOUR, Start, environment, picture, run, slack_settings
from tests.e2e.passage import Passage
from tests.e2e.slack_client import SECRET, SlackWorkspace, install, until
from tests.e2e.teams_client import card, say
from tests.forks import command
from tests.ports import free_port

QUESTION = "May I share our post on LinkedIn in Finnish?"


def test_asked_in_slack_answered_in_teams_and_learned(
    start: Start, page: Page, clients: Path, passage: Passage, tmp_path: Path
) -> None:
    port, client_port = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    env = environment(url, tmp_path, CHORUS_PLAYGROUND="1", **AT_ANY_HOUR, **slack_settings(passage))
    run(env, tmp_path, "db", "upgrade")
    start(command("serve", "--all", "--port", str(port)), url=f"{url}/healthz", env=env)
    passage.token = install(url, passage, f"{url}/slack/oauth_redirect")
    slack = SlackWorkspace(
        api=f"{passage.url}/api/",
        token=passage.token,
        chorus=url,
        signing_secret=SECRET,
        response_url=passage.response_url,
    )
    run(env, tmp_path, "people", "sync", "--json")

    # the owner of LinkedIn works in Teams
    client = f"http://127.0.0.1:{client_port}"
    client_command = [str(clients / "agentsplayground"), "-e", f"{url}/api/messages", "-c", "msteams", "--dt"]
    start([*client_command, "-p", str(client_port)], url=client)
    page.goto(client)
    expect(card(page, "Hello, I’m Chorus")).to_be_visible()
    people = json.loads(run(env, tmp_path, "people", "list", "--json"))
    owner = next(person for person in people if person["name"] == "Alex Wilber")  # whom the playground plays
    assert "owner " + owner["name"] in run(env, tmp_path, "topics", "set", "linkedin", "--owner", owner["email"])

    # routing has learned its seeds: the clock does that by itself
    versions = ("questions", "versions", "--json")
    until(lambda: next(iter(json.loads(run(env, tmp_path, *versions))), None), "a first version", 60)

    # Aino asks in Slack, in plain words
    slack.event(
        {
            "type": "message",
            "channel_type": "im",
            "channel": slack.conversation("aino"),
            "ts": "1700.1",
            "user": slack.users["aino"],
            "text": QUESTION,
        }
    )
    asked = json.dumps(slack.wait_for("aino", "Your question is on its way"))
    assert owner["name"] in asked

    # claimed and answered in Teams
    question = card(page, "Aino Virtanen asks")
    expect(question).to_contain_text("You’re getting this because it’s about LinkedIn")
    picture(page, "teams-question")
    question.get_by_role("button", name="I’ll take it").click()
    expect(card(page, "Yours. Answer by")).to_be_visible()
    card(page, "Aino Virtanen asks").get_by_role("button", name="Answer…").click()
    form = card(page, "Your answer")
    form.get_by_label("Your answer").fill("Yes, write it in the language of your readers.")
    form.get_by_role("button", name="Send").click()
    answered = card(page, "Others may have the same question.")

    # read in Slack, rated there, seen in Teams
    answer = slack.wait_for("aino", "Yes, write it in the language of your readers.")
    slack.press("aino", answer, "This helps")
    expect(card(page, "It helped.")).to_be_visible()

    # kept with one tap: the second asker gets it at once
    card(page, "Others may have the same question.").get_by_role("button", name="Save for others").click()
    expect(card(page, "Saved for others")).to_be_visible()
    expect(answered).not_to_be_visible()
    slack.command("laura", "ask May I share a post on LinkedIn in Finnish?")
    offer = slack.wait_for("laura", "This is the closest question")
    assert "Yes, write it in the language of your readers." not in json.dumps(offer)
    slack.press("laura", offer, "Show the answer")
    shown = slack.wait_for("laura", "Yes, write it in the language of your readers.")
    slack.press("laura", shown, "This helps")
    slack.wait_for("laura", "Good to hear.")

    # a mention is answered where all can read, in its thread
    slack.event(
        {
            "type": "app_mention",
            "channel": "C000000001",
            "ts": "1800.1",
            "user": slack.users["aino"],
            "text": f"<@U0> {QUESTION.replace('Finnish', 'Swedish')}",
        }
    )
    until(lambda: _said_in_thread(passage, "1800.1"), "an answer in the thread", 15)

    # and the other way round: asked in Teams, answered in Slack
    run(env, tmp_path, "topics", "set", "rules", "--owner", "laura@koivu.example")
    say(page, "Do I have to say that I work here?")
    expect(card(page, "I asked Laura Saari")).to_be_visible()
    picture(page, "teams-asked")
    waiting = slack.wait_for("laura", f"{owner['name']} asks")
    slack.press("laura", waiting, "Answer…")
    view = until(lambda: next((call["view"] for call in passage.asked["views.open"]), None), "a form", 10)
    slack.submit("laura", view, {"text": "Yes, in plain words beside what you claim."})
    expect(card(page, "Laura Saari answered")).to_contain_text("Yes, in plain words beside what you claim.")
    slack.close()


def _said_in_thread(passage: Passage, thread: str) -> dict[str, Any] | None:
    calls = passage.asked["chat.postMessage"]
    return next((call for call in calls if str(call.get("thread_ts")) == thread), None)
