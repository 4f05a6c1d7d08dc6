"""An example of every card and form that Chorus sends: golden files, previews and pictures come from here.

`samples(words)` and `forms(words)` build them from rows that are in no database.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from bot.core.cards import Card, Form, card
from bot.core.confidence_intervals import wilson
from bot.core.error_cards import error_card, flood_card, refusal_card
from bot.core.errors import Gone
from bot.core.factors import FACTORS
from bot.core.i18n import Words
from bot.core.ports import HeatRow
from bot.features.digest import samples as digest_samples
from bot.features.framework import handover
from bot.features.framework import samples as framework_samples
from bot.features.mentions import samples as listening_samples
from bot.features.people import help as helping
from bot.features.people import settings, tour
from bot.features.pulse import answer_cards, publishing, views
from bot.features.pulse.bank import bank
from bot.features.pulse.culture import Profile, Standing
from bot.features.pulse.disclosure import Cell
from bot.features.questions import asker_cards, entries, inbox, owner_cards
from bot.features.questions.figures import Figures
from bot.features.sharing import (
    nudge_cards,
    pages,
    results,
    review_cards,
    share_cards,
    share_forms,
    suggest,
    team,
    voices,
)
from bot.features.sharing.team import Together
from content.captions import Starter
from content.channels import KINDS
from storage import nudges, posts
from storage.digest_queries import Reached
from storage.employees import Employee
from storage.knowledge import Entry, Variant
from storage.links import Link
from storage.nudges import Nudge
from storage.posts import Caption, Post
from storage.questions import Note, Question
from storage.rounds import AskedStatement, Cycle, Round
from storage.shares import FunnelRow, Ranked, Share
from storage.statements import Statement, Wording
from storage.topics import Topic

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BASE_URL = "https://chorus.example"


class FixedPictures:
    """The Pictures port, with one address for all."""

    def url_of(self, title: str, bars: Sequence[tuple[str, float]]) -> str:
        return f"{BASE_URL}/charts/sample.png"

    def culture_url(self, title: str, stages: Sequence[tuple[str, int | None]], unknown: str) -> str:
        return f"{BASE_URL}/charts/culture.png"

    def heat_url(self, title: str, columns: Sequence[str], rows: Sequence[HeatRow], unknown: str) -> str:
        return f"{BASE_URL}/charts/heat.png"


def samples(words: Words) -> dict[str, Card]:
    """Every card by name, in the language of `words`."""
    aino, laura = _people(words)
    post, nudge, share = _post(aino), _nudge(words), _share(words)
    funnel = [FunnelRow("How we kept 40,000 homes warm", 120, 31, 18, 240), FunnelRow("Heat pumps", 80, 9, 4, 35)]
    by_channel = [FunnelRow("linkedin", 0, 28, 17, 230), FunnelRow("bluesky", 0, 12, 5, 45)]
    live = _post(aino)
    live.state = posts.LIVE
    declined = _post(aino)
    declined.state, declined.decline_reason = posts.DECLINED, "We had this last week."
    return {
        "welcome": settings.welcome_card(words, "Koivu Energy"),
        "help": helping.help_card(laura, words),
        "fewer": settings.fewer_card(words),
        "settings": settings.settings_card(aino, words, NOW),
        **digest_samples.samples(words, FixedPictures()),
        **framework_samples.samples(words, FixedPictures()),
        **listening_samples.samples(words, FixedPictures()),
        "tour_sharing": tour.sharing_card(aino, ["Operations", "Heat"], words),
        "tour_helpers": tour.helpers_card(words),
        "topics": tour.topics_card(aino, ["Operations", "Heat"], words),
        "team": team.team_card(
            Together("Field service", 6, 14, 120, 9, 80),
            [Ranked("Aino Virtanen", 3, 41)] * 3,
            words,
            is_in=True,
            may_cheer=True,
        ),
        "team_few": team.team_card(Together("Sales", 1, 1, 4, 1, 0), [], words, is_in=False, may_cheer=False),
        "cheer": team.cheer_card("Laura Saari", "Your own words make the difference. Thank you!", words),
        "cheer_sent": team.sent_card(6, words),
        **_voices(words),
        "nudge": nudge_cards.nudge_card(nudge, words),
        "nudge_later": nudge_cards.later_card(_nudge(words, nudges.LATER), words),
        "nudge_declined": nudge_cards.declined_card(_nudge(words, nudges.DECLINED), words),
        "nudge_declined_why": nudge_cards.declined_card(_nudge(words, nudges.DECLINED, reason="salesy"), words),
        "nudge_withdrawn": nudge_cards.withdrawn_card(post, words, was_shared=True),
        "nudge_expired": nudge_cards.expired_card(post, words),
        "share_ready": share_cards.share_card(share, words, BASE_URL, NOW),
        "share_done": share_cards.share_card(_share(words, "confirmed"), words, BASE_URL, NOW),
        "pick": pages.pick_card([post], words),
        "pick_empty": pages.pick_card([], words),
        "live": pages.live_card([live], words),
        "review": review_cards.review_card(post, words, more=2),
        "review_approved": review_cards.decided_card(live, words),
        "review_declined": review_cards.decided_card(declined, words),
        "recall_asked": review_cards.recall_card(live, 41, 7, words),
        "suggestion_thanks": suggest.thanks_card("https://koivu.example/news", words),
        "suggestion_known": suggest.known_card(post, words),
        "suggestion_live": review_cards.suggestion_live_card(live, words),
        "suggestion_declined": review_cards.suggestion_declined_card(declined, words),
        "results_lead": results.funnel_card(
            funnel, by_channel, Reached(150, 38, 20), [("topic", 4)], words, FixedPictures()
        ),
        "results_empty": results.funnel_card([], [], Reached(), [], words, FixedPictures()),
        "results_own": results.own_card([_share(words, "confirmed")], words),
        **_questions(words),
        **_pulse(words),
        "error": error_card(
            Gone("That share is no longer there. Type /chorus {command} to see yours.", command="home"), words
        ),
        "error_kept": error_card(
            Gone(
                "“{title}” can no longer be shared: it was withdrawn or its time is over.",
                kept="My own words",
                title=post.title,
            ),
            words,
        ),
        "refusal": refusal_card(words.language),
        "flood": flood_card(words.language),
    }


def forms(words: Words) -> dict[str, Form]:
    """Every form by name."""
    aino, _laura = _people(words)
    post = _post(aino)
    question = _question(words)
    offers = (
        Starter("question", "How do you see it?"),
        Starter("experience", "I see this in my own work."),
        Starter("plain", "Twelve crews, three nights, one lesson."),
    )
    wrong = (("text", words.t("There is no text yet. Pick a starter or write a few words of your own.")),)
    return {
        "share": share_forms.filled_form(
            5, post.title, offers, (KINDS["linkedin"], KINDS["x"]), KINDS["linkedin"], words
        ),
        "share_error": share_forms.filled_form(
            5, post.title, offers, (KINDS["linkedin"],), KINDS["linkedin"], words, errors=wrong
        ),
        "share_address": share_forms.address_form(_share(words, "confirmed"), words),
        "suggestion": suggest.form(words),
        "handover": handover.handover_form(list(_people(words)), 1, words),
        **framework_samples.forms(words),
        **listening_samples.forms(words),
        "cheer": team.cheer_form(words),
        "post_edit": review_cards.edit_form(post, words),
        "post_decline": review_cards.decline_form(post, words),
        "question": asker_cards.ask_form(words, ref=5, about=post.title),
        "question_reply": asker_cards.words_form("question_reply", question, words),
        "question_follow_up": asker_cards.words_form("question_follow_up", question, words),
        "question_back": owner_cards.ask_back_form(question, words),
        "question_hand_on": owner_cards.hand_on_form(question, _topics(), words),
        "question_decline": owner_cards.decline_form(question, words),
        "answer": owner_cards.answer_form(question, words),
        "entry": owner_cards.entry_form(_entry(words), words),
        "pulse_comment": answer_cards.comment_form(_round(), words),
        "round_publish": publishing.publication_form(_round(), _round().result or {}, _round().action or {}, words),
    }


def _questions(words: Words) -> dict[str, Card]:
    asked, entry = _question(words), _entry(words)
    viewer, other = 2, 9
    answered = _question(words, state="answered", answer="Yes, once they have agreed in writing.", entry_id=entry.id)
    nobody = _question(words, owner=None)
    found = Figures(
        asked=48,
        waiting=5,
        overdue=1,
        median_hours=3.4,
        answered_within=((4.0, 0.58), (8.0, 0.81), (24.0, 0.93)),
        in_time=(41, 44, wilson(41, 44)),
        asked_again=(3, 37),
        without_owner=("pictures",),
        missing=(("Where do I find our logo?", 4),),
        to_review=(entry,),
    )
    names = {"pictures": _topics()[1].name(words.language)}
    return {
        "question_owner": owner_cards.question_card(asked, words, viewer),
        "question_claimed": owner_cards.question_card(_question(words, state="claimed"), words, viewer),
        "question_taken": owner_cards.question_card(_question(words, state="claimed"), words, other),
        "question_answered": owner_cards.question_card(answered, words, viewer, entry),
        "question_soon_due": owner_cards.reminder_card(asked, words, viewer, is_late=False),
        "question_overdue": owner_cards.reminder_card(asked, words, other, is_late=True),
        "asked_looking": asker_cards.looking_card(asked, words),
        "asked_owner": asker_cards.with_owner_card(_question(words, is_anonymous=True), words),
        "asked_nobody": asker_cards.with_owner_card(nobody, words),
        "asked_merged": asker_cards.merged_card(asked, _question(words), words),
        "asked_choice": asker_cards.choice_card(asked, _topics(), words),
        "asked_offer": asker_cards.offer_card(asked, [("Can I mention a client by name?", entry)], words),
        "asked_offer_phrased": asker_cards.offer_card(
            asked,
            [("Can I mention a client by name?", entry), ("May I name a customer?", entry)],
            words,
            said="Yes, in writing.",
        ),
        "asked_sure": asker_cards.known_card(asked, entry, words),
        "greeting": asker_cards.greeting_card("Aino Virtanen", words),
        "asked_answer": asker_cards.answer_card(answered, words),
        "asked_back": asker_cards.asked_back_card(_question(words, state="asked_back"), words),
        "asked_declined": asker_cards.declined_card(
            _question(words, state="declined", decline_reason="That is for the legal team."), words
        ),
        "asked_thanks": asker_cards.thanks_card(asked, words),
        "asked_dropped": asker_cards.dropped_card(words),
        "asked_sent": asker_cards.sent_card(words, asked),
        "entry_kept": entries.entry_card(entry, words),
        "inbox_figures": card(words.t("Inbox"), *inbox.lead_elements(found, words, names, FixedPictures())),
    }


def _question(words: Words, **more: Any) -> Question:
    aino, laura = _people(words)
    return Question(
        **{
            "id": 3,
            "asker": aino,
            "asker_id": aino.id,
            "owner": laura,
            "owner_id": laura.id,
            "post": _post(aino),
            "text": "May I name the customer?",
            "language": "en",
            "state": "open",
            "is_anonymous": False,
            "topic": _topics()[0],
            "why": {"words": ["name", "customer"], "like": "May I name a customer in my post?"},
            "asked_at": NOW,
            "opened_at": NOW,
            "answer_by": datetime(2026, 11, 25, 7, 0, tzinfo=UTC),
            "reminded": [],
            "answered_by": laura,
            "answered_by_id": laura.id,
            "follow_ups": 0,
            "notes": [Note(kind="asked_back", text="Which customer do you mean?", at=NOW)],
            **more,
        }
    )


def _topics() -> list[Topic]:
    return [
        Topic(id="rules", names={"en": "Rules and disclosure", "fi": "Säännöt ja avoimuus"}),
        Topic(id="pictures", names={"en": "Pictures and brand", "fi": "Kuvat ja ilme"}),
    ]


def _entry(words: Words) -> Entry:
    _aino, laura = _people(words)
    return Entry(
        id=8,
        state="live",
        answer="Yes, once they have agreed in writing.",
        language="en",
        owner=laura,
        source_url="https://koivu.example/policy",
        review_on=date(2027, 5, 24),
        created_at=NOW,
        changed_at=NOW,
        variants=[Variant(text="May I name the customer?")],
    )


def _pulse(words: Words) -> dict[str, Card]:
    row, found, cells = _round(), _profile(), {cell.key: cell for cell in _cells()}
    asked = AskedStatement(
        id=31,
        round_id=2,
        block=0,
        position=0,
        part="factor",
        statement=Statement(id="ownership-1", factor="ownership", reverse=False),
        wording=Wording(id=1, version=1, texts=_statement_texts("ownership-1")),
    )
    beside = {"ownership": words.t("{owned} of {number} channels have an owner", owned=7, number=9)}
    comments = [
        {"theme": "ownership", "text": "Who answers on Mastodon? I asked ▒▒▒ twice."},
        {"theme": "other", "text": "More pictures, please."},
    ]
    result, action = row.result or {}, row.action or {}
    return {
        "pulse_invitation": answer_cards.invitation_card(row, words, row),
        "pulse_invitation_first": answer_cards.invitation_card(row, words, None),
        "pulse_notice": answer_cards.notice_card(row, words, "Koivu Energy"),
        "pulse_statement": answer_cards.statement_card(asked, 4, words),
        "pulse_thanks": answer_cards.thanks_card(row, words),
        "pulse_thanks_comment": answer_cards.thanks_card(row, words, has_comment=True),
        "pulse_erased": answer_cards.erased_card(row, words),
        "pulse_refused": answer_cards.refused_card(words),
        "pulse_accepted": answer_cards.asked_again_card(words),
        "pulse_profile": card(
            words.t("Culture profile"), *views.profile_elements(found, beside, words, FixedPictures())
        ),
        "pulse_profile_empty": card(
            words.t("Culture profile"),
            *views.profile_elements(
                Profile(tuple(Standing(name, None) for name in FACTORS)), {}, words, FixedPictures()
            ),
        ),
        "pulse_units": views.units_card(row, cells, words, FixedPictures()),
        "pulse_comments": views.comments_card(comments, words),
        "pulse_comments_few": views.comments_card([], words),
        "round_opened": publishing.opened_card(row, words),
        "round_closing": publishing.closing_card(words),
        "round_closed": publishing.closed_card(row, result, action, words),
        "round_closed_few": publishing.closed_card(row, {}, {}, words),
        "round_close_asked": publishing.close_card(row, words),
        "round_publish_asked": publishing.publish_card(row, result, action, words),
        "round_published": publishing.published_card(row, words),
    }


def _round() -> Round:
    cycle = Cycle(
        id=1, design="same factor", seed=1, started_at=NOW, ends_on=date(2027, 4, 12), destroy_on=date(2027, 4, 26)
    )
    return Round(
        id=2,
        cycle=cycle,
        cycle_id=1,
        number=0,
        state="closed",
        k=5,
        opened_at=NOW,
        remind_at=NOW,
        closes_at=datetime(2026, 11, 27, 14, 0, tzinfo=UTC),
        tree=[[1, None, "Field service"], [2, None, "Sales"]],
        response={"invited": 48, "answered": 36},
        result={"en": "We rarely know who answers for a channel.", "fi": "Tiedämme harvoin, kuka kanavasta vastaa."},
        action={
            "en": "Every channel gets a named owner and a deputy.",
            "fi": "Jokainen kanava saa nimetyn omistajan ja varahenkilön.",
        },
    )


def _profile() -> Profile:
    cells = {cell.factor: cell for cell in _cells() if cell.unit is None}
    return Profile(tuple(Standing(factor, cells.get(factor)) for factor in FACTORS))


def _cells() -> list[Cell]:
    def cell(factor: str, unit: int | None, n: int, value: int, **more: Any) -> Cell:
        whole = {
            "how": "whole",
            "cap": "",
            "low": value - 12,
            "high": value + 11,
            "shrunk": value,
            "stage": 2,
            "worst": None,
            "response": 75,
            "verdict": "no clear change",
        }
        return Cell(
            **{
                "factor": factor,
                "statement": None,
                "part": "factor",
                "unit": unit,
                "n": n,
                "value": value,
                "round": 0,
                "fits": (0, n),
                **whole,
                **more,
            }
        )

    return [
        cell("goals", None, 36, 64, verdict="improved", stage=3),
        cell("ownership", None, 33, 41, worst=(25, 64), response=61, stage=1, verdict="declined"),
        cell("learning_culture", None, 14, 90, how="rounded", cap="at least", low=65, high=100, verdict=None),
        cell("goals", 1, 22, 59),
        cell("ownership", 1, 8, 1, how="band", low=None, high=None, shrunk=None, stage=None),
    ]


def _statement_texts(statement_id: str) -> dict[str, str]:
    found = next(item for item in bank()["statements"] if item["id"] == statement_id)
    return {"en": found["en"], "fi": found["fi"]}


def _people(words: Words) -> tuple[Employee, Employee]:
    aino = Employee(
        id=1,
        name="Aino Virtanen",
        language=words.language,
        time_zone="Europe/Helsinki",
        roles=["employee"],
        topics_declined=["Careers"],
        topics_wanted=["Heat"],
        nudges_wanted=True,
        fewer_nudges=False,
        state="active",
        joined_at=NOW,
    )
    laura = Employee(
        id=2,
        name="Laura Saari",
        language=words.language,
        time_zone="Europe/Helsinki",
        roles=["employee", "lead"],
        topics_declined=[],
        topics_wanted=["Heat"],
        nudges_wanted=True,
        fewer_nudges=False,
        state="active",
        joined_at=NOW,
    )
    return aino, laura


def _post(suggested_by: Employee) -> Post:
    return Post(
        id=7,
        url="https://koivu.example/storm",
        canonical_url="https://koivu.example/storm",
        title="How we kept 40,000 homes warm through the January storm",
        summary="Twelve crews, three nights, one lesson.",
        image_url="https://koivu.example/storm.png",
        source="Koivu Energy",
        language="en",
        topic="Operations",
        state=posts.IN_REVIEW,
        suggestion_note="Our customers ask about this.",
        suggested_by=suggested_by,
        decline_reason="",
        created_at=NOW,
        expires_at=datetime(2026, 12, 7, 9, 0, tzinfo=UTC),
    )


def _nudge(words: Words, state: str = nudges.SENT, reason: str | None = None) -> Nudge:
    aino, _laura = _people(words)
    return Nudge(
        id=5,
        employee=aino,
        post=_post(aino),
        state=state,
        why="newest",
        planned_at=NOW,
        again_at=datetime(2026, 11, 25, 9, 0, tzinfo=UTC),
        decline_reason=reason,
    )


def _share(words: Words, state: str = "prepared") -> Share:
    aino, _laura = _people(words)
    link = Link(
        code="aB3_x9Zq",
        target="https://koivu.example/storm",
        live=True,
        created_at=NOW,
        raw_clicks=30,
        automated_clicks=12,
        unique_clicks=14,
    )
    return Share(
        id=6,
        employee=aino,
        post=_post(aino),
        nudge=_nudge(words),
        channel="linkedin",
        language="en",
        text="I was on one of the crews. Ask me about the second night!",
        own_words=True,
        state=state,
        code="aB3_x9Zq",
        opener="opener",
        created_at=NOW,
        confirmed_at=NOW if state == "confirmed" else None,
        public_url="https://www.linkedin.com/posts/1" if state == "confirmed" else None,
        link=link,
        clicks_shown=14,
    )


def _voices(words: Words) -> dict[str, Card]:
    aino, _laura = _people(words)
    post, draft = _post(aino), _nudge(words)
    draft.draft = "Cold feet are no fun. More on it here: How we kept 40,000 homes warm"
    post.captions = [
        Caption(
            id=1, kind="question", tone="curious", text="Who keeps you warm when the line is down?", state="proposed"
        ),
        Caption(id=2, kind="plain", tone="factual", text="Twelve crews, three nights.", state="proposed"),
        Caption(id=3, kind="plain", tone="", text="Twelve crews, three nights, one lesson.", state="approved"),
    ]
    return {
        "voices": voices.voices_card(post, words),
        "voices_waiting": voices.waiting_card(post, words),
        "voices_nothing": voices.nothing_card(post, words),
        "draft": share_cards.draft_card(draft, words),
        "draft_moment": share_cards.moment_card(draft, words),
    }
