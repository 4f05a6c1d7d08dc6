"""Commands on questions: who answers for what, what is known, and the back-test of routing."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from adapters.cli.context import opened_database, person_of, texts_by_language
from adapters.cli.terminal import AsJson, fail, out, print_json, print_rows, progress_bar
from adapters.settings import load_settings
from bot.features.questions.domain.classify import TooFew
from bot.features.questions.domain.evaluate import BadLine, Labelled, evaluate, read, read_table
from bot.features.questions.domain.tfidf import Floats
from bot.features.questions.jobs import training
from storage.questions import knowledge, learning, topics
from storage.questions.topics import Topic

questions = typer.Typer(help="Questions: routing and its back-test.", no_args_is_help=True)
topic = typer.Typer(help="Topics and who answers for them.", no_args_is_help=True)

BATCH = 64  # texts a call to the embeddings server
EXAMPLES = Annotated[
    Path, typer.Option(help='JSON lines of {"text": …, "label": … | null}, or CSV.', exists=True, dir_okay=False)
]


@questions.command("evaluate")
def questions_evaluate(
    train: EXAMPLES,
    test: EXAMPLES,
    embeddings: Annotated[
        bool, typer.Option("--embeddings", help="With the embeddings server of the settings.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """How well your own questions would have been routed: learns from one file, decides the other.

    A null label (in CSV, with the columns text and label, an empty one) is out of scope. The threshold is chosen on
    a part of the training file that is held back.
    """
    rows = _read(train), _read(test)
    try:
        with progress_bar() as bar:
            deciding = bar.add_task("Deciding", total=len(rows[1]))
            report = evaluate(*rows, embed=_embed if embeddings else None, each=lambda: bar.advance(deciding))
    except TooFew as fault:
        fail(f"{train}: {fault}.")
    if as_json:
        print_json(asdict(report))
    else:
        print_rows(
            [{"figure": name, "value": value} for name, value in asdict(report).items()], ("figure", "value"), False
        )


@questions.command("versions")
def questions_versions(as_json: AsJson = False) -> None:
    """What routing learned, version by version, and whether it was kept."""
    with opened_database().transaction() as session:
        rows = [
            {
                "version": row.id,
                "trained": f"{row.trained_at:%Y-%m-%d %H:%M}",
                "examples": row.examples,
                "held_back": row.held_back,
                "accuracy": row.accuracy,
                "before": row.accuracy_before,
                "kept": row.is_kept,
            }
            for row in learning.versions(session)
        ]
    print_rows(rows, ("version", "trained", "examples", "held_back", "accuracy", "before", "kept"), as_json)


@questions.command("knowledge")
def questions_knowledge(as_json: AsJson = False) -> None:
    """The entries: what is known, who stands for it, until when."""
    with opened_database().transaction() as session:
        rows = [
            {
                "id": row.id,
                "state": row.state,
                "asked_as": [variant.text for variant in row.variants],
                "answer": row.answer,
                "topic": row.topic_id,
                "owner": row.owner.name if row.owner else None,
                "source": row.source_url,
                "review_on": row.review_on.isoformat(),
            }
            for row in knowledge.listed(session)
        ]
    print_rows(rows, ("id", "state", "asked_as", "answer", "topic", "owner", "review_on"), as_json)


@topic.command("list")
def topics_list(as_json: AsJson = False) -> None:
    """Topics with owner and deputy; each channel in use is one."""
    with opened_database().transaction() as session:
        training.seed(session, datetime.now(UTC))
        rows = [
            {
                "id": row.id,
                "name": row.name("en"),
                "owner": row.owner.name if row.owner else None,
                "deputy": row.deputy.name if row.deputy else None,
                "room": bool(row.room),
            }
            for row in topics.active(session)
        ]
    print_rows(rows, ("id", "name", "owner", "deputy", "room"), as_json)


@topic.command("set")
def topics_set(
    topic_id: Annotated[str, typer.Argument(help="As `chorus topics list` shows it, or a new one.")],
    name: Annotated[list[str] | None, typer.Option(help="Its name, as en=… or fi=….")] = None,
    owner: Annotated[str, typer.Option(help="E-mail address of the person answerable.")] = "",
    deputy: Annotated[str, typer.Option(help="E-mail address of who stands in.")] = "",
    example: Annotated[list[str] | None, typer.Option(help="A question on it, for routing; may be repeated.")] = None,
    active: Annotated[bool | None, typer.Option("--active/--retired", help="Whether it is asked about.")] = None,
) -> None:
    """Add a topic or change it."""
    now = datetime.now(UTC)
    with opened_database().transaction() as session:
        training.seed(session, now)
        row = topics.topic(session, topic_id)
        if row is None:
            if not name:
                fail(f"There is no topic {topic_id!r}. To add it, give its name: --name en=…")
            row = Topic(id=topic_id, names={}, is_retired=False)
            session.add(row)
        row.names = {**row.names, **texts_by_language(name, "en=Legal")}
        if owner:
            row.assign(person_of(session, owner))
        if deputy:
            row.deputy = person_of(session, deputy)
        if active is not None:
            row.is_retired = not active
        session.flush()
        for text in example or []:
            learning.learn(session, text.strip(), topic_id, "seed", now=now)
        out.print(
            f"{row.id}: {row.name('en')}, owner {row.owner.name if row.owner else 'nobody'}, "
            f"deputy {row.deputy.name if row.deputy else 'nobody'}"
        )


def _read(file: Path) -> list[Labelled]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return read_table(lines) if file.suffix.lower() == ".csv" else read(lines)
    except BadLine as fault:
        fail(f"{file}: {fault}")
    except UnicodeDecodeError:
        fail(f"{file}: it is no text in UTF-8.")
    except csv.Error as fault:
        fail(f"{file}: it is no table ({fault}).")


def _embed(texts: Sequence[str]) -> Floats:
    """Vectors of all texts, from the server of the settings."""
    from adapters.llm.model import OpenAIModel

    settings = load_settings()
    if not settings.openai_embeddings:
        fail("Set CHORUS_OPENAI_EMBEDDINGS to the model's name, and OPENAI_BASE_URL to where its server is.")
    rows: list[Sequence[float]] = []

    async def ask() -> None:
        server = OpenAIModel(**settings.model_server())
        with progress_bar() as bar:
            embedding = bar.add_task("Embedding", total=len(texts))
            for start in range(0, len(texts), BATCH):
                found = await server.embed(texts[start : start + BATCH])
                if found is None:
                    fail("The embeddings server gave no vectors: is it running, and is the model's name right?")
                rows.extend(found)
                bar.advance(embedding, len(found))
        await server.close()

    asyncio.run(ask())
    return np.asarray(rows, dtype=float)
