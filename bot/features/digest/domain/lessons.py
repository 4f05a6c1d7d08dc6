"""Micro-lessons: one a week, for the weakest factor, not seen lately, steered by what people said of earlier ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.core.factors import FACTORS
from bot.core.i18n import DEFAULT
from bot.features.digest.domain.facts import PulseFacts
from storage.digest.digests import LessonAnswer

BANK = Path(__file__).parent / "lessons.yaml"
NOT_AGAIN = 16  # weeks
UNKNOWN = 0.55  # share favourable that a factor is taken to have before anybody was asked: between weak and strong


@cache
def bank() -> dict[str, dict[str, Any]]:
    """By id: `factor`, and by language `title`, `lesson` and `exercise`."""
    return {item["id"]: item for item in yaml.safe_load(BANK.read_text(encoding="utf-8"))}


def in_language(lesson: str, language: str) -> dict[str, str]:
    item = bank()[lesson]
    said: dict[str, str] = item.get(language) or item[DEFAULT]
    return said


def choose(pulse: PulseFacts, shown: Sequence[str], answers: Mapping[str, Mapping[str, int]]) -> str:
    """`shown`: the lessons of earlier weeks, the newest first; `answers`: by lesson, how often each was given.

    A factor most of whose answers were "not for us" waits behind the others; so does a lesson of that kind in it.
    """
    recent = set(shown[:NOT_AGAIN])
    weakness = {item.factor: item.value / 100 for item in pulse.factors}

    def unwanted(lessons: Sequence[str]) -> bool:
        done, refused = (
            sum(answers.get(name, {}).get(answer, 0) for name in lessons)
            for answer in (LessonAnswer.DONE, LessonAnswer.NOT_FOR_US)
        )
        return refused > done

    def rank(lesson: str) -> tuple[bool, bool, bool, float, int, str]:
        factor = bank()[lesson]["factor"]
        whole = [name for name, item in bank().items() if item["factor"] == factor]
        return (
            lesson in recent,
            unwanted([lesson]),
            unwanted(whole),
            weakness.get(factor, UNKNOWN),
            FACTORS.index(factor),
            lesson,
        )

    fresh = min(bank(), key=rank)
    if fresh in recent:  # all were shown: the one that was longest ago
        return max(bank(), key=lambda lesson: shown.index(lesson) if lesson in shown else len(shown))
    return fresh
