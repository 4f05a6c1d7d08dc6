"""Acts of the audit log as people read them."""

from __future__ import annotations

from collections.abc import Callable

from bot.core.i18n import Words

DONE = ("made", "changed", "deleted")


def act_name(act: str, words: Words) -> str:
    """An act that has no name here is called as it is stored."""
    if (named := _acts().get(act)) is not None:
        return named(words)
    table, _, done = act.rpartition(" ")
    thing = _things().get(table)
    if thing is None or done not in DONE:
        return act
    name = thing(words)
    return {
        "made": words.t("{thing}: added", thing=name),
        "changed": words.t("{thing}: changed", thing=name),
        "deleted": words.t("{thing}: removed", thing=name),
    }[done]


def source_name(source: str, words: Words) -> str:
    return {
        "chat": words.t("in chat"),
        "console": words.t("in the console"),
        "terminal": words.t("on the command line"),
        "api": words.t("by a program"),
        "directory": words.t("by the directory"),
        "sign-in": words.t("at sign-in"),
        "install link": words.t("by an installation link"),
        "job": words.t("by Chorus itself"),
    }.get(source, source)


def _acts() -> dict[str, Callable[[Words], str]]:
    return {
        "signed in to the console": lambda w: w.t("Signed in"),
        "sign-in refused": lambda w: w.t("Sign-in refused"),
        "figures exported": lambda w: w.t("Figures exported"),
        "looked at a person": lambda w: w.t("Looked at a person"),
        "people read": lambda w: w.t("List of people read"),
        "data of a person exported": lambda w: w.t("Somebody’s data exported"),
        "person erased": lambda w: w.t("Somebody deleted"),
        "people imported": lambda w: w.t("People imported"),
        "audit log exported": lambda w: w.t("Audit log exported"),
        "audit log pruned": lambda w: w.t("Old acts deleted"),
    }


def _things() -> dict[str, Callable[[Words], str]]:
    return {
        "employees": lambda w: w.t("Person"),
        "units": lambda w: w.t("Unit"),
        "workspaces": lambda w: w.t("Workspace"),
        "allowed_places": lambda w: w.t("Allowed workspace"),
        "install_links": lambda w: w.t("Installation link"),
        "sign_in_accounts": lambda w: w.t("Sign-in account"),
        "directory_rules": lambda w: w.t("Directory rule"),
        "api_tokens": lambda w: w.t("API token"),
        "webhooks": lambda w: w.t("Webhook"),
        "channels": lambda w: w.t("Channel"),
        "blocked_phrases": lambda w: w.t("Blocked phrase"),
        "topics": lambda w: w.t("Topic"),
        "goals": lambda w: w.t("Goal"),
        "activities": lambda w: w.t("Activity"),
        "audiences": lambda w: w.t("Audience"),
        "sources": lambda w: w.t("Source"),
        "feeds": lambda w: w.t("Feed"),
        "posts": lambda w: w.t("Post"),
        "captions": lambda w: w.t("Starter"),
        "entries": lambda w: w.t("Saved answer"),
        "statements": lambda w: w.t("Statement"),
        "wordings": lambda w: w.t("Wording"),
        "rounds": lambda w: w.t("Pulse round"),
        "pulse_comments": lambda w: w.t("Pulse comment"),
        "digest_places": lambda w: w.t("Digest in a conversation"),
    }
