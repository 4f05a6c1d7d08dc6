"""What a person decides for themselves: language, nudges or none, a pause, fewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.core.cancellation import cancel_planned
from bot.core.cards import Bold, Button, Card, Facts, Heading, actions, card, text
from bot.core.context import ComposeRequest, Context, Effect, Job, Reply, Update, words_of
from bot.core.errors import NotUnderstood
from bot.core.events import Command, Pressed
from bot.core.i18n import Words, languages
from storage.people.employees import Employee
from storage.pulse import rounds
from storage.sharing import nudges, topic_names

PAUSE = timedelta(days=7)
IN_THAT_LANGUAGE = {"fi": ("suomeksi", "in finnish"), "en": ("englanniksi", "in english")}


def show_settings(context: Context, _event: Command) -> list[Effect]:
    return [Reply(_current(context))]


def start_nudges(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`start` and `settings.nudges_on`: consent, or an end of the pause. Who got fewer, gets fewer still."""
    person = context.person
    person.nudges_wanted, person.nudges_paused_until = True, None
    _is_back(person)
    person.tour_step, person.tour_at = max(person.tour_step, 1), person.tour_at or context.now
    return _said_how_often(context)


def stop_nudges(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`stop` and `settings.nudges_off`: none any more, nor those that are planned."""
    context.person.nudges_wanted = False
    cancel_planned(context.session, context.now, employee_id=context.person.id, reason="the person stopped nudges")
    return _said_how_often(context)


def pause_nudges(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`pause` and `settings.pause`: none for a week."""
    context.person.nudges_paused_until = context.now + PAUSE
    cancel_planned(context.session, context.now, employee_id=context.person.id, reason="the person pauses")
    return _said_how_often(context)


def get_fewer(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`fewer` and `settings.fewer`: half as often."""
    context.person.fewer_nudges = True
    return _said_how_often(context)


def get_as_many_as_before(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`usual` and `settings.usual`: no longer fewer."""
    context.person.fewer_nudges = False
    return _said_how_often(context)


def want_all_topics(context: Context, _event: Pressed) -> list[Effect]:
    """`settings.all_topics`: what was declined may come again."""
    context.person.topics_declined = []
    return _said_how_often(context)


def keep_as_before(context: Context, _event: Pressed) -> list[Effect]:
    """`settings.as_before`: the answer of somebody whose nudges had stopped."""
    return _said_how_often(context)


def go_away(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`away` and `settings.away`: for a week; nothing comes, and questions go to the deputy."""
    context.person.away_until, context.person.away_by_own_word = context.now + PAUSE, True
    cancel_planned(context.session, context.now, employee_id=context.person.id, reason="the person is away")
    return [Reply(_current(context))]


def come_back(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`back` and `settings.back`."""
    _is_back(context.person)
    return [Reply(_current(context))]


def choose_language(context: Context, event: Pressed) -> list[Effect]:
    """`settings.language_*`."""
    if event.argument not in languages():
        raise NotUnderstood("I don’t know that setting. Type /chorus {command} to see them all.", command="settings")
    return _speak(context, event.argument)


def _speak(context: Context, language: str) -> list[Effect]:
    """From now on in that language, and what can still be answered, too."""
    person = context.person
    person.choose_language(language)
    nudges.translate(context.session, person, context.now)
    anew = [
        Update(one.message, one.workspace_id, kind="nudge", subject=one.id, to=person)
        for one in nudges.open_of(context.session, person.id)
        if one.message and one.workspace_id
    ]
    return [Reply(_current(context)), *anew]


def _said_how_often(context: Context) -> list[Effect]:
    """Note that the person has answered, so that nobody asks again."""
    context.person.heard_from_at, context.person.asked_fewer_at = context.now, None
    return [Reply(_current(context))]


def change_language(context: Context, event: Command) -> list[Effect]:
    """`language fi`, `language suomi`, or without a word: the choices."""
    said = event.text.strip(" .!").lower()
    if said:
        wanted = next((one for one in languages() if {said, said.partition("-")[0]} & _names_of(one)), None)
        if wanted is None:
            raise NotUnderstood(
                "I speak these languages: {languages}. To switch, type for example /chorus {command}.",
                languages=", ".join(context.words.language_name(language) for language in languages()),
                command="language fi",
            )
        return _speak(context, wanted)
    return [Reply(_current(context))]


def _names_of(language: str) -> set[str]:
    """What people call it: "fi", "Finnish", "suomi", "suomeksi"."""
    called = {Words(one).language_name(language).lower() for one in languages()}
    return {language, *called, *IN_THAT_LANGUAGE.get(language, ())}


def _is_back(person: Employee) -> None:
    person.away_until, person.away_by_own_word, person.planned_at = None, False, None


def _current(context: Context) -> Card:
    is_asked = not rounds.has_refused(context.session, context.person.id)
    person, words = context.person, words_of(context.person, context.now)
    named = topic_names.in_language(context.session, [*person.topics_wanted, *person.topics_declined], words.language)
    return settings_card(person, words, context.now, named, is_asked=is_asked)


def settings_card(
    person: Employee, words: Words, now: datetime, topics: Mapping[str, str] | None = None, *, is_asked: bool = True
) -> Card:
    """`topics`: what the person's topics are called in their language."""
    named = topics or {}
    paused = person.nudges_paused_until is not None and person.nudges_paused_until > now
    if person.nudges_wanted is not True:
        nudges = words.t("off")
    elif paused and person.nudges_paused_until:
        nudges = words.t("paused until {day}", day=words.day(person.nudges_paused_until))
    elif person.unit is not None and not person.unit.is_in:
        soon = words.t("on, as soon as your unit joins in")
        nudges = words.t("on, less often, as soon as your unit joins in") if person.fewer_nudges else soon
    else:
        nudges = words.t("on, less often") if person.fewer_nudges else words.t("on")
    pairs = [(words.t("Language"), words.language_name(person.language)), (words.t("Nudges"), nudges)]
    pairs.append((words.t("Pulse"), words.t("on") if is_asked else words.t("off")))
    if not person.is_present(now) and person.away_until:
        pairs.append((words.t("Away"), words.t("until {day}", day=words.day(person.away_until))))
    if person.topics_wanted:
        pairs.append((words.t("Topics you’re interested in"), _listed(person.topics_wanted, named)))
    if person.topics_declined:
        pairs.append((words.t("Topics you get no nudges about"), _listed(person.topics_declined, named)))
    is_on = person.nudges_wanted is True and not paused
    return card(
        words.t("Your settings"),
        Heading(words.t("Your settings")),
        Facts(tuple(pairs)),
        text(
            words.t("Only you see these settings – your manager does not. Stopping has no consequences."), subtle=True
        ),
        actions(
            Button(words.t("Pause for a week"), "settings.pause") if is_on else None,
            _how_many(person, words) if is_on else None,
            Button(words.t("Stop nudges"), "settings.nudges_off")
            if is_on
            else Button(words.t("Yes, nudge me"), "settings.nudges_on", style="primary"),
            Button(words.t("Stop pulse questions"), "pulse.refuse")
            if is_asked
            else Button(words.t("Ask me again"), "pulse.accept"),
            Button(words.t("Show all topics again"), "settings.all_topics") if person.topics_declined else None,
            Button(words.t("Choose my topics…"), "show.topics"),
            Button(words.t("I’m away for a week"), "settings.away")
            if person.is_present(now)
            else Button(words.t("I’m back"), "settings.back"),
            *(
                Button(Words(language).language_name(language).capitalize(), f"settings.language_{language}")
                for language in languages()
                if language != person.language
            ),
        ),
    )


def _how_many(person: Employee, words: Words) -> Button:
    if person.fewer_nudges:
        return Button(words.t("As many nudges as before"), "settings.usual")
    return Button(words.t("Get fewer nudges"), "settings.fewer")


# -- The first message ----------------------------------------------------------------------------------------


def compose_welcome(job: Job, asked: ComposeRequest) -> Card | None:
    person = asked.person
    if not person.is_active or person.nudges_wanted is not None:
        return None
    return welcome_card(words_of(person, job.now), job.rules.organisation, a_week=job.rules.messages_a_week)


def welcome_card(words: Words, organisation: str, *, a_week: int = 2) -> Card:
    """`a_week`: the most messages that the bot begins."""
    return card(
        words.t("Hello from Chorus"),
        Heading(words.t("Hello, I’m Chorus")),
        text(
            words.n(
                "I bring you content that {organisation} has approved, for you to share in your own words: "
                "at most {count} message a week, in your working hours.",
                "I bring you content that {organisation} has approved, for you to share in your own words: "
                "at most {count} messages a week, in your working hours.",
                a_week,
                organisation=organisation,
            )
        ),
        text(
            Bold(words.t("Taking part is voluntary.") + " "),
            words.t(
                "Nothing is ever posted without your tap. Only you see how your own shares did; others see totals."
            ),
        ),
        actions(
            Button(words.t("Yes, nudge me"), "settings.nudges_on", style="primary"),
            Button(words.t("No, thanks"), "settings.nudges_off"),
        ),
    )


# -- Falling silent ---------------------------------------------------------------------------------------


def compose_fewer(_job: Job, asked: ComposeRequest) -> Card | None:
    person = asked.person
    if not person.is_active or person.nudges_wanted is not True or person.asked_fewer_at is None:
        return None
    return fewer_card(words_of(person, _job.now))


def fewer_card(words: Words) -> Card:
    """Asked once, after six nudges that nobody touched; until an answer comes, the bot says nothing more."""
    return card(
        words.t("I’ve stopped nudging you. How would you like to go on?"),
        Heading(words.t("I’ve stopped nudging you. How would you like to go on?")),
        text(
            words.t(
                "My last few nudges weren’t for you, so I’ve stopped. Tell me how to go on – or do nothing, "
                "and I’ll stay quiet."
            )
        ),
        actions(
            Button(words.t("Get fewer nudges"), "settings.fewer"),
            Button(words.t("Try other topics"), "settings.all_topics"),
            Button(words.t("Carry on as before"), "settings.as_before"),
            Button(words.t("Stop nudges"), "settings.nudges_off"),
        ),
        text(words.t("Only you see this – your manager does not. Stopping has no consequences."), subtle=True),
    )


def _listed(topics: Sequence[str], named: Mapping[str, str]) -> str:
    return ", ".join(named.get(topic, topic) for topic in topics)
