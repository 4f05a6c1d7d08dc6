"""The first steps of an organisation, each done when what it asks for is there: so progress is kept by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.context import Context
from bot.features.framework.domain import coverage
from bot.features.framework.domain.coverage import GapKind
from storage.people import employees, organisation, workspaces
from storage.people.organisation import Phase
from storage.pulse import rounds
from storage.sharing import feeds, posts
from storage.sharing.posts import PostState

WAS_OUT = (PostState.LIVE, PostState.EXPIRED, PostState.RECALLED)
UNOWNED = (GapKind.NO_OWNER, GapKind.OWNER_LEFT)


@dataclass(frozen=True, slots=True)
class FirstStep:
    """`address`: where it is done; "" where it is done outside of the console, as `said` explains."""

    title: str
    said: str
    address: str
    is_done: bool


def first_steps(context: Context) -> Sequence[FirstStep]:
    """In their order; none once all are done, nor for who cannot take them."""
    if not context.person.has_role("lead"):
        return ()
    steps = _steps(context)
    return () if all(step.is_done for step in steps) else steps


def _steps(context: Context) -> list[FirstStep]:
    session, words = context.session, context.words
    unowned = [gap for gap in coverage.gaps(session, context.now) if gap.kind in UNOWNED]
    begun = [unit for unit in organisation.units(session) if unit.phase == Phase.PILOT or unit.phase_since is not None]
    return [
        FirstStep(
            words.t("Connect Slack or Teams"),
            words.t("Whoever runs the bot does this: docs/operations.md shows how."),
            "",
            bool(workspaces.installed(session)),
        ),
        FirstStep(
            words.t("Get people in"),
            words.t("They come from your Slack or Teams directory, or when they first write to the bot."),
            "/console/people",
            employees.count(session) > 1,
        ),
        FirstStep(
            words.t("Name an owner for each channel"),
            words.t("Questions and mentions go to them, so no channel goes without an owner."),
            "/console/settings/channels",
            not unowned,
        ),
        FirstStep(
            words.t("Add a feed"),
            words.t("Your website’s feed brings each new page as a draft. Without one, go on and write a post."),
            "/console/settings/feeds",
            bool(feeds.listed(session) or posts.listed(session, limit=1)),
        ),
        FirstStep(
            words.t("Get the first post out"),
            words.t("Approve a draft in the library, or write a post from a link or from nothing."),
            "/console/compose",
            any(posts.listed(session, state=state, limit=1) for state in WAS_OUT),
        ),
        FirstStep(
            words.t("Start with one unit"),
            words.t("Hold its workshop, then let it in as the pilot. The others follow when it works."),
            "/console/rollout",
            bool(begun),
        ),
        FirstStep(
            words.t("Open the first pulse round"),
            words.t("It asks people how social media is going, and never shows who answered what."),
            "/console/pulse",
            rounds.newest(session) is not None,
        ),
    ]
