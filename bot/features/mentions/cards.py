"""What those see who look after mentions, and those who brought one."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.cards import (
    Bold,
    Button,
    Card,
    Choice,
    Element,
    Form,
    Heading,
    Link,
    Option,
    Quote,
    TextField,
    actions,
    card,
    text,
)
from bot.core.i18n import Words
from storage.mentions.listening import TONES, Mention, MentionState, Tone
from storage.questions.topics import Topic

MAX_TEXT, MAX_OUTCOME, MAX_ADDRESS = 2000, 500, 2000  # characters of the forms' fields
NOT_KNOWN = "-"
Errors = tuple[tuple[str, str], ...]


def mention_card(found: Mention, words: Words, viewer: int, stakeholder: str = "") -> Card:
    """The mention as it stands, with what `viewer` may do now; `stakeholder`: who is watched by its source."""
    title = _title(found, words)
    elsewhere = len(found.sightings)
    return card(
        f"{title}: {found.text[:150]}",
        Heading(title),
        Quote(found.text or words.t("The words are no longer kept.")),
        text(Bold(words.t("Said along with it:")), " ", found.note) if found.note else None,
        text(" · ".join(_about(found, words)), subtle=True),
        text(Bold(words.t("Stakeholder:")), f" {stakeholder}") if stakeholder else None,
        text(words.n("Also seen in {count} other place.", "Also seen in {count} other places.", elsewhere))
        if elsewhere
        else None,
        _state(found, words, viewer),
        Quote(found.outcome) if found.outcome else None,
        _buttons(found, words),
    )


def reminder_card(found: Mention, words: Words, *, is_late: bool) -> Card:
    title = words.t("A mention is overdue") if is_late else words.t("A mention is soon due")
    owner = found.owner.name if found.owner else words.t("nobody")
    sentence = (
        words.t("{owner} has not looked after it in time. Whoever takes it first has it.", owner=owner)
        if is_late
        else words.t("It waits for you.")
    )
    return card(title, Heading(title), Quote(found.text), text(sentence), _buttons(found, words))


def more_card(number: int, words: Words) -> Card:
    """Instead of card after card: a source that talks without end must not bury anybody."""
    title = words.t("Much is being said")
    said = words.t(
        "You have had {number} mentions since yesterday. The next ones wait quietly in your list.", number=number
    )
    return card(title, Heading(title), text(said), actions(Button(words.t("Mentions"), "show.mentions")))


def outcome_card(found: Mention, words: Words) -> Card:
    """What came of it, for who brought it."""
    by = found.settled_by.name if found.settled_by else ""
    said = {
        MentionState.REPLIED: words.t("{name} has answered it.", name=by),
        MentionState.IRRELEVANT: words.t("{name} looked at it and leaves it there.", name=by),
        MentionState.POSTED: words.t("{name} makes a post of it.", name=by),
    }[found.state]
    title = words.t("What came of what you heard")
    return card(
        title,
        Heading(title),
        Quote(found.text),
        text(said),
        Quote(found.outcome) if found.outcome else None,
        text(words.t("Thank you for listening."), subtle=True),
    )


def thanks_card(owner: str, words: Words) -> Card:
    title = words.t("Thank you for listening")
    return card(
        title, Heading(title), text(words.t("{owner} looks after it, and you will hear what comes of it.", owner=owner))
    )


def known_card(found: Mention, words: Words) -> Card:
    """Somebody else heard it first."""
    owner = found.owner.name if found.owner else words.t("a comms lead")
    title = words.t("We have heard it, too")
    return card(title, Heading(title), text(words.t("It is known already; {owner} looks after it.", owner=owner)))


def heard_form(
    topics: Sequence[Topic], words: Words, *, said: str = "", address: str = "", topic: str = "", errors: Errors = ()
) -> Form:
    options = (Option(NOT_KNOWN, words.t("I do not know")), *(Option(t.id, t.name(words.language)) for t in topics))
    return Form(
        name="heard",
        ref=0,
        title=words.t("Heard something"),
        fields=(
            TextField(
                "text", words.t("What did you hear or read?"), said, multiline=True, required=True, max_length=MAX_TEXT
            ),
            TextField(
                "address",
                words.t("Where it stands (web address)"),
                address,
                max_length=MAX_ADDRESS,
                hint=words.t("Leave empty if it was said and not written."),
            ),
            Choice("topic", words.t("Whom does it concern?"), options[:100], value=topic or NOT_KNOWN),
        ),
        submit=words.t("Hand it over"),
        cancel=words.t("Cancel"),
        errors=errors,
    )


def reply_form(found: Mention, words: Words) -> Form:
    field = TextField(
        "text",
        words.t("What did you answer, or do?"),
        multiline=True,
        max_length=MAX_OUTCOME,
        hint=words.t("Optional. Whoever brought it reads it."),
    )
    return Form(
        "mention_reply",
        found.id,
        words.t("Reply noted"),
        (field,),
        words.t("Save"),
        words.t("Cancel"),
        intro=(Quote(found.text),),
    )


def post_form(found: Mention, words: Words, *, address: str = "", errors: Errors = ()) -> Form:
    """Asked only where the mention has no address of its own."""
    field = TextField("address", words.t("Address of the page"), address, required=True, max_length=MAX_ADDRESS)
    return Form(
        "mention_post",
        found.id,
        words.t("Make a post of it"),
        (field,),
        words.t("Save"),
        words.t("Cancel"),
        intro=(Quote(found.text),),
        errors=errors,
    )


def tone_form(found: Mention, words: Words) -> Form:
    options = tuple(Option(tone, tone_name(tone, words)) for tone in TONES)
    field = Choice("tone", words.t("Tone"), options, value=found.tone or Tone.NEUTRAL, expanded=True)
    return Form(
        "mention_tone",
        found.id,
        words.t("Tone"),
        (field,),
        words.t("Save"),
        words.t("Cancel"),
        intro=(Quote(found.text),),
    )


def tone_name(tone: Tone | None, words: Words) -> str:
    if tone is None:
        return "–"
    return {
        Tone.NEGATIVE: words.t("negative"),
        Tone.NEUTRAL: words.t("neutral"),
        Tone.POSITIVE: words.t("positive"),
    }[tone]


def _title(found: Mention, words: Words) -> str:
    if found.heard_by is not None:
        return words.t("{name} heard something", name=found.heard_by.name)
    return words.t("Heard on {source}", source=found.source.name if found.source else "?")


def _about(found: Mention, words: Words) -> list[str]:
    """Who said it, when, in which language and tone; and whose guess the tone is."""
    guessed = {"words": words.t("guessed by its words"), "model": words.t("guessed by the model")}.get(found.tone_by)
    tone = words.t("tone: {tone}", tone=tone_name(found.tone, words))
    return [
        *([found.author] if found.author else []),
        words.moment(found.published_at or found.heard_at),
        *([words.language_name(found.language)] if found.language in ("en", "fi", "sv") else []),
        f"{tone} ({guessed})" if guessed else tone,
    ]


def _state(found: Mention, words: Words, viewer: int) -> Element | None:
    owner = found.owner.name if found.owner else words.t("nobody")
    due = words.moment(found.answer_by) if found.answer_by else ""
    match found.state:
        case "open":
            said = words.t("For {owner}. To be looked after by {moment}.", owner=owner, moment=due)
        case "taken" if found.owner_id == viewer:
            said = words.t("Yours. To be looked after by {moment}.", moment=due)
        case "taken":
            said = words.t("{owner} has taken it.", owner=owner)
        case "replied":
            said = words.t("{name} has answered it.", name=found.settled_by.name if found.settled_by else owner)
        case "irrelevant":
            said = words.t("Not relevant, says {name}.", name=found.settled_by.name if found.settled_by else owner)
        case "posted":
            said = words.t("A draft for the comms team came of it.")
        case _:
            return None
    return text(said, subtle=True)


def _buttons(found: Mention, words: Words) -> Element:
    where = Link(words.t("Open"), found.url) if found.url else None
    if found.state not in (MentionState.OPEN, MentionState.TAKEN):
        undo = Button(words.t("Undo"), "mention.reopen", found.id) if found.state == MentionState.IRRELEVANT else None
        return actions(where, undo)
    return actions(
        where,
        Button(words.t("Take"), "mention.take", found.id, "primary") if found.state == MentionState.OPEN else None,
        Button(
            words.t("Reply noted…"),
            "mention.reply",
            found.id,
            "plain" if found.state == MentionState.OPEN else "primary",
        ),
        Button(words.t("Not relevant"), "mention.irrelevant", found.id),
        Button(words.t("Make a post of it"), "mention.post", found.id),
        Button(words.t("Tone…"), "mention.tone", found.id),
    )
