"""Asking: by command, in plain words, from a nudge or about somebody's message; and what the person says on the way."""

from __future__ import annotations

from datetime import timedelta

from bot.core.cards import Button, Card, actions
from bot.core.context import BackgroundRequest, Context, Effect, OpenForm, Place, Reply, Send
from bot.core.errors import Gone, NotUnderstood
from bot.core.events import Command, Message, Pressed, Submitted
from bot.core.ownership import own_nudge
from bot.features.escalation.domain.assignment import responsible
from bot.features.people.handlers import help as helping
from bot.features.questions.cards import asker as asker_cards
from bot.features.questions.cards.asker import ANONYMOUS, BY_NAME, MAX_TEXT, ask_form
from bot.features.questions.domain import greetings, matching, routing
from bot.features.questions.domain.access import not_asked, own_question
from bot.features.questions.jobs import finding
from content.language import language_of
from storage.questions import knowledge, learning, questions, topics
from storage.questions.knowledge import EntryState
from storage.questions.questions import BEFORE_A_PERSON, UNSETTLED, Question, QuestionState
from storage.sharing.posts import Post as Content

SAME = timedelta(days=1)  # within which the same words of the same person are the same question
FLOOD, FLOOD_IN = 10, timedelta(minutes=10)  # questions of one person
LANGUAGES = ("en", "fi", "sv")  # that can be told


def ask(context: Context, event: Command) -> list[Effect]:
    """`ask May I …?`; without words the form."""
    if not event.text.strip():
        return [OpenForm(ask_form(context.words))]
    return _take(context, event.text, place=event.place)


def ask_about(context: Context, event: Command) -> list[Effect]:
    """The message action: the form, with that message to ask about."""
    return [OpenForm(ask_form(context.words, said=event.text.strip()[:MAX_TEXT]))]


def say(context: Context, event: Message) -> list[Effect]:
    """Plain words that are no command are a question, unless they greet or ask about the bot itself."""
    if (greeting := greetings.greeting_in(event.text)) is not None:
        return [Reply(asker_cards.greeting_card(greeting, context.person.name, context.words))]
    if not event.text.strip() or routing.is_chit_chat(event.text):
        return helping.answer_message(context, event)
    return _take(context, event.text, place=event.place)


def open_question(context: Context, event: Pressed) -> list[Effect]:
    """`question.open` on a nudge."""
    nudge = own_nudge(context, event.ref)
    return [OpenForm(ask_form(context.words, ref=nudge.id, about=nudge.post.title))]


def open_empty(context: Context, _event: Pressed) -> list[Effect]:
    """`question.new`."""
    return [OpenForm(ask_form(context.words))]


def submit_question(context: Context, event: Submitted) -> list[Effect]:
    """`question`, on a nudge, or `question_new` was submitted."""
    said, is_anonymous = event.values.get("text", ""), event.values.get("name") == ANONYMOUS
    nudge = own_nudge(context, event.ref, kept=said) if event.ref else None
    if not said.strip():
        error = ("text", context.words.t("Write your question first."))
        about, name = nudge.post.title if nudge else "", ANONYMOUS if is_anonymous else BY_NAME
        return [OpenForm(ask_form(context.words, ref=event.ref, about=about, name=name, errors=(error,)))]
    effects = _take(context, said, post=nudge.post if nudge else None, is_anonymous=is_anonymous)
    if nudge is None:
        return effects
    back = actions(Button(context.words.t("Back to the post"), "nudge.back", nudge.id))
    return [
        Reply(Card(effect.card.summary, (*effect.card.body, back))) if isinstance(effect, Reply) else effect
        for effect in effects
    ]


def cancel_question(context: Context, _event: Pressed) -> list[Effect]:
    """`cancel.question_new` where the form replaced a card."""
    return [Reply(asker_cards.dropped_card(context.words))]


def cancel_words(context: Context, event: Pressed) -> list[Effect]:
    """`cancel.question_reply`, `cancel.question_follow_up`: the card again, whose place the form took."""
    return [Reply(finding.standing_card(context.session, own_question(context, event.ref), context.words))]


def _take(
    context: Context, said: str, *, post: Content | None = None, is_anonymous: bool = False, place: str = ""
) -> list[Effect]:
    said = " ".join(said.split())
    if len(said) > MAX_TEXT:
        raise NotUnderstood(
            "Your question has {length} characters; the limit is {most}. Shorten it a little.",
            kept=said,
            most=context.words.number(MAX_TEXT),
            length=context.words.number(len(said)),
        )
    known = questions.same_lately(context.session, context.person.id, said, since=context.now - SAME)
    if known is not None and known.state in (*UNSETTLED, QuestionState.MERGED):
        return _answered(context, known, [Reply(finding.standing_card(context.session, known, context.words))])
    if questions.asked_lately(context.session, context.person.id, since=context.now - FLOOD_IN) >= FLOOD:
        raise NotUnderstood("That’s a lot of questions at once. Wait a few minutes and try again.", kept=said)
    language = language_of(said)
    asked = Question(
        asker=context.person,
        is_anonymous=is_anonymous,
        text=said,
        post=post,
        asked_at=context.now,
        language=language if language in LANGUAGES else context.person.language,
        workspace_id=context.event.workspace if context.event and place else "",
        place=place,
    )
    context.session.add(asked)
    context.session.flush()
    consult = _consult(context, asked)
    if consult is not None:
        looking = Reply(asker_cards.looking_card(asked, context.words))
        return [*_answered(context, asked, [looking]), consult]
    found, effects = finding.look(context, asked, context.words)
    return [*_answered(context, asked, [Reply(found)]), *effects]


def _consult(context: Context, asked: Question) -> BackgroundRequest | None:
    """The request to the embeddings server; None if there is none or nothing to ask."""
    if not context.rules.model_embeds:
        return None
    matches = matching.matches(context.session, asked.text)
    if matches and matches[0].is_same:
        return None
    return BackgroundRequest("question", asked.id, texts=(asked.text,))


def _answered(context: Context, asked: Question, replies: list[Effect]) -> list[Effect]:
    """What is said goes to where it was asked: for all to read only if it was asked so."""
    if not asked.place:
        return replies
    place, key = Place(asked.workspace_id, asked.place), context.event.keys[0] if context.event else ""
    return [
        Send(context.person, f"asked:{asked.id}:{key}", effect.card, place=place)
        if isinstance(effect, Reply)
        else effect
        for effect in replies
    ]


# -- What the asker says to what was found ------------------------------------------------------------------


def choose_topic(context: Context, event: Pressed) -> list[Effect]:
    """`question.topic_*`: what it is about; without a name, none of those."""
    asked = own_question(context, event.ref)
    if asked.state != QuestionState.CHOOSING:
        return _standing(context, asked)
    topic = topics.topic(context.session, event.argument) if event.argument else None
    if event.argument and (topic is None or not topic.is_active):
        raise Gone("That topic is no longer in use. Choose another one.", kept=asked.text)
    asked.topic, asked.why = topic, {"chosen": True}
    if topic is not None:
        learning.learn(context.session, asked.text, topic.id, "chosen", now=context.now)
    return _go_on(context, asked)


def separate(context: Context, event: Pressed) -> list[Effect]:
    """`question.different`: it is not the same as the question that it was merged into."""
    asked = own_question(context, event.ref)
    if asked.state == QuestionState.ANSWERED and asked.into is not None:  # meanwhile
        return ask_a_person(context, event)
    if asked.state != QuestionState.MERGED:
        return _standing(context, asked)
    asked.into = None
    return _go_on(context, asked, merge=False)


def drop_question(context: Context, event: Pressed) -> list[Effect]:
    """`question.drop`: never mind."""
    asked = own_question(context, event.ref)
    if asked.state not in (QuestionState.CHOOSING, QuestionState.OFFERED):
        return _standing(context, asked)
    asked.drop()
    return [Reply(asker_cards.dropped_card(context.words))]


def reveal(context: Context, event: Pressed) -> list[Effect]:
    """`question.reveal_*`: the answer to the question that the asker takes for theirs: a saved one or, without a
    number, a colleague's."""
    asked = own_question(context, event.ref)
    if asked.state == QuestionState.ANSWERED and asked.into is not None:
        return [Reply(asker_cards.answer_card(asked, context.words, is_revealed=True))]
    if asked.state != QuestionState.OFFERED:
        return _standing(context, asked)
    entry = knowledge.entry(context.session, int(event.argument)) if event.argument.isdecimal() else None
    if entry is None or entry.state != EntryState.LIVE:
        raise Gone("That answer is no longer in use. Press “Not my question” and I’ll ask a person.", kept=asked.text)
    asked.entry_id = entry.id
    question = matching.nearest_question(context.session, entry, asked.text)
    if context.rules.model_writes:
        looking = Reply(asker_cards.looking_card(asked, context.words))
        return [looking, BackgroundRequest("phrasing", asked.id, request=finding.request_for(asked, question, entry))]
    return [Reply(asker_cards.revealed_card(asked, question, entry, context.words))]


def mark_helped(context: Context, event: Pressed) -> list[Effect]:
    """`question.helps`: what was offered is the answer."""
    asked = own_question(context, event.ref)
    if asked.state in BEFORE_A_PERSON:
        _label(context, asked, helped=True)
        asked.mark_helped()
    elif asked.state == QuestionState.ANSWERED and asked.helped is None:  # the very same question had been answered
        _label(context, asked, helped=True)
        asked.helped = True
    return _standing(context, asked)


def ask_a_person(context: Context, event: Pressed) -> list[Effect]:
    """`question.person`: what was offered is not the answer."""
    asked = own_question(context, event.ref)
    if asked.is_with_a_person or asked.is_answered_itself:  # an older card
        return _standing(context, asked)
    _label(context, asked, helped=False)
    was_merged = asked.into is not None
    asked.ask_anew()
    if was_merged:
        return _go_on(context, asked, merge=False)
    if asked.decline_reason:
        return _ask_somebody_else(context, asked)
    return finding.route(context, asked, context.words)


def _ask_somebody_else(context: Context, asked: Question) -> list[Effect]:
    """Whoever is left of those who answer for its topic, and the leads; nobody who declined it."""
    if responsible(context.session, asked.topic, context.now, but=not_asked(asked)) is None:
        return [Reply(asker_cards.declined_card(asked, context.words, is_last=True))]
    asked.decline_reason = ""
    return _go_on(context, asked)


def _standing(context: Context, asked: Question) -> list[Effect]:
    return [Reply(finding.standing_card(context.session, asked, context.words))]


def _label(context: Context, asked: Question, *, helped: bool) -> None:
    """What helped is one of the answers offered; what is not it is none of them."""
    for offer in knowledge.offers(context.session, asked.id):
        if offer.helped is None and (not helped or offer.entry_id == asked.entry_id):
            offer.helped = helped


def _go_on(context: Context, asked: Question, *, merge: bool = True) -> list[Effect]:
    said, effects = finding.to_person(context, asked, context.words, merge=merge)
    return [Reply(said), *effects]
