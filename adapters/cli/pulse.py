"""Commands on the pulse: rounds, results, statements, and the simulation."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from typing import Annotated

import typer

from adapters.cli.context import opened_database, texts_by_language, unit_of
from adapters.cli.terminal import AsJson, fail, out, print_json, print_rows, progress_bar
from adapters.settings import checked_settings
from bot.core.context import Job
from bot.core.errors import TurnError
from bot.core.factors import FACTORS
from bot.core.i18n import Words
from bot.core.router import Router
from bot.features.pulse.domain import bank, spending
from bot.features.pulse.domain.export import COLUMNS, results
from bot.features.pulse.domain.privacy_budget import best_guess
from bot.features.pulse.handlers import publishing
from bot.features.pulse.jobs import closing
from bot.features.pulse.jobs import rounds as opening
from bot.routes import FEATURES
from bot.samples import FixedPictures
from storage.database import Session
from storage.pulse import rounds, statements
from storage.pulse.round_store import RoundStore
from storage.pulse.rounds import Round, RoundState

pulse = typer.Typer(help="The pulse of the social-media culture.", no_args_is_help=True)
words = typer.Typer(help="The statements that are asked.", no_args_is_help=True)
pulse.add_typer(words, name="statements")
Language = Annotated[str, typer.Option(help="en or fi.")]


@pulse.command("open")
def pulse_open() -> None:
    """Open the next round; the worker invites people in their own working hours."""
    with _job() as job:
        row = opening.open_round(job)
        out.print(f"Round {row.id} is open until {row.closes_at:%Y-%m-%d %H:%M} UTC.")


@pulse.command("close")
def pulse_close() -> None:
    """Close the open round now; the worker counts it."""
    with _job() as job:
        row = closing.close_round(job.session)
        out.print(f"Round {row.id} is closing. `chorus pulse results` shows what may be shown in a moment.")


@pulse.command("publish")
def pulse_publish(
    result: Annotated[list[str] | None, typer.Option(help="What was learned, as en=… or fi=….")] = None,
    action: Annotated[list[str] | None, typer.Option(help="What will be done, as en=… or fi=….")] = None,
) -> None:
    """Tell people what came of the last closed round, and one action; then the next may open.

    What is not given is what the bot suggests to leads.
    """
    with _job() as job:
        row = _closed(job.session)
        suggested = publishing.suggestion(job.session, row)
        said = _texts(result) or suggested[0], _texts(action) or suggested[1]
        if not (said[0] and said[1]):
            fail("Too few people answered this round to suggest a result: give one with --result, and --action.")
        row.publish(*said, by=None, now=job.now)
        out.print(f"You said: {said[0].get('en') or next(iter(said[0].values()))}")
        out.print(f"We do: {said[1].get('en') or next(iter(said[1].values()))}")


@pulse.command("budget")
def pulse_budget(as_json: AsJson = False) -> None:
    """How much the rounds of the last year may have told of a person, and how much they may at most."""
    with _job() as job:
        kept = spending.budget(job.session, job.rules, job.now)
        cost = spending.cost_of_round(job.rules)
    found = {
        "spent": round(kept.spent, 4),
        "most": kept.most,
        "cost_of_a_round": round(cost, 5),
        "best_guess_of_a_round": round(best_guess(cost), 3),
        "best_guess_of_the_year": round(best_guess(kept.spent), 3),
    }
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        out.print(f"{name}: {value}")


@pulse.command("results")
def pulse_results(
    unit: Annotated[str, typer.Option(help="Of one unit, or `organisation`.")] = "",
    round_id: Annotated[int | None, typer.Option("--round", help="Of one round.")] = None,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """What was read at the newest close, the same for everybody. Of a unit that is missing too little is known."""
    with opened_database().transaction() as session:
        rows = _results(session, language, unit, round_id)
    columns = ("round", "unit", "factor", "statement", "favourable", "stage", "since_last_cycle")
    if as_json:
        print_json(rows)
    elif rows:
        print_rows(rows, columns, as_json=False)
    else:
        out.print("Nothing can be shown yet: no round is over, or too few people answered.")


@pulse.command("export")
def pulse_export(
    file: Annotated[Path, typer.Argument(help="A .csv or .xlsx file.")],
    unit: Annotated[str, typer.Option(help="Of one unit, or `organisation`.")] = "",
    round_id: Annotated[int | None, typer.Option("--round", help="Of one round.")] = None,
    language: Language = "en",
) -> None:
    """The same figures as a file for a spreadsheet."""
    from adapters import tables

    with opened_database().transaction() as session:
        rows = _results(session, language, unit, round_id)
    try:
        tables.write(file, COLUMNS, rows)
    except ValueError as fault:
        fail(str(fault))
    out.print(f"{len(rows)} figures written to {file}.")


@pulse.command("simulate")
def pulse_simulate(
    organisations: Annotated[int, typer.Option(help="How many made-up organisations.", min=1)] = 100,
    seed: Annotated[int, typer.Option(help="The same seed, the same figures.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Made-up organisations with a known truth: whether intervals cover it, verdicts hold, and an attacker who knows
    everything else learns no more than was promised."""
    from bot.features.pulse.domain.simulate import simulate

    with progress_bar() as progress:
        task = progress.add_task("Organisations", total=organisations)
        found = simulate(
            organisations,
            seed=seed,
            workers=min(os.cpu_count() or 1, organisations),
            told=lambda done: progress.update(task, completed=done),
        )
    report = found.report()
    if as_json:
        print_json(report)
        return
    for name, value in report.items():
        out.print(f"{name}: {value}")


@words.command("list")
def statements_list(language: Language = "en", as_json: AsJson = False) -> None:
    """Every statement with its factor, version and newest wording."""
    with opened_database().transaction() as session:
        bank.seed_defaults(session, datetime.now(UTC))
        rows = [
            {
                "id": row.id,
                "factor": row.factor,
                "role": row.role or "",
                "reverse": row.reverse,
                "version": row.wording.version,
                "retired": row.retired_at is not None,
                "text": row.wording.text(language),
            }
            for row in statements.everything(session)
        ]
    print_rows(rows, ("id", "factor", "role", "reverse", "version", "retired", "text"), as_json)


@words.command("add")
def statements_add(
    statement_id: Annotated[str, typer.Argument(help="Never used before, as in own-1.")],
    factor: Annotated[str, typer.Argument(help="One of the eight factors.")],
    text: Annotated[list[str], typer.Option(help="The sentence, as en=… or fi=…; once for each language.")],
    reverse: Annotated[bool, typer.Option(help="Agreeing is the unfavourable answer.")] = False,
) -> None:
    """A statement of the organisation's own, asked from the next round on."""
    if factor not in FACTORS:
        fail(f"There is no factor {factor!r}: it is one of {', '.join(FACTORS)}.")
    texts = _texts(text)
    if "en" not in texts:
        fail("Write the sentence in English at least: --text 'en=…'.")
    with opened_database().transaction() as session:
        bank.seed_defaults(session, datetime.now(UTC))
        if statements.statement(session, statement_id) is not None:
            fail(f"{statement_id} was used before, and an id is never used again. Choose another.")
        statements.add(session, statement_id, factor=factor, texts=texts, reverse=reverse, now=datetime.now(UTC))
    out.print(f"{statement_id} is asked from the next round on.")


@words.command("reword")
def statements_reword(
    statement_id: str,
    text: Annotated[list[str], typer.Option(help="The new sentence, as en=… or fi=….")],
) -> None:
    """A new version of the wording; rounds that asked the old one keep it."""
    with opened_database().transaction() as session:
        row = _statement(session, statement_id)
        version = statements.reword(session, row, _texts(text), now=datetime.now(UTC)).version
    out.print(f"{statement_id} has version {version} from the next round on.")


@words.command("retire")
def statements_retire(statement_id: str) -> None:
    """Ask it no more, not even in a round that is open; what was said about it stays out of results from now on."""
    with opened_database().transaction() as session:
        _statement(session, statement_id).retired_at = datetime.now(UTC)
    out.print(f"{statement_id} is retired.")


@contextmanager
def _job() -> Iterator[Job]:
    """A job in one transaction; what it refuses is a sentence and exit code 1."""
    settings = checked_settings()
    database = opened_database()
    ballots = RoundStore(database)
    try:
        with database.transaction() as session:
            rules, now = settings.rules(""), datetime.now(UTC)
            yield Job(session, now, SystemRandom(), rules, FixedPictures(), ballots, Router(FEATURES))
    except TurnError as error:
        fail(Words().t(error.sentence, **error.values))
    finally:
        ballots.close()


def _results(session: Session, language: str, unit: str, round_id: int | None) -> list[dict[str, object]]:
    try:
        rows = results(session, Words(language), unit=unit, round_id=round_id)
    except LookupError as fault:
        fail(str(fault.args[0]))
    if not rows and unit and unit != "organisation":
        unit_of(session, unit)  # nothing is known of it, or there is none
    return rows


def _closed(session: Session) -> Round:
    row = rounds.newest(session)
    if row is None or row.state != RoundState.CLOSED:
        fail("No round waits for its result: the last one is open, or published, or there was none.")
    return row


def _statement(session: Session, statement_id: str) -> statements.Statement:
    bank.seed_defaults(session, datetime.now(UTC))
    row = statements.statement(session, statement_id)
    if row is None:
        fail(f"There is no statement {statement_id}: `chorus pulse statements list` shows them.")
    return row


def _texts(options: list[str] | None) -> dict[str, str]:
    return texts_by_language(options, "en=We know our goals.")
