"""Directory sync: page by page from the platform into employees and identities; resumes after an interruption."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

import structlog

from bot.core.i18n import closest
from bot.core.ports import DirectoryPage, Profile
from bot.features.people.domain import roster
from storage.database import Session
from storage.people import employees, organisation, workspaces
from storage.people.employees import Employee, Identity, IdentityState
from storage.people.responsibilities import has_responsibility
from storage.people.workspaces import WorkspaceState
from storage.privacy import erasure

FEW_LEAVERS = 3  # at once, of however small a workspace

log = structlog.get_logger()
_ZONES = available_timezones()


@dataclass(slots=True)
class SyncReport:
    """How many members were seen, are new, were skipped as non-employees, and have left; or would have, were they not
    too many to be believed."""

    seen: int = 0
    created: int = 0
    left_out: int = 0
    left: int = 0
    kept: int = 0


def begin(session: Session, workspace_id: str, *, now: datetime) -> str | None:
    """Start or resume a sync. Returns the cursor to continue from."""
    workspace = workspaces.workspace(session, workspace_id)
    if workspace is None or workspace.state != WorkspaceState.INSTALLED:
        raise LookupError(workspace_id)
    if workspace.sync_started_at is None:
        workspace.sync_started_at = now
    return workspace.sync_cursor


def take_page(
    session: Session,
    workspace_id: str,
    page: DirectoryPage,
    report: SyncReport,
    *,
    now: datetime,
    believes_all: bool = False,
) -> bool:
    """Store one page; whether it was the last. Its effects and the next cursor are one transaction. A directory that
    leaves out more than a fifth of those who were here is taken for a half one, and nobody of them as gone, unless
    somebody said that it is right (`believes_all`)."""
    workspace = workspaces.workspace(session, workspace_id)
    if workspace is None or workspace.sync_started_at is None:
        return True
    may_come = erasure.may_come(session, workspace_id, [(profile.user, profile.email) for profile in page.profiles])
    for profile in page.profiles:
        if profile.user not in may_come:
            continue  # who asked to be forgotten is brought back by nobody
        report.seen += 1
        if profile.is_employee:
            known = employees.identity(session, workspace_id, profile.user) is not None
            upsert_identity(session, workspace_id, profile, now=now).seen_at = now
            report.created += not known
        else:
            report.left_out += 1
            deactivate_identity(session, workspace_id, profile.user, now=now)
    workspace.sync_cursor = page.next_cursor
    if page.next_cursor:
        return False
    missing = [
        gone
        for gone in employees.not_seen_since(session, workspace_id, workspace.sync_started_at)
        if page.whole or not gone.address  # who speaks with the bot: that they go will be told by the platform
    ]
    here = employees.number_active_in(session, workspace_id)
    if roster.are_too_many(len(missing), here, few=FEW_LEAVERS) and not believes_all:
        report.kept = len(missing)
        log.warning(
            "nobody was marked as left: too many are missing in the directory",
            workspace=workspace_id,
            missing=report.kept,
            seen=report.seen,
        )
    else:
        report.left = len(missing)
        for gone in missing:
            deactivate_identity(session, workspace_id, gone.user, now=now)
    workspace.sync_started_at, workspace.synced_at = None, now
    workspace.sync_report = {name: getattr(report, name) for name in ("seen", "created", "left", "kept")}
    return True


def upsert_identity(session: Session, workspace_id: str, profile: Profile, *, now: datetime) -> Identity:
    """The identity of `profile`, made or brought up to date; joined to an employee by verified e-mail, unless that
    would carry a role to another place."""
    identity = employees.identity(session, workspace_id, profile.user)
    email = profile.email.strip().lower() if profile.email else None
    if identity is None:
        known = employees.by_email(session, email) if email else None
        may_join = known is not None and _may_be_joined(session, known, workspace_id)
        person = known if known is not None and may_join else employees.newcomer(session, now)
        identity = Identity(
            workspace_id=workspace_id,
            user=profile.user,
            employee=person,
            last_used_at=now,
            state=IdentityState.ACTIVE,
            joined_by_email=_is_known_elsewhere(person, workspace_id),
        )
        session.add(identity)
    person = identity.employee
    if email and person.email != email:
        other = employees.by_email(session, email)
        if other is None:
            person.email = email
        elif other is not person and person.email is None and _may_be_joined(session, other, workspace_id):
            identity.joined_by_email = _is_known_elsewhere(other, workspace_id)
            identity.employee = person = other  # the address was verified later: the two are one
    _follow(session, person, profile, now, is_home=not identity.joined_by_email)
    identity.reach_again()
    identity.address = profile.address or identity.address
    person.come_back()
    session.flush()
    return identity


def deactivate_identity(session: Session, workspace_id: str, user: str, *, now: datetime) -> None:
    """The person is no longer spoken to there; with no identity left, they have left."""
    identity = employees.identity(session, workspace_id, user)
    if identity is None or identity.state == IdentityState.LEFT:
        return
    identity.leave()
    session.flush()
    person = identity.employee
    if all(other.state == IdentityState.LEFT for other in person.identities):
        roster.leave(session, person, now)


def _may_be_joined(session: Session, known: Employee, workspace_id: str) -> bool:
    """In another workspace's directory an address is only a string: it carries no role, channel or topic there.
    An administrator can join the two (`chorus people join`)."""
    return not (_is_known_elsewhere(known, workspace_id) and has_responsibility(session, known))


def _is_known_elsewhere(person: Employee, workspace_id: str) -> bool:
    return any(identity.workspace_id != workspace_id for identity in person.identities)


def heed(person: Employee, *, locale: str | None, time_zone: str | None) -> None:
    """Where, and in which language, the person's own app says that they are."""
    if time_zone in _ZONES and person.time_zone != time_zone:
        person.time_zone = time_zone
    if locale and not person.language_chosen:
        person.language = closest(locale)


def _follow(session: Session, person: Employee, profile: Profile, now: datetime, *, is_home: bool) -> None:
    """`is_home`: the workspace decides what the person is called, and in which unit they are; others do not."""
    if is_home or not person.name:
        person.name = profile.name or person.name
    heed(person, locale=profile.locale, time_zone=profile.time_zone)
    if not (person.away_by_own_word and person.away_until and person.away_until > now):
        person.away_until, person.away_by_own_word = profile.away_until, False
    if profile.unit and (is_home or person.unit is None):
        person.unit = organisation.unit(session, profile.unit)
