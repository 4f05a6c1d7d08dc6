"""What people do with the bot itself: home, help, settings, the first days, the way into the console."""

from __future__ import annotations

from bot.core.routes import CommandRoute, FeatureRoutes, MessageKind, Route
from bot.features.people import jobs, retention
from bot.features.people.domain import wishes
from bot.features.people.handlers import console_link, help, home, own_data, person, same_person, settings, tour

ROUTES = FeatureRoutes(
    name="people",
    commands={
        "": CommandRoute(handler=help.show_help),
        "help": CommandRoute(handler=help.show_help, alone=wishes.HELP, summary="What I can do", usage="help"),
        "home": CommandRoute(
            handler=home.show_home,
            help="your nudges, shares and settings",
            button="Home",
            summary="Your nudges, shares and settings",
        ),
        "topics": CommandRoute(handler=tour.show_topics, help="topics that interest you"),
        "settings": CommandRoute(
            handler=settings.show_settings,
            help="turn nudges on or off, get fewer, change your language",
            button="Settings",
            summary="Nudges and language",
            usage="settings",
        ),
        "stop": CommandRoute(handler=settings.stop_nudges, alone=wishes.STOP),
        "start": CommandRoute(handler=settings.start_nudges, alone=wishes.START),
        "pause": CommandRoute(handler=settings.pause_nudges, alone=wishes.PAUSE),
        "fewer": CommandRoute(handler=settings.get_fewer, alone=wishes.FEWER),
        "usual": CommandRoute(handler=settings.get_as_many_as_before, alone=wishes.USUAL),
        "away": CommandRoute(handler=settings.go_away, alone=wishes.AWAY),
        "back": CommandRoute(handler=settings.come_back, alone=wishes.BACK),
        "language": CommandRoute(handler=settings.change_language, takes_text=True, other_phrases=("kieli",)),
        "data": CommandRoute(
            is_confidential=True,
            handler=own_data.show_own_data,
            phrase="my data",
            alone=wishes.DATA,
            help="what I keep about you, and a copy of it",
        ),
        "forget": CommandRoute(
            handler=own_data.ask_to_forget,
            phrase="forget me",
            alone=wishes.FORGET,
            help="delete everything I keep about you",
            is_confidential=True,
        ),
        same_person.NAME: CommandRoute(
            handler=same_person.say_same_person,
            takes_text=True,
            other_phrases=("same person", "sama henkilö"),
            alone=same_person.CODE,
            help="say that you’re one person in Slack and in Teams",
            is_confidential=True,
        ),
        "console": CommandRoute(
            handler=console_link.give,
            other_phrases=("konsoli",),
            is_confidential=True,
            help="everything on web pages, in your browser",
            help_roles=("owner", "lead"),
        ),
    },
    presses={
        "settings.nudges_on": Route(handler=settings.start_nudges),
        "settings.nudges_off": Route(handler=settings.stop_nudges),
        "settings.pause": Route(handler=settings.pause_nudges),
        "settings.fewer": Route(handler=settings.get_fewer),
        "settings.usual": Route(handler=settings.get_as_many_as_before),
        "settings.all_topics": Route(handler=settings.want_all_topics),
        "settings.as_before": Route(handler=settings.keep_as_before),
        "settings.away": Route(handler=settings.go_away),
        "settings.back": Route(handler=settings.come_back),
        "settings.language_*": Route(handler=settings.choose_language),
        "own.ask_to_forget": Route(handler=own_data.ask_to_forget, is_confidential=True),
        "own.forget": Route(handler=own_data.forget_me, is_confidential=True),
        "same.yes": Route(handler=same_person.join_places, is_confidential=True),
        "same.no": Route(handler=same_person.keep_apart, is_confidential=True),
        "interest.toggle": Route(handler=tour.toggle_topic),
        "person.edit": Route(handler=person.edit_person, role="lead"),
    },
    forms={"person": Route(handler=person.submit_person, role="lead")},
    message_kinds={
        "welcome": MessageKind(compose=settings.compose_welcome),
        "tour": MessageKind(compose=tour.compose_tour, counts_against_budget=True),
        "reminder": MessageKind(compose=settings.compose_fewer, counts_against_budget=True),
    },
    scheduled_jobs={"forget_leavers": retention.forget_leavers},
    tick_jobs={"welcome_newcomers": jobs.welcome_newcomers, "guide": jobs.guide},
)
