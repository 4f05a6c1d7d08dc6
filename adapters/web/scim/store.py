"""The directory's users and groups in the database, and what follows from them for people here."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, cast

import structlog
from scim2_models import (
    ForbiddenException,
    InvalidFilterException,
    InvalidValueException,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    ScimFilter,
    ScimProvider,
    SearchRequest,
    UniquenessException,
)
from scim2_models.path import CompareOperator, Comparison
from scim2_server.storage import AsyncScimStorage, SearchPage

from adapters.web.scim.resources import MOST_FILTERED, PAGE
from bot.core.db_executor import DbExecutor
from bot.features.people.domain import people_file, roster
from bot.features.people.domain.roster import PersonSaid, plain
from storage.audit import watch
from storage.database import Session
from storage.people import directory_records, directory_rules, employees
from storage.people.directory_records import DirectoryRecord, RecordKind
from storage.privacy import erasure

log = structlog.get_logger()

LONGEST, LONGEST_FILTER = 1000, 2000  # characters
MOST = 2**31  # of a place in a list
OURS = ("id", "meta", "members")  # parts of a resource that are not kept in its words
ERASED = "This person asked Chorus to forget them. They come back once they write to the bot."


class DirectoryStore(AsyncScimStorage):
    """Each call is a transaction of its own."""

    def __init__(self, db_executor: DbExecutor, provider: ScimProvider, root: str, now: Callable[[], datetime]) -> None:
        """`root`: the address that resources are below."""
        self._db_executor = db_executor
        self._provider = provider
        self._root = root
        self._now = now

    async def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        return await self._db_executor(
            lambda session: self._resources(session, [_found(session, resource_type, resource_id)])[0]
        )

    async def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        return await self._db_executor(lambda session: self._search(session, resource_types, search_request))

    async def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        return await self._db_executor(lambda session: self._create(session, resource_type, resource))

    async def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        return await self._db_executor(lambda session: self._update(session, resource_type, resource, expected_version))

    async def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        await self._db_executor(lambda session: self._delete(session, resource_type, resource_id, expected_version))

    # -- In a transaction ---------------------------------------------------------------------------------------

    def _search(self, session: Session, resource_types: list[ResourceType], asked: SearchRequest[Any]) -> SearchPage:
        kinds = [RecordKind(str(one.name)) for one in resource_types]
        start, limit = min(asked.start_index_0 or 0, MOST), min(PAGE if asked.count is None else asked.count, PAGE)
        if asked.filter is None:
            total = directory_records.count(session, kinds)
            rows = directory_records.some(session, kinds, start=start, limit=limit)
            return SearchPage(total, self._resources(session, rows))
        wanted = asked.filter
        if len(str(wanted)) > LONGEST_FILTER:
            raise InvalidFilterException(detail=f"A filter has at most {LONGEST_FILTER} characters.")
        equal = _equality(wanted)
        if not equal and directory_records.count(session, kinds) > MOST_FILTERED:
            raise InvalidFilterException(detail="Filter by userName, externalId or id.")
        found = self._resources(session, directory_records.some(session, kinds, equal=equal))
        if not wanted.models and found:
            models = reduce(or_, dict.fromkeys(map(type, found)))
            wanted = ScimFilter[models](str(wanted))  # type: ignore[valid-type]
        matching = [one for one in found if wanted.match(one)]
        return SearchPage(len(matching), matching[start : start + limit])

    def _create(self, session: Session, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        now, kind = self._now(), RecordKind(str(resource_type.name))
        row = DirectoryRecord(
            id=secrets.token_hex(16),
            kind=kind,
            name="",
            resource={},
            granted=[],
            version=1,
            created_at=now,
            changed_at=now,
        )
        self._write(session, row, resource)
        session.add(row)
        session.flush()
        with watch.acting(session, None, "directory"):
            self._follow(session, row, resource)
        return self._resources(session, [row])[0]

    def _update(
        self, session: Session, resource_type: ResourceType, resource: Resource[Any], expected: str | None
    ) -> Resource[Any]:
        row = _found(session, resource_type, str(resource.id))
        _check(row, expected)
        self._write(session, row, resource)
        row.version, row.changed_at = row.version + 1, self._now()
        session.flush()
        with watch.acting(session, None, "directory"):
            self._follow(session, row, resource)
        return self._resources(session, [row])[0]

    def _delete(self, session: Session, resource_type: ResourceType, record_id: str, expected: str | None) -> None:
        row = _found(session, resource_type, record_id)
        _check(row, expected)
        with watch.acting(session, None, "directory"):
            if row.kind == RecordKind.GROUP:
                inside = directory_records.users_below(session, [row.id])
                directory_records.remove(session, row)
                self._grant(session, inside)
                return
            if row.employee_id is not None:
                person = employees.some(session, [row.employee_id])[row.employee_id]
                row.granted = roster.grant(person, row.granted, ())
                roster.let_go(session, person, self._now())
            directory_records.remove(session, row)

    def _write(self, session: Session, row: DirectoryRecord, resource: Resource[Any]) -> None:
        said = resource.model_dump()
        name = str(getattr(resource, "user_name", "") or "").strip().lower()
        if row.kind == RecordKind.USER and not name:
            raise InvalidValueException(detail="userName is empty.")
        name = name or row.id
        if any(
            len(str(value)) > LONGEST for value in (name, said.get("displayName"), said.get("name"), said.get("emails"))
        ):
            raise InvalidValueException(detail=f"A value is longer than {LONGEST} characters.")
        other = directory_records.named(session, row.kind, name)
        if other is not None and other.id != row.id:
            raise UniquenessException()
        row.resource = {name: value for name, value in said.items() if name not in OURS}
        row.external_id, row.name = resource.external_id, name

    def _follow(self, session: Session, row: DirectoryRecord, resource: Resource[Any]) -> None:
        if row.kind == RecordKind.GROUP:
            wanted = [str(one.value) for one in getattr(resource, "members", None) or () if one.value]
            came, went = directory_records.set_members(session, row.id, wanted)
            # Those who stay, too: the group may be called otherwise now.
            self._grant(session, directory_records.users_below(session, {*came, *went, *wanted}))
            return
        said = _said(resource)
        if said is None:
            log.warning("a user of the directory has no address", record=row.id)
            return
        now = self._now()
        if not erasure.may_come(session, "directory", [(row.name, said.email)]):
            raise ForbiddenException(detail=ERASED)
        person = employees.employee(session, row.employee_id) if row.employee_id is not None else None
        person = person or roster.person_with(session, said.email, now=now)
        if any(other.id != row.id for other in directory_records.of_person(session, person.id)):
            raise UniquenessException(detail="Another user of the directory is the person with that address.")
        row.employee_id = person.id
        if person.email != said.email and employees.by_email(session, said.email) is None:
            person.email = said.email
        roster.follow(person, said, roster.unit_said(session, said))
        if getattr(resource, "active", None) is False:
            roster.let_go(session, person, now)
        else:
            roster.take_back(person)
        session.flush()
        self._grant(session, [row])

    def _grant(self, session: Session, rows: Sequence[DirectoryRecord]) -> None:
        """Roles and units of these users, by the groups that they are in now."""
        for row in rows:
            if row.employee_id is None:
                continue
            groups = directory_records.groups_of(session, row.id)
            names = [str(group.resource.get("displayName") or "") for group in groups]
            found = directory_rules.for_groups(session, [*names, *(one.external_id or one.id for one in groups)])
            person = employees.some(session, [row.employee_id])[row.employee_id]
            row.granted = roster.grant(person, row.granted, {rule.role for rule in found if rule.role})
            unit = next((rule.unit for rule in found if rule.unit is not None), None)
            if unit is not None:
                roster.move(person, unit)
        session.flush()

    def _resources(self, session: Session, rows: Sequence[DirectoryRecord]) -> list[Resource[Any]]:
        groups = [row.id for row in rows if row.kind == RecordKind.GROUP]
        members = directory_records.members(session, groups) if groups else {}
        return [self._resource(row, members.get(row.id, ())) for row in rows]

    def _resource(self, row: DirectoryRecord, members: Sequence[DirectoryRecord]) -> Resource[Any]:
        model = cast(type[Resource[Any]], self._provider.model_for(row.kind.value))
        said = {
            **row.resource,
            "id": row.id,
            "meta": {
                "resourceType": row.kind.value,
                "created": row.created_at,
                "lastModified": row.changed_at,
                "version": _version(row),
            },
        }
        if members:
            said["members"] = [{"value": one.id, "$ref": f"{self._root}/{one.kind.value}s/{one.id}"} for one in members]
        return model.model_validate(said)


def _found(session: Session, resource_type: ResourceType, record_id: str) -> DirectoryRecord:
    row = directory_records.record(session, RecordKind(str(resource_type.name)), record_id)
    if row is None:
        raise NotFoundException(detail=f"{resource_type.name} {record_id!r} not found")
    return row


def _check(row: DirectoryRecord, expected: str | None) -> None:
    if expected is not None and expected != _version(row):
        raise PreconditionFailedException


def _version(row: DirectoryRecord) -> str:
    return f'W/"{row.version}"'


def _equality(wanted: ScimFilter[Any]) -> dict[str, str]:
    """What a column must hold, where the filter is nothing but one comparison that a column can answer."""
    node = wanted.ast
    if not isinstance(node, Comparison) or node.op != CompareOperator.eq or not isinstance(node.value, str):
        return {}
    match str(node.attr_path).rpartition(":")[2].lower():
        case "username":
            return {"name": node.value.strip().lower()}
        case "externalid":
            return {"external_id": node.value}
        case "id":
            return {"id": node.value}
    return {}


def _said(user: Any) -> PersonSaid | None:
    """None without an address."""
    email = str(user.user_name or "").strip().lower()
    if not people_file.ADDRESS.fullmatch(email):  # then a work address; never one that people may set themselves
        emails = [one for one in getattr(user, "emails", None) or () if one.value and (one.type or "work") == "work"]
        first = next((one for one in emails if one.primary), emails[0] if emails else None)
        email = str(first.value if first is not None else "").strip().lower()
    if not people_file.ADDRESS.fullmatch(email):
        return None
    name = user.name
    parts = [name.formatted] if name and name.formatted else [name.given_name, name.family_name] if name else []
    extension = next((found for kind in user.get_extension_models().values() if (found := user[kind])), None)
    return PersonSaid(
        email=email,
        name=plain(user.display_name or " ".join(part for part in parts if part) or ""),
        department=plain(getattr(extension, "department", None) or ""),
        language=(user.preferred_language or user.locale or "")[:35],
        time_zone=user.timezone or "",
    )
