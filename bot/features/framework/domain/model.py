"""The framework's model as one value: what a `framework.yaml` holds, and what the database holds, are both this.

People are named by their e-mail address, everything else by its id. Field descriptions end up in the JSON Schema.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from bot.core.factors import Factor
from storage.people.organisation import LONGEST_NAME, tidied

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
UnitName = Annotated[
    str,
    BeforeValidator(lambda name: tidied(name) if isinstance(name, str) else name),
    StringConstraints(min_length=1, max_length=LONGEST_NAME),
]
Sentence = Annotated[str, StringConstraints(max_length=300, strip_whitespace=True)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254, to_lower=True)]

GoalKind = Literal["public_image", "customer_service", "sales", "leads", "own"]
Metric = Literal[
    "active_sharers",
    "shares",
    "clicks",
    "clicks_per_share",
    "leads",
    "questions_in_time",
    "pulse",
    "own_words",
    "mentions_answered",
]
SourceKind = Literal["feed", "mastodon", "bluesky", "webhook"]
Phase = Literal["waiting", "pilot", "live", "paused"]
METRICS: tuple[Metric, ...] = get_args(Metric)


class Part(BaseModel):
    """One thing of the model. Nothing unknown is taken: a misspelt key would be a rule that nobody keeps."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="strings", allow_inf_nan=False)
    key: ClassVar[str] = "id"

    @property
    def part_id(self) -> str:
        return str(getattr(self, self.key))

    def written(self) -> dict[str, Any]:
        """As the file and the history have it: without what is as it is by default."""
        return self.model_dump(mode="json", exclude_defaults=True)


class UnitPart(Part):
    key: ClassVar[str] = "name"

    name: UnitName = Field(description="As the directory of Slack or Teams has it.")
    part_of: UnitName | None = Field(default=None, description="The unit that it belongs to.")
    phase: Phase = Field(default="live", description="Where its roll-out is. Waiting and paused units get no nudges.")
    starts: date | None = Field(default=None, description="When a waiting unit is to begin.")


class ChannelPart(Part):
    id: Id = Field(description="linkedin, x, bluesky, mastodon, threads, facebook, whatsapp, xing, email, or your own.")
    name: Name | None = Field(default=None, description="Its name, where it is one of your own.")
    state: Literal["proposed", "active", "retired"] = "active"
    owner: Email | None = Field(default=None, description="Who is answerable. An active channel has an owner.")
    deputy: Email | None = Field(default=None, description="Who stands in for the owner.")
    disclosure: bool = Field(default=True, description="Must a caption say who employs the writer?")
    max_length: int | None = Field(
        default=None, ge=20, le=10_000, description="Signs, where you want fewer than it takes."
    )
    tone: Sentence = Field(
        default="", description="One sentence on how you speak there, shown where captions are written."
    )
    share_page: Sentence | None = Field(default=None, description="https address with {text}, {link} or {title} in it.")
    blocked: tuple[Name, ...] = Field(
        default=(), max_length=200, description="Phrases that must not stand in a caption there."
    )


class Presence(Part):
    key: ClassVar[str] = "channel"

    channel: Id
    evidence: Sentence = Field(description="How you know that they are there.", min_length=1)


class AudiencePart(Part):
    id: Id
    name: Name
    kind: Literal["stakeholder", "target_group"] = "target_group"
    channels: tuple[Presence, ...] = Field(default=(), max_length=50)


class GoalPart(Part):
    id: Id
    name: Name
    kind: GoalKind = "own"
    metric: Metric = Field(description="What is counted; computed from what happens, never typed in.")
    factor: Factor | None = Field(
        default=None, description="Whose share of favourable answers, where the metric is pulse."
    )
    unit: UnitName | None = None
    channel: Id | None = None
    baseline: float = Field(default=0.0, ge=0, le=1e9)
    target: float = Field(gt=0, le=1e9)
    starts: date
    due: date
    owner: Email | None = None


class ActivityPart(Part):
    id: Id
    name: Name
    starts: datetime = Field(description="Local time in time_zone, without a zone of its own: 2026-11-24T09:00.")
    time_zone: str = Field(default="UTC", max_length=60)
    minutes: int = Field(default=30, ge=1, le=60 * 24 * 31)
    repeats: Sentence | None = Field(default=None, description="A rule of RFC 5545: FREQ=WEEKLY;BYDAY=TU.")
    unit: UnitName | None = None
    audience: Id | None = None
    channel: Id | None = None
    goal: Id | None = None
    owner: Email | None = None


class SourcePart(Part):
    """Something that is listened to."""

    id: Id
    name: Name
    kind: SourceKind
    address: Sentence = Field(
        default="", description="A feed's https address; #tag@server or @name@server; #tag or name.domain."
    )
    channel: Id | None = Field(default=None, description="Whose owner hears of it; without one a comms lead does.")
    audience: Id | None = Field(default=None, description="The stakeholder who is watched by it.")
    state: Literal["active", "paused"] = "active"


class Framework(Part):
    """The whole model."""

    version: Literal[1] = Field(description="Of this format.")
    units: tuple[UnitPart, ...] = Field(default=(), max_length=2000)
    channels: tuple[ChannelPart, ...] = Field(default=(), max_length=200)
    audiences: tuple[AudiencePart, ...] = Field(default=(), max_length=500)
    goals: tuple[GoalPart, ...] = Field(default=(), max_length=500)
    activities: tuple[ActivityPart, ...] = Field(default=(), max_length=2000)
    sources: tuple[SourcePart, ...] = Field(default=(), max_length=2000)

    def section(self, name: str) -> dict[str, Part]:
        """Its parts by id, in the order of the file."""
        return {part.part_id: part for part in getattr(self, name)}

    @property
    def people(self) -> set[str]:
        """All email addresses that it names."""
        deputies = [channel.deputy for channel in self.channels]
        owners = [
            *(c.owner for c in self.channels),
            *(g.owner for g in self.goals),
            *(a.owner for a in self.activities),
        ]
        return {address for address in (*owners, *deputies) if address}


SECTIONS = ("units", "channels", "audiences", "goals", "activities", "sources")
EMPTY = Framework(version=1)


def schema() -> dict[str, Any]:
    """The JSON Schema of the file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Framework.model_json_schema()}
