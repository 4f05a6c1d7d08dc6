"""What those who answer see."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.core.cards import (
    Bold,
    Button,
    Card,
    Choice,
    Element,
    Form,
    Heading,
    Option,
    Quote,
    TextField,
    actions,
    card,
    text,
)
from bot.core.i18n import Words
from bot.features.questions.cards.asker import MAX_TEXT, Errors, note_title
from storage.people.employees import Employee
from storage.questions.knowledge import Entry, EntryState
from storage.questions.questions import Note, Question, QuestionState
from storage.questions.topics import Topic

MAX_REASON = 500  # characters
TO_LEAD = "lead"  # in the choice of where to hand on
EVERYBODY = 0  # as the viewer of a card that stands in the owners' conversation


def question_card(asked: Question, words: Words, viewer: int, entry: Entry | None = None) -> Card:
    """The question as it stands, with what `viewer` may do now; `entry`: the draft made of the answer."""
    if not asked.text:
        title = words.t("This question is gone")
        return card(title, Heading(title), text(words.t("It was withdrawn or deleted: there’s nothing to answer.")))
    name = words.t("A colleague") if asked.is_anonymous or asked.asker is None else asked.asker.name
    title = words.t("{name} asks", name=name)
    return card(
        f"{title}: {asked.text[:150]}",
        Heading(title),
        text(Bold(asked.post.title)) if asked.post else None,
        Quote(asked.text),
        *_said_since(asked, words),
        _state(asked, words, viewer),
        _why(asked, words),
        *_answered(asked, words, viewer, entry),
        _buttons(asked, words, viewer, entry),
    )


def viewer_of(asked: Question, person: Employee) -> int:
    """Whom the card is for: `person`, or all where the topic's owners have a conversation of their own."""
    return EVERYBODY if asked.topic is not None and asked.topic.room else person.id


def reminder_card(asked: Question, words: Words, viewer: int, *, is_late: bool) -> Card:
    title = words.t("A question is overdue") if is_late else words.t("A question is due soon")
    owner = asked.owner.name if asked.owner else ""
    sentence = (
        words.t("{owner} hasn’t answered on time. Whoever takes it first answers it.", owner=owner)
        if is_late
        else words.t("It’s waiting for you.")
    )
    return card(
        title,
        Heading(title),
        Quote(asked.text),
        text(sentence),
        _state(asked, words, viewer),
        _buttons(asked, words, viewer, None),
    )


def answer_form(asked: Question, words: Words, *, said: str = "", errors: Errors = ()) -> Form:
    field = TextField("text", words.t("Your answer"), value=said, multiline=True, required=True, max_length=MAX_TEXT)
    return _form("answer", words.t("Answer"), asked, words, (field,), errors)


def ask_back_form(asked: Question, words: Words, *, said: str = "", errors: Errors = ()) -> Form:
    field = TextField(
        "text", words.t("What do you need to know?"), value=said, multiline=True, required=True, max_length=MAX_TEXT
    )
    return _form("question_back", words.t("Ask for details"), asked, words, (field,), errors)


def decline_form(asked: Question, words: Words, *, said: str = "", errors: Errors = ()) -> Form:
    field = TextField(
        "text",
        words.t("Why? The person who asked will read this."),
        value=said,
        multiline=True,
        required=True,
        max_length=MAX_REASON,
    )
    return _form("question_decline", words.t("I can’t answer this"), asked, words, (field,), errors)


def hand_on_form(asked: Question, get_it: Mapping[Topic | None, Employee | None], words: Words) -> Form:
    """`get_it`: to whom the question would go under each topic; under None, to a lead."""
    options = [
        Option(
            topic.id if topic is not None else TO_LEAD,
            _with_name(topic.name(words.language) if topic is not None else words.t("A comms lead"), person),
        )
        for topic, person in get_it.items()
    ]
    fields = (
        Choice("to", words.t("Who should get it?"), tuple(options), value=options[0].value),
        TextField("text", words.t("Add a note (optional)"), max_length=MAX_REASON),
    )
    return _form("question_hand_on", words.t("Pass on"), asked, words, fields, ())


def entry_form(entry: Entry, words: Words, written: Mapping[str, str] | None = None, errors: Errors = ()) -> Form:
    """`written`: what stands in its fields already."""
    filled = written or {
        "variants": "\n".join(variant.text for variant in entry.variants),
        "answer": entry.answer,
        "source": entry.source_url,
    }
    return Form(
        name="entry",
        ref=entry.id,
        title=words.t("Save for others"),
        fields=(
            TextField(
                "variants",
                words.t("How people ask it (one per line)"),
                value=filled["variants"],
                multiline=True,
                required=True,
            ),
            TextField(
                "answer",
                words.t("The answer"),
                value=filled["answer"],
                multiline=True,
                required=True,
                max_length=MAX_TEXT,
            ),
            TextField("source", words.t("Source (web address)"), value=filled["source"], max_length=1000),
        ),
        submit=words.t("Save"),
        cancel=words.t("Cancel"),
        errors=errors,
        kept=(("seen", seen_of(entry)),),
    )


def seen_of(entry: Entry) -> str:
    """Another one, once somebody has changed the entry."""
    return entry.changed_at.isoformat()


def entry_actions(entry: Entry, words: Words) -> Element:
    """What may be done with an entry by who stands for it."""
    return actions(
        Button(words.t("Save for others"), "entry.keep", entry.id, "primary")
        if entry.state == EntryState.DRAFT
        else None,
        Button(words.t("Edit…"), "entry.edit", entry.id),
        Button(words.t("Don’t save"), "entry.drop", entry.id) if entry.state != EntryState.RETIRED else None,
    )


def _form(
    name: str, title: str, asked: Question, words: Words, fields: tuple[TextField | Choice, ...], errors: Errors
) -> Form:
    return Form(
        name=name,
        ref=asked.id,
        title=title,
        intro=(Quote(asked.text),),
        fields=fields,
        submit=words.t("Send"),
        cancel=words.t("Cancel"),
        errors=errors,
    )


def _with_name(subject: str, person: Employee | None) -> str:
    return subject if person is None else f"{subject} – {person.name}"


def _state(asked: Question, words: Words, viewer: int) -> Element | None:
    owner = asked.owner.name if asked.owner else words.t("nobody")
    due = words.moment(asked.answer_by) if asked.answer_by else ""
    match asked.state:
        case QuestionState.OPEN:
            said = words.t("For {owner}, due {moment}.", owner=owner, moment=due)
        case QuestionState.CLAIMED if asked.owner_id == viewer:
            said = words.t("Yours. Answer by {moment}.", moment=due)
        case QuestionState.CLAIMED:
            said = words.t("{owner} has taken it.", owner=owner)
        case QuestionState.ASKED_BACK if asked.owner_id == viewer:
            said = words.t("You asked for details and are waiting for a reply.")
        case QuestionState.ASKED_BACK:
            said = words.t("{owner} asked for details and is waiting for a reply.", owner=owner)
        case QuestionState.ANSWERED if asked.answered_by is not None:
            said = words.t("{owner} answered it.", owner=asked.answered_by.name)
        case _:
            return None
    return text(said, subtle=True)


def _why(asked: Question, words: Words) -> Element | None:
    """Why it came to this topic."""
    if asked.topic is None or not asked.why:
        return None
    topic = asked.topic.name(words.language)
    said = [words.t("You’re getting this because it’s about {topic}", topic=topic)]
    if asked.why.get("words"):
        quoted = (words.t("“{words}”", words=_as_asked(word, asked.text)) for word in asked.why["words"])
        said.append(words.t("it mentions {words}", words=", ".join(quoted)))
    if asked.why.get("like"):
        said.append(words.t("it’s like the question “{question}”", question=asked.why["like"]))
    if asked.why.get("chosen"):
        said.append(words.t("that’s what the person who asks chose"))
    return text("; ".join(said) + ".", subtle=True)


def _as_asked(word: str, question: str) -> str:
    """The word of the classifier's as it stands in the question, with its capitals."""
    found = re.search(rf"\b{re.escape(word)}\b", question, re.IGNORECASE)
    return found.group() if found else word


def _said_since(asked: Question, words: Words) -> list[Element]:
    return [
        text(Bold(_title_of(note, words)), " ", note.text)
        for note in asked.notes
        if note.text or note.kind == "handed_on"
    ]


def _title_of(note: Note, words: Words) -> str:
    name = note.author.name if note.author is not None else words.t("The owner")  # whoever it was is forgotten
    match note.kind:
        case "handed_on":
            return words.t("{name} passed it on.", name=name)
        case "declined":
            return words.t("{owner} couldn’t answer it.", owner=name)
    return note_title(note.kind, words)


def _answered(asked: Question, words: Words, viewer: int, entry: Entry | None) -> list[Element]:
    if asked.state != QuestionState.ANSWERED or not asked.answer:
        return []
    rated = {True: words.t("It helped."), False: words.t("It did not help.")}.get(asked.helped)  # type: ignore[arg-type]
    said: list[Element] = [text(Bold(words.t("Answer:"))), Quote(asked.answer)]
    if rated:
        said.append(text(rated, subtle=True))
    if entry is not None and entry.state == EntryState.LIVE:
        said.append(text(words.t("Saved for others. Check it again by {day}.", day=words.date(entry.review_on))))
    elif entry is not None and entry.state == EntryState.DRAFT and _may_save(asked, viewer):
        said.append(
            text(words.t("Others may have the same question. Save the answer for them, without the asker’s name?"))
        )
    return said


def _may_save(asked: Question, viewer: int) -> bool:
    return viewer in (asked.answered_by_id, EVERYBODY)


def _buttons(asked: Question, words: Words, viewer: int, entry: Entry | None) -> Element | None:
    if asked.state == QuestionState.ANSWERED and entry is not None and _may_save(asked, viewer):
        return entry_actions(entry, words)
    if not asked.is_with_a_person:
        return None
    is_mine = viewer in (asked.owner_id, EVERYBODY)
    return actions(
        Button(words.t("I’ll take it"), "question.claim", asked.id, "primary")
        if asked.state == QuestionState.OPEN
        else None,
        Button(
            words.t("Answer…"), "question.answer", asked.id, "plain" if asked.state == QuestionState.OPEN else "primary"
        ),
        Button(words.t("Ask for details…"), "question.back", asked.id)
        if asked.state != QuestionState.ASKED_BACK
        else None,
        Button(words.t("Pass on…"), "question.hand_on", asked.id)
        if is_mine or asked.state == QuestionState.OPEN
        else None,
        Button(words.t("Decline…"), "question.decline", asked.id)
        if is_mine or asked.state == QuestionState.OPEN
        else None,
    )
