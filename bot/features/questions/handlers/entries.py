"""Knowledge entries: an answer becomes a draft, one tap of who gave it keeps it for others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from bot.core.cards import Bold, Card, Element, Heading, Quote, card, text
from bot.core.context import Context, Effect, OpenForm, Reply
from bot.core.errors import Gone
from bot.core.events import Pressed, Submitted
from bot.core.i18n import Words
from bot.core.refresh_cards import refresh_others
from bot.features.questions.cards import owner as owner_cards
from bot.features.questions.cards.asker import MAX_TEXT
from content.addresses import validate_url
from content.errors import NotAnAddress
from storage.questions import knowledge, questions
from storage.questions.knowledge import Entry, EntryState, Variant
from storage.questions.questions import Question

FRESH_FOR = timedelta(days=182)  # until an entry is to be looked at again
MOST_VARIANTS = 30


def draft_entry(context: Context, asked: Question) -> Entry:
    """The answer as an entry that nobody sees yet, asked for in the words of the question that was answered. Those of
    questions that were taken for the same are the owner's to add: they are answered without a person from then on."""
    entry = Entry(
        state=EntryState.DRAFT,
        answer=asked.answer,
        language=asked.language,
        topic_id=asked.topic_id,
        owner=context.person,
        review_on=_review_on(context),
        created_at=context.now,
        changed_at=context.now,
        variants=[Variant(text=asked.text)],
    )
    context.session.add(entry)
    context.session.flush()
    asked.entry_id = entry.id
    return entry


def keep_entry(context: Context, event: Pressed) -> list[Effect]:
    """`entry.keep`, also `entry.review`: good as it is, for another half a year."""
    entry = _own(context, event.ref)
    entry.keep(context.now, review_on=_review_on(context), by=context.person)
    return _shown(context, entry)


def drop_entry(context: Context, event: Pressed) -> list[Effect]:
    """`entry.drop`: for nobody else."""
    entry = _own(context, event.ref)
    entry.retire(context.now)
    return _shown(context, entry)


def edit_entry(context: Context, event: Pressed) -> list[Effect]:
    """`entry.edit`: the form."""
    return [OpenForm(owner_cards.entry_form(_own(context, event.ref), context.words))]


def _shown(context: Context, entry: Entry) -> list[Effect]:
    context.session.flush()
    made_of = questions.answers_in(context.session, entry)
    others = [effect for asked in made_of for effect in refresh_others(context, "question", asked.id)]
    return [Reply(entry_card(entry, context.words)), *others]


def submit_entry(context: Context, event: Submitted) -> list[Effect]:
    """`entry` was submitted: kept as it stands now."""
    answer, source = event.values.get("answer", "").strip(), event.values.get("source", "").strip()
    variants = [line.strip() for line in event.values.get("variants", "").splitlines() if line.strip()]
    entry = _own(context, event.ref, kept=answer)
    mine = {"variants": "\n".join(variants), "answer": answer, "source": source}
    seen = event.values.get("seen")
    if seen and seen != owner_cards.seen_of(entry):
        said = context.words.t(
            "Somebody changed it while you were writing. Your words are here: saving now overwrites theirs."
        )
        form = owner_cards.entry_form(entry, context.words, mine)
        return [OpenForm(replace(form, intro=(text(Bold(said)),)))]
    errors = []
    if not answer:
        errors.append(("answer", context.words.t("Write the answer first.")))
    if not variants:
        errors.append(("variants", context.words.t("Write at least one way of asking this.")))
    try:
        source = validate_url(source) if source else ""
    except NotAnAddress:
        error = context.words.t("That isn’t a web address. It starts with https:// – copy it from your browser.")
        errors.append(("source", error))
    if errors:
        return [OpenForm(owner_cards.entry_form(entry, context.words, mine, tuple(errors)))]
    entry.answer, entry.source_url = answer[:MAX_TEXT], source
    entry.variants = [Variant(text=words) for words in dict.fromkeys(variants[:MOST_VARIANTS])]
    entry.keep(context.now, review_on=_review_on(context))
    return _shown(context, entry)


def cancel_entry(context: Context, event: Pressed) -> list[Effect]:
    """`cancel.entry` where the form replaced the card."""
    return [Reply(entry_card(_own(context, event.ref), context.words))]


def entry_card(entry: Entry, words: Words) -> Card:
    title = {
        EntryState.DRAFT: words.t("Save this answer for others?"),
        EntryState.LIVE: words.t("Saved for others"),
        EntryState.RETIRED: words.t("Not saved for others"),
    }[entry.state]
    stands = (
        words.t("Check it again by {day}.", day=words.date(entry.review_on)) if entry.state == EntryState.LIVE else ""
    )
    body: list[Element] = [Heading(title), *(text(Bold(variant.text)) for variant in entry.variants[:5])]
    return card(
        title,
        *body,
        Quote(entry.answer),
        text(stands, subtle=True) if stands else None,
        owner_cards.entry_actions(entry, words),
    )


def _own(context: Context, entry_id: int, kept: str = "") -> Entry:
    """An entry that the person stands for; leads see to all. Raises Gone."""
    entry = knowledge.entry(context.session, entry_id)
    if entry is None or not (entry.owner_id == context.person.id or context.person.has_role("lead")):
        raise Gone("That saved answer isn’t yours, or it’s gone.", kept=kept)
    return entry


def _review_on(context: Context) -> date:
    return (context.now + FRESH_FOR).date()
