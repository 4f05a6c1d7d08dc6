"""Who answers: the owner of the topic, else the deputy, else a comms lead; and who may do what with a question."""

from __future__ import annotations

from datetime import datetime

from bot.errors import Gone
from bot.turn import Turn
from storage import employees, questions
from storage.database import Session
from storage.employees import Employee
from storage.questions import Question
from storage.topics import Topic


def responsible(session: Session, topic: Topic | None, now: datetime, *, but: int | None = None) -> Employee | None:
    """The first who is there: owner, deputy, a lead (those present before those away); None where there is nobody."""
    people = [topic.owner, topic.deputy] if topic is not None and topic.is_active else []
    for person in people:
        if person is not None and person.id != but and person.is_present(now):
            return person
    leads = [lead for lead in employees.with_role(session, "lead") if lead.id != but]
    return next((lead for lead in leads if lead.is_present(now)), next(iter(leads), None))


def may_answer(person: Employee, question: Question) -> bool:
    """Owners help each other; everybody else answers what is theirs."""
    topic = question.topic
    own = {question.owner_id, topic.deputy_id if topic else None, topic.owner.id if topic and topic.owner else None}
    return person.has_role("owner", "lead") or person.id in own


def to_answer(turn: Turn, question_id: int, kept: str = "") -> Question:
    """A question that the person may answer. Raises Gone."""
    found = questions.question(turn.session, question_id)
    if found is None or not may_answer(turn.person, found):
        raise Gone("That question is not yours to answer, or it is no longer there.", kept=kept)
    return found


def own_question(turn: Turn, question_id: int, kept: str = "") -> Question:
    """A question that the person asked. Raises Gone."""
    found = questions.question(turn.session, question_id)
    if found is None or found.asker_id != turn.person.id:
        raise Gone("Only the person who asked can do that, or the question is no longer there.", kept=kept)
    return found
