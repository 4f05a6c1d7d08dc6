"""`chorus init`: asks what an installation needs and keeps it in `.env`. What is there already is not asked again, so
it can be left at any question and gone on with later."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values, set_key
from rich.prompt import InvalidResponse, Prompt

from adapters.cli.terminal import fail, out
from adapters.env_file import faults_of
from adapters.web.local import is_local_address
from storage.secrets import new_key

ENV = Path(".env")
_PLAIN = re.compile(r"[\w.:/@%+,?&=~-]+")
ONLY_OWNER = 0o600
UNSEEN = ("Cc", "Cf", "Cs")  # Unicode's control and format characters, and bytes that are none
PREFIX = "CHORUS_"
CHAT = "CHORUS_CHAT"  # what was chosen, for the next time; nothing else reads it
SLACK, TEAMS, BOTH, LATER = "slack", "teams", "both", "later"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for one setting. `check` returns the value as it is kept, or raises ValueError with a sentence."""

    setting: str
    asked: str
    default: str | None = None  # None: it cannot be left out; "": it can be answered another day
    is_secret: bool = False
    check: Callable[[str], str] = str.strip


def _address(value: str) -> str:
    found = urlsplit(value.strip())
    if found.scheme not in ("http", "https") or not found.hostname:
        raise ValueError("That is no web address: it begins with https://.")
    if found.scheme == "http" and not is_local_address(value.strip()):
        raise ValueError("Beyond this machine it has to begin with https://: sessions would travel in the open.")
    return value.strip().rstrip("/")


def _database(value: str) -> str:
    if not value.strip().startswith(("sqlite:///", "postgresql")):
        raise ValueError(
            "That is no database: write sqlite:///chorus.db or postgresql+psycopg://user:password@host/name."
        )
    return value.strip()


def _begins(beginning: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        kept = value.strip()
        if kept and not kept.startswith(beginning):
            raise ValueError(f"This one begins with {beginning}, and yours does not.")
        return kept

    return check


def _named(value: str) -> str:
    if not value.strip():
        raise ValueError("Please write a name.")
    return value.strip()


FIRST = (
    Question("ORGANISATION", "What is your organisation called?", check=_named),
    Question("BASE_URL", "At which address will people reach Chorus?", "http://127.0.0.1:8000", check=_address),
    Question("DATABASE_URL", "Where is the database?", "sqlite:///chorus.db", check=_database),
)
OF_SLACK = (
    Question(
        "SLACK_BOT_TOKEN",
        "Slack, OAuth & Permissions: the bot token (xoxb-…)",
        "",
        is_secret=True,
        check=_begins("xoxb-"),
    ),
    Question(
        "SLACK_APP_TOKEN",
        "Slack, Basic Information: an app-level token (xapp-…), if Slack cannot reach your address",
        "",
        is_secret=True,
        check=_begins("xapp-"),
    ),
    Question("SLACK_SIGNING_SECRET", "Slack, Basic Information: the signing secret, if it can", "", is_secret=True),
)
OF_TEAMS = (
    Question("TEAMS_APP_ID", "Teams, the app’s registration in Entra ID: its application (client) id", ""),
    Question("TEAMS_APP_PASSWORD", "Teams, Certificates & secrets: a client secret", "", is_secret=True),
    Question("TEAMS_TENANT_ID", "Teams, the registration’s overview: the directory (tenant) id", ""),
)


_OF_PLATFORMS = {SLACK: OF_SLACK, TEAMS: OF_TEAMS}


def init() -> None:
    """Asks what an installation needs and keeps it in .env; asks only for what is not there yet."""
    try:
        _go_through()
    except (EOFError, KeyboardInterrupt):
        fail(f"\nWhat you answered is kept in {ENV}: chorus init goes on from there.")


def _go_through() -> None:
    if faults := list(faults_of(ENV)):
        fail("\n".join(faults))
    known = _known()
    if known:
        names = ", ".join(sorted(name.removeprefix(PREFIX).lower() for name in known))
        out.print(f"Kept from before: {names}. To change one, edit {ENV}.", highlight=False, soft_wrap=True)
    if f"{PREFIX}SECRET_KEYS" not in known:
        _keep("SECRET_KEYS", new_key())
        out.print(f"A key that seals what is stored is in {ENV} now. Keep a copy of it apart from the database.")
    for question in FIRST:
        _ask(question, known)
    chosen = _platform(known)
    for question in (one for name, some in _OF_PLATFORMS.items() if chosen in (name, BOTH) for one in some):
        _ask(question, known)
    if _known().get(f"{PREFIX}SLACK_APP_TOKEN") and f"{PREFIX}SLACK_MODE" not in known:
        _keep("SLACK_MODE", "socket")
    _say_what_follows(chosen, _known())


def _platform(known: dict[str, str]) -> str:
    if known.get(CHAT) in (SLACK, TEAMS, BOTH):
        return known[CHAT]
    choices = [SLACK, TEAMS, BOTH, LATER]
    chosen = Prompt.ask("Which chat does your organisation use?", console=out, choices=choices, default=LATER)
    if chosen != LATER:
        _keep("CHAT", chosen)
    return chosen


def _ask(question: Question, known: dict[str, str]) -> None:
    if f"{PREFIX}{question.setting}" in known:
        return

    asked = f"{question.asked} (empty: later)" if question.default == "" else question.asked
    answer = _prompt(question.check).ask(
        asked,
        console=out,
        password=question.is_secret,
        default=question.default if question.default is not None else ...,
        show_default=bool(question.default),
    )
    if answer:
        _keep(question.setting, str(answer))


def _prompt(check: Callable[[str], str]) -> type[Prompt]:
    """Asks again, with a sentence, for what `check` refuses."""

    class Checked(Prompt):
        def process_response(self, value: str) -> str:
            try:
                return check(_plain(value))
            except ValueError as fault:
                raise InvalidResponse(f"[red]{fault}[/red]") from None

    return Checked


def _plain(value: str) -> str:
    """Raises ValueError for what a file of settings does not carry."""
    if any(unicodedata.category(sign) in UNSEEN for sign in value):
        raise ValueError("There are signs in it that nobody can see: type it, or copy it again.")
    if "${" in value:
        raise ValueError("“${” would be taken for another setting’s name: set this one in the environment instead.")
    return value


def _known() -> dict[str, str]:
    """What `.env` has, and what the environment has before it."""
    kept = dotenv_values(ENV) if ENV.exists() else {}
    here = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
    return {name: value for name, value in {**kept, **here}.items() if value}


def _keep(setting: str, value: str) -> None:
    """The file holds secrets, so nobody else may read it."""
    file = ENV.resolve()  # a link stays one
    os.close(os.open(file, os.O_CREAT | os.O_APPEND, ONLY_OWNER))
    file.chmod(ONLY_OWNER)
    # Without quotes where none are needed: kubectl and `docker run --env-file` would keep them as part of the value.
    set_key(file, f"{PREFIX}{setting}", value, quote_mode="never" if _PLAIN.fullmatch(value) else "always")


def _say_what_follows(chosen: str, known: dict[str, str]) -> None:
    has_slack = f"{PREFIX}SLACK_BOT_TOKEN" in known
    has_teams = f"{PREFIX}TEAMS_APP_ID" in known
    steps = []
    can_hear = any(f"{PREFIX}{one}" in known for one in ("SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"))
    if has_slack and not can_hear:
        steps.append("chorus init again: Slack needs the app-level token or the signing secret, too")
    if chosen in (SLACK, BOTH) and not has_slack:
        steps.append(
            "chorus manifest slack prints what “Create an app from a manifest” asks for; then chorus init again"
        )
    if chosen in (TEAMS, BOTH) and not has_teams:
        steps.append("chorus manifest teams writes what Teams’ admin centre takes; then chorus init again")
    if chosen == LATER:
        steps.append("chorus init again, once you know which chat it is")
    steps += [
        "chorus db upgrade makes the tables",
        "chorus doctor says what is still missing, and how to mend it",
        "chorus serve --all starts it",
        "chorus people sync, then chorus people set YOU@YOUR.ORG --role lead",
        "write /chorus console to the bot: the overview shows the first steps, and which are done",
    ]
    out.print(f"\nYour settings are in {ENV}, which only you can read. What follows:", highlight=False)
    for number, step in enumerate(steps, 1):
        out.print(f"  {number}. {step}", highlight=False, soft_wrap=True)
