"""Cards, forms and lists as the console shows them: every button is a form of its own, so that no script is needed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from markupsafe import Markup

from adapters.web import html
from adapters.web.html import Controls
from bot.core.cards import Button, Card, Chart, Form, Heading
from bot.core.i18n import Words

Cell = str | tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class FilterChoice:
    """One of a few ways to narrow a list."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows of one kind, a page at a time. `found`: what was searched for; `following`: where the next page begins."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    searched: str | None = None  # None: it cannot be searched
    choices: tuple[FilterChoice, ...] = ()
    chosen: str = ""
    following: str = ""


@dataclass(frozen=True, slots=True)
class Downloads:
    """Files to take along: (label, address)."""

    title: str
    files: tuple[tuple[str, str], ...]


Section = Card | Listing | Downloads


class Renderer:
    """For one page and viewer: where an action leads back to, and the token that makes it the viewer's own."""

    def __init__(self, back: str, csrf: str, words: Words, base_url: str) -> None:
        self._back = back
        self._csrf = csrf
        self._words = words
        self._base_url = base_url
        self._controls = Controls(button=self._button, chart=self._chart, copy=self._copy, actions=self._actions)

    def section(self, section: Section, number: int) -> Markup:
        match section:
            case Card():
                return self.card(section, number)
            case Listing():
                return self._listing(section, number)
        return self._downloads(section)

    def card(self, card: Card, number: int = 0) -> Markup:
        """The first heading names the section; a card without one is named by its summary."""
        first = next((element for element in card.body if isinstance(element, Heading)), None)
        body = html.elements([element for element in card.body if element is not first], self._controls)
        return Markup('<section class="card" aria-labelledby="s{0}"><h2 id="s{0}">{1}</h2>{2}</section>').format(
            number, first.text if first is not None else card.summary, body
        )

    def form(self, form: Form) -> Markup:
        return (
            Markup('<section class="card"><h1 id="form-title">{}</h1>').format(form.title)
            + self._errors(form)
            + html.elements(form.intro, self._controls)
            + Markup('<form method="post" action="/console/form" aria-labelledby="form-title">')
            + self._hidden(form=form.name, ref=str(form.ref))
            + html.fields(form, "f")
            + Markup(
                '<div class="actions"><button class="primary">{}</button><a class="button" href="{}">{}</a></div>'
            ).format(form.submit, self._back, form.cancel)
            + Markup("</form></section>")
        )

    def _errors(self, form: Form) -> Markup:
        """Errors are said at the top, too, where somebody who listens to the page begins."""
        if not form.errors:
            return Markup("")
        lines = Markup("").join(
            Markup('<li><a href="#f-{}">{}</a></li>').format(name, sentence) for name, sentence in form.errors
        )
        return Markup('<ul class="error" role="alert">{}</ul>').format(lines)

    def _listing(self, listing: Listing, number: int) -> Markup:
        head = Markup("").join(Markup('<th scope="col">{}</th>').format(name) for name in listing.header)
        rows = Markup("").join(
            Markup("<tr>{}</tr>").format(Markup("").join(map(self._cell, row))) for row in listing.rows
        )
        table = (
            Markup(
                '<div class="table" tabindex="0" role="group" aria-labelledby="s{}"><table><thead><tr>{}</tr></thead>'
                "<tbody>{}</tbody></table></div>"
            ).format(number, head, rows)
            if listing.rows
            else Markup("<p>{}</p>").format(self._words.t("There’s nothing here yet."))
        )
        return (
            Markup('<section class="card" aria-labelledby="s{0}"><h2 id="s{0}">{1}</h2>').format(number, listing.title)
            + self._narrowing(listing)
            + table
            + self._following(listing)
            + Markup("</section>")
        )

    def _narrowing(self, listing: Listing) -> Markup:
        found = Markup("")
        if listing.choices:
            links = Markup("").join(
                Markup('<a href="{}"{}>{}</a>').format(
                    f"{self._back}?{urlencode({'state': choice.value})}",
                    Markup(' aria-current="true"') if choice.value == listing.chosen else Markup(""),
                    choice.label,
                )
                for choice in listing.choices
            )
            found += Markup('<nav class="narrow" aria-label="{}">{}</nav>').format(self._words.t("Status"), links)
        if listing.searched is not None:
            found += Markup(
                '<form class="search" method="get" action="{0}"><label for="q">{1}</label>'
                '<input id="q" name="q" value="{2}" maxlength="100"><button>{1}</button></form>'
            ).format(self._back, self._words.t("Search"), listing.searched)
        return found

    def _following(self, listing: Listing) -> Markup:
        if not listing.following:
            return Markup("")
        query = {"after": listing.following}
        query |= {"q": listing.searched} if listing.searched else {}
        query |= {"state": listing.chosen} if listing.chosen else {}
        return Markup('<p><a class="button" href="{}">{}</a></p>').format(
            f"{self._back}?{urlencode(query)}", self._words.t("Next page")
        )

    def _cell(self, cell: Cell) -> Markup:
        if isinstance(cell, str):
            return Markup("<td>{}</td>").format(cell)
        return Markup("<td>{}</td>").format(self._actions(Markup("").join(map(self._button, cell))))

    def _downloads(self, section: Downloads) -> Markup:
        links = Markup("").join(
            Markup('<li><a href="{}" download>{}</a></li>').format(url, label) for label, url in section.files
        )
        return Markup('<section class="card"><h2>{}</h2><ul>{}</ul></section>').format(section.title, links)

    def _button(self, item: Button) -> Markup:
        return Markup('<button class="{}" name="do" value="{} {}">{}</button>').format(
            item.style, item.action, item.ref, item.label
        )

    def _actions(self, items: Markup) -> Markup:
        return Markup('<form class="actions" method="post" action="/console/do">{}{}</form>').format(
            self._hidden(), items
        )

    def _chart(self, chart: Chart) -> Markup:
        """The picture as SVG, and the same figures as a table under it."""
        rows = Markup("").join(
            Markup('<tr><th scope="row">{}</th><td>{}</td></tr>').format(label, self._words.number(value))
            for label, value in chart.bars
        )
        address = chart.url.removeprefix(self._base_url).removesuffix(".png") + ".svg"
        return Markup(
            '<figure>{}<figcaption class="visually-hidden">{}</figcaption><table><tbody>{}</tbody></table></figure>'
        ).format(html.image(address, chart.alt), chart.title, rows)

    def _copy(self, words: str) -> Markup:
        return Markup('<pre class="copy" tabindex="0">{}</pre>').format(words)

    def _hidden(self, **more: str) -> Markup:
        """`once`: the same form sent twice is one action."""
        values = {"csrf": self._csrf, "back": self._back, "once": secrets.token_hex(8), **more}
        return Markup("").join(
            Markup('<input type="hidden" name="{}" value="{}">').format(name, value) for name, value in values.items()
        )


def is_path_of_ours(back: str) -> bool:
    """Whether an action may lead back there: a page of the console, and nothing that a browser takes for a host."""
    parts = urlsplit(back)
    return not parts.scheme and not parts.netloc and back.startswith("/console") and "\\" not in back


def numbered(sections: Sequence[Section], renderer: Renderer) -> Markup:
    return Markup("").join(renderer.section(section, number) for number, section in enumerate(sections, start=1))
