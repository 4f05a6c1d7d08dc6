"""All parts that pages are made of, with made-up figures: for those who build pages. English only, like the code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from adapters.web.console.charts.figures import Dots, GoalBar, IntervalRow, Intervals, Line, sparkline
from adapters.web.console.parts import Column, DataTable, Filter, LinkTo, Narrowed, Segment, Tab, Tile, Verdict
from adapters.web.console.query import Query
from bot.core.cards import Bold, Button, Card, Choice, Choices, DateField, Field, Form, Option, TextField, card, text
from bot.core.context import Context

HERE = "/console/components"
WEEKS = tuple(str(week) for week in range(36, 48))


@dataclass(frozen=True, slots=True)
class Components:
    tiles: Sequence[Tile]
    line: Line
    intervals: Intervals
    dots: Dots
    goal: GoalBar
    table: DataTable
    narrowed: Narrowed
    tabs: Sequence[Tab]
    segments: Sequence[Segment]
    verdicts: Sequence[Verdict]
    form: Form
    done: Card
    empty_table: DataTable
    steps: Sequence[tuple[str, int]] = field(default=(("Nudged", 63), ("Opened", 41), ("Shared", 18)))


def view(_context: Context, _query: Query) -> Components:
    return Components(
        tiles=_tiles(),
        line=Line(
            "People who shared",
            WEEKS,
            (9, 11, 12, 10, 14, 19, 8, 16, 21, 20, 22, 18),
            (6, 7, 5, 3, 2, 1, 2, 4, 6, 8, 9, 10),
            "the 12 before",
            (13.0, 26.0),
        ),
        intervals=_intervals(),
        dots=Dots("17 of 20 say yes", -1.2, 6.4, "they hold back", "they help", "no difference"),
        goal=GoalBar("Goal", 18.5, 40, 24, 37, "goal 40"),
        table=_table(),
        narrowed=Narrowed(
            query=Query(HERE, "", {"topic": "a"}),
            filters=[Filter("topic", "Topic", [("", "All topics"), ("a", "Customers")], "a")],
            searched="",
            search_hint="Words in title",
            found="24 posts",
        ),
        tabs=[Tab("All", HERE, True, 48), Tab("Waiting", HERE, False, 3, True), Tab("Ended", HERE, False, 24)],
        segments=[Segment("Week", HERE, True), Segment("4 weeks", HERE, False), Segment("Quarter", HERE, False)],
        verdicts=[
            Verdict("No clear change", "", "same"),
            Verdict("On track", "good", "more"),
            Verdict("Waiting for you", "warn", "clock"),
            Verdict("Overdue", "bad", "warning"),
            Verdict("Scheduled", "blue", "calendar"),
        ],
        form=_form(),
        done=card("Saved.", text(Bold("Saved."), " The post is out for sharing.")),
        empty_table=DataTable("A table of nothing", [Column("Name")], [], "Nothing has been sent yet."),
    )


def _tiles() -> list[Tile]:
    spark = sparkline((9, 12, 14, 19, 8, 16, 21, 20, 22, 18), (13.0, 26.0))
    usual = Verdict("No clear change", "", "same")
    return [
        Tile("People who shared", "18", "of 84", spark, ["22 the time before. Usual: 13–26."], usual),
        Tile("Answered in time", "91%", "20 of 22", "", ["Could be 72–97%."], Verdict("At the goal", "good", "check")),
        Tile("Weakest area", "No clear weakest", is_in_words=True, said=["The ranges of the lowest areas overlap."]),
    ]


def _intervals() -> Intervals:
    rows = [
        IntervalRow("Ownership", 36, 33, 39, "36% (33–39)", True),
        IntervalRow("Listening", 56, 48, 64, "56% (48–64)"),
        IntervalRow("Learning and culture", 75, 72, 78, "75% (72–78)"),
        IntervalRow("Goals", None, None, None, "too few answers yet"),
    ]
    return Intervals("Areas", rows, [(0, "fragile"), (40, "taking shape"), (60, "working"), (75, "strong")])


def _table() -> DataTable:
    columns = [Column("Name"), Column("Status"), Column("Shares", is_number=True), Column("Actions")]
    acts = (LinkTo("Edit…", HERE), Button("Remove", "show.help", 0, "danger"))
    rows = [
        (LinkTo("Heat pumps in old houses", HERE), Verdict("Out for sharing", "good", "share"), "18", acts),
        (LinkTo("An apprentice’s first year", HERE), Verdict("Waiting for approval", "warn", "clock"), "0", acts),
    ]
    return DataTable("A table", columns, rows, following=HERE)


def _form() -> Form:
    fields: tuple[Field, ...] = (
        TextField("name", "Name", "", hint="As people know it."),
        TextField("why", "Why share it?", "Insulation first, pump second.", multiline=True),
        Choice("unit", "Unit", (Option("-", "All units"), Option("sales", "Sales")), "-"),
        Choices("roles", "Roles", (Option("owner", "Channel owner"), Option("lead", "Comms lead")), ("lead",)),
        DateField("due", "Due", None),
    )
    return Form("show", 0, "A form", fields, "Save", "Cancel", errors=(("name", "Add a name."),))
