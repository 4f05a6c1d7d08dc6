"""The command line, `chorus`: which commands there are, and in which module each is.

Only the module of the command that was asked for is imported: the whole takes seconds, `chorus --help` a fraction of
one.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.metadata import version
from typing import Annotated

import typer

from adapters import footprint
from adapters.cli.terminal import fail

INTERRUPTED = 130  # the exit code of whoever was ended by Ctrl+C
# Name → module in adapters/cli, the object in it, and what the list of commands says of it.
COMMANDS = {
    "demo": ("serving", "demo", "The whole bot on this machine, with a made-up organisation; no account, no key."),
    "init": ("init", "init", "Asks what an installation needs and keeps it in .env."),
    "serve": ("serving", "serve", "The web server: events of Slack and Teams, tracked links, health."),
    "worker": ("serving", "worker", "Sends what is due."),
    "clock": ("serving", "clock", "Starts the jobs: feeds, nudges, reviews, directory."),
    "doctor": ("setup", "doctor", "Checks the installation."),
    "audit": ("audit", "audit", "Who did what: the audit log."),
    "db": ("setup", "db", "The database."),
    "backup": ("backup", "backup", "Copies of the database, checked and restored."),
    "secrets": ("setup", "secrets", "Keys that encrypt what is stored."),
    "manifest": ("setup", "manifest", "What to upload in Slack and Teams."),
    "workspaces": ("workspaces", "workspaces", "Which workspaces and tenants belong to you."),
    "people": ("people", "people", "Employees and their roles."),
    "units": ("people", "units", "Units, and whose holidays they have."),
    "directory": ("directory", "directory", "What departments and groups of your directory mean here."),
    "framework": ("framework", "framework", "Goals, channels, activities and owners as a file."),
    "content": ("records", "content", "Posts that may be shared."),
    "channels": ("records", "channels", "Social-media channels and their rules."),
    "policy": ("records", "policy", "Phrases that must not stand in a caption."),
    "nudge": ("nudges", "nudge", "Nudges: the plan, and what they led to."),
    "pulse": ("pulse", "pulse", "The pulse of the social-media culture."),
    "questions": ("questions", "questions", "Questions: routing and its back-test."),
    "topics": ("questions", "topic", "Topics and who answers for them."),
    "digest": ("digest", "digest", "The weekly learning digest."),
    "leads": ("leads", "leads", "Contacts that came of tracked links."),
    "deliveries": ("operations", "show_deliveries", "How many messages wait, are out, failed, or are in doubt."),
    "jobs": ("operations", "show_jobs", "Scheduled runs that failed."),
    "export": ("access", "export", "Figures as a file: sums only, small groups together."),
    "tokens": ("access", "tokens", "Programs that may use the API."),
    "hooks": ("access", "hooks", "Who is told of shares, answers and mentions."),
}


def command_line(wanted: str | None) -> typer.Typer:
    """All commands by name, `wanted` alone with what it does; for None, all with what they do."""
    app = typer.Typer(
        help="Chorus: social media as everybody's work, in Slack and Microsoft Teams.", no_args_is_help=True
    )
    app.callback()(_with_version)
    for name, (module, attribute, summary) in COMMANDS.items():
        if wanted not in {name, None}:
            app.command(name, help=summary)(_not_wanted)
            continue
        command = getattr(import_module(f"adapters.cli.{module}"), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def main() -> None:
    """Every expected fault is one sentence and exit code 1."""
    footprint.look_rarely()
    wanted = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    is_completion = any(name.endswith("_COMPLETE") for name in os.environ)
    try:
        command_line(None if is_completion else wanted)()
    except KeyboardInterrupt:  # while it loads: typer hears the later ones
        raise SystemExit(INTERRUPTED) from None
    except Exception as fault:
        if isinstance(fault, RuntimeError) and "lost sys.stdin" in str(fault):
            fail("Nobody can be asked here. Where the command has --yes, it asks nothing.")
        if not _is_expected(fault):
            raise
        fail(_in_words(fault))


def _in_words(fault: Exception) -> str:
    """Without the number that the system has for it."""
    from storage.database_faults import in_words

    if (told := in_words(fault)) is not None:
        return told
    if isinstance(fault, OSError) and fault.strerror and fault.filename is not None:
        return f"{fault.filename}: {fault.strerror}."
    return str(fault)


def _with_version(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version.", is_eager=True, callback=lambda shown: _print_version(shown)
        ),
    ] = False,
) -> None:
    """Chorus: social media as everybody's work, in Slack and Microsoft Teams."""


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"Chorus {version('chorus-bot')}")
        raise typer.Exit


def _not_wanted() -> None:
    raise AssertionError("only named in the list of commands")


def _is_expected(fault: Exception) -> bool:
    """By then the command has run, so what these live in is imported anyway."""
    from adapters.key_source import SettingsError
    from bot.core.ports import DirectoryUnavailable
    from content.errors import ContentError
    from storage.database import DatabaseError
    from storage.database_faults import is_outage
    from storage.secrets import KeyRingError

    expected = (SettingsError, DatabaseError, KeyRingError, ContentError, DirectoryUnavailable, OSError)
    return isinstance(fault, expected) or is_outage(fault)


if __name__ == "__main__":
    main()
