"""The privacy budget as it stands: what a round costs, what was spent within a year, and when more fits in."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

from bot.core.rules import Rules
from bot.features.pulse.domain.noise import Noise
from bot.features.pulse.domain.privacy_budget import DAYS, PrivacyBudget, cost_of_factor
from storage.database import Session
from storage.pulse import privacy_spending


def noise_of(rules: Rules) -> Noise:
    return Noise(Fraction(str(rules.pulse_noise)))


def cost_of_round(rules: Rules) -> float:
    """ρ of one round's figures."""
    return cost_of_factor(noise_of(rules))


def budget(session: Session, rules: Rules, now: datetime) -> PrivacyBudget:
    """Of the year up to `now`."""
    spent = privacy_spending.spent_since(session, now - timedelta(days=DAYS))
    return PrivacyBudget(spent, rules.pulse_budget)


def free_on(session: Session, rules: Rules, now: datetime) -> date | None:
    """The first day on which another round fits in; None where the budget is less than one costs."""
    if not PrivacyBudget(0.0, rules.pulse_budget).allows(cost_of_round(rules)):
        return None
    day = now
    while not budget(session, rules, day).allows(cost_of_round(rules)):
        day += timedelta(days=1)
    return day.date()
