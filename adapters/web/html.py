"""HTML by Jinja templates, for whatever of Chorus is looked at in a browser. Every value is escaped."""

from __future__ import annotations

from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined

from bot.core import cards

# Of a page of sentences, which has no form.
PAGE_CSP = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
LIMIT = 20_000  # characters of one text; a page can hold more, a reader cannot
_SCHEMES = ("http://", "https://", "mailto:", "/")
_KINDS = {
    "actions": cards.Actions,
    "bold": cards.Bold,
    "card": cards.Card,
    "chart": cards.Chart,
    "choice": cards.Choice,
    "choices": cards.Choices,
    "date_field": cards.DateField,
    "divider": cards.Divider,
    "facts": cards.Facts,
    "heading": cards.Heading,
    "image": cards.Image,
    "link": cards.Link,
    "link_to": cards.LinkTo,
    "moment_field": cards.MomentField,
    "quote": cards.Quote,
    "table": cards.Table,
    "text": cards.Text,
}


def render(template: str, **values: Any) -> str:
    """The HTML of `template`: a file of `adapters/web/templates`, or "console/…" or "playground/…" for theirs.

    Lone surrogates, which no encoding carries, are replaced. Raises jinja2.TemplateNotFound and, for a value that a
    template names and nobody gave, jinja2.UndefinedError.
    """
    html = _environment.get_template(template).render(values)
    return html.encode("utf-8", "replace").decode("utf-8")


def _cut(words: str) -> str:
    return cards.cut(words, LIMIT)


def _address(url: str) -> str:
    """Only what a browser may safely open; anything else leads nowhere."""
    return url if url.lower().startswith(_SCHEMES) else "#"


def _is_kind(kind: type) -> Any:
    return lambda item: isinstance(item, kind)


_environment = Environment(
    loader=ChoiceLoader(
        [
            PackageLoader("adapters.web"),
            PrefixLoader(
                {
                    "console": PackageLoader("adapters.web.console"),
                    "demo": PackageLoader("adapters.demo"),
                    "playground": PackageLoader("adapters.playground"),
                }
            ),
        ]
    ),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_environment.filters |= {"cut": _cut, "address": _address}
_environment.tests |= {name: _is_kind(kind) for name, kind in _KINDS.items()}
