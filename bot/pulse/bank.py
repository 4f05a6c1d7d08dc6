"""The bank of statements: eight factors, and the wordings that ship with the project."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.language import Words
from storage import statements
from storage.database import Session

FACTORS = (
    "goals", "audiences_channels", "activities", "ownership", "listening", "participation", "measurement",
    "learning_culture",
)  # fmt: skip
BANK = Path(__file__).parent / "statements.yaml"
ACTIONS = Path(__file__).parent / "actions.yaml"


def factor_names(words: Words) -> dict[str, str]:
    """The framework's factors, in its order."""
    return {
        "goals": words.t("Goals"),
        "audiences_channels": words.t("Audiences and channels"),
        "activities": words.t("Activities"),
        "ownership": words.t("Ownership"),
        "listening": words.t("Listening"),
        "participation": words.t("Participation"),
        "measurement": words.t("Measurement"),
        "learning_culture": words.t("Learning and culture"),
    }


@cache
def bank() -> dict[str, Any]:
    """`scale`, `comment` and `statements`, as the file has them."""
    return dict(yaml.safe_load(BANK.read_text(encoding="utf-8")))


@cache
def actions() -> dict[str, dict[str, Any]]:
    """By factor: the `words` that comments on it tend to hold, and an `action` to start from, by language."""
    return dict(yaml.safe_load(ACTIONS.read_text(encoding="utf-8")))


def scale(words: Words) -> list[str]:
    """Labels of 1 to 5, then of "can't say"."""
    labels: list[str] = bank()["scale"].get(words.language) or bank()["scale"]["en"]
    return labels


def stock(session: Session, now: datetime) -> None:
    """Fill an empty bank with the statements that ship with the project."""
    if statements.count(session):
        return
    for item in bank()["statements"]:
        statements.add(
            session,
            item["id"],
            factor=item["factor"],
            reverse=item["reverse"],
            role=item.get("role"),
            texts={name: text for name, text in item.items() if len(name) == 2 and isinstance(text, str)},
            now=now,
        )
