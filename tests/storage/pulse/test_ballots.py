"""The ballot box on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from storage.database import Database, DatabaseError
from storage.pulse.ballots import BallotBox, Voter, address_beside


@pytest.fixture
def box(database: Database) -> Iterator[BallotBox]:
    box = BallotBox(address_beside(database.engine_url))
    box.begin(1)
    yield box
    box.close()


def test_the_last_one_counts_however_many_come_at_once(box: BallotBox) -> None:
    def cast(tap: int) -> bool:
        return box.cast(7, Voter(1, tap % 20, None), 3, tap // 20)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(cast, range(100)))
    for person in range(20):
        box.cast(7, Voter(1, person, None), 3, 4)
    ballots = box.take(7)
    assert (len(ballots), {ballot.value for ballot in ballots}) == (20, {4})


def test_ballots_come_in_the_order_of_tokens(box: BallotBox) -> None:
    for person in range(9):
        for asked in (1, 2, 3):
            box.cast(7, Voter(1, person, 5), asked, person % 5 + 1)
    tokens = [ballot.token for ballot in box.take(7)]
    assert (len(tokens), len(set(tokens))) == (27, 9)
    assert tokens == sorted(tokens)


def test_without_the_secret_nothing_is_taken(box: BallotBox) -> None:
    token = box.token(1, 17)
    box.begin(1)  # once more: it stays the same
    assert box.token(1, 17) == token
    box.destroy(1)
    assert (box.token(1, 17), box.cast(7, Voter(1, 17, None), 1, 5)) == (None, False)


def test_what_is_taken_back_is_gone_and_the_rest_stays(box: BallotBox) -> None:
    for person in (1, 2):
        box.cast(7, Voter(1, person, None), 1, 5)
        box.cast_comment(7, box.comment_token(1, 7, person) or "", "en", f"I am {person}")
    box.take_back(7, box.token(1, 1) or "", box.comment_token(1, 7, 1) or "")
    assert [ballot.token for ballot in box.take(7)] == [box.token(1, 2)]
    assert box.comments(7) == [("en", "I am 2")]
    box.empty(7)
    assert (box.take(7), box.comments(7)) == ([], [])


def test_many_processes_make_its_tables_at_once(database: Database) -> None:
    boxes = [BallotBox(address_beside(database.engine_url)) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(BallotBox.prepare, boxes))
    for box in boxes:
        box.close()


def test_a_box_that_cannot_be_made_says_so() -> None:
    with pytest.raises(DatabaseError, match="The ballot box cannot be written to"):
        BallotBox("sqlite:////nowhere/at/all.db").prepare()
