"""What is offered as a known answer, and what is not, however like it is."""

from __future__ import annotations

import pytest

from bot.features.questions.domain import matching
from tests.bot.features.questions.test_questions import answers, staff
from tests.stage import Stage


@pytest.mark.parametrize(
    ("known", "asked", "is_offered"),
    [
        ("Who answers for our LinkedIn?", "Who answers for LinkedIn?", True),
        ("Who answers for our LinkedIn?", "Who answers for our Facebook?", False),
        ("Who answers for our LinkedIn?", "Who answers for our Instagram and Facebook?", False),
        ("Who answers for our LinkedIn?", "Who answers for our Facebook and our LinkedIn?", True),
        ("Who answers for our LinkedIn?", "Who answers for our X?", False),
        ("Kuka vastaa LinkedInistä meillä?", "Kuka vastaa LinkedIn-tilistä meillä?", True),
        ("Kuka vastaa LinkedInistä meillä?", "Kuka vastaa Facebookista meillä?", False),
    ],
)
def test_an_answer_about_one_channel_is_none_about_another(
    stage: Stage, known: str, asked: str, is_offered: bool
) -> None:
    staff(stage)
    stage.says("aino", known)
    answers(stage, "mikko", "That is me.", keep=True)
    with stage.database.transaction() as session:
        assert bool(matching.matches(session, asked)) is is_offered
