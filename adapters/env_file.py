"""The file of settings, `.env`: what cannot be read of it is told, for what is left out would be as by default, and the
database another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dotenv.parser import parse_stream

ONLY_IN_ENVIRONMENT = ("CHORUS_SECRETS_DIR",)


def faults_of(path: Path) -> Iterator[str]:
    """A sentence each; none where there is no such file."""
    try:
        with path.open(encoding="utf-8") as file:
            for line in parse_stream(file):
                if line.error:
                    said = line.original.string
                    empty = said[: len(said) - len(said.lstrip())].count(
                        "\n"
                    )  # lines above, which it counts as its own
                    place = f"{path}, line {line.original.line + empty}"
                    yield f"{place}: no setting can be read here. Is a quote left open?"
                elif line.key in ONLY_IN_ENVIRONMENT:
                    yield f"{line.key} is read from the environment alone, not from {path}."
    except FileNotFoundError:
        return
    except UnicodeDecodeError:
        yield f"{path} is no text in UTF-8."
    except OSError as cause:
        yield f"{path} cannot be read: {cause.strerror}."
