"""The framework in the browser: what we want to reach, what is planned, who is missing, who is let in."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Start, picture
from tests.e2e.test_playground import expect_drawn, open_demo, pane, say

STORY = {
    "en": {
        "goals": "How far each goal is (% of target)",
        "goal": "Engineers know us by our own people",
        "calendar": "Tip from the field",
        "missing": "its owner has no deputy",
        "rollout": "over 70% say that taking part is “genuinely voluntary” (we’re 90% sure)",
        "pause": "Pause",
        "paused": "paused",
        "history": "Units · Communications · Laura Saari",
        "useful": "Was this useful?",
    },
    "fi": {
        "goals": "Kuinka pitkällä tavoitteet ovat (% tavoitteesta)",
        "goal": "Insinöörit tuntevat meidät omien ihmistemme kautta",
        "calendar": "Vinkki kentältä",
        "missing": "vastuuhenkilöllä ei ole varahenkilöä",
        "rollout": "yli 70 % pitää osallistumista ”aidosti vapaaehtoisena” (varmuus 90 %)",
        "pause": "Keskeytä",
        "paused": "keskeytetty",
        "history": "Yksiköt · Communications · Laura Saari",
        "useful": "Oliko tästä hyötyä?",
    },
}


def test_a_lead_steers_by_the_model(start: Start, page: Page) -> None:
    url = open_demo(start, page, "en")
    laura, aino = pane(page, "laura"), pane(page, "aino")
    for language, words in STORY.items():
        page.goto(f"{url}/playground?lang={language}")

        # goals and calendar are everybody's
        say(aino, "/chorus goals")
        goals = aino.locator("article", has_text=words["goal"]).last
        expect(goals.locator("img")).to_have_attribute("alt", re.compile(re.escape(words["goals"])))
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

        # what was learned of it last week
        say(laura, "/chorus digest")
        digest = laura.locator("article", has_text=words["useful"]).last
        expect_drawn(digest.locator("img").first)
        picture(page, f"playground-digest-{language}", show=digest.locator("img").first)


WORKING = {
    "en": {
        "open": "Sales",
        "collecting": "collecting answers",
        "part": "Take part",
        "need": "Add a need…",
        "needs": "What do you need to take part, or to do your job well?",
        "add": "Add",
        "said": "Somebody who answers",
        "vote_now": "Group and start voting",
        "look": "See the groups",
        "close": "Close the workshop",
        "yes_close": "Yes, close it",
        "outcome": "Outcome of the workshop: Sales",
        "heard": "What did you hear or read?",
        "hand": "Pass it on",
        "thanks": "Thanks for telling us",
        "brought": "heard something",
        "left": "Not relevant",
        "came": "Here’s what came of what you heard",
        "team": "Shares from Field service brought",
        "topics": "What interests you?",
        "topic": "Operations",
        "add_goal": "Add or change…",
        "new": "Add…",
        "save": "Save",
        "late": "must be after the start",
        "name": "Name",
        "target": "Target",
        "begins": "Starts",
        "due": "Due",
    },
    "fi": {
        "open": "People",
        "collecting": "vastaaminen käynnissä",
        "part": "Osallistu",
        "need": "Lisää tarve…",
        "needs": "Mitä tarvitset, jotta voit osallistua tai tehdä työsi hyvin?",
        "add": "Lisää",
        "said": "Joku, joka vastaa",
        "vote_now": "Ryhmittele ja aloita äänestys",
        "look": "Katso ryhmät",
        "close": "Päätä työpaja",
        "yes_close": "Kyllä, päätä se",
        "outcome": "Työpajan tulos: People",
        "heard": "Mitä kuulit tai luit?",
        "hand": "Kerro eteenpäin",
        "thanks": "Kiitos, että kerroit",
        "brought": "kuuli jotain",
        "left": "Ei koske meitä",
        "came": "Mitä kuulemastasi seurasi",
        "team": "Yksikön Field service jaot toivat",
        "topics": "Mikä sinua kiinnostaa?",
        "topic": "Toiminta",
        "add_goal": "Lisää tai muuta…",
        "new": "Lisää…",
        "save": "Tallenna",
        "late": "pitää olla alun jälkeen",
        "name": "Nimi",
        "target": "Tavoite",
        "begins": "Alkaa",
        "due": "Määräpäivä",
    },
}


def test_the_way_of_working_in_chat(start: Start, page: Page) -> None:
    """Needs (workshop), listening, participation and goals, each in both languages."""
    url = open_demo(start, page, "en")
    laura, aino, mikko = pane(page, "laura"), pane(page, "aino"), pane(page, "mikko")
    for number, (language, words) in enumerate(WORKING.items()):
        page.goto(f"{url}/playground?lang={language}")
        page.wait_for_timeout(1500)  # the cards that are out are said again in the language

        # a workshop from its opening to its outcome
        say(laura, f"/chorus workshop {words['open']}")
        opened = laura.locator("article", has_text=words["collecting"]).last
        opened.get_by_role("button", name=words["part"], exact=True).click()
        laura.get_by_role("button", name=words["need"]).last.click()
        form = laura.locator("form[data-form=workshop_need]")
        form.get_by_label(words["needs"]).fill(words["said"])
        form.get_by_role("button", name=words["add"], exact=True).click()
        expect(laura.locator("article", has_text=words["said"]).last).to_be_visible()
        say(laura, "/chorus workshop")
        picture(page, f"playground-workshop-{language}")
        laura.get_by_role("button", name=words["vote_now"]).last.click()
        laura.get_by_role("button", name=words["close"], exact=True).last.click()
        laura.get_by_role("button", name=words["yes_close"], exact=True).last.click()
        expect(laura.locator("article", has_text=words["outcome"]).last).to_contain_text(words["said"])

        # heard by an employee, looked after by the owner, told back
        said = ("The bill was hard to read, says my neighbour", "Laskua oli vaikea lukea, sanoo naapuri")[number]
        say(aino, f"/chorus heard {said}")
        form = aino.locator("form[data-form=heard]")
        form.locator("select").select_option("linkedin")
        form.get_by_role("button", name=words["hand"]).click()
        expect(aino.locator("article", has_text=words["thanks"]).last).to_be_visible()
        mention = mikko.locator("article", has_text=words["brought"]).filter(has_text=said)
        expect(mention).to_be_visible()
        picture(page, f"playground-mention-{language}", show=mention)
        mention.get_by_role("button", name=words["left"], exact=True).click()
        expect(aino.locator("article", has_text=words["came"]).filter(has_text=said)).to_be_visible()

        # taking part: the team's sums, topics one cares about
        say(aino, "/chorus team")
        expect(aino.locator("article", has_text=words["team"]).last).to_be_visible()
        say(aino, "/chorus topics")
        aino.locator("article", has_text=words["topics"]).last.get_by_role("button", name=words["topic"]).click()
        expect(aino.get_by_role("button", name=f"✓ {words['topic']}").last).to_be_visible()
        aino.get_by_role("button", name=f"✓ {words['topic']}").last.click()  # it is one topic in every language
        expect(aino.get_by_role("button", name=words["topic"], exact=True).last).to_be_visible()

        # a goal by a form: what is wrong stands at its field, what was written stays
        say(laura, "/chorus goals")
        laura.get_by_role("button", name=words["add_goal"]).last.click()
        laura.get_by_role("button", name=words["new"], exact=True).last.click()
        form = laura.locator("form[data-form=part_goals]")
        for label, value in (
            ("name", f"Sales {language}"),
            ("target", "12"),
            ("begins", "2026-11-23"),
            ("due", "2026-01-01"),
        ):
            form.get_by_label(words[label], exact=True).fill(value)
        form.get_by_role("button", name=words["save"]).click()
        expect(laura.locator("form[data-form=part_goals]")).to_contain_text(words["late"])
        form.get_by_label(words["due"], exact=True).fill("2999-01-01")
        form.get_by_role("button", name=words["save"]).click()
        expect(laura.locator("article", has_text=f"Sales {language}").last).to_be_visible()
