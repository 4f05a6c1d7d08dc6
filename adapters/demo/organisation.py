"""A made-up organisation for the playground: people, roles, a policy, and a feed that ships with the project."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from adapters.demo import framework, knowledge
from adapters.playground.directory import Member, profile
from adapters.playground.parse import WORKSPACE
from bot.core.context import Effect, Job, Update
from bot.core.i18n import languages
from bot.features.people.domain import directory
from bot.features.sharing.cards.nudge import repainted
from content.intake import Intake
from storage.database import Database, Session
from storage.delivery import deliveries
from storage.people import employees, workspaces
from storage.sharing import nudges, posts
from storage.sharing.social_channels import BlockedPhrase

NAME = "Koivu Energy"
OF_NUDGES = {"nudge", "publication"}  # kinds of messages; where a nudge's card is now, the nudge knows
FEED = Path(__file__).parent / "feed.xml"

MEMBERS = (
    Member("aino", "Aino Virtanen", "aino@koivu.example", "en", "Service engineer", "Field service"),
    Member("mikko", "Mikko Laine", "mikko@koivu.example", "en", "Owner of LinkedIn", "Communications"),
    Member("laura", "Laura Saari", "laura@koivu.example", "en", "Comms lead", "Communications"),
    Member("petra", "Petra Niemi", "petra@koivu.example", "en", "Sales manager", "Sales"),
    Member("juhani", "Juhani Koski", "juhani@koivu.example", "en", "Grid planner", "Field service"),
    Member("sofia", "Sofia Lind", "sofia@koivu.example", "en", "People partner", "People"),
)
ROLES = {"mikko": ["owner"], "laura": ["lead", "admin"]}  # in a small organisation the lead administers, too
WANTS_NUDGES = {"aino": True, "mikko": True, "laura": False}  # the others have not been asked yet
# So that a visitor sees the first nudge at once, whatever the hour, and as many as they like.
AT_ANY_HOUR = {
    "nudge_hours": "0-24",
    "nudge_days": "mon-sun",
    "nudge_holidays": True,
    "nudge_gap_hours": 0.0,
    "nudge_spread_minutes": 0.0,
    "messages_a_day": 50,
    "messages_a_week": 50,
    "no_nudge_share": 0.0,
}
TOPICS = {"Operations": "Toiminta", "Customers": "Asiakkaat", "Careers": "Työpaikat"}
BLOCKED = (
    ("100 % green", "over 90 % renewable"),
    ("market leader", ""),
    ("guaranteed savings", "likely savings"),
)


def load(database: Database, intake: Intake, *, base_url: str, now: datetime) -> None:
    """Fill an empty database: people and policy, then the feed, of which one post a language is live already."""
    with database.transaction() as session:
        workspaces.install(session, WORKSPACE, name=NAME, now=now)
    with database.transaction() as session:
        _people(session, now)
        _policy(session)
        session.flush()
        knowledge.load(session, now=now)
        framework.load(session, now=now)
    intake.import_from(str(FEED), now=now, base_url=f"{base_url}/playground/")
    with database.transaction() as session:
        for topic, finnish in TOPICS.items():
            posts.name_topic(session, topic, "en", topic)
            posts.name_topic(session, topic, "fi", finnish)
    with database.transaction() as session:
        drafts = sorted(posts.listed(session), key=lambda post: post.id)
        told = {post.image_url: post for post in reversed(drafts) if post.language == "en" and post.image_url}
        for post in drafts:  # the feed has some stories in both languages
            if post.language != "en" and post.image_url in told:
                post.story_id = told[post.image_url].id
        for language in languages():
            first = next((post for post in drafts if post.language == language), None)
            lead = employees.with_role(session, "lead")[0]
            if first is not None:
                first.approve(by=lead, now=now, lifetime=timedelta(days=14))


def speak(language: str) -> Callable[[Job], list[Effect]]:
    """Work that makes everybody speak `language` and says the cards that are out in it, and what the model says."""

    def work(job: Job) -> list[Effect]:
        for person in employees.active(job.session):
            person.choose_language(language)
            nudges.translate(job.session, person, job.now)
        job.session.flush()
        framework.speak(job.session, language)
        told = [effect for nudge in nudges.placed(job.session) for effect in repainted(nudge)]
        return told + [
            Update(
                row.message,
                row.workspace_id,
                kind=row.kind,
                subject=row.subject_id,
                to=employees.employee(job.session, row.employee_id),
            )
            for kind, declared in job.router.message_kinds.items()
            if declared.compose is not None and kind not in OF_NUDGES
            for row in deliveries.out_for(job.session, kind)
            if row.message and row.employee_id
        ]

    return work


def _people(session: Session, now: datetime) -> None:
    for member in MEMBERS:
        person = directory.upsert_identity(session, WORKSPACE, profile(member), now=now).employee
        person.joined_at = now - timedelta(days=365)
        person.roles = ["employee", *ROLES.get(member.user, [])]
        person.nudges_wanted = WANTS_NUDGES.get(member.user)
        person.welcomed_at = now if member.user in WANTS_NUDGES else None
        person.tour_step = employees.TOUR_STEPS if member.user in WANTS_NUDGES else 0  # they know their way


def _policy(session: Session) -> None:
    session.add_all(BlockedPhrase(phrase=phrase, instead=instead) for phrase, instead in BLOCKED)
