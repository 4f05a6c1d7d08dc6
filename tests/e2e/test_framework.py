"""The framework in the browser: what we want to reach, what is planned, who is missing, who is let in."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Start, picture
from tests.e2e.test_playground import expect_drawn, open_demo, pane, say

STORY = {
    "en": {
        "goals": "Reached, % of the target", "goal": "Engineers know us by our own people",
        "calendar": "Tip from the field", "missing": "nobody stands in for its owner",
        "rollout": "“genuinely voluntary”: surely above 70 %", "pause": "Pause", "paused": "paused",
        "history": "Units · Communications · Laura Saari",
    },
    "fi": {
        "goals": "Saavutettu, % tavoitteesta", "goal": "Engineers know us by our own people",
        "calendar": "Tip from the field", "missing": "vastuuhenkilöllä ei ole sijaista",
        "rollout": "”aidosti vapaaehtoista”: varmasti yli 70 %", "pause": "Keskeytä",
        "paused": "keskeytetty", "history": "Yksiköt · Communications · Laura Saari",
    },
}  # fmt: skip


def test_a_lead_steers_by_the_model(start: Start, page: Page) -> None:
    url = open_demo(start, page, "en")
    laura, aino = pane(page, "laura"), pane(page, "aino")
    for language, words in STORY.items():
        page.goto(f"{url}/playground?lang={language}")

        # goals and calendar are everybody's
        say(aino, "/chorus goals")
        goals = aino.locator("article", has_text=words["goal"]).last
        expect(goals.locator("img")).to_have_attribute("alt", re.compile(words["goals"]))
        expect_drawn(goals.locator("img"))
        picture(page, f"playground-goals-{language}", show=goals)
        say(aino, "/chorus calendar")
        expect(aino.locator("article", has_text=words["calendar"]).last).to_be_visible()

        # the pilot with its evidence; pausing is one tap, and stands in the history
        say(laura, "/chorus rollout")
        units = laura.locator("article", has_text=words["rollout"]).last
        expect(units).to_be_visible()
        picture(page, f"playground-rollout-{language}", show=units)
        if language == "en":
            units.get_by_role("button", name=words["pause"], exact=True).nth(1).click()
            expect(laura.locator("article", has_text=words["paused"]).last).to_be_visible()
        say(laura, "/chorus framework")
        model = laura.locator("article", has_text=words["history"]).last
        expect(model).to_contain_text(words["missing"])
        picture(page, f"playground-framework-{language}", show=model)
