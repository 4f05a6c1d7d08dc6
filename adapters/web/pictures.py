"""Chart pictures: the address holds the figures, sealed; the picture is drawn when it is asked for."""

from __future__ import annotations

import asyncio
import json
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from fastapi import APIRouter, Response

from bot.core.ports import HeatRow

KINDS = ("bars", "culture", "heat")  # functions of chart_images


class SealedPictures:
    """The Pictures port. Sealed, so that an address tells nothing and nobody can have us draw anything else."""

    def __init__(self, key: str, base_url: str) -> None:
        self._fernet = Fernet(urlsafe_b64encode(sha256(f"pictures {key}".encode()).digest()))
        self._base_url = base_url

    def url_of(self, title: str, bars: Sequence[tuple[str, float]]) -> str:
        return self._url("bars", title, bars)

    def culture_url(self, title: str, stages: Sequence[tuple[str, int | None]], unknown: str) -> str:
        return self._url("culture", title, stages, unknown)

    def heat_url(self, title: str, columns: Sequence[str], rows: Sequence[HeatRow], unknown: str) -> str:
        return self._url("heat", title, columns, rows, unknown)

    def open(self, token: str) -> str | None:
        """The figures of an address, as JSON; None for one that is not ours."""
        try:
            figures = zlib.decompress(self._fernet.decrypt(token.encode())).decode()
            return figures if json.loads(figures)[0] in KINDS else None
        except (InvalidToken, ValueError, LookupError, TypeError, zlib.error):
            return None

    def router(self) -> APIRouter:
        router = APIRouter()

        @router.get("/charts/{token}.png", include_in_schema=False)
        async def chart(token: str) -> Response:
            figures = self.open(token)
            if figures is None:
                return Response(status_code=404)
            drawn = await asyncio.to_thread(draw, figures)
            return Response(drawn, media_type="image/png", headers={"Cache-Control": "private, max-age=86400"})

        return router

    def _url(self, kind: str, *figures: Any) -> str:
        words = json.dumps([kind, *figures], ensure_ascii=False, separators=(",", ":"))
        return f"{self._base_url}/charts/{self._fernet.encrypt(zlib.compress(words.encode())).decode()}.png"


@lru_cache(maxsize=256)
def draw(figures: str) -> bytes:
    from adapters.web import chart_images  # only for those who draw: it brings 100 MB

    kind, *values = json.loads(figures)
    return chart_images.png(getattr(chart_images, kind)(*values))
