"""People from a file: what would change is told before anything does, and a line that is wrong stops no other."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from bot.core.i18n import Words
from bot.features.people.domain import people_file, roster
from bot.features.people.domain.people_file import Difference
from content import table_file
from content.errors import ContentError, NotATable, TooMuch
from storage.audit import entries
from storage.database import Database, Session
from storage.people import directory_rules, employees, organisation
from storage.people.directory_rules import RuleKind
from storage.people.employees import Employee
from storage.privacy import erasure

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
EN = Words("en")
FILE = """Email;Name;Unit;Role;Language;Country
aino@koivu.example;Aino Koivu;Sales > Nordics;;fi;FI
Laura@Koivu.example;Laura Laine;Communications;lead;en;DE-BY
mikko@koivu.example;Mikko;Sales > Nordics;owner, lead;;
"""


def compared(session: Session, content: bytes | str, **more: bool) -> Difference:
    rows = table_file.read(content.encode() if isinstance(content, str) else content)
    columns = people_file.columns_of(rows[0][1], EN)
    assert isinstance(columns, dict)
    return people_file.compare(session, rows[1:], columns, EN, **more)


def imported(database: Database, content: bytes | str, **more: bool) -> Difference:
    with database.transaction() as session:
        found = compared(session, content, **more)
        people_file.carry_out(session, found, now=NOW)
        return found


def one(session: Session, name: str) -> Employee:
    found = employees.by_email(session, f"{name}@koivu.example")
    assert found is not None
    return found


def test_people_come_with_units_roles_and_holidays(database: Database) -> None:
    found = imported(database, FILE)
    assert (len(found.new), found.refused, found.units) == (3, [], ["Communications", "Sales", "Sales > Nordics"])
    with database.transaction() as session:
        aino, laura, mikko = (one(session, name) for name in ("aino", "laura", "mikko"))
        assert (aino.name, aino.language, aino.country, aino.roles) == ("Aino Koivu", "fi", "FI", ["employee"])
        assert aino.unit is not None
        assert aino.unit.parent is not None
        assert (aino.unit.name, aino.unit.parent.name) == ("Nordics", "Sales")
        assert (laura.roles, laura.country) == (["employee", "lead"], "DE-BY")
        assert mikko.roles == ["employee", "owner", "lead"]
    with database.transaction() as session:
        again = compared(session, FILE)
        assert (again.same, again.is_empty) == (3, True)


def test_what_is_shown_is_what_changes_and_nothing_else(database: Database) -> None:
    imported(database, FILE)
    with database.transaction() as session:
        one(session, "mikko").choose_language("fi")
        found = compared(session, "email,unit,language,name\nmikko@koivu.example,Sales,en,\n")
        assert [dict(change.what) for change in found.changed] == [{"unit": ("Nordics", "Sales")}]
        assert one(session, "mikko").unit.name == "Nordics"  # type: ignore[union-attr]


WRONG = {
    "nobody;;;;;": "“nobody” isn’t an email address",
    "a@b.example;;;boss;;": "“boss” isn’t a role: employee, channel owner, comms lead, administrator",
    "a@b.example;;;;suomi;": "“suomi” isn’t a language code: write en, or fi",
    "a@b.example;;;;;Atlantis": "the holidays of “ATLANTIS” are not known: write FI, or DE-BY for a region",
    "a@b.example;;Sales > ;;;": "the unit has a part without a name, or one that is too long",
    "a@b.example;;Marketing > Nordics;;;": "the unit Nordics stands under Sales, not under Marketing",
    "a@b.example;;Nordics > Sales;;;": "a unit cannot stand under itself: Nordics > Sales",
    "aino@koivu.example;;;;;": "the same person as on line 2",
    "gone@koivu.example;;;;;": "this person asked to be forgotten",
}


def test_a_wrong_line_is_named_and_the_others_are_taken(database: Database) -> None:
    with database.transaction() as session:
        gone = employees.newcomer(session, NOW, name="Gone", email="gone@koivu.example")
        erasure.erase(session, gone, now=NOW, stays=True)
    found = imported(database, FILE + "\n\n" + "\n".join(WRONG))
    assert [(refused.line, refused.why) for refused in found.refused] == list(enumerate(WRONG.values(), start=7))
    assert len(found.new) == 3


def test_departments_are_units_by_rule(database: Database) -> None:
    with database.transaction() as session:
        directory_rules.set_rule(
            session, RuleKind.DEPARTMENT, "Fld Svc", unit=organisation.unit(session, "Field service")
        )
    imported(database, "email,department\na@b.example,FLD  svc\nc@d.example,Finance\n")
    with database.transaction() as session:
        units = [person.unit.name for person in employees.active(session) if person.unit]
    assert units == ["Field service", "Finance"]


def test_what_is_shown_of_a_department_is_what_its_rule_does(database: Database) -> None:
    """In whatever letters rule and file write it: the same unit is shown as is taken over, and the second time none."""
    file = "email,department\na@b.example,FLD  svc\nc@d.example,finance\n"
    with database.transaction() as session:
        organisation.unit(session, "Money")
        for name, unit in (("Fld Svc", "Field service"), ("FINANCE", "Money")):
            directory_rules.set_rule(session, RuleKind.DEPARTMENT, name, unit=organisation.unit(session, unit))
    with database.transaction() as session:
        shown = compared(session, file)
        assert [one.what["unit"] for one in shown.new] == [("", "Field service"), ("", "Money")]
        assert shown.units == []
    imported(database, file)
    with database.transaction() as session:
        again = compared(session, file)
        assert (again.new, again.changed, again.same) == ([], [], 2)


def test_a_line_that_is_refused_still_names_its_person(database: Database) -> None:
    imported(database, FILE)
    with database.transaction() as session:
        found = compared(session, FILE.replace("owner, lead", "king"), names_all=True)
        assert (len(found.refused), found.leavers) == (1, [])


def test_no_file_takes_an_administrator(database: Database) -> None:
    imported(database, FILE)
    with database.transaction() as session:
        one(session, "laura").roles = ["employee", "admin"]
    with database.transaction() as session:
        found = compared(session, "email;role\naino@koivu.example;\nmikko@koivu.example;\n", names_all=True)
        assert found.leavers == []
        refused = compared(session, "email;role\nlaura@koivu.example;employee\n").refused
        assert [line.why for line in refused] == [
            "a file takes no administrator’s role: change it on the person’s page"
        ]


def test_units_that_would_move_are_shown(database: Database) -> None:
    imported(database, FILE)
    with database.transaction() as session:
        found = compared(session, "email;unit\nk@koivu.example;Production > Kuopio > Sales\n")
        assert found.moved == ["Production > Kuopio > Sales"]
        assert found.units == ["Production", "Production > Kuopio"]


def test_whom_the_directory_closed_no_file_opens(database: Database) -> None:
    imported(database, FILE)
    with database.transaction() as session:
        roster.let_go(session, one(session, "aino"), NOW)
    with database.transaction() as session:
        refused = compared(session, FILE).refused
        assert [line.why for line in refused] == ["the directory says that this person has left"]


def test_who_gains_a_role_is_told_apart(database: Database) -> None:
    lines = "".join(f"p{number}@koivu.example;\n" for number in range(300))
    with database.transaction() as session:
        found = compared(session, f"email;role\n{lines}last@koivu.example;employee, ADMIN\n")
        assert [change.email for change in found.raised] == ["last@koivu.example"]


def test_who_leaves_is_in_the_audit_log_one_by_one(database: Database) -> None:
    imported(database, FILE)
    imported(database, FILE.replace("mikko@", "matti@"), names_all=True)
    with database.transaction() as session:
        gone = one(session, "mikko").id
        told = [(row.act, row.about) for row in entries.entries(session) if '"state"' in row.details]
    assert told == [("employees changed", str(gone))]


def test_what_moves_a_cursor_is_taken_out(database: Database) -> None:
    imported(database, 'email;name;unit\na@koivu.example;"\x1b[31mA\u202e";U\x1b]0;x\n')
    with database.transaction() as session:
        assert one(session, "a").name == "[31mA"


def test_who_is_not_in_a_file_of_all_has_left(database: Database) -> None:
    imported(database, FILE)
    found = imported(database, FILE.replace("mikko@", "matti@"), names_all=True)
    assert [name for _number, name in found.leavers] == ["Mikko (mikko@koivu.example)"]
    with database.transaction() as session:
        assert not one(session, "mikko").is_active
    imported(database, FILE)
    with database.transaction() as session:
        assert one(session, "mikko").is_active


def test_the_wrong_file_empties_no_organisation(database: Database) -> None:
    imported(database, "email\n" + "\n".join(f"p{number}@koivu.example" for number in range(50)))
    with database.transaction() as session:
        assert compared(session, FILE, names_all=True).leaves_out_too_many


def spreadsheet(rows: Sequence[Sequence[object]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for line, cells in enumerate(rows):
            sheet.write_row(line, 0, cells)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_files_as_spreadsheets_write_them(encoding: str) -> None:
    said = 'Sähköposti\tNimi\r\näiti@koivu.example\t"Äiti\r\nKoivu"\r\nb@koivu.example\tB\r\n'
    rows = table_file.read(said.encode(encoding))
    assert rows[0][1] == ["Sähköposti", "Nimi"]
    assert [line for line, _cells in rows] == [1, 2, 4]
    assert people_file.columns_of(rows[0][1], EN) == {"email": 0, "name": 1}


def test_a_workbook_reads_as_the_same_file_does() -> None:
    cells = [line.split(";") for line in FILE.splitlines()]
    assert table_file.read(spreadsheet([*cells, [], ["x@koivu.example", 7, 7.5]])) == [
        *table_file.read(FILE.encode()),
        (6, ["x@koivu.example", "7", "7.5", "", "", ""]),
    ]


@pytest.mark.parametrize(
    "content", [b"", b"\n\n;;\n", b"PK\x03\x04", b"PK\x03\x04" + b"\0" * 400, b'"' + b"x" * 200_000]
)
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises((NotATable, TooMuch)):
        table_file.read(content)


@given(st.binary(max_size=300))
def test_reading_never_breaks(content: bytes) -> None:
    try:
        rows = table_file.read(content)
    except ContentError:
        return
    people_file.columns_of(rows[0][1], EN)


def test_languages_that_are_none_of_ours_are_said(database: Database) -> None:
    found = imported(database, "email;language\na@b.example;sv-FI\nc@d.example;sv\ne@f.example;fi\n")
    assert (found.unspoken, len(found.new), found.refused) == ({"sv": 2}, 3, [])
