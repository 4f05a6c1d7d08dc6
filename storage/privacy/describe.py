"""`docs/data-map.md`, written from the map: `python -m storage.privacy.describe > docs/data-map.md`."""

from __future__ import annotations

from storage.privacy.data_map import NOT_OF_A_PERSON, PERSONAL_DATA, PersonalData

HEAD = """# What Chorus keeps about people

Written from the models by `make data-map`; a test fails while it says anything else than they do. A table or a column
that belongs to a person, or holds words, and is not in here, fails another.

| table | whose, by | what | why | who sees it | how long | when the person is erased |
|---|---|---|---|---|---|---|
"""
TAIL = """
Visitors of tracked links are nobody here: `visits` holds hashes whose salt is destroyed each day. Answers of an open
round of the pulse stand in a store of their own and are erased whole at its close ([privacy](privacy.md)). Keys of
handled events (2 days) and buckets of rate limits (30 minutes) hold platforms' ids of people and conversations; they go
with the person. Who asked to be forgotten stands in `erased_people` as a digest, so that no directory brings them back.

## Words that are of nobody who works here

| column | why |
|---|---|
"""


def page() -> str:
    rows = (
        f"| `{kind.table}` | `{kind.of}` | {kind.what} | {kind.why} | {kind.seen_by} | {kind.kept} | {_fate(kind)} |"
        for kind in sorted(PERSONAL_DATA, key=lambda kind: (kind.table, kind.of))
    )
    others = (f"| `{column}` | {why} |" for column, why in sorted(NOT_OF_A_PERSON.items()))
    return HEAD + "\n".join(rows) + "\n" + TAIL + "\n".join(others) + "\n"


def _fate(kind: PersonalData) -> str:
    words = ", ".join(f"`{name}`" for name in kind.words)
    return f"{kind.on_erasure}{f' ({words})' if words else ''}"


if __name__ == "__main__":
    print(page(), end="")
