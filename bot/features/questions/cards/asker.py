"""What the person who asked sees."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.cards import (
    Actions,
    Bold,
    Button,
    Card,
    Choice,
    Divider,
    Element,
    Form,
    Heading,
    LinkTo,
    Option,
    Quote,
    TextField,
    actions,
    card,
    text,
)
from bot.core.i18n import Words
from bot.features.questions.domain.greetings import Greeting
from bot.features.questions.domain.similarity import question_key
from storage.questions.knowledge import Entry
from storage.questions.questions import Question
from storage.questions.topics import Topic

MAX_TEXT = 2000  # characters of a question and of an answer
SAID_SINCE = {"asked_back", "reply", "follow_up"}  # kinds of notes that stand above an answer

ANONYMOUS, BY_NAME = "anonymous", "by_name"
Errors = tuple[tuple[str, str], ...]


def ask_form(
    words: Words, *, ref: int = 0, about: str = "", said: str = "", name: str = BY_NAME, errors: Errors = ()
) -> Form:
    """`ref` is the nudge that it is about, if any; `about` what is shown above; `name`: who is to see it."""
    return Form(
        name="question" if ref else "question_new",
        ref=ref,
        title=words.t("Ask a question"),
        intro=(text(Bold(about)),) if about else (),
        fields=(
            TextField("text", words.t("Your question"), value=said, multiline=True, required=True, max_length=MAX_TEXT),
            Choice(
                "name",
                words.t("Who sees your name?"),
                (
                    Option(BY_NAME, words.t("The owner sees that it’s you")),
                    Option(ANONYMOUS, words.t("Nobody sees who asked, and only you get the answer")),
                ),
                value=name,
                expanded=True,
            ),
        ),
        submit=words.t("Ask a question"),
        cancel=words.t("Cancel"),
        errors=errors,
    )


def greeting_card(greeting: Greeting, name: str, words: Words) -> Card:
    """The answer to a greeting or thanks."""
    first = name.split(" ")[0] if name else ""
    sentence = {
        Greeting.THANKS: words.t("You’re welcome, {name}.", name=first),
        Greeting.GOODBYE: words.t("See you, {name}.", name=first),
        Greeting.HELLO: words.t(
            "Hello, {name}. Ask me anything about our social media, or see what I can do.", name=first
        ),
    }[greeting]
    return card(
        sentence,
        text(sentence),
        actions(
            Button(words.t("What I can do"), "show.help"),
            Button(words.t("Find something to share"), "show.share"),
            Button(words.t("Ask a question"), "question.new"),
        ),
    )


def looking_card(asked: Question, words: Words) -> Card:
    return card(words.t("Looking for an answer"), text(words.t("I’m looking for an answer…")), Quote(asked.text))


def with_owner_card(asked: Question, words: Words) -> Card:
    """A person has the question."""
    if asked.owner is None:
        return card(
            words.t("Your question is saved"),
            Heading(words.t("Your question is saved")),
            Quote(asked.text),
            text(words.t("There’s nobody to answer questions yet. I’ll pass yours on as soon as there is.")),
        )
    topic = asked.topic.name(words.language) if asked.topic else words.t("comms lead")
    return card(
        words.t("Your question is on its way"),
        Heading(words.t("Your question is on its way")),
        Quote(asked.text),
        *_so_far(asked, words),
        text(words.t("I asked {owner} ({topic}).", owner=asked.owner.name, topic=topic), " ", _until(asked, words)),
        text(
            words.t(
                "Your name is not shown, and in 7 days I delete that it was you who asked: a later answer can’t "
                "reach you."
            ),
            subtle=True,
        )
        if asked.is_anonymous
        else None,
    )


def _so_far(asked: Question, words: Words) -> list[Element]:
    """What was said of it: answers and what was asked on, who could not answer, who passed it on. Why somebody passed
    it on is between colleagues."""
    found = list[Element]()
    for note in asked.notes:
        name = note.author.name if note.author else words.t("The owner")
        if note.kind == "declined":
            found.append(text(words.t("{owner} couldn’t answer it.", owner=name), " ", note.text))
        elif note.kind == "handed_on":
            found.append(text(words.t("{owner} passed it on.", owner=name)))
        else:
            found.append(text(Bold(note_title(note.kind, words)), " ", note.text))
    return found


def merged_card(asked: Question, into: Question, words: Words) -> Card:
    """What a colleague asked waits already, in the same words or nearly."""
    is_same = _is_same(asked, into)
    title = (
        words.t("A colleague has already asked this")
        if is_same
        else words.t("A colleague has asked something like this")
    )
    said = (
        words.t("You’ll get the same answer as soon as it’s ready.")
        if is_same
        else words.t("I’ll tell you as soon as it’s answered.")
    )
    return card(
        title,
        Heading(title),
        Quote(into.text),
        text(said, " ", _until(into, words)),
        text(words.t("You asked:")) if not is_same else None,
        Quote(asked.text) if not is_same else None,
        actions(Button(words.t("My question is different"), "question.different", asked.id)),
    )


def choice_card(asked: Question, choices: Sequence[Topic], words: Words) -> Card:
    return card(
        words.t("What is it about?"),
        Heading(words.t("What is it about?")),
        Quote(asked.text),
        text(words.t("I’m not sure who can answer this best.")),
        actions(
            *(Button(topic.name(words.language), f"question.topic_{topic.id}", asked.id) for topic in choices),
            Button(words.t("Something else"), "question.topic_", asked.id),
            Button(words.t("This isn’t a question"), "question.drop", asked.id),
        ),
    )


def known_card(asked: Question, entry: Entry, words: Words) -> Card:
    """The same question was answered before."""
    title = words.t("Here is the answer")
    return card(
        title,
        Heading(title),
        Quote(asked.text),
        text(entry.answer),
        *_source(entry, words),
        _rated(asked, words),
        _is_it(asked, words) if asked.helped is None else None,
    )


def offer_card(asked: Question, candidates: Sequence[tuple[str, Entry]], words: Words) -> Card:
    """The nearest questions that were answered before, the likeliest first. Their answers come when the asker says
    which of them is theirs: two questions that differ in a word may want opposite answers."""
    is_one = len(candidates) == 1
    near = [
        line
        for number, (question, entry) in enumerate(candidates, start=1)
        for line in (text(Bold(question if is_one else f"{number}. {question}")), *_source(entry, words))
    ]
    title = words.t("Is this your question?") if is_one else words.t("Is one of these your question?")
    return card(
        title,
        Heading(title),
        text(words.t("You asked:")),
        Quote(asked.text),
        text(
            words.t("This is the closest question I have an answer to. Yours may be different.")
            if is_one
            else words.t("These are the closest questions I have answers to. Yours may be different.")
        ),
        *near,
        Divider(),
        text(
            words.t("If it’s a different question, press “Not my question” and I’ll ask a person."),
            " ",
            words.t("If you press nothing, I’ll ask in an hour."),
        ),
        actions(
            *(
                Button(
                    words.t("Show the answer") if is_one else words.t("Show answer {number}", number=number),
                    f"question.reveal_{entry.id}",
                    asked.id,
                )
                for number, (_question, entry) in enumerate(candidates, start=1)
            ),
            Button(words.t("Not my question"), "question.person", asked.id),
        ),
    )


def revealed_card(asked: Question, question: str, entry: Entry, words: Words, *, said: str = "") -> Card:
    """The answer to a question that the asker took for theirs; it stays when they say that it helped. `said`: what was
    phrased from it."""
    return card(
        question,
        Heading(question),
        text(words.t("The answer to it:")),
        Quote(said or entry.answer),
        *_source(entry, words),
        Divider(),
        text(words.t("You asked:")),
        Quote(asked.text),
        text(words.t("Good to hear. Ask again whenever you like.")) if asked.helped else _is_it(asked, words),
    )


def _is_it(asked: Question, words: Words) -> Actions | None:
    return actions(
        Button(words.t("This helps"), "question.helps", asked.id),
        Button(words.t("Not my question"), "question.person", asked.id),
    )


def thanks_card(asked: Question, words: Words) -> Card:
    return card(words.t("Good to hear"), text(words.t("Good to hear. Ask again whenever you like.")), Quote(asked.text))


def answer_card(asked: Question, words: Words, *, is_revealed: bool = False) -> Card:
    """`is_revealed`: of a colleague's answer, that the asker wants to see it."""
    name = asked.answered_by.name if asked.answered_by else words.t("The owner")
    if asked.into is not None and not _is_same(asked, asked.into):
        return _colleagues_answer_card(asked, asked.into, name, words, is_shown=is_revealed or asked.helped is not None)
    return card(
        words.t("{owner} answered", owner=name),
        Heading(words.t("{owner} answered", owner=name)),
        Quote(asked.text),
        *(text(Bold(note_title(note.kind, words)), " ", note.text) for note in asked.notes if note.kind in SAID_SINCE),
        text(asked.answer or ""),
        _rated(asked, words),
        actions(
            Button(words.t("This helps"), "question.rated_yes", asked.id) if asked.helped is None else None,
            Button(words.t("This doesn’t help"), "question.rated_no", asked.id) if asked.helped is None else None,
            Button(words.t("Ask a follow-up…"), "question.follow_up", asked.id),
        ),
    )


def _is_same(asked: Question, other: Question) -> bool:
    """In the same words."""
    return question_key(asked.text) == question_key(other.text)


def _colleagues_answer_card(asked: Question, into: Question, name: str, words: Words, *, is_shown: bool) -> Card:
    """A like question was answered. It need not be the answer to this one: it is shown when the asker says so."""
    title = words.t("{owner} answered a colleague’s question", owner=name)
    helps = Button(words.t("This helps"), "question.rated_yes", asked.id) if asked.helped is None else None
    return card(
        title,
        Heading(title),
        Quote(into.text) if into.text else None,  # its asker may have had it deleted
        text(words.t("The answer to it:")) if is_shown else None,
        Quote(asked.answer or "") if is_shown else None,
        Divider(),
        text(words.t("You asked:")),
        Quote(asked.text),
        _rated(asked, words),
        actions(
            helps if is_shown else Button(words.t("Show the answer"), "question.reveal_", asked.id),
            Button(words.t("Not my question"), "question.person", asked.id),
            Button(words.t("Ask a follow-up…"), "question.follow_up", asked.id) if is_shown else None,
        ),
    )


def _rated(asked: Question, words: Words) -> Element | None:
    if asked.helped is None:
        return None
    said = words.t("You said that this helped.") if asked.helped else words.t("You said that this didn’t help.")
    return text(said, subtle=True)


def asked_back_card(asked: Question, words: Words) -> Card:
    name = asked.owner.name if asked.owner else words.t("The owner")
    note = next((note.text for note in reversed(asked.notes) if note.kind == "asked_back"), "")
    return card(
        words.t("{owner} needs more details", owner=name),
        Heading(words.t("{owner} needs more details", owner=name)),
        Quote(asked.text),
        text(note),
        actions(Button(words.t("Reply…"), "question.reply", asked.id, "primary")),
    )


def declined_card(asked: Question, words: Words, *, is_last: bool = False) -> Card:
    """`is_last`: nobody is left who could be asked."""
    name = asked.owner.name if asked.owner else words.t("The owner")
    return card(
        words.t("{owner} can’t answer this", owner=name),
        Heading(words.t("{owner} can’t answer this", owner=name)),
        Quote(asked.text),
        text(asked.decline_reason),
        text(words.t("There’s nobody else who could answer it."), subtle=True)
        if is_last
        else actions(Button(words.t("Ask somebody else"), "question.person", asked.id)),
    )


def dropped_card(words: Words) -> Card:
    sentence = words.t("All right, nothing was sent.")
    return card(sentence, text(sentence), actions(Button(words.t("Help"), "show.help")))


def sent_card(words: Words, asked: Question) -> Card:
    sentence = words.t("Sent. You’ll get the answer here.")
    return card(sentence, Quote(asked.text), *_so_far(asked, words), text(sentence))


def further_down_card(words: Words) -> Card:
    """In the place of an older card of a question, where there is a newer one."""
    said = words.t("This question goes on further down.")
    return card(said, text(said, subtle=True))


def words_form(name: str, asked: Question, words: Words, *, said: str = "", errors: Errors = ()) -> Form:
    """One field of words about a question: `question_reply` or `question_follow_up`."""
    title = words.t("Reply") if name == "question_reply" else words.t("Ask a follow-up")
    return Form(
        name=name,
        ref=asked.id,
        title=title,
        intro=(Quote(asked.text),),
        fields=(
            TextField("text", words.t("Your words"), value=said, multiline=True, required=True, max_length=MAX_TEXT),
        ),
        submit=words.t("Send"),
        cancel=words.t("Cancel"),
        errors=errors,
    )


def _until(asked: Question, words: Words) -> str:
    return (
        words.t("You should have an answer by {moment}.", moment=words.moment(asked.answer_by))
        if asked.answer_by
        else ""
    )


def _source(entry: Entry, words: Words) -> list[Element]:
    name = entry.owner.name if entry.owner else words.t("comms lead")
    day = words.day(entry.changed_at)
    stands = words.t("{owner}, {day}", owner=name, day=day)
    if entry.source_url:
        return [text(stands, " · ", LinkTo(words.t("Source"), entry.source_url), subtle=True)]
    return [text(stands, subtle=True)]


def note_title(kind: str, words: Words) -> str:
    return {
        "follow_up": words.t("Follow-up question:"),
        "asked_back": words.t("Asked for details:"),
        "reply": words.t("Reply:"),
        "answer": words.t("Answer:"),
    }.get(kind, "")
