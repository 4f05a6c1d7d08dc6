"""Chart pictures: the address holds the figures, sealed; the picture is drawn when it is asked for."""

from __future__ import annotations

import asyncio
import json
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

import altair as alt
import vl_convert
from cryptography.fernet import Fernet, InvalidToken
from fastapi import APIRouter, Response

INK, ACCENT, PAPER = "#1b2a30", "#17637a", "#ffffff"


class SealedPictures:
    """The Pictures port. Sealed, so that an address tells nothing and nobody can have us draw anything else."""

    def __init__(self, key: str, base_url: str) -> None:
        self._fernet = Fernet(urlsafe_b64encode(sha256(f"pictures {key}".encode()).digest()))
        self._base_url = base_url

    def url_of(self, title: str, bars: Sequence[tuple[str, float]]) -> str:
        figures = json.dumps([title, [list(bar) for bar in bars]], ensure_ascii=False, separators=(",", ":"))
        return f"{self._base_url}/charts/{self._fernet.encrypt(zlib.compress(figures.encode())).decode()}.png"

    def open(self, token: str) -> tuple[str, list[tuple[str, float]]] | None:
        try:
            title, bars = json.loads(zlib.decompress(self._fernet.decrypt(token.encode())))
        except (InvalidToken, ValueError, zlib.error):
            return None
        return title, [(label, value) for label, value in bars]

    def router(self) -> APIRouter:
        router = APIRouter()

        @router.get("/charts/{token}.png", include_in_schema=False)
        async def chart(token: str) -> Response:
            figures = self.open(token)
            if figures is None:
                return Response(status_code=404)
            title, bars = figures
            png = await asyncio.to_thread(draw, title, tuple(bars))
            return Response(png, media_type="image/png", headers={"Cache-Control": "private, max-age=86400"})

        return router


@lru_cache(maxsize=256)
def draw(title: str, bars: tuple[tuple[str, float], ...]) -> bytes:
    """Horizontal bars in their given order, the number beside each, as PNG."""
    order = [label for label, _value in bars]
    data = alt.InlineData(values=[{"step": label, "number": value} for label, value in bars])
    base = alt.Chart(data).encode(
        y=alt.Y("step:N", sort=order, title=None, axis=alt.Axis(labelLimit=240, domain=False, ticks=False)),
        x=alt.X("number:Q", title=None, axis=None),
    )
    labels = base.mark_text(align="left", dx=6, fontSize=15, fontWeight="bold", color=INK).encode(text="number:Q")
    spec = (
        (base.mark_bar(color=ACCENT, cornerRadiusEnd=4, height=22) + labels)
        .properties(title=title, width=420, height=44 * len(bars), background=PAPER, padding=16)
        .configure_axis(labelFontSize=14, labelColor=INK)
        .configure_title(fontSize=16, color=INK, anchor="start")
        .configure_view(stroke=None)
    )
    return bytes(vl_convert.vegalite_to_png(spec.to_dict(), scale=2))
