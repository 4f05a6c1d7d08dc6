"""The figures by which an organisation is served: working hours, budgets of messages, deadlines, the pulse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rules:
    """The organisation's own figures; the defaults are those of the settings."""

    organisation: str = "our organisation"
    base_url: str = "http://127.0.0.1:8000"
    hours: tuple[int, int] = (9, 16)  # local, the last hour excluded; no proactive message outside them
    nudge_days: tuple[int, ...] = (1, 2, 3)  # Monday is 0
    on_holidays: bool = False
    nudge_gap_hours: float = 48.0
    keep_leavers_days: int = 30
    messages_a_day: int = 1  # the one budget of all proactive messages to a person
    messages_a_week: int = 2
    nudge_spread_minutes: float = 180.0  # over which the nudges of a slot are spread
    no_nudge_share: float = 0.2  # of person-weeks, drawn at random, so that the effect can be known
    learns_from: int = 200  # people; below, slots are fixed: there is nothing to learn from
    post_lifetime_days: int = 30
    second_approver: bool = False  # whoever suggested, wrote or changed a post does not approve it
    office: tuple[int, int] = (9, 17)  # local hours in which owners are expected to answer
    acknowledge_hours: float = 4.0  # working hours until somebody has taken a question
    answer_days: float = 2.0  # working days until it is answered
    model_writes: bool = False  # whether a language model phrases answers and summaries
    model_embeds: bool = False  # whether an embeddings server helps in routing
    model_calls_a_day: int = 1000
    pulse_k: int = 5  # people besides the viewer, below which sums in digests and workshops are not shown
    pulse_noise: float = 1.0  # how many times the least noise is added to the pulse's sums
    pulse_budget: float = 4.0  # ρ, of what a year's rounds may tell of a person
    pulse_every_weeks: int = 2
    pulse_open_days: int = 5  # working days
    reach_per_share: int = 0  # people who are assumed to see a share; 0: reach is not spoken of
    media_rates: Mapping[str, float] = field(default_factory=dict)  # by channel, for a click; none: no media value
