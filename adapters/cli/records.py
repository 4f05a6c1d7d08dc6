"""Commands on what is stored: content, channels, and phrases to avoid."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from adapters.cli.context import built, changing, opened_database, person_of
from adapters.cli.terminal import AsJson, err, fail, out, print_json, print_rows, progress_bar
from adapters.settings import checked_settings
from bot.core.i18n import languages
from content.errors import ContentError
from storage.sharing import posts, social_channels, topic_names
from storage.sharing.social_channels import ChannelState

content = typer.Typer(help="Posts that may be shared.", no_args_is_help=True)
channels = typer.Typer(help="Social-media channels and their rules.", no_args_is_help=True)
policy = typer.Typer(help="Phrases that must not stand in a caption.", no_args_is_help=True)


@content.command("import")
def content_import(
    source: Annotated[str, typer.Argument(help="A file or address: RSS, Atom, JSON Feed or CSV.")],
    subscribe: Annotated[bool, typer.Option(help="Keep reading the address from now on.")] = False,
    base_url: Annotated[str, typer.Option(help="What relative addresses in a file are relative to.")] = "",
    as_json: AsJson = False,
) -> None:
    """Import a feed; its entries become drafts that wait for approval."""
    if "@" in source.partition("://")[2].partition("/")[0]:
        fail("An address with a name or a password in it is not read: name one that is open to this machine.")
    chorus = built(checked_settings())
    with progress_bar() as progress:
        task = progress.add_task("Entries", total=None)

        def note(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        try:
            report = chorus.intake.import_from(
                source, now=datetime.now(UTC), base_url=base_url, subscribe=subscribe, progress=note
            )
        except ContentError as fault:
            progress.stop()
            if as_json:
                print_json({"created": 0, "duplicates": 0, "failed": [{"entry": source, "reason": str(fault)}]})
                raise typer.Exit(1) from None
            fail(f"{source} was not read: {fault}.")
    failed = [{"entry": entry, "reason": reason} for entry, reason in report.failed]
    if as_json:
        print_json({"created": len(report.created), "duplicates": report.duplicates, "failed": failed})
        return
    out.print(f"{len(report.created)} created, {report.duplicates} duplicates, {len(failed)} failed.")
    for failure in failed:
        err.print(f"  {failure['entry']}: {failure['reason']}")


@content.command("list")
def content_list(
    state: Annotated[str, typer.Option(help="Only posts in this state.")] = "", as_json: AsJson = False
) -> None:
    """Posts, the newest first."""
    with opened_database().transaction() as session:
        rows = [
            {
                "id": post.id,
                "title": post.title,
                "url": post.url,
                "state": post.state,
                "language": post.language,
            }
            for post in posts.listed(session, state=state or None)
        ]
    print_rows(rows, ("id", "title", "url", "state", "language"), as_json)


@content.command("topics")
def content_topics(as_json: AsJson = False) -> None:
    """Topics of posts, and what they are called in each language."""
    with opened_database().transaction() as session:
        rows = [{"topic": row.topic, "language": row.language, "name": row.name} for row in topic_names.listed(session)]
        named = {row["topic"] for row in rows}
        others = set(posts.topics(session)) - named
        rows += [{"topic": topic, "language": "", "name": topic} for topic in sorted(others)]
    print_rows(rows, ("topic", "language", "name"), as_json)


@content.command("name-topic")
def content_name_topic(
    topic: str,
    language: Annotated[str, typer.Option("--in", help="The language: en, fi.")],
    name: Annotated[str, typer.Option("--as", help="What it is called there.")],
) -> None:
    """Say that TOPIC is called so in a language; what was a topic of that name is the same one from then on."""
    if language not in languages():
        fail(f"There is no language “{language}”: use {', '.join(languages())}.")
    if not name.strip() or not topic.strip():
        fail("A topic and its name are words.")
    with changing(opened_database()) as session:
        posts.name_topic(session, topic.strip(), language, " ".join(name.split()))
    out.print(f"“{topic}” is called “{name}” in {language}.")


@channels.command("list")
def channels_list(as_json: AsJson = False) -> None:
    """The channels in use."""
    with opened_database().transaction() as session:
        rows = [
            {
                "id": row.id,
                "state": row.state,
                "disclosure": row.disclosure,
                "owner": row.owner.name if row.owner else None,
            }
            for row in social_channels.all_channels(session)
        ]
    print_rows(rows, ("id", "state", "disclosure", "owner"), as_json)


@channels.command("set")
def channels_set(
    channel: str,
    owner: Annotated[str, typer.Option(help="E-mail address of the person answerable.")] = "",
    disclosure: Annotated[bool | None, typer.Option(help="Must a caption say who employs the writer?")] = None,
    active: Annotated[bool | None, typer.Option("--active/--retired", help="Whether it is offered.")] = None,
) -> None:
    """Change a channel's owner and rules."""
    with changing(opened_database()) as session:
        row = social_channels.channel(session, channel)
        if row is None:
            fail(f"There is no channel {channel!r}: see `chorus channels list`.")
        if owner:
            row.owner = person_of(session, owner)
        if disclosure is not None:
            row.disclosure = disclosure
        if active is not None:
            row.set_state(ChannelState.ACTIVE if active else ChannelState.RETIRED)
        out.print(f"{row.id}: {row.state}, disclosure {'asked' if row.disclosure else 'not asked'}")


@policy.command("block")
def policy_block(phrase: str, instead: Annotated[str, typer.Option(help="What to write instead.")] = "") -> None:
    """Do not allow a phrase in captions."""
    if not phrase.strip():
        fail("Name a phrase: chorus policy block 'guaranteed savings'.")
    with changing(opened_database()) as session:
        social_channels.block_phrase(session, phrase.strip(), instead.strip())
    out.print(f"“{phrase.strip()}” is not allowed in captions.")


@policy.command("allow")
def policy_allow(phrase: str) -> None:
    """Allow a phrase again."""
    with changing(opened_database()) as session:
        if not social_channels.allow_phrase(session, phrase.strip()):
            fail(f"“{phrase.strip()}” is not among the phrases that are blocked: `chorus policy list` names them.")
    out.print(f"“{phrase.strip()}” is allowed.")


@policy.command("list")
def policy_list(as_json: AsJson = False) -> None:
    """Phrases that are not allowed."""
    with opened_database().transaction() as session:
        rows = [{"phrase": row.phrase, "instead": row.instead} for row in social_channels.blocked_phrases(session)]
    print_rows(rows, ("phrase", "instead"), as_json)
