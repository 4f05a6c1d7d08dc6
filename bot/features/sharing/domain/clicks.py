"""Which requests for a tracked link come from people, and how visitors are told apart without storing addresses."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from functools import lru_cache

TOO_SOON = timedelta(seconds=2)  # within which of posting only machines come
VISITOR_BYTES = 12
READ_AS = ("document", "iframe", "frame")
# Link expanders, mail scanners and libraries that the list of crawlers leaves out.
_AUTOMATED = (
    "slackbot",
    "slack-imgproxy",
    "skypeuripreview",
    "microsoftpreview",
    "teams",
    "whatsapp",
    "telegrambot",
    "discordbot",
    "linkedinbot",
    "twitterbot",
    "bluesky",
    "cardyb",
    "mastodon",
    "facebookexternalhit",
    "preview",
    "python-requests",
    "python-httpx",
    "aiohttp",
    "curl/",
    "wget/",
    "go-http-client",
    "okhttp",
    "java/",
    "libwww",
    "headlesschrome",
    "phantomjs",
    "safelinks",
    "barracuda",
    "proofpoint",
    "mimecast",
    "bot",
    "spider",
    "crawl",
)


def is_automated(
    *, user_agent: str, purpose: str, at: datetime, posted_at: datetime | None, wanted_as: str = ""
) -> bool:
    """Whether a GET came from a machine: a prefetch, a known agent, none named, or a hit at once after posting.
    `wanted_as`: what a browser wants it for (Sec-Fetch-Dest); as a picture or a script nobody reads it."""
    if wanted_as and wanted_as not in READ_AS:
        return True
    if "prefetch" in purpose.lower() or "preview" in purpose.lower():
        return True
    if posted_at is not None and timedelta(0) <= at - posted_at < TOO_SOON:
        return True
    return _is_known_agent(user_agent[:400])


@lru_cache(maxsize=4096)
def _is_known_agent(user_agent: str) -> bool:
    from crawleruseragents import is_crawler  # a list of 3 MB: only where links are followed

    agent = user_agent.lower()
    return not agent or any(sign in agent for sign in _AUTOMATED) or is_crawler(user_agent)


def visitor(*, salt: bytes, code: str, network_address: str, user_agent: str) -> bytes:
    """Who it was, for one link and one day: a keyed hash whose key is destroyed with the day."""
    told_apart = f"{code}\0{network_address}\0{user_agent}".encode("utf-8", "replace")
    return hmac.new(salt, told_apart, hashlib.sha256).digest()[:VISITOR_BYTES]
