"""The list of commands: cheap to show, and true."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.main import get_command

from adapters.cli.main import COMMANDS, command_line

HEAVY = ("sqlalchemy", "pydantic", "fastapi", "numpy", "slack_sdk")


def test_each_command_is_where_the_table_says() -> None:
    loaded = get_command(command_line(None))
    assert set(loaded.commands) == set(COMMANDS)  # type: ignore[attr-defined]
    for name, command in loaded.commands.items():  # type: ignore[attr-defined]
        first = command.help.splitlines()[0]
        assert first.startswith(COMMANDS[name][2].rstrip(".")), (name, first)


def test_only_the_command_that_was_asked_for_is_loaded() -> None:
    loaded = get_command(command_line("db"))
    assert set(loaded.commands) == set(COMMANDS)  # type: ignore[attr-defined]
    assert set(loaded.commands["db"].commands) == {"upgrade", "downgrade"}  # type: ignore[attr-defined]
    assert not hasattr(loaded.commands["people"], "commands")  # type: ignore[attr-defined]


@pytest.mark.parametrize("library", HEAVY)
def test_the_help_needs_no_library_of_the_bot(library: str) -> None:
    program = f"import adapters.cli.main as m, sys; m.command_line(''); sys.exit({library!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=60, check=False).returncode == 0
