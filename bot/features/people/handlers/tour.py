"""The first days: three messages. The first asks for consent (`settings`), the second shows how sharing goes and asks
what the person cares about, the third who helps. Each within the budget, none to who said no."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from bot.core.cards import Bold, Button, Card, Element, Heading, actions, card, text
from bot.core.context import ComposeRequest, Context, Effect, Job, Reply, words_of
from bot.core.events import Command, Pressed
from bot.core.i18n import Words
from storage.people.employees import Employee
from storage.sharing import posts, topic_names

SHOWN = 20  # topics


def compose_tour(job: Job, asked: ComposeRequest) -> Card | None:
    """The message of that step; none to who has said no in the meantime."""
    person = asked.person
    if not person.is_active or (person.nudges_wanted is not True and not asked.replacing):
        return None
    if asked.subject <= 2:
        return sharing_card(person, known_topics(job, person.language), words_of(person, job.now))
    return helpers_card(words_of(person, job.now))


def show_topics(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`topics`: what the person cares about."""
    return [Reply(topics_card(context.person, known_topics(context, context.words.language), context.words))]


def toggle_topic(context: Context, event: Pressed) -> list[Effect]:
    """`interest.toggle` on a topic: cared about, or not any more. What was declined is wanted again by it."""
    topic = next((name for name in known_topics(context, context.words.language) if number_of(name) == event.ref), None)
    if topic is not None:
        wanted = context.person.topics_wanted
        context.person.topics_wanted = (
            [name for name in wanted if name != topic] if topic in wanted else [*wanted, topic]
        )
        context.person.take_topic_back(topic)
        context.session.flush()
    return [Reply(topics_card(context.person, known_topics(context, context.words.language), context.words))]


def known_topics(context: Context | Job, language: str) -> dict[str, str]:
    """Topics of what may be shared now, with what they are called there, by name."""
    topics = {post.topic for post in posts.shareable(context.session, context.now) if post.topic}
    named = topic_names.in_language(context.session, topics, language)
    return dict(sorted(named.items(), key=lambda item: item[1].casefold())[:SHOWN])


def number_of(topic: str) -> int:
    """What a button carries for a topic."""
    return zlib.crc32(topic.encode()) & 0x7FFFFFFF


def sharing_card(person: Employee, topics: Mapping[str, str], words: Words) -> Card:
    title = words.t("How to share in three taps")
    steps = (
        words.t("When something suits you, I’ll bring it to you. Press Share… and choose a channel."),
        words.t("Take a starter, or write a few words of your own."),
        words.t("Your channel opens with the text filled in. You decide whether to post it."),
    )
    body: list[Element] = [text(Bold(f"{number} "), line) for number, line in enumerate(steps, start=1)]
    return card(
        title,
        Heading(title),
        *body,
        *_topic_lines(person, topics, words),
        actions(Button(words.t("Find something to share"), "show.share"), Button(words.t("Settings"), "show.settings")),
    )


def helpers_card(words: Words) -> Card:
    title = words.t("Who can help you")
    lines = (
        (words.t("Ask:"), words.t("write me any question, and it goes to the person who can answer.")),
        (words.t("Heard something?"), words.t("Pass it on, and I’ll tell you what came of it.")),
        (
            words.t("Suggest:"),
            words.t("send me a page that colleagues should share. I’ll tell you what happens to it."),
        ),
        (
            words.t("Your results:"),
            words.t("only you see what your shares led to. You can stop at any time in settings."),
        ),
    )
    return card(
        title,
        Heading(title),
        *(text(Bold(name), f" {said}") for name, said in lines),
        actions(
            Button(words.t("Ask…"), "question.new"),
            Button(words.t("Heard something…"), "heard"),
            Button(words.t("Home"), "show.home"),
        ),
    )


def topics_card(person: Employee, topics: Mapping[str, str], words: Words) -> Card:
    title = words.t("What interests you?")
    note = words.t("I’ll bring you these first. Only you see what you chose.")
    return card(title, Heading(title), *_topic_lines(person, topics, words), text(note, subtle=True))


def _topic_lines(person: Employee, topics: Mapping[str, str], words: Words) -> list[Element]:
    if not topics:
        return [text(words.t("There are no topics to choose from yet."))]
    buttons = [
        Button(("✓ " if topic in person.topics_wanted else "") + name[:60], "interest.toggle", number_of(topic))
        for topic, name in topics.items()
    ]
    return [text(words.t("Choose the topics that interest you.")), actions(*buttons)]
