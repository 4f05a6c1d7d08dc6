"""What Chorus keeps of a person: every table that says whose a row is, why it is kept, who sees it, for how long, and
what is done with it when the person is erased. `docs/data-map.md` is written from here; exports and erasure go by it,
and a table or a column of words that is not named here fails a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, or_, select

from storage.audit.entries import AuditKey
from storage.base import Base
from storage.delivery.deliveries import Delivery
from storage.digest.digests import DigestCopy, DigestFeedback, DigestPlace
from storage.digest.practices import Practice
from storage.framework.framework import Activity, CalendarAddress, Change, Goal
from storage.mentions.listening import Mention
from storage.people.directory_records import DirectoryMember, DirectoryRecord
from storage.people.employees import Employee, Identity
from storage.publishing.accounts import AccountRequest, ConnectedAccount
from storage.publishing.publications import Publication
from storage.pulse.comments import Comment
from storage.pulse.rounds import Refusal, Round
from storage.questions.knowledge import Entry
from storage.questions.questions import Note, Question
from storage.questions.topics import Topic
from storage.rollout.records import RolloutRecord
from storage.sharing.nudges import Nudge
from storage.sharing.plans import NudgeWeek
from storage.sharing.posts import Caption, Post
from storage.sharing.shares import Share
from storage.sharing.social_channels import SocialChannel
from storage.web.console_sessions import ConsoleLink, ConsoleSession
from storage.web.sign_in import OidcState, SignInAccount
from storage.workshop.workshops import Commitment, Need, Vote, Workshop, WorkshopRating

AS_LONG = "until the person is erased: 30 days after they left, or when they ask"
OWN = "the person"
LEADS = "the person, leads"
NOBODY = "nobody: sums only"


class OnErasure(StrEnum):
    """What is done with rows of a person who is erased."""

    DELETED = "deleted"
    EMPTIED = "words deleted, the row stays for the sums"
    UNLINKED = "stays, without the person"
    KEPT = "stays, of a person without a name"


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What rows of `model` hold of the person whose id is in the column `of`. `words`: the columns that are emptied.
    `whose`: how to find the rows where `of` is not in the table itself."""

    model: type[Base]
    of: str
    what: str
    why: str
    seen_by: str
    kept: str
    on_erasure: OnErasure
    words: tuple[str, ...] = ()
    whose: Callable[[int], ColumnElement[bool]] | None = None
    is_own: bool = False  # whether the whole row is theirs although it stays, without them

    @property
    def table(self) -> str:
        return str(self.model.__tablename__)

    @property
    def rows(self) -> Table:
        return cast(Table, self.model.__table__)

    def rows_of(self, person: int) -> ColumnElement[bool]:
        if self.whose is not None:
            return self.whose(person)
        column: ColumnElement[Any] = self.rows.c[self.of]
        return column == person


def _own_messages(person: int) -> ColumnElement[bool]:
    """To them, or into their own conversation, which alone names a reply; and what took the place of such a message."""
    theirs = select(Identity.address).where(Identity.employee_id == person, Identity.address.is_not(None))
    own = or_(Delivery.employee_id == person, Delivery.address.in_(theirs))
    cards = select(Delivery.message).where(own, Delivery.message.is_not(None))
    nudged = select(Nudge.message).where(Nudge.employee_id == person, Nudge.message.is_not(None))
    return or_(own, Delivery.replaces.in_(cards), Delivery.replaces.in_(nudged))


def _own_shares(person: int) -> ColumnElement[bool]:
    return Publication.share_id.in_(select(Share.id).where(Share.employee_id == person))


def _own_notes(person: int) -> ColumnElement[bool]:
    """What was said about a question by whoever asked it, or by the person about another's."""
    asked = select(Question.id).where(Question.asker_id == person)
    return or_(Note.author_id == person, Note.author_id.is_(None) & Note.question_id.in_(asked))


def _own_memberships(person: int) -> ColumnElement[bool]:
    theirs = select(DirectoryRecord.id).where(DirectoryRecord.employee_id == person)
    return DirectoryMember.member_id.in_(theirs)


DELETED, EMPTIED, UNLINKED, KEPT = OnErasure
_DUTY = "who answers for it"

# Children before the rows that they refer to.
PERSONAL_DATA: tuple[PersonalData, ...] = (
    PersonalData(
        Publication, "share_id", "posts on own accounts, with their text", "to post at the time they chose",
        OWN, AS_LONG, EMPTIED, ("text", "link", "title", "description", "picture", "post", "url"), _own_shares,
    ),
    PersonalData(
        ConnectedAccount, "employee_id", "connected accounts of networks, with sealed credentials",
        "to post there in their name", OWN, "credentials until they disconnect; the name " + AS_LONG, EMPTIED,
        ("subject", "name", "url", "host", "sealed"),
    ),
    PersonalData(
        AccountRequest, "employee_id", "a sign-in at a network that is under way", "to connect an account", OWN,
        "10 minutes", DELETED,
    ),
    PersonalData(
        Delivery, "employee_id", "messages received: when, which kind, whether they arrived",
        "to send each once", "administrators, without words", "replies 7 days, all others 90 days at most", DELETED,
        (), _own_messages,
    ),
    PersonalData(
        Share, "employee_id", "shares: what, where, in which words, and the readers they brought",
        "to count what came of it", "the person; others see sums", AS_LONG, EMPTIED, ("text", "public_url"),
    ),
    PersonalData(
        Nudge, "employee_id", "nudges: what was offered, when, and what came of it",
        "to offer what suits, and nothing twice", "the person; others see sums",
        "words, reason and card 90 days; that there was one " + AS_LONG, EMPTIED,
        ("draft", "message", "decline_reason"),
    ),
    PersonalData(
        NudgeWeek, "employee_id", "weeks drawn with and without nudges, and the slots chosen",
        "to measure what nudging does", NOBODY, "800 days", KEPT,
    ),
    PersonalData(
        Note, "author_id", "what was said about a question, by its asker or whoever answered",
        "to answer it", "who asked and who answers", AS_LONG, EMPTIED, ("text",), _own_notes,
    ),
    PersonalData(
        Question, "asker_id", "questions asked", "to bring them the answer",
        "who answers; without the name where they asked so", "7 days where they asked without their name, else 90 days "
        "after the answer", UNLINKED, ("text", "place", "why"), is_own=True,
    ),
    PersonalData(Question, "owner_id", "questions to answer", _DUTY, LEADS, AS_LONG, UNLINKED),
    PersonalData(Question, "answered_by_id", "questions answered", _DUTY, "everybody", AS_LONG, UNLINKED),
    PersonalData(Entry, "owner_id", "saved answers looked after", _DUTY, "everybody", AS_LONG, UNLINKED),
    PersonalData(Topic, "holder_id", "topics owned", _DUTY, "everybody", AS_LONG, UNLINKED),
    PersonalData(Topic, "deputy_id", "topics as deputy", _DUTY, "everybody", AS_LONG, UNLINKED),
    PersonalData(SocialChannel, "owner_id", "channels owned", _DUTY, "everybody", AS_LONG, UNLINKED),
    PersonalData(Goal, "owner_id", "goals owned", _DUTY, "everybody", AS_LONG, UNLINKED),
    PersonalData(Activity, "owner_id", "activities owned", _DUTY, "everybody", AS_LONG, UNLINKED),
    PersonalData(
        Change, "by_id", "changes made to the framework, and why", "to see who changed what", "leads", "365 days",
        UNLINKED, ("why",),
    ),
    PersonalData(CalendarAddress, "employee_id", "a digest of the calendar’s secret address", "to serve it", OWN,
                 AS_LONG, DELETED),
    PersonalData(Post, "suggested_by_id", "posts suggested, and why", "to tell them what became of it", LEADS,
                 AS_LONG, UNLINKED, ("suggestion_note",)),
    PersonalData(Post, "decided_by_id", "posts approved or declined", _DUTY, "leads", AS_LONG, UNLINKED),
    PersonalData(Caption, "approved_by_id", "drafted captions approved", _DUTY, "leads", AS_LONG, UNLINKED),
    PersonalData(Mention, "heard_by_id", "mentions reported, with a note", "to thank and to ask", LEADS,
                 "365 days", UNLINKED, ("note", "text"), is_own=True),
    PersonalData(Mention, "owner_id", "mentions looked after", _DUTY, "leads", "365 days", UNLINKED),
    PersonalData(Mention, "settled_by_id", "mentions settled, and how", _DUTY, "leads", "365 days", UNLINKED,
                 ("outcome",)),
    PersonalData(RolloutRecord, "by_id", "decisions on the roll-out, and why", "to see who decided", "leads", AS_LONG,
                 UNLINKED, ("note",)),
    PersonalData(Round, "published_by", "results of the pulse published", _DUTY, "everybody", AS_LONG, UNLINKED),
    PersonalData(Comment, "answered_by", "comments of the pulse answered", _DUTY, "everybody", AS_LONG, UNLINKED),
    PersonalData(
        Refusal, "employee_id", "the wish not to be asked for the pulse", "not to ask", NOBODY, AS_LONG, DELETED
    ),
    PersonalData(Workshop, "opened_by_id", "workshops opened", _DUTY, "everybody", AS_LONG, UNLINKED),
    PersonalData(Need, "employee_id", "needs named in a workshop", "to vote on them", "people of the unit", AS_LONG,
                 DELETED),
    PersonalData(WorkshopRating, "employee_id", "ratings of the unit in a workshop", "to see where it stands", NOBODY,
                 AS_LONG, KEPT),
    PersonalData(Vote, "employee_id", "votes in a workshop", "to count them", NOBODY, AS_LONG, KEPT),
    PersonalData(Commitment, "employee_id", "commitments made in a workshop", "to ask whether it was done",
                 "people of the unit", AS_LONG, DELETED),
    PersonalData(Practice, "ask_id", "practices to be asked about", "to help other units", "everybody", AS_LONG,
                 KEPT),
    PersonalData(DigestCopy, "employee_id", "copies of the weekly digest", "to correct it there", NOBODY, AS_LONG,
                 DELETED),
    PersonalData(DigestFeedback, "employee_id", "whether a digest was useful", "to make it better", NOBODY,
                 AS_LONG, KEPT),
    PersonalData(DigestPlace, "set_by_id", "conversations that get the digest", "to send it there",
                 "leads", AS_LONG, DELETED),
    PersonalData(ConsoleLink, "employee_id", "unused links and codes: to the console, to this data, to join two places",
                 "to let them in", NOBODY, "10 minutes", DELETED),
    PersonalData(ConsoleSession, "employee_id", "sessions in the console", "to let them in", NOBODY,
                 "12 hours", DELETED),
    PersonalData(AuditKey, "person", "the key of name and address in the audit log", "to read what was done",
                 "administrators", AS_LONG, DELETED),
    PersonalData(OidcState, "employee_id", "a sign-in at the organisation’s provider that is under way",
                 "to let them in", NOBODY, "10 minutes", DELETED),
    PersonalData(SignInAccount, "employee_id", "the account at the organisation’s provider", "to let them in",
                 "administrators", AS_LONG, DELETED),
    PersonalData(DirectoryMember, "member_id", "groups of the organisation’s directory", "to give roles by them",
                 "administrators", AS_LONG, DELETED, (), _own_memberships),
    PersonalData(
        DirectoryRecord, "employee_id", "what the organisation’s directory says: name, address, department, language",
        "to answer the directory", "administrators", AS_LONG, DELETED,
    ),
    PersonalData(
        Identity, "employee_id", "accounts in Slack and Teams, and where to speak",
        "to speak with them", "administrators", AS_LONG, DELETED,
    ),
    PersonalData(
        Employee, "id", "name, address, unit, roles, language, time zone, and wishes",
        "to speak with them as they wish", LEADS, AS_LONG, EMPTIED,
        ("name", "email", "country", "topics_declined", "topics_wanted"),
    ),
)  # fmt: skip

_MODEL = "the organisation's own words: its model, channels and posts"
_PUBLIC = "published on the web"
_ASKED = "a question without its asker; it goes with an asker who is erased before their question is nobody's"
# Columns of words that are of nobody who works here, and why.
NOT_OF_A_PERSON: dict[str, str] = {
    **dict.fromkeys(
        (
            *("audiences.name", "activities.name", "activities.unit", "goals.name", "goals.unit", "units.name"),
            *("channels.name", "channels.tone", "channels.share_page", "framework_changes.part", "topics.room"),
            *("blocked_phrases.phrase", "blocked_phrases.instead", "topic_names.topic", "topic_names.name"),
            *("captions.text", "posts.title", "posts.summary", "posts.topic", "posts.decline_reason"),
            *("post_pictures.alt", "need_groups.name", "sources.name", "workspaces.name", "api_tokens.name"),
            *("entries.answer", "entries.source_url", "questions.answer", "questions.decline_reason"),
        ),
        _MODEL,
    ),
    **dict.fromkeys(
        (
            *("feeds.title", "feeds.topic", "links.target", "sources.address", "post_thumbnails.address"),
            *(
                "posts.url",
                "posts.canonical_url",
                "posts.video_url",
                "posts.excerpt",
                "posts.image_url",
                "posts.source",
            ),
            *("mentions.canonical_url", "mentions.url", "mentions.author", "sightings.url"),
        ),
        _PUBLIC,
    ),
    **dict.fromkeys(
        (
            *("api_tokens.scopes", "webhooks.kinds", "audiences.channels", "channels.blocked", "topics.names"),
            *("posts.units", "posts.roles", "posts.interests", "posts.channels", "wordings.texts"),
            *("practices.finding", "rounds.action", "rounds.tree"),
        ),
        _MODEL,
    ),
    **dict.fromkeys(
        (
            *("digests.changed", "digests.summary", "rounds.release", "rounds.reading", "rounds.result"),
            "workspaces.sync_report",
        ),
        "sums; people are never named",
    ),
    **dict.fromkeys(
        ("mentions.reminded", "questions.reminded", "nudge_weeks.allowed", "nudge_weeks.slots"),
        "which reminders and times there were, in words of the program",
    ),
    "posts.writers": "who wrote what is to be approved, by number",
    "employees.roles": "emptied with the person",
    "framework_changes.before": "an owner who is named there goes with the person",
    "framework_changes.after": "as above",
    "directory_rules.name": _MODEL,
    "directory_records.name": "a group’s id; a user’s row goes with the person",
    "directory_records.external_id": "as above",
    "directory_records.resource": "as above",
    "sources.secret": "a secret of the organisation",
    "audit_entries.details": "what was done, by number; nobody is named",
    "audit_entries.sealed": "sealed with the key of the person whom it names, which goes with them",
    "audit_anchors.sealed_digest": "a digest",
    "digests.facts": "sums, and the words of questions that waited, without who asked; erased with who asked",
    "sources.error": "what went wrong",
    "webhook_calls.reason": "what went wrong",
    "webhooks.url": "whom the organisation tells",
    "webhooks.secret": "a secret of the organisation",
    "network_clients.sealed": "a secret of the organisation",
    "workspaces.credentials": "a secret of the organisation",
    "leads.reference": "the reference of another system; Chorus does not know whose it is",
    "webhook_calls.body": "what is told to others, 7 days; where a person's words stand in it, it goes with the person",
    "routing_examples.text": _ASKED,
    "entry_variants.text": _ASKED,
    "pulse_comments.text": "a comment without its writer: whose it is is known nowhere; 365 days",
    "pulse_comments.answer": "what a lead answered to a comment, for everybody",
}
