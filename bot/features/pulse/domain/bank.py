"""The bank of statements: the wordings that ship with the project, for each of the eight factors."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.core.i18n import Words
from storage.database import Session
from storage.pulse import statements

BANK = Path(__file__).parent / "statements.yaml"


@cache
def bank() -> dict[str, Any]:
    """The file's `scale`, `comment` and `statements`."""
    return dict(yaml.safe_load(BANK.read_text(encoding="utf-8")))


def scale(words: Words) -> list[str]:
    """Labels of 1 to 5, then of "can't say"."""
    labels: list[str] = bank()["scale"].get(words.language) or bank()["scale"]["en"]
    return labels


def seed_defaults(session: Session, now: datetime) -> None:
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
