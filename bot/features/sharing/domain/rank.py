"""Which post to offer a person next."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from storage.sharing import post_audiences
from storage.sharing.nudges import MEANT
from storage.sharing.plans import Candidate
from storage.sharing.posts import Post

FIT, FRESH, URGENT, PRIORITY, RESTED = 1.0, 0.6, 0.4, 0.5, 0.6  # weights: our judgement
WANTED = 0.9  # fit of a topic that the person said they care about
UNKNOWN_TOPIC = FIT / 2 + RESTED  # what a post gets from a person of whom nothing is known
FRESH_HALF_LIFE = timedelta(days=3)
REST_HALF_LIFE = timedelta(days=5)  # since the last nudge of the topic
URGENT_WITHIN = timedelta(days=7)
TopicRecord = tuple[int, int, datetime]  # taken, declined, last sent


@dataclass(slots=True)
class SharingHistory:
    """A person's: the stories they were offered, what became of posts by topic, and where they have shared."""

    offered: set[int] = field(default_factory=set)
    topics: dict[str, TopicRecord] = field(default_factory=dict)
    channels: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class RankedPost:
    post: Post
    score: float
    why: str  # a name that `nudge_cards.why` puts in words


@dataclass(frozen=True, slots=True)
class _Offer:
    """A post with the part of its score that is the same for everybody."""

    post: Post
    story: int
    topic: str
    channels: frozenset[str]
    common: float


class Offers:
    """The posts that may be shared now, scored as far as that does not depend on the person."""

    def __init__(
        self,
        posts: Sequence[Post],
        now: datetime,
        running: Container[str] = (),
        lineages: Mapping[int, Collection[int]] | None = None,
    ) -> None:
        """`running`: activities that go on now; their posts come first, as those of a campaign. `lineages`: by unit,
        itself and all above it."""
        self._now = now
        self._running = running
        self._lineages = lineages or {}
        scored = [
            _Offer(post, post.story, post.topic, frozenset(post.channels or ()), _common(post, now, running))
            for post in posts
        ]
        self._scored = sorted(scored, key=lambda offer: -offer.common)
        self._asks_for_roles = any(post.roles for post in posts)
        self._asks_for_interests = any(post.interests for post in posts)
        self._meant: dict[tuple[object, ...], list[_Offer]] = {}
        self._first: dict[tuple[object, ...], RankedPost | None] = {}
        self._newest = max((_live_at(post) for post in posts), default=now)
        self.stories = [offer.story for offer in scored]

    def best(self, person: Candidate, past: SharingHistory | None = None) -> RankedPost | None:
        """The post for the person, None when all that is meant for them was offered or declined.

        Without a past the answer is that of everybody else who was told the same.
        """
        if past is not None:
            return self._best(person, past)
        alike = (*self._meant_as(person), person.topics_declined, person.topics_wanted)
        if alike not in self._first:
            self._first[alike] = self._best(person, SharingHistory())
        return self._first[alike]

    def _best(self, person: Candidate, past: SharingHistory) -> RankedPost | None:
        best: tuple[float, _Offer] | None = None
        declined, wanted = set(person.topics_declined), set(person.topics_wanted)
        most = FIT + RESTED if past.topics or wanted else UNKNOWN_TOPIC  # that the person can add to what is common
        for offer in self._for(person):
            if best is not None and offer.common + most <= best[0]:
                break  # no later one can do better
            if offer.story in past.offered or (offer.topic and offer.topic in declined):
                continue
            if offer.channels and past.channels and not past.channels.intersection(offer.channels):
                continue
            known = past.topics.get(offer.topic)
            score = offer.common + _personal(known, self._now, is_wanted=offer.topic in wanted)
            if best is None or score > best[0]:
                best = (score, offer)
        if best is None:
            return None
        why = self._why(best[1].post, past.topics.get(best[1].topic), is_wanted=best[1].topic in wanted)
        return RankedPost(best[1].post, best[0], why)

    def _meant_as(self, person: Candidate) -> tuple[object, ...]:
        """What decides which posts are meant for the person: of what no post asks for nothing."""
        roles = person.roles if self._asks_for_roles else ()
        return person.unit_id, person.language, roles, person.topics_wanted if self._asks_for_interests else ()

    def _for(self, person: Candidate) -> list[_Offer]:
        key = self._meant_as(person)
        if key not in self._meant:
            units = self._lineages.get(person.unit_id or 0, ())
            self._meant[key] = [
                offer
                for offer in self._scored
                if offer.post.language == person.language
                and post_audiences.includes(offer.post, units=units, roles=person.roles, interests=person.topics_wanted)
            ]
        return self._meant[key]

    def _why(self, post: Post, record: TopicRecord | None, *, is_wanted: bool) -> str:
        if post.units:
            return MEANT
        if post.priority > 0 or (post.activity is not None and post.activity in self._running):
            return "campaign"
        if is_wanted:
            return "interest"
        if record is not None and record[0] > record[1]:
            return "topic"
        return "newest" if _live_at(post) >= self._newest else "fits"


def _common(post: Post, now: datetime, running: Container[str]) -> float:
    fresh: float = 0.5 ** ((now - _live_at(post)) / FRESH_HALF_LIFE)
    urgent = max(0.0, 1 - (post.expires_at - now) / URGENT_WITHIN) if post.expires_at else 0.0
    priority = max(post.priority, int(post.activity is not None and post.activity in running))
    return FRESH * min(1.0, fresh) + URGENT * urgent + PRIORITY * priority


def _personal(record: TopicRecord | None, now: datetime, *, is_wanted: bool) -> float:
    """Topic fit (Laplace's rule on taken and declined; never low where they said that they care), and how rested the
    topic is."""
    taken, declined = (record[0], record[1]) if record else (0, 0)
    rested: float = 1 - 0.5 ** ((now - record[2]) / REST_HALF_LIFE) if record else 1.0
    fit = (taken + 1) / (taken + declined + 2)
    return FIT * (max(fit, WANTED) if is_wanted else fit) + RESTED * rested


def _live_at(post: Post) -> datetime:
    return max(post.decided_at or post.created_at, post.embargo_until or post.created_at)
