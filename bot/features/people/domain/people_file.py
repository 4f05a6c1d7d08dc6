"""People as a file names them: read, held against who is known, and taken over. Nothing is changed before it was shown.

Columns: email; name, unit (a path, “Sales > Nordics”), department, role, language, country. A cell that is empty says
nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import sha256
from itertools import pairwise

import regex

from bot.core.i18n import Words, base, closest, languages
from bot.core.role_names import role_name
from bot.core.working_time import is_known_place
from bot.features.people.domain import roster
from bot.features.people.domain.roster import PersonSaid
from storage.audit import watch
from storage.base import batched
from storage.database import Session
from storage.people import directory, directory_rules, employees, organisation
from storage.people.directory import KnownPerson
from storage.people.employees import ROLES, Employee
from storage.people.organisation import LONGEST_NAME, Unit
from storage.privacy import erasure

# By column, how a file may name it, in lower case.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "email": ("email", "e-mail", "email address", "mail", "sähköposti", "sähköpostiosoite"),
    "name": ("name", "nimi", "display name"),
    "unit": ("unit", "unit path", "yksikkö"),
    "department": ("department", "osasto"),
    "role": ("role", "roles", "rooli", "roolit"),
    "language": ("language", "kieli"),
    "country": ("country", "maa"),
}
ADDRESS = regex.compile(r"[^@\s,;<>\"']{1,64}@[^@\s,;<>\"']{1,190}\.[^@\s,;<>\"'.]{2,63}")
LANGUAGE = regex.compile(r"[a-z]{2,3}([-_][a-z0-9]{2,8})*")
UNDER = ">"
LONGEST_NAME_OF_PERSON = 200
AT_ONCE = 2000  # people that are changed at once


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that is not taken over, and why. The others are."""

    line: int
    who: str  # the address on it, as it is written
    why: str


@dataclass(frozen=True, slots=True)
class Change:
    """`what`: by column, what it is and what it would be; of somebody new, what they would be. `id` 0: new."""

    id: int
    email: str
    name: str
    what: Mapping[str, tuple[str, str]]
    said: PersonSaid
    roles: tuple[str, ...] | None


@dataclass(slots=True)
class Difference:
    """What a file would change. `leavers`: who is known and not in it, where it names everybody."""

    new: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    leavers: list[tuple[int, str]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    units: list[str] = field(default_factory=list)  # that would be new, with what is above them
    moved: list[str] = field(default_factory=list)  # that would stand elsewhere
    unspoken: Counter[str] = field(default_factory=Counter)  # languages that are none of ours, with how many people
    same: int = 0
    known: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.new or self.changed or self.leavers)

    @property
    def leaves_out_too_many(self) -> bool:
        return roster.are_too_many(len(self.leavers), self.known, few=1)

    @property
    def digest(self) -> str:
        """Another one for another difference: what is carried out must be what was shown."""
        said = [[(one.id, one.email, sorted(one.what.items())) for one in part] for part in (self.new, self.changed)]
        return sha256(repr((said, sorted(self.leavers), self.units, self.moved)).encode()).hexdigest()[:32]

    @property
    def raised(self) -> list[Change]:
        """Whoever would get or lose a role: to be shown first, and all of them."""
        return [one for one in (*self.changed, *self.new) if "role" in one.what]


def columns_of(header: Sequence[str], words: Words) -> dict[str, int] | str:
    """Where each column stands; one sentence where a file cannot be read so."""
    found: dict[str, int] = {}
    for place, said in enumerate(header):
        name = next((name for name, names in COLUMNS.items() if said.strip().lower() in names), None)
        if name is not None:
            found.setdefault(name, place)
    if "email" in found:
        return found
    return words.t("The first line must name the columns, and one of them must be “email”.")


def compare(
    session: Session,
    rows: Sequence[tuple[int, Sequence[str]]],
    columns: Mapping[str, int],
    words: Words,
    *,
    names_all: bool = False,
) -> Difference:
    """What the rows after the header would change. `names_all`: who is not among them has left."""
    known = {one.email: one for one in directory.everybody(session)}
    found = Difference(known=sum(one.is_active for one in known.values()))
    seen, named = dict[str, int](), set[str]()  # taken over; named at all, also on a line that is refused
    above = {unit.name: unit.parent.name if unit.parent else "" for unit in organisation.units(session)}
    units = set(above)
    departments = directory_rules.departments(session)
    erased = _erased(session, rows, columns)
    for line, cells in rows:
        said = {name: cells[place] if place < len(cells) else "" for name, place in columns.items()}
        named.add(said["email"].strip().lower())
        read = _read(said, words)
        if isinstance(read, str):
            found.refused.append(Refused(line, said["email"][:60], read))
            continue
        person, roles = read
        if person.language and person.language != (language := base(said["language"])):
            found.unspoken[language] += 1
        before = known.get(person.email)
        if why := _refusal(person, roles, before, seen, erased, words) or _clash(person.unit, above, words):
            found.refused.append(Refused(line, person.email, why))
            continue
        seen[person.email] = line
        unit = _unit_of(person, departments)
        change = _change(before, person, roles, unit)
        if change is None:
            found.same += 1
        else:
            (found.changed if change.id else found.new).append(change)
            units.update(person.unit or (unit,))
    stood = {row.name: row.parent.name if row.parent else "" for row in organisation.units(session)}
    found.units = sorted(_place(name, above) for name in units - set(stood) - {""})
    found.moved = sorted(_place(name, above) for name, over in stood.items() if above.get(name, over) != over)
    if names_all:
        gone = (one for one in known.values() if one.is_active and one.email not in named and "admin" not in one.roles)
        found.leavers = [(one.id, f"{one.name} ({one.email})" if one.name else one.email) for one in gone]
    return found


def _refusal(
    person: PersonSaid,
    roles: tuple[str, ...] | None,
    known: KnownPerson | None,
    seen: Mapping[str, int],
    erased: Collection[str],
    words: Words,
) -> str:
    if person.email in seen:
        return words.t("the same person as on line {line}", line=seen[person.email])
    if person.email in erased:
        return words.t("this person asked to be forgotten")
    if known is not None and known.is_closed:
        return words.t("the directory says that this person has left")
    if known is not None and "admin" in known.roles and roles is not None and "admin" not in roles:
        return words.t("a file takes no administrator’s role: change it on the person’s page")
    return ""


def _place(name: str, above: Mapping[str, str]) -> str:
    return f" {UNDER} ".join([*reversed(_line(name, above)), name])


def carry_out(session: Session, found: Difference, *, now: datetime) -> None:
    """Change what was shown. In the audit log each change of a role or unit stands by itself."""
    units = _Units(session)
    for changes in batched(found.new, AT_ONCE):
        made = [_newcomer(one, now) for one in changes]
        _follow(session, made, changes, units)
        directory.insert_all(session, [person for person in made if person.roles == ["employee"]])
        with_roles = [person for person in made if person.roles != ["employee"]]
        session.add_all(with_roles)
        session.flush()
        for person in with_roles:
            watch.note(session, "employees made", about=str(person.id), details={"roles": person.roles})
    for changes in batched(found.changed, AT_ONCE):
        people = employees.some(session, [one.id for one in changes])
        for person in people.values():
            person.come_back()
        _follow(session, [people[one.id] for one in changes], changes, units)
        session.flush()
    for numbers in batched([number for number, _name in found.leavers], AT_ONCE):
        for person in employees.some(session, numbers).values():
            roster.leave(session, person, now)
        session.flush()
    numbers_of = {"new": len(found.new), "changed": len(found.changed), "left": len(found.leavers)}
    watch.note(session, "people imported", details={**numbers_of, "refused": len(found.refused)})


class _Units:
    """Units by what is said of them, each looked for once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[tuple[tuple[str, ...], str], Unit | None] = {}

    def of(self, said: PersonSaid) -> Unit | None:
        key = (said.unit, said.department)
        if key not in self._known:
            self._known[key] = roster.unit_said(self._session, said)
        return self._known[key]


def _newcomer(one: Change, now: datetime) -> Employee:
    name = one.name or one.email.partition("@")[0]
    return Employee(
        joined_at=now, roles=["employee"], topics_declined=[], topics_wanted=[], tour_step=0, email=one.email, name=name
    )


def _follow(session: Session, people: Sequence[Employee], changes: Sequence[Change], units: _Units) -> None:
    for person, one in zip(people, changes, strict=True):
        roster.follow(person, one.said, units.of(one.said))
        if one.roles is not None and set(one.roles) != set(person.roles):
            person.roles = sorted(one.roles, key=ROLES.index)
            if person.id is not None:
                roster.given_by_hand(session, person)


def _erased(session: Session, rows: Sequence[tuple[int, Sequence[str]]], columns: Mapping[str, int]) -> set[str]:
    """Addresses of people who asked to be forgotten."""
    place = columns["email"]
    said = {cells[place].strip().lower() for _line, cells in rows if place < len(cells)}
    return said - erasure.may_come(session, "file", [(email, email) for email in said])


def _read(said: Mapping[str, str], words: Words) -> tuple[PersonSaid, tuple[str, ...] | None] | str:
    """(what is said of the person, their roles); else why not. No roles: nothing is said of them."""
    email = said["email"].strip().lower()
    if not ADDRESS.fullmatch(email):
        return words.t("“{said}” isn’t an email address", said=email[:60]) if email else words.t("no email address")
    unit = tuple(map(roster.plain, said["unit"].split(UNDER))) if said.get("unit") else ()
    if any(not part or len(part) > LONGEST_NAME for part in unit):
        return words.t("the unit has a part without a name, or one that is too long")
    roles: tuple[str, ...] | None = None
    if written := [part.strip().lower() for part in regex.split(r"[,;|+/]", said.get("role", "")) if part.strip()]:
        known = _roles_by_name()
        if wrong := [role for role in written if role not in known]:
            named = ", ".join(role_name(role, words) for role in ROLES)
            return words.t("“{said}” isn’t a role: {roles}", said=wrong[0][:40], roles=named)
        roles = tuple(sorted({"employee", *(known[role] for role in written)}, key=ROLES.index))
    language = said.get("language", "").strip().lower()
    if language and not LANGUAGE.fullmatch(language):
        return words.t("“{said}” isn’t a language code: write en, or fi", said=language[:20])
    country = said.get("country", "").strip().upper()
    if country and not is_known_place(country):
        return words.t("the holidays of “{said}” are not known: write FI, or DE-BY for a region", said=country[:20])
    person = PersonSaid(
        email=email,
        name=roster.plain(said.get("name", ""))[:LONGEST_NAME_OF_PERSON],
        unit=unit,
        department=roster.plain(said.get("department", ""))[:LONGEST_NAME],
        language=closest(language) if language else "",
        country=country,
    )
    return person, roles


@cache
def _roles_by_name() -> dict[str, str]:
    """As they are stored, and as people call them in any language."""
    spoken = [Words(language) for language in languages()]
    return {name: role for role in ROLES for name in (role, *(role_name(role, words).lower() for words in spoken))}


def _clash(path: Sequence[str], above: dict[str, str], words: Words) -> str:
    """Why the path cannot stand beside what is known of units, by name what is above each; "" where it can, and then it
    is known, too."""
    if len(set(path)) < len(path):
        return words.t("a unit cannot stand under itself: {path}", path=f" {UNDER} ".join(path))
    pairs = list(pairwise(path))
    for over, name in pairs:
        if above.get(name) and above[name] != over:
            return words.t(
                "the unit {unit} stands under {above}, not under {said}", unit=name, above=above[name], said=over
            )
        if name in _line(over, above):
            return words.t("a unit cannot stand under itself: {path}", path=f" {UNDER} ".join(path))
    above.update({name: over for over, name in pairs})
    for name in path:
        above.setdefault(name, "")
    return ""


def _line(name: str, above: Mapping[str, str]) -> list[str]:
    """What is above the unit, one after the other."""
    found = list[str]()
    while (name := above.get(name, "")) and name not in found:
        found.append(name)
    return found


def _unit_of(person: PersonSaid, departments: Mapping[str, Unit | None]) -> str:
    """The name of the unit that the person would be in; "" where nothing is said of it."""
    if person.unit:
        return person.unit[-1]
    ruled = departments.get(directory_rules.key_of(person.department))
    return ruled.name if ruled is not None else person.department


def _change(known: KnownPerson | None, person: PersonSaid, roles: tuple[str, ...] | None, unit: str) -> Change | None:
    """None where nothing would be another."""
    before = known or KnownPerson(0, "", person.email, "", "", False, "", (), True, False)
    said = {
        "name": (before.name, person.name),
        "unit": (before.unit, unit),
        "language": (before.language, "" if before.language_chosen else person.language),
        "country": (before.country, person.country),
        "role": (", ".join(before.roles), ", ".join(roles or ())),
        "state": ("" if before.is_active else "left", "" if before.is_active else "active"),
    }
    what = {name: (held, wanted) for name, (held, wanted) in said.items() if wanted and wanted != held}
    if known is not None and not what:
        return None
    return Change(before.id, person.email, person.name or before.name, what, person, roles)
