"""What a process imports as it starts: its memory, and the first seconds of its life."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Parsers of what strangers wrote are for `content.reader`, a process apart.
PARSERS = {"feedparser", "selectolax", "AntiSSRF", "PIL", "openpyxl"}
# What only some need, or once a week: each takes a tenth of a second, or 10 MB.
FOR_SOME = {
    "scipy",
    "sklearn",
    "holidays",
    "vl_convert",
    "botbuilder",
    "openai",
    "slack_bolt",
    "atproto",
    "authlib",
    "xlsxwriter",
}

# What a clock has no use for: it only says that something is due.
NOT_FOR_A_CLOCK = {"numpy", "fastapi", "aiohttp", "slack_sdk", "rapidfuzz", "fasttext", "Stemmer", "rich"}


@pytest.mark.parametrize("modules", ["adapters.app, adapters.processes", "adapters.server"])
def test_a_process_loads_neither_parsers_nor_what_only_some_need(modules: str) -> None:
    assert tops(loaded_by(modules)) & (PARSERS | FOR_SOME) == set()


def test_a_clock_loads_no_feature() -> None:
    loaded = loaded_by("adapters.cli.main, adapters.cli.serving as s; s._processes(); import adapters.clock")
    assert tops(loaded) & (PARSERS | FOR_SOME | NOT_FOR_A_CLOCK) == set()
    of_features = {name.split(".")[3] for name in loaded if name.startswith("bot.features.") and name.count(".") >= 3}
    assert of_features <= {"domain"}  # what settings are checked with
    assert "bot.routes" not in loaded


def test_who_compares_questions_loads_nothing_that_learns() -> None:
    loaded = loaded_by(
        "adapters.server; from bot.features.questions.domain.similarity import TfidfIndex; "
        "assert TfidfIndex(['May I share this?']).nearest('May I share that?')"
    )
    assert tops(loaded) & {"scipy", "sklearn"} == set()


def loaded_by(modules: str) -> set[str]:
    told = subprocess.run(
        [sys.executable, "-c", f"import sys, {modules}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(told.stdout.split())


def tops(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}
