"""What a page says of itself: og:, twitter:, title and canonical address, to fill gaps in a feed."""

from __future__ import annotations

from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from content import encodings
from content.addresses import validate_url
from content.errors import NotAnAddress
from content.feeds import MAX_SUMMARY, MAX_TITLE, picture, plain
from content.nesting import check_depth
from content.read_results import PageMetadata

MAX_EXCERPT = 2000  # characters
SHORTEST_PARAGRAPH = 40  # characters
ASIDE = (
    "script, style, template, noscript, nav, header, footer, aside, form, figure, dialog, [role=dialog], [hidden], "
    "[aria-hidden=true], [class*=cookie i], [id*=cookie i], [class*=consent i], [class*=newsletter i], "
    "[class*=comment i]"
)
MAX_HTML = 1024 * 1024  # bytes: what a page says of itself stands at its beginning


def read(html: bytes, *, url: str) -> PageMetadata:
    """A page that says nothing gives an empty PageMetadata. Raises TooMuch."""
    words = encodings.decoded(html[:MAX_HTML])
    check_depth(words)
    tree = LexborHTMLParser(words)
    said: dict[str, str] = {}
    for node in tree.css("meta"):
        name = node.attributes.get("property") or node.attributes.get("name") or ""
        said.setdefault(name.lower(), node.attributes.get("content") or "")
    title = tree.css_first("title")
    page = tree.css_first("html")
    canonical = tree.css_first('link[rel="canonical"]')
    return PageMetadata(
        title=plain(_first(said, "og:title", "twitter:title") or (title.text() if title else ""), MAX_TITLE),
        summary=plain(_first(said, "og:description", "twitter:description", "description"), MAX_SUMMARY),
        image_url=picture(_first(said, "og:image", "twitter:image"), url),
        site_name=plain(_first(said, "og:site_name"), MAX_TITLE),
        language=((page.attributes.get("lang") or "")[:2].lower() or None) if page else None,
        canonical_url=_address(canonical.attributes.get("href") or "", url) if canonical else None,
        excerpt=_excerpt(tree),  # last: it takes out what is no text of the page
    )


def _excerpt(tree: LexborHTMLParser) -> str:
    """The paragraphs of the article, or of the page where it marks none, that read as prose."""
    for node in tree.css(ASIDE):
        node.decompose()
    paragraphs = tree.css("article p") or tree.css("main p") or tree.css("body p")
    found, length = list[str](), 0
    for paragraph in paragraphs:
        words = " ".join(paragraph.text().split())
        linked = sum(len(link.text()) for link in paragraph.css("a"))
        if len(words) < SHORTEST_PARAGRAPH or words[-1] not in '.!?…”"’' or linked > len(words) / 2:
            continue
        length += len(words)
        if length > MAX_EXCERPT:
            break
        found.append(words)
    return "\n\n".join(dict.fromkeys(found))


def _first(said: dict[str, str], *names: str) -> str:
    return next((said[name] for name in names if said.get(name)), "")


def _address(value: str, base: str) -> str | None:
    if not value:
        return None
    try:
        return validate_url(urljoin(base, value))
    except (NotAnAddress, ValueError):
        return None
