"""Examples of the digest's cards, from facts that are in no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.core.cards import Card
from bot.core.i18n import Words
from bot.core.ports import Pictures
from bot.features.digest import cards as pages
from bot.features.digest.cards import Issue
from bot.features.digest.domain.facts import (
    ComparedOption,
    ComparisonVerdict,
    FactorFact,
    Finding,
    Funnel,
    GoalFact,
    NudgeEffect,
    OpenQuestion,
    Planned,
    PulseFacts,
    QuestionFacts,
    UnitPhase,
    Week,
    WeekFacts,
)
from bot.features.digest.handlers import reading
from storage.digest.digest_queries import Reached

START = datetime(2026, 11, 16, tzinfo=UTC)
NOTHING = Funnel("", "", 0, 0, 0, 0)


def samples(words: Words, pictures: Pictures) -> dict[str, Card]:
    facts = week()
    issue = Issue(
        47, facts, "ownership-1", [["shared", 12, 14]], address="https://chorus.example/console/digests/2026-W47"
    )
    quiet = Issue(48, quiet_week(), "goals-1")
    employee = pages.employee_card(issue, words)
    return {
        "digest_lead": pages.lead_card(issue, words, pictures),
        "digest_quiet": pages.lead_card(quiet, words, pictures),
        "digest_owner": pages.owner_card(issue, ["linkedin"], 2, words),
        **({"digest_employee": employee} if employee else {}),
        "digest_thanks": reading.feedback_card(words),
        "digest_wanted": reading.wanted_card(words, is_wanted=True),
        "digest_nothing": reading.no_digest_card(words),
    }


def week() -> WeekFacts:
    """A week with every kind of event."""
    return WeekFacts(
        week="2026-W47",
        start=START,
        total=Funnel("", "", 120, 40, 22, 275),
        before=Funnel("", "", 118, 35, 19, 301),
        sharers=17,
        newcomers=3,
        own_words=13,
        history=(Week("2026-W46", 19, 301), Week("2026-W47", 22, 275)),
        posts=(Funnel("1", "How we kept 40,000 homes warm", 80, 31, 18, 240), Funnel("2", "Heat pumps", 40, 9, 4, 35)),
        reached=Reached(118, 37, 20),
        effect_on=date(2027, 9, 27),
        channels=(Funnel("linkedin", "LinkedIn", 0, 28, 17, 230), Funnel("bluesky", "Bluesky", 0, 12, 5, 45)),
        units=(Funnel("2", "Field service", 70, 25, 14, 180), Funnel("", "", 50, 15, 8, 95)),
        reasons=(("topic", 4),),
        goals=(
            GoalFact(
                "talent",
                "More of us share",
                "active_sharers",
                9.5,
                10.2,
                12.0,
                date(2026, 12, 31),
                "likely",
                12.2,
                14.0,
            ),
            GoalFact(
                "leads", "Leads from the field", "leads", 2.0, 2.4, 40.0, date(2027, 3, 31), "too_early", None, None
            ),
        ),
        pulse=PulseFacts(
            (
                FactorFact("ownership", 38, 31, 46, 1, "no clear change"),
                FactorFact("goals", 72, 65, 78, 3, "better"),
            ),
            None,
            date(2026, 11, 18),
            {"en": "Nobody knows who answers.", "fi": "Kukaan ei tiedä, kuka vastaa."},
            {"en": "Each channel gets an owner by Friday.", "fi": "Joka kanava saa vastuuhenkilön."},
        ),
        questions=QuestionFacts(
            asked=9,
            answered=7,
            waiting=3,
            overdue=1,
            median_hours=5.5,
            in_time=(6, 7),
            open=(
                OpenQuestion(11, "May I show a customer's house?", "linkedin", 2, True),
                OpenQuestion(12, "Who answers on Mastodon?", None, None, False),
            ),
            missing=(("May I post from my private account?", 4),),
            learned=(("Do I have to say where I work?", "Yes, one word in the caption is enough."),),
        ),
        rollout=(UnitPhase("Field service", "pilot", 3, 5), UnitPhase("Sales", "waiting", None, None)),
        planned=(Planned("Tip of the week", START + timedelta(days=1, hours=7), "Field service"),),
        coming=(Planned("Open house", START + timedelta(days=8, hours=7), None),),
        findings=(
            Finding(
                "voice",
                (ComparedOption("own", 12.1, 10.2, 14.4, 41, 160), ComparedOption("suggested", 7.4, 6.1, 8.8, 38, 120)),
                99,
                ComparisonVerdict.BETTER,
            ),
            Finding(
                "slot",
                (
                    ComparedOption("tue-morning", 0.31, 0.26, 0.36, 52, 300),
                    ComparedOption("thu-afternoon", 0.29, 0.24, 0.34, 50, 290),
                ),
                71,
                ComparisonVerdict.TOO_EARLY,
            ),
        ),
        effect=NudgeEffect(12.5, 9.8, -0.6, 6.1, False),
    )


def quiet_week() -> WeekFacts:
    """A week without events, and none before it."""
    questions = QuestionFacts(0, 0, 0, 0, None, None, (), (), ())
    return replace(
        week(),
        total=NOTHING,
        before=None,
        sharers=0,
        newcomers=0,
        own_words=0,
        posts=(),
        channels=(),
        units=(),
        reasons=(),
        goals=(),
        pulse=PulseFacts((), None),
        questions=questions,
        rollout=(),
        planned=(),
        coming=(),
        findings=(),
        effect=None,
    )
