"""What the commands share: the parts of a process, ready to use, or the bare database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.settings import Settings, load_settings
from adapters.terminal import fail
from storage.database import Database
from storage.secrets import load_keys

if TYPE_CHECKING:
    from adapters.app import Chorus


def built(settings: Settings, base_url: str = "") -> Chorus:
    from adapters.app import build  # takes seconds: only for those who need it

    chorus = build(settings, base_url=settings.base_url.rstrip("/") or base_url or "http://127.0.0.1:8000")
    if chorus.database.pending_migrations():
        fail("The database is not up to date: run `chorus db upgrade`.")
    return chorus


def opened_database() -> Database:
    settings = load_settings()
    if settings.keys:
        load_keys(settings.keys)
    return Database(settings.database_url)
