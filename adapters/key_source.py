"""Where the keys that seal secrets come from, if not from the environment: a file, or a command that asks a key
service."""

from __future__ import annotations

import shlex
import subprocess
from functools import cache
from pathlib import Path

PATIENCE = 30  # seconds


class SettingsError(Exception):
    """What is missing or contradicts, a line each."""


@cache
def told(file: str, command: str) -> str:
    """The keys, a line or a comma between them, and remarks in lines that begin with #; asked for once, until the cache
    is cleared. Raises SettingsError, without what the command printed: it may hold a key."""
    if file:
        try:
            return Path(file).read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as cause:
            raise SettingsError(f"CHORUS_SECRET_KEYS_FILE cannot be read: {_reason(cause)}.") from cause
    try:
        words = shlex.split(command)
    except ValueError:
        raise SettingsError("CHORUS_SECRET_KEYS_COMMAND cannot be read: its quotation marks are not closed.") from None
    if not words:
        raise SettingsError("CHORUS_SECRET_KEYS_COMMAND is empty: write a command, or leave it out.")
    try:
        done = subprocess.run(  # noqa: S603 -- an administrator's own words, without a shell
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
    except (OSError, ValueError, subprocess.SubprocessError) as cause:
        raise SettingsError(f"CHORUS_SECRET_KEYS_COMMAND told no key: {_reason(cause)}.") from None
    return done.stdout


def _reason(cause: Exception) -> str:
    match cause:
        case subprocess.CalledProcessError():
            return f"it ended with {cause.returncode}"
        case subprocess.TimeoutExpired():
            return f"it took longer than {PATIENCE} seconds"
        case OSError():
            return cause.strerror or type(cause).__name__
        case UnicodeDecodeError():
            return "it is no text in UTF-8"
    return type(cause).__name__
