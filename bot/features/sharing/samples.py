"""Examples of the cards and forms of sharing, and the post that all examples are about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.core.cards import Card, Form
from bot.core.i18n import Words
from bot.core.networks import Refusal
from bot.core.ports import Pictures
from bot.features.people.samples import NOW, people
from bot.features.sharing.cards import lists
from bot.features.sharing.cards import nudge as nudge_cards
from bot.features.sharing.cards import publication as publication_cards
from bot.features.sharing.cards import review as review_cards
from bot.features.sharing.cards import share as share_cards
from bot.features.sharing.domain.draft import Draft, draft_of
from bot.features.sharing.domain.reach import Reach
from bot.features.sharing.forms import compose as compose_forms
from bot.features.sharing.forms import share as share_forms
from bot.features.sharing.forms.timing import Outlet, When
from bot.features.sharing.handlers import feeds, results, suggest, team, voices
from bot.features.sharing.handlers.team import Together
from content.captions import Starter
from content.channels import KINDS
from content.policy import Violation
from storage.digest.digest_queries import Reached
from storage.people.employees import Employee
from storage.publishing.accounts import ConnectedAccount
from storage.publishing.publications import Publication, PublicationState
from storage.sharing.feeds import Feed
from storage.sharing.links import TrackedLink
from storage.sharing.nudges import Nudge, NudgeState
from storage.sharing.posts import Caption, Post, PostState
from storage.sharing.shares import FunnelRow, RankedPerson, Share

BASE_URL = "https://chorus.example"
LINK = f"{BASE_URL}/r/aB3_x9Zq"


def samples(words: Words, pictures: Pictures) -> dict[str, Card]:
    aino, laura = people(words)
    post, nudge, share = post_of(aino), _nudge(words), _share(words)
    funnel = [FunnelRow("How we kept 40,000 homes warm", 120, 31, 18, 240), FunnelRow("Heat pumps", 80, 9, 4, 35)]
    by_channel = [FunnelRow("linkedin", 0, 28, 17, 230), FunnelRow("bluesky", 0, 12, 5, 45)]
    live = post_of(aino)
    live.approve(by=laura, now=NOW, lifetime=timedelta(days=30))
    recalled = post_of(aino)
    recalled.approve(by=laura, now=NOW, lifetime=timedelta(days=30))
    recalled.recall(by=laura, now=NOW)
    declined = post_of(aino)
    declined.decline("We had this last week.", by=laura, now=NOW)
    return {
        "team": team.team_card(
            Together("Field service", 6, 14, 120, 9, 80),
            [RankedPerson("Aino Virtanen", 3, 41)] * 3,
            words,
            is_in=True,
            may_cheer=True,
        ),
        "team_few": team.team_card(Together("Sales", 1, 1, 4, 1, 0), [], words, is_in=False, may_cheer=False),
        "cheer": team.cheer_card("Laura Saari", "Your own words make the difference. Thank you!", words),
        "cheer_sent": team.sent_card(6, words),
        **_voices(words),
        "nudge": nudge_cards.nudge_card(nudge, words, BASE_URL),
        "nudge_later": nudge_cards.later_card(_nudge(words, NudgeState.LATER), words),
        "nudge_declined": nudge_cards.declined_card(_nudge(words, NudgeState.DECLINED), words),
        "nudge_declined_why": nudge_cards.declined_card(_nudge(words, NudgeState.DECLINED, reason="salesy"), words),
        "nudge_withdrawn": nudge_cards.withdrawn_card(post, words, was_shared=True),
        "nudge_expired": nudge_cards.expired_card(post, words),
        "share_ready": share_cards.share_card(share, words, BASE_URL, NOW),
        "share_done": share_cards.share_card(_share(words, "confirmed"), words, BASE_URL, NOW),
        **_publications(words),
        "pick": lists.pick_card([post], words),
        "pick_empty": lists.pick_card([], words),
        "live": lists.live_card([live], [recalled], words),
        "review": review_cards.review_card(post, words, more=2),
        "review_composed": review_cards.review_card(
            post,
            words,
            units=["Field service"],
            reach=compose_forms.reach_text(Reach(61, 84), words),
            notice=words.t("You wrote this. Somebody else on the comms team has to approve it."),
            can_translate=True,
        ),
        "nudge_trial": nudge_cards.trial_card(post, words, BASE_URL),
        "review_approved": review_cards.decided_card(live, words),
        "review_declined": review_cards.decided_card(declined, words),
        "recall_asked": review_cards.recall_card(live, 41, 7, 2, words),
        "suggestion_thanks": suggest.suggested_card("https://koivu.example/news", words),
        "suggestion_known": suggest.known_card(post, words),
        "suggestion_live": review_cards.suggestion_live_card(live, words),
        "suggestion_declined": review_cards.suggestion_declined_card(declined, words),
        "feeds": feeds.feeds_card(_feeds(), words),
        "feeds_none": feeds.feeds_card([], words),
        "results_lead": results.funnel_card(funnel, by_channel, Reached(150, 38, 20), [("topic", 4)], words, pictures),
        "results_empty": results.funnel_card([], [], Reached(), [], words, pictures),
        "results_own": results.own_card([_share(words, "confirmed")], words),
    }


def forms(words: Words) -> dict[str, Form]:
    aino, _laura = people(words)
    post, nudge = post_of(aino), _nudge(words)
    linkedin, x = KINDS["linkedin"], KINDS["x"]
    offers = (
        Starter("question", "How do you see it?"),
        Starter("experience", "I see this in my own work."),
        Starter("plain", "Twelve crews, three nights, one lesson."),
    )
    wrong = (("text", words.t("There’s no text yet. Pick a starter or write a few words of your own.")),)
    return {
        "share": share_forms.filled_form(nudge, offers, (linkedin, x), linkedin, words, link=LINK, base_url=BASE_URL),
        "share_written": share_forms.filled_form(
            nudge,
            offers,
            (linkedin, x),
            x,
            words,
            link=LINK,
            base_url=BASE_URL,
            own="I was on one of the crews. Ask me about the second night!",
            found=[Violation("disclosure", fix="I work at Koivu Energy.")],
            tone="Short, dry, never in capitals.",
        ),
        "share_connected": share_forms.filled_form(
            nudge, offers, (linkedin, x), linkedin, words, link=LINK, base_url=BASE_URL, outlet=_outlet(When.NOW)
        ),
        "share_scheduled": share_forms.filled_form(
            nudge, offers, (linkedin, x), linkedin, words, link=LINK, base_url=BASE_URL, outlet=_outlet(When.CHOSEN)
        ),
        "share_error": share_forms.filled_form(
            nudge, offers, (linkedin,), linkedin, words, link=LINK, base_url=BASE_URL, errors=wrong
        ),
        "share_waiting": share_cards.waiting_form(nudge, words),
        "share_address": share_forms.address_form(_share(words, "confirmed"), words),
        "suggestion": suggest.suggestion_form(words),
        "cheer": team.cheer_form(words),
        "feed": feeds.feed_form(words),
        "compose": _compose_form(words, post.id, _draft(post, words)),
        "compose_wrong": _compose_form(words, 0, Draft(), errors=(("title", words.t("Add a title.")),)),
        "post_decline": review_cards.decline_form(post, words),
    }


def _feeds() -> list[tuple[Feed, int]]:
    """One that is read, one that is not yet, one that cannot be."""
    url = "https://koivu.example"
    return [
        (Feed(id=1, url=f"{url}/feed", title="Koivu Energy: news", polled_at=NOW, failures=0, poll_after=NOW), 12),
        (Feed(id=2, url=f"{url}/jobs.xml", title="", failures=0, poll_after=NOW), 0),
        (Feed(id=3, url=f"{url}/events", title="Events", polled_at=NOW, failures=2, poll_after=NOW), 3),
    ]


def _draft(post: Post, words: Words) -> Draft:
    return replace(
        draft_of(post, words.language),
        units=(2,),
        captions={"question": "Who kept you warm in January?"},
        alts={4: "A crew on a pole in the snow"},
    )


def _compose_form(words: Words, post: int, draft: Draft, errors: tuple[tuple[str, str], ...] = ()) -> Form:
    options = compose_forms.Options(
        units=[("2", "Field service"), ("3", "Sales")],
        roles=[("owner", words.t("Channel owners")), ("lead", words.t("Comms leads"))],
        topics=[("Operations", "Operations")],
        goals=[("known", "Engineers know us")],
        activities=[],
        stories=[("9", "Miten pidimme 40 000 kotia lämpiminä")],
        channels=[KINDS["linkedin"], KINDS["bluesky"]],
    )
    return compose_forms.filled_form(
        post,
        draft,
        options,
        words,
        whom=compose_forms.reach_text(Reach(61, 84), words),
        lifetime_days=30,
        console=f"{BASE_URL}/console/compose",
        errors=errors,
    )


def post_of(suggested_by: Employee) -> Post:
    """A post that waits for approval."""
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
        state=PostState.IN_REVIEW,
        suggestion_note="Our customers ask about this.",
        suggested_by=suggested_by,
        decline_reason="",
        created_at=NOW,
        expires_at=datetime(2026, 12, 7, 9, 0, tzinfo=UTC),
    )


def _nudge(words: Words, state: str = NudgeState.SENT, reason: str | None = None) -> Nudge:
    aino, _laura = people(words)
    return Nudge(
        id=5,
        employee=aino,
        post=post_of(aino),
        state=state,
        why="newest",
        planned_at=NOW,
        again_at=datetime(2026, 11, 25, 9, 0, tzinfo=UTC),
        decline_reason=reason,
    )


def _share(words: Words, state: str = "prepared") -> Share:
    aino, _laura = people(words)
    link = TrackedLink(
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
        post=post_of(aino),
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


def _outlet(when: str) -> Outlet:
    return Outlet("Aino Virtanen", NOW + timedelta(hours=3), NOW + timedelta(days=1), when)


def _publications(words: Words) -> dict[str, Card]:
    """A post on a person's own account, in each of its states."""
    aino, _laura = people(words)
    account = ConnectedAccount(
        id=3, employee=aino, network="linkedin", name="Aino Virtanen", url="https://www.linkedin.com/in/me/"
    )

    def shown(state: PublicationState, **more: Any) -> Card:
        text = f"I was on one of the crews. Ask me about the second night!\n\n{LINK}"
        row = Publication(
            id=9,
            share=_share(words),
            share_id=6,
            account=account,
            state=state,
            text=text,
            link=LINK,
            **{"reason": "", "due_at": NOW, "attempts": 1, **more},
        )
        return publication_cards.publication_card(row, words, BASE_URL, NOW)

    later = NOW + timedelta(hours=3)
    out = {"post": "urn:li:share:1", "url": "https://www.linkedin.com/feed/update/urn:li:share:1/", "posted_at": NOW}
    states = PublicationState
    return {
        "publication_later": shown(states.WAITING, due_at=later),
        "publication_sending": shown(states.SENDING),
        "publication_limited": shown(states.WAITING, due_at=later, reason="limit"),
        "publication_unanswered": shown(states.WAITING, due_at=later, reason="no_answer", uncertain_since=NOW),
        "publication_posted": shown(states.POSTED, **out, likes=12, replies=3, reshares=2),
        "publication_stays": shown(states.POSTED, **out, reason="rights"),
        "publication_held": shown(states.HELD, reason="changed"),
        "publication_back": shown(states.HELD, reason="withdrawn"),
        "publication_doubt": shown(states.IN_DOUBT),
        "publication_removing": shown(states.REMOVING),
        **{f"publication_{why}": shown(states.FAILED, reason=why) for why in (*Refusal, "limit")},
        "publication_delete": publication_cards.delete_card(
            Publication(id=9, share=_share(words), account=account, state=states.POSTED, text="My own words", **out),
            words,
        ),
    }


def _voices(words: Words) -> dict[str, Card]:
    aino, _laura = people(words)
    post, draft = post_of(aino), _nudge(words)
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
        "voices_nothing": voices.no_drafts_card(post, words),
        "draft": share_cards.draft_card(draft, words),
        "draft_moment": share_cards.moment_card(draft, words),
    }
