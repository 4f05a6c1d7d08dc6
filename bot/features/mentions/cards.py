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
        Quote(found.text or words.t("The text is no longer kept.")),
        text(Bold(words.t("They added:")), " ", found.note) if found.note else None,
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
    title = words.t("A mention is overdue") if is_late else words.t("A mention is due soon")
    owner = found.owner.name if found.owner else words.t("nobody")
    sentence = (
        words.t("{owner} hasn’t handled it on time. Whoever takes it first handles it.", owner=owner)
        if is_late
        else words.t("It’s waiting for you.")
    )
    return card(title, Heading(title), Quote(found.text), text(sentence), _buttons(found, words))


def many_card(owner: str, number: int, words: Words, *, is_late: bool) -> Card:
    """The reminder of all that went quietly to the list. `number`: what waits for `owner`, or what is late."""
    title = words.t("Mentions are overdue") if is_late else words.t("Mentions are due soon")
    said = (
        words.n(
            "{owner} has {count} overdue mention. Whoever takes it first handles it.",
            "{owner} has {count} overdue mentions. Whoever takes one first handles it.",
            number,
            owner=owner,
        )
        if is_late
        else words.n("{count} mention is waiting for you.", "{count} mentions are waiting for you.", number)
    )
    return card(title, Heading(title), text(said), actions(Button(words.t("Mentions"), "show.mentions")))


def more_card(number: int, words: Words) -> Card:
    """Instead of card after card: a source that talks without end must not bury anybody."""
    title = words.t("People are talking a lot about us")
    said = words.t("You’ve had {number} mentions today. From now on they go quietly to your list.", number=number)
    return card(title, Heading(title), text(said), actions(Button(words.t("Mentions"), "show.mentions")))


def outcome_card(found: Mention, words: Words) -> Card:
    """What came of it, for who brought it."""
    by = found.settled_by.name if found.settled_by else ""
    said = {
        MentionState.REPLIED: words.t("{name} has replied.", name=by),
        MentionState.IRRELEVANT: words.t("{name} looked at it and decided to leave it.", name=by),
        MentionState.POSTED: words.t("{name} is turning it into a post.", name=by),
    }[found.state]
    title = words.t("Here’s what came of what you heard")
    return card(
        title,
        Heading(title),
        Quote(found.text),
        text(said),
        Quote(found.outcome) if found.outcome else None,
        text(words.t("Thanks for telling us."), subtle=True),
    )


def thanks_card(owner: str, words: Words) -> Card:
    title = words.t("Thanks for telling us")
    return card(
        title, Heading(title), text(words.t("It goes to {owner}. I’ll tell you what comes of it.", owner=owner))
    )


def known_card(found: Mention, words: Words) -> Card:
    """Somebody else heard it first."""
    owner = found.owner.name if found.owner else words.t("a comms lead")
    title = words.t("We’ve heard that too")
    return card(title, Heading(title), text(words.t("We already know about it. It’s with {owner}.", owner=owner)))


def heard_form(
    topics: Sequence[Topic], words: Words, *, said: str = "", address: str = "", topic: str = "", errors: Errors = ()
) -> Form:
    options = (Option(NOT_KNOWN, words.t("I don’t know")), *(Option(t.id, t.name(words.language)) for t in topics))
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
                words.t("Link to it, if there is one"),
                address,
                max_length=MAX_ADDRESS,
                hint=words.t("Leave this empty if somebody said it aloud."),
            ),
            Choice("topic", words.t("Which topic is it about?"), options[:100], value=topic or NOT_KNOWN),
        ),
        submit=words.t("Pass it on"),
        cancel=words.t("Cancel"),
        errors=errors,
    )


def reply_form(found: Mention, words: Words) -> Form:
    field = TextField(
        "text",
        words.t("What did you reply or do?"),
        multiline=True,
        max_length=MAX_OUTCOME,
        hint=words.t("Optional. The person who told us will read it.") if found.heard_by_id else words.t("Optional."),
    )
    return Form(
        "mention_reply",
        found.id,
        words.t("I’ve replied"),
        (field,),
        words.t("Save"),
        words.t("Cancel"),
        intro=(Quote(found.text),),
    )


def post_form(found: Mention, words: Words, *, address: str = "", errors: Errors = ()) -> Form:
    """Asked only where the mention has no address of its own."""
    field = TextField("address", words.t("Link to the page"), address, required=True, max_length=MAX_ADDRESS)
    return Form(
        "mention_post",
        found.id,
        words.t("Turn it into a post"),
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
    if found.source is None:  # whoever heard it is no longer known
        return words.t("Heard")
    return words.t("Heard on {source}", source=found.source.name)


def _about(found: Mention, words: Words) -> list[str]:
    """Who said it, when, in which language and tone; and whose guess the tone is."""
    guessed = {"words": words.t("guessed from the words"), "model": words.t("guessed by AI")}.get(found.tone_by)
    tone = words.t("{tone} tone", tone=tone_name(found.tone, words))
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
            said = words.t("For {owner}, due {moment}.", owner=owner, moment=due)
        case "taken" if found.owner_id == viewer:
            said = words.t("Yours. Handle it by {moment}.", moment=due)
        case "taken":
            said = words.t("{owner} has taken it.", owner=owner)
        case "replied":
            said = words.t("{name} has replied.", name=found.settled_by.name if found.settled_by else owner)
        case "irrelevant":
            said = words.t(
                "{name} says this isn’t relevant to us.", name=found.settled_by.name if found.settled_by else owner
            )
        case "posted":
            said = words.t("It has become a draft for the comms team.")
        case _:
            return None
    return text(said, subtle=True)


def _buttons(found: Mention, words: Words) -> Element:
    where = Link(words.t("Open the original"), found.url) if found.url else None
    if found.state not in (MentionState.OPEN, MentionState.TAKEN):
        undo = Button(words.t("Undo"), "mention.reopen", found.id) if found.state == MentionState.IRRELEVANT else None
        return actions(where, undo)
    return actions(
        where,
        Button(words.t("Take"), "mention.take", found.id, "primary") if found.state == MentionState.OPEN else None,
        Button(
            words.t("I’ve replied…"),
            "mention.reply",
            found.id,
            "plain" if found.state == MentionState.OPEN else "primary",
        ),
        Button(words.t("Not relevant"), "mention.irrelevant", found.id),
        Button(words.t("Turn it into a post"), "mention.post", found.id),
        Button(words.t("Correct the tone…"), "mention.tone", found.id),
    )
