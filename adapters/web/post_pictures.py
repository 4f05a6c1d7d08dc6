"""The pictures of posts, under an address that only their cards and posts hold."""

from __future__ import annotations

from fastapi import APIRouter, Response

from bot.core.db_executor import DbExecutor
from storage.database import Session
from storage.sharing import post_pictures, thumbnails
from storage.sharing.posts import PostState

HIDDEN = (PostState.RECALLED, PostState.DECLINED)
HEADERS = {
    "Cache-Control": "public, max-age=3600",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def router(db_executor: DbExecutor) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.api_route("/pictures/{key}.jpg", methods=["GET", "HEAD"])
    async def picture(key: str) -> Response:
        """Of a post that was withdrawn there is none any more."""
        found = await db_executor(lambda session: _content(session, key))
        if found is None:
            return Response(status_code=404)
        return Response(found[0], media_type=found[1], headers=HEADERS)

    return router


def _content(session: Session, key: str) -> tuple[bytes, str] | None:
    found = post_pictures.by_key(session, key.removesuffix(post_pictures.SMALL))
    if found is None:
        made = thumbnails.by_key(session, key)
        return (made[1], thumbnails.MEDIA_TYPE) if made is not None and made[0].state not in HIDDEN else None
    if found.post.state in HIDDEN:
        return None
    return found.small if key.endswith(post_pictures.SMALL) else found.content, found.media_type
