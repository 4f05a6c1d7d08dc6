"""One act on several posts: asked once, with their titles, then done post by post as a press in chat is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from adapters.web.console.answers import to
from adapters.web.console.fields import fields_of, is_path_of_ours, ref_of
from adapters.web.console.sessions import Viewer
from bot.core.cards import Bold, Card, Element, Text, card, text
from bot.core.context import Context
from bot.core.events import Event, Pressed, Submitted
from bot.core.i18n import Words
from storage.sharing import posts
from storage.sharing.posts import Post, PostState

if TYPE_CHECKING:
    from adapters.web.console.receive import Console

MOST, MOST_FIELDS = 50, 1100  # posts at once; fields of a form in which more are ticked
DONE = {
    "review.approve": PostState.LIVE,
    "review.decline": PostState.DECLINED,
    "post.end": PostState.EXPIRED,
}  # what each act makes of a post


class Bulk:
    def __init__(self, console: Console) -> None:
        self._console = console

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/bulk", self.act, methods=["POST"])

    async def act(self, request: Request) -> Response:
        viewer = await self._console.lead(request, keeps=MOST_FIELDS)
        if isinstance(viewer, Response):
            return viewer
        fields = await fields_of(request, most=MOST_FIELDS) or FormData()
        words = viewer.words
        if not self._console.is_own(request, viewer, str(fields.get("csrf") or "")):
            return self._console.not_own(words, viewer)
        back = str(fields.get("back") or "")
        back = back if is_path_of_ours(back) else "/console/library"
        act = str(fields.get("do") or "")
        chosen = [ref_of(str(one)) for one in fields.getlist("chosen")]
        found, others = await self._console.in_context(viewer, lambda context: _found(context, act, chosen))
        if act not in DONE or not found:
            said = (
                words.t("None of these posts can be changed like that.")
                if others
                else words.t("Select at least one post first.")
            )
            await self._console.show_next(viewer, card(said, text(said)))
            return to(back)
        if not fields.get("sure"):
            question, label, style = _asked(act, len(found), words)
            return await self._console.shown(
                "bulk", viewer, question, current="library", back=back, posts=found,
                others=others, do=act, label=label, style=style,
                asks_why=act == "review.decline",
            )  # fmt: skip
        return await self._done(viewer, act, found, fields, back)

    async def _done(self, viewer: Viewer, act: str, found: Sequence[Post], fields: FormData, back: str) -> Response:
        who = await self._console.identity(viewer)
        if who is None:
            return self._console.unreachable(viewer)
        key = f"console:{viewer.csrf[:16]}:{str(fields.get('once') or '')[:32]}"
        done, refused = list[str](), list[str]()
        for post in found:
            event = _event(act, post.id, {**who, "keys": (f"{key}:{post.id}",)}, str(fields.get("reason") or ""))
            answer = await self._console.handle(event)
            state = await self._console.in_context(viewer, lambda context, one=post.id: _state(context, one))  # type: ignore[misc]
            if state == DONE[act]:
                done.append(post.title)
            else:
                refused.append(f"{post.title}: {_reason(answer.card)}")
        await self._console.show_next(viewer, _said(act, len(done), refused, viewer.words))
        return to(back)


def _found(context: Context, act: str, chosen: Sequence[int]) -> tuple[list[Post], list[str]]:
    """(posts that the act can change, `MOST` at once; titles of the others)."""
    rows = {row.id: row for row in posts.some(context.session, chosen[:MOST_FIELDS])}
    known = [rows[one] for one in dict.fromkeys(chosen) if one in rows]
    fitting = [row for row in known if (row.state == PostState.LIVE if act == "post.end" else row.is_undecided)]
    return fitting[:MOST], [row.title for row in known if row not in fitting[:MOST]]


def _state(context: Context, post_id: int) -> PostState | None:
    post = posts.post(context.session, post_id)
    return post.state if post is not None else None


def _event(act: str, post: int, who: dict[str, Any], reason: str) -> Event:
    if act == "review.decline":
        return Submitted(**who, form="post_decline", ref=post, values={"reason": reason})
    return Pressed(**who, action=act, ref=post)


def _asked(act: str, number: int, words: Words) -> tuple[str, str, str]:
    """(question, label of the button, its style)."""
    return {
        "review.approve": (
            words.n("Approve {count} post?", "Approve {count} posts?", number), words.t("Approve"), "primary",
        ),
        "review.decline": (
            words.n("Decline {count} post?", "Decline {count} posts?", number), words.t("Decline"), "danger",
        ),
        "post.end": (
            words.n("End {count} post now?", "End {count} posts now?", number), words.t("End now"), "danger",
        ),
    }[act]  # fmt: skip


def _said(act: str, done: int, refused: Sequence[str], words: Words) -> Card:
    line = {
        "review.approve": words.n("{count} post approved.", "{count} posts approved.", done),
        "review.decline": words.n("{count} post declined.", "{count} posts declined.", done),
        "post.end": words.n("{count} post ended.", "{count} posts ended.", done),
    }[act]
    body: list[Element] = [text(Bold(line))]
    if refused:
        body.append(text(words.n("{count} stayed as it was:", "{count} stayed as they were:", len(refused))))
        body += [text(one) for one in refused]
    return card(line, *body)


def _reason(answer: Card | None) -> str:
    """The sentence in which the bot said why not: the first in bold, as everywhere."""
    bold = (
        [part.text for one in answer.body if isinstance(one, Text) for part in one.parts if isinstance(part, Bold)]
        if answer
        else []
    )
    return bold[0] if bold else answer.summary if answer else ""
