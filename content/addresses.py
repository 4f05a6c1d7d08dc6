"""Addresses of the web: which may be stored, and when two are the same page."""

from __future__ import annotations

from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

import regex

from content.errors import NotAnAddress

MAX_LENGTH = 2000  # characters; what every browser takes
_HOST = regex.compile(r"[a-z0-9._-]+|[0-9a-f:.]+", regex.IGNORECASE)  # a name after IDNA, or an IPv6 literal
_SERVER = regex.compile(
    r"(?:@?[\w.]+@)?(?:https?://)?([\w.-]+\.[a-z]{2,}|(?:127\.0\.0\.1|localhost)[\w:./-]*)(?:[/:].*)?", regex.IGNORECASE
)
_TRACKING = frozenset({"fbclid", "gclid", "dclid", "msclkid", "mc_cid", "mc_eid", "igshid", "ref_src", "yclid"})


def validate_url(url: str) -> str:
    """`url`, cleaned, if it is a web address that may be stored and redirected to.

    Raises NotAnAddress: another scheme, user information, control characters, no host, too long.
    """
    url = url.strip()
    if not url or len(url) > MAX_LENGTH or any(ord(sign) < 33 or ord(sign) == 127 for sign in url) or "\\" in url:
        raise NotAnAddress(url[:80])
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or 0 < parts.port < 65536
        host = (parts.hostname or "").encode("idna" if not (parts.hostname or "").isascii() else "ascii").decode()
    except (ValueError, UnicodeError) as cause:
        raise NotAnAddress(url[:80]) from cause
    is_web = parts.scheme.lower() in {"http", "https"} and "@" not in parts.netloc and port_is_fine
    if not is_web or not _HOST.fullmatch(host):
        raise NotAnAddress(url[:80])
    netloc = f"[{host}]" if ":" in host else host
    if parts.port is not None:
        netloc += f":{parts.port}"
    return urlunsplit((parts.scheme.lower(), netloc, parts.path, parts.query, parts.fragment))


def server_in(said: str) -> str:
    """The server's name in what a person typed: "mastodon.social", "@aino@mastodon.social",
    "https://mastodon.social/@aino". Raises NotAnAddress."""
    found = _SERVER.fullmatch(said.strip())
    if found is None:
        raise NotAnAddress(said[:80])
    name: str = found.group(1)
    return name.lower().rstrip("/.")


def absolute(address: str, base_url: str) -> str:
    """An address as it is; a path under our own address with that before it."""
    return f"{base_url}{address}" if address.startswith("/") else address


def canonical(url: str) -> str:
    """The form in which two addresses of one page are equal: no tracking, no fragment, sorted query, no www."""
    parts = urlsplit(validate_url(url))
    host = parts.netloc.lower().removeprefix("www.").removesuffix(":443").removesuffix(":80")
    query = sorted(
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name.lower() not in _TRACKING and not name.lower().startswith("utm_")
    )
    path = parts.path.rstrip("/") or "/"
    return urlunsplit(("https", host, path, urlencode(query), ""))


def with_utm(url: str, *, source: str, campaign: str) -> str:
    """`url` with UTM parameters that say where a visit came from; parameters it has already stay."""
    parts: SplitResult = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    present = {name for name, _ in query}
    wanted = {"utm_source": source, "utm_medium": "employee", "utm_campaign": campaign}
    query += [(name, value) for name, value in wanted.items() if name not in present]
    return urlunsplit(parts._replace(query=urlencode(query)))


def host_of(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")
