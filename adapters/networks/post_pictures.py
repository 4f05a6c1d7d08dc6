"""The pictures of posts, for networks that take them along."""

from __future__ import annotations

import structlog

from bot.core.networks import Picture
from content.errors import ContentError
from content.reading import Reader

log = structlog.get_logger()


class PostPictures:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def __call__(self, url: str, alt: str) -> Picture | None:
        """The picture at an address that somebody else chose, made anew. None where there is none to be had."""
        try:
            info, content = self._reader.picture(self._reader.fetch(url, accept="image/*").body)
        except ContentError as fault:
            log.info("a post goes without its picture", reason=str(fault))
            return None
        return Picture(content, info.media_type, alt)
