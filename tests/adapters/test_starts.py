"""What a process imports as it starts: its memory, and the first seconds of its life."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Parsers of what strangers wrote are for `content.reader`, a process apart.
PARSERS = {"feedparser", "selectolax", "AntiSSRF", "PIL", "openpyxl"}
# What only some need, or once a week: each takes a tenth of a second, or 10 MB.
FOR_SOME = {"scipy", "sklearn", "holidays", "vl_convert", "botbuilder", "openai", "slack_bolt", "atproto"}


@pytest.mark.parametrize("modules", ["adapters.app, adapters.processes", "adapters.server"])
def test_a_process_loads_neither_parsers_nor_what_only_some_need(modules: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", f"import sys, {modules}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in told.stdout.split()}
    assert loaded & (PARSERS | FOR_SOME) == set()
