"""The log as a collector reads it: a line is one event, whoever wrote it."""

from __future__ import annotations

import json
import subprocess
import sys

PROGRAM = """
import logging
import structlog
from adapters import logs

logs.configure(json=True)
structlog.get_logger().info("turn", token="xoxb-1-canary")
logging.getLogger("some.library").warning("two\\nlines with %s", "Bearer canary.x")
try:
    raise ValueError("postgresql://me:canary@host/db")
except ValueError:
    logging.getLogger("some.library").exception("it failed")
    structlog.get_logger().exception("it failed")
logging.getLogger("some.library").info("not heard")
"""


def test_lines_of_libraries_are_events_too_and_hold_no_secret() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True)
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(one["event"], one["level"]) for one in events] == [
        ("turn", "info"),
        ("two\nlines with [secret]", "warning"),
        ("it failed", "error"),
        ("it failed", "error"),
    ]
    assert all("timestamp" in one for one in events)
    assert [one.get("logger") for one in events] == [None, "some.library", "some.library", None]
    assert all("ValueError" in one["exception"] for one in events[2:])
    assert "canary" not in done.stderr


OF_A_SHORT_COMMAND = """
import structlog
from adapters import logs

logs.only_warnings()
token = "canary of a variable"
try:
    raise ValueError(f"postgresql://me:{'canary'}@host/db")
except ValueError:
    structlog.get_logger().exception("it failed")
"""


def test_a_short_command_shows_no_secret_either() -> None:
    done = subprocess.run(
        [sys.executable, "-c", OF_A_SHORT_COMMAND], capture_output=True, text=True, timeout=60, check=True
    )
    assert "it failed" in done.stderr
    assert "ValueError: postgresql://[secret]@host/db" in done.stderr
    assert "canary of" not in done.stderr.replace(OF_A_SHORT_COMMAND, "")
