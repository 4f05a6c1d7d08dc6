"""Examples of the framework's cards and forms, built from rows that are in no database."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from bot.core.cards import Card, Form
from bot.core.confidence_intervals import Interval
from bot.core.factors import FACTORS
from bot.core.i18n import Words
from bot.core.ports import Pictures
from bot.core.recurrence import Occurrence
from bot.features.framework import cards as framework_pages
from bot.features.framework.cards import Progress, Upcoming
from bot.features.framework.domain.coverage import Gap, GapKind
from bot.features.framework.domain.metrics import Forecast, GoalStanding, Outlook
from bot.features.framework.domain.model import ActivityPart, GoalPart
from bot.features.framework.forms import editing as edit_forms
from bot.features.framework.forms.part_fields import Around
from bot.features.framework.handlers import handover, subscription
from bot.features.rollout import cards as rollout_cards
from bot.features.rollout import handlers
from bot.features.rollout.domain import gates as gating
from bot.features.rollout.domain.gates import Gate
from bot.features.rollout.handlers import Comparison
from bot.features.workshop import cards
from bot.features.workshop.domain.outcome import Outcome, maturity
from storage.framework.framework import Activity, Change, Goal
from storage.people.employees import Employee
from storage.people.organisation import Phase, Unit
from storage.sharing.social_channels import SocialChannel
from storage.workshop.workshops import (
    Commitment,
    CommitmentState,
    Need,
    NeedGroup,
    NeedKind,
    Proposal,
    ProposalKind,
    Workshop,
    WorkshopState,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def samples(words: Words, pictures: Pictures) -> dict[str, Card]:
    laura, _aino = _people()
    goal = Goal(
        id="talent",
        name="More of us share",
        kind="public_image",
        metric="active_sharers",
        target=12.0,
        baseline=3.0,
        starts=date(2026, 9, 1),
        due=date(2026, 12, 31),
    )
    leads = Goal(
        id="leads",
        name="Leads from the field",
        kind="leads",
        metric="leads",
        target=40.0,
        baseline=0.0,
        unit="Sales",
        starts=date(2026, 11, 16),
        due=date(2027, 3, 31),
    )
    standings = [
        Progress(
            goal, GoalStanding(9.5, 10.2, Forecast(13.1, 12.2, 14.0), Outlook.LIKELY), posts=3, shares=41, clicks=380
        ),
        Progress(leads, GoalStanding(2.0, 2.4, None, Outlook.TOO_EARLY)),
    ]
    activity = Activity(id="tips", name="Tip of the week", unit="Field service", owner=laura)
    coming = [
        Upcoming(activity, Occurrence(NOW + timedelta(days=days), NOW + timedelta(days=days, hours=1)))
        for days in (1, 8, 15)
    ]
    units = [
        Unit(id=1, name="Communications", phase="live", phase_since=NOW - timedelta(weeks=8)),
        Unit(id=2, name="Field service", phase="pilot", phase_since=NOW - timedelta(weeks=3)),
        Unit(id=3, name="Sales", phase="waiting", starts=date(2027, 1, 11)),
    ]
    gaps = [Gap(SocialChannel(id="x"), GapKind.NO_DEPUTY), Gap(SocialChannel(id="mastodon"), GapKind.NO_OWNER)]
    judged = (
        Gate(gating.RESPONSE, True, 68),
        Gate(gating.OPT_OUT, False, 18),
        Gate(gating.VOLUNTARY, None),
        Gate(gating.IN_TIME, True, 9, 10),
        Gate(gating.ANSWERED, True, 4, 4),
        Gate(gating.WORKSHOP, True),
        Gate(gating.DIALOGUE, False),
        Gate(gating.INCIDENT, True),
    )
    ready = tuple(Gate(gate.kind, True, gate.found, gate.of) for gate in judged)
    change = Change(section="goals", part="talent", by=laura, why="Autumn plan", at=NOW)
    compared = Comparison((14, 60), (3, 80), Interval(0.08, 0.32))
    counts = {"units": 3, "channels": 9, "audiences": 2, "goals": 2, "activities": 1, "sources": 4}
    return {
        "framework": framework_pages.overview_card(counts, gaps, (7, 9), [change], words),
        "goals": framework_pages.goals_card(standings, words, pictures, is_lead=True),
        "goals_none": framework_pages.goals_card([], words, pictures),
        "calendar": framework_pages.calendar_card(coming, [("Field service", "2026-W48", 5)], words),
        "calendar_empty": framework_pages.calendar_card([], [], words),
        "calendar_address": subscription.address_card("https://chorus.example/calendar/secret.ics", words),
        "handover_done": handover.done_card(
            "Mikko Laine", "Laura Saari", handover.Moved(5, 2, 1, ("LinkedIn", "X")), words
        ),
        "handover_taken": handover.done_card("Mikko Laine", "Laura Saari", handover.Moved(5, 2), words, is_taker=True),
        "calendar_ended": subscription.ended_card(words),
        "answers_now": framework_pages.answers_now_card("LinkedIn", "Laura Saari", words, is_owner=True),
        "answers_as_deputy": framework_pages.answers_now_card("LinkedIn", "Laura Saari", words, is_owner=False),
        "unit_pilot_asked": rollout_cards.pilot_card(
            Unit(id=3, name="Sales", phase=Phase.WAITING), 31, [Unit(id=2, name="Service", phase=Phase.PILOT)], words
        ),
        "unit_live_asked": rollout_cards.go_live_card(units[1], 61, [gate for gate in judged if not gate.holds], words),
        "unit_waiting_asked": rollout_cards.back_to_waiting_card(units[0], words),
        "rollout": rollout_cards.rollout_card(units, {2: judged}, words),
        "widen": handlers.widen_card(units[1], ready, compared, [units[2]], words),
        "widen_not_yet": handlers.widen_card(units[1], judged, None, [], words),
        "section_goals": edit_forms.list_card("goals", [(_goal_part(), 7)], [change], words),
        "section_none": edit_forms.list_card("sources", [], [], words),
        **_workshop(laura, words),
    }


def forms(words: Words) -> dict[str, Form]:
    laura, aino = _people()
    row = _row(laura)
    around = Around(
        named={
            "owner": {"laura@koivu.example": "Laura Saari"},
            "deputy": {"laura@koivu.example": "Laura Saari"},
            "unit": {"Sales": "Sales"},
            "channel": {"linkedin": "LinkedIn"},
            "audience": {"homes": "Homes"},
            "goal": {"talent": "More of us share"},
        },
        zone="Europe/Helsinki",
        zones=["Europe/Helsinki", "Europe/Stockholm"],
        now=NOW,
        channels=("LinkedIn", "X"),
    )
    wrong = (("due", words.t("The due date must be after the start.")),)
    group = _groups()[0]
    return {
        **{f"part_{section}": edit_forms.part_form(section, None, 0, around, words) for section in edit_forms.EDITED},
        "part_activities_known": edit_forms.part_form("activities", _activity_part(), 7, around, words),
        "part_goals_wrong": edit_forms.part_form("goals", _goal_part(), 7, around, words, errors=wrong),
        "workshop_need": cards.need_form(row, NeedKind.NEED, words),
        "workshop_expectation": cards.need_form(row, NeedKind.EXPECTATION, words),
        "workshop_group": cards.group_form(group, _groups()[1:], words),
        "commitment": cards.commitment_form(row, [laura, aino], 1, words),
        "incident": handlers.incident_form(Unit(id=2, name="Field service"), words),
    }


def _workshop(laura: Employee, words: Words) -> dict[str, Card]:
    row, mine = _row(laura), [Need(id=1, kind=NeedKind.NEED, text="Somebody who answers when I ask.")]
    row.groups = _groups()
    levels = {factor: Counter({1: 3, 2: 4, 3: 2}) for factor in FACTORS}
    levels["ownership"], levels["listening"] = Counter({0: 5, 4: 4}), Counter({1: 2})
    found = Outcome(9, maturity(levels, {"goals": Counter({1: 6})}, 5), tuple(zip(_groups(), (7, 2), strict=True)))
    beside = {"ownership": words.t("{owned} of {number} channels have an owner", owned=7, number=9)}
    proposed = [
        Proposal(id=1, kind=ProposalKind.GOAL, factor="ownership", made="workshop-1-ownership"),
        Proposal(id=2, kind=ProposalKind.STEP, factor="ownership"),
    ]
    promised = [
        Commitment(
            id=1,
            person=laura,
            is_sponsor=True,
            text="An hour a week for channel owners",
            due=date(2026, 12, 1),
            state=CommitmentState.KEPT,
        ),
        Commitment(
            id=2,
            person=_people()[1],
            text="Show two colleagues how I share",
            due=date(2026, 12, 8),
            state="open",
            workshop=row,
        ),
    ]
    closed = Workshop(id=2, unit=Unit(id=3, name="Sales"), state=WorkshopState.CLOSED, closed_at=NOW)
    return {
        "workshop_lead": cards.lead_card([(row, 9)], [closed], [Unit(id=4, name="People")], words),
        "workshop": cards.participant_card(row, mine, {"goals": 2}, words),
        "workshop_rated": cards.participant_card(row, mine, dict.fromkeys(FACTORS, 2), words),
        "workshop_vote": cards.voting_card(row, {1}, words),
        "workshop_groups": cards.groups_card(row, words),
        "workshop_outcome": cards.outcome_card(row, found, beside, proposed, promised, words, is_lead=True),
        "workshop_none": cards.none_card(words),
        "commitment": cards.commitment_card(promised[1], words),
    }


def _row(laura: Employee) -> Workshop:
    return Workshop(id=1, unit=Unit(id=2, name="Field service"), opened_by=laura, state="collecting", opened_at=NOW)


def _groups() -> list[NeedGroup]:
    return [
        NeedGroup(
            id=1,
            name="Somebody who answers when I ask",
            factor="ownership",
            needs=[
                Need(id=1, kind=NeedKind.NEED, text="Somebody who answers when I ask"),
                Need(id=2, kind=NeedKind.NEED, text="I need to know who answers my questions"),
            ],
        ),
        NeedGroup(
            id=2,
            name="Pictures of real people",
            factor="activities",
            needs=[
                Need(id=3, kind=NeedKind.EXPECTATION, text="Pictures of real people"),
            ],
        ),
    ]


def _goal_part() -> GoalPart:
    return GoalPart(
        id="talent",
        name="More of us share",
        kind="public_image",
        metric="active_sharers",
        target=12.0,
        baseline=3.0,
        starts=date(2026, 9, 1),
        due=date(2026, 12, 31),
    )


def _activity_part() -> ActivityPart:
    return ActivityPart(
        id="tip",
        name="Tip from the field",
        starts=datetime(2026, 11, 24, 9, 0),  # noqa: DTZ001 - local, in its own zone
        time_zone="Europe/Helsinki",
        repeats="FREQ=WEEKLY;BYDAY=TU;UNTIL=20270222T235959",
    )


def _people() -> tuple[Employee, Employee]:
    return Employee(id=2, name="Laura Saari"), Employee(id=1, name="Aino Virtanen")
