"""Who may do what with a question."""

from __future__ import annotations

from bot.core.context import Context
from bot.core.errors import Gone
from storage.people.employees import Employee
from storage.questions import questions
from storage.questions.questions import Question


def may_answer(person: Employee, question: Question) -> bool:
    """Owners help each other; everybody else answers what is theirs."""
    topic = question.topic
    own = {question.owner_id, topic.deputy_id if topic else None, topic.owner.id if topic and topic.owner else None}
    return person.has_role("owner", "lead") or person.id in own


def decliners(question: Question) -> set[int]:
    """Who could not answer it: nobody is asked twice, unless somebody passes it on to them."""
    return {note.author_id for note in question.notes if note.kind == "declined" and note.author_id is not None}


def not_asked(question: Question) -> set[int]:
    """Who does not get it: whoever could not answer it, and whoever asks it by name. (That a question without a name
    goes past the owner would tell whose it is.)"""
    asker = {question.asker_id} if question.asker_id is not None and not question.is_anonymous else set[int]()
    return decliners(question) | asker


def to_answer(context: Context, question_id: int, kept: str = "") -> Question:
    """A question that the person may answer. Raises Gone."""
    found = questions.question(context.session, question_id)
    if found is None or not may_answer(context.person, found):
        raise Gone("You can’t answer that question: it belongs to somebody else, or it’s gone.", kept=kept)
    return found


def own_question(context: Context, question_id: int, kept: str = "") -> Question:
    """A question that the person asked. Raises Gone."""
    found = questions.question(context.session, question_id)
    if found is None or found.asker_id != context.person.id:
        raise Gone("Only the person who asked can do that, or the question is gone.", kept=kept)
    return found
