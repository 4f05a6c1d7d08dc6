"""Cards and forms as HTML, for whatever of ours is looked at in a browser. Pure and total; every word is escaped by
MarkupSafe. What a button, a chart or text to copy becomes is each page's own (`Controls`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

from bot.core.cards import (
    Actions,
    Bold,
    Button,
    Chart,
    Choice,
    Divider,
    Element,
    Facts,
    Field,
    Form,
    Heading,
    Image,
    Link,
    LinkTo,
    Part,
    Quote,
    Table,
    Text,
    TextField,
    cut,
)

LIMIT = 20_000  # characters of one text; a page can hold more, a reader cannot
_SCHEMES = ("http://", "https://", "mailto:", "/")


@dataclass(frozen=True, slots=True)
class Controls:
    """`actions` holds a row of buttons and links together."""

    button: Callable[[Button], Markup]
    chart: Callable[[Chart], Markup]
    copy: Callable[[str], Markup]
    actions: Callable[[Markup], Markup]


def elements(body: Iterable[Element], controls: Controls) -> Markup:
    return Markup("").join(_element(element, controls) for element in body)


def fields(form: Form, prefix: str) -> Markup:
    """The form's fields with their labels, hints and errors; `prefix` keeps ids apart where several forms stand on one
    page."""
    return Markup("").join(_field(field, form.error_of(field.name), prefix) for field in form.fields)


def link(item: Link) -> Markup:
    return Markup('<a class="button primary" href="{}" target="_blank" rel="noopener">{}</a>').format(
        _address(item.url), item.label
    )


def _element(element: Element, controls: Controls) -> Markup:
    match element:
        case Heading():
            return Markup("<h3>{}</h3>").format(_cut(element.text))
        case Text():
            css = Markup(' class="subtle"') if element.subtle else Markup("")
            return Markup("<p{}>{}</p>").format(css, _parts(element.parts))
        case Facts():
            pairs = (
                Markup("<dt>{}</dt><dd>{}</dd>").format(_cut(label), _cut(value)) for label, value in element.pairs
            )
            return Markup("<dl>{}</dl>").format(Markup("").join(pairs))
        case Image():
            return image(element.url, element.alt)
        case Chart():
            return controls.chart(element)
        case Table():
            return _table(element)
        case Quote(copy=True):
            return controls.copy(_cut(element.text))
        case Quote():
            return Markup("<blockquote>{}</blockquote>").format(_cut(element.text))
        case Divider():
            return Markup("<hr>")
        case Actions():
            items = Markup("").join(
                link(item) if isinstance(item, Link) else controls.button(item) for item in element.items
            )
            return controls.actions(items)


def _field(field: Field, error: str, prefix: str) -> Markup:
    field_id, about = f"{prefix}-{field.name}", []
    hint = Markup("")
    if field.hint:
        about.append(f"{field_id}-hint")
        hint = Markup('<p class="hint" id="{}-hint">{}</p>').format(field_id, field.hint)
    wrong = Markup("")
    if error:
        about.append(f"{field_id}-error")
        wrong = Markup('<p class="error" id="{}-error" role="alert">{}</p>').format(field_id, error)
    described = Markup(' aria-describedby="{}"').format(" ".join(about)) if about else Markup("")
    if error:
        described += Markup(' aria-invalid="true"')
    match field:
        case TextField(multiline=True):
            control = Markup('<textarea id="{0}" name="{1}" rows="4" maxlength="{2}"{3}>{4}</textarea>').format(
                field_id, field.name, field.max_length, described, field.value
            )
        case TextField():
            control = Markup('<input id="{0}" name="{1}" maxlength="{2}"{3} value="{4}">').format(
                field_id, field.name, field.max_length, described, field.value
            )
        case Choice(expanded=True):
            return _radios(field, field_id, hint, wrong)
        case Choice():
            options = (
                Markup('<option value="{}"{}>{}</option>').format(
                    option.value, Markup(" selected") if option.value == field.value else "", option.label
                )
                for option in field.options
            )
            control = Markup('<select id="{0}" name="{1}"{2}>{3}</select>').format(
                field_id, field.name, described, Markup("").join(options)
            )
    return Markup('<label for="{}">{}</label>{}{}{}').format(field_id, field.label, wrong, control, hint)


def _radios(field: Choice, field_id: str, hint: Markup, wrong: Markup) -> Markup:
    options = (
        Markup(
            '<label class="radio"><input type="radio" name="{}" value="{}"{} data-fills="{}" data-into="{}"> {}</label>'
        ).format(
            field.name,
            option.value,
            Markup(" checked") if option.value == field.value else "",
            option.fills,
            field.fills,
            option.label,
        )
        for option in field.options
    )
    return Markup('<fieldset id="{}"><legend>{}</legend>{}{}{}</fieldset>').format(
        field_id, field.label, Markup("").join(options), hint, wrong
    )


def _table(table: Table) -> Markup:
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(_cut(cell)) for cell in table.header)
    rows = Markup("").join(
        Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(_cut(cell)) for cell in row))
        for row in table.rows
    )
    return Markup(
        '<div class="table" tabindex="0"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(head, rows)


def image(url: str, alt: str) -> Markup:
    return Markup('<img src="{}" alt="{}" loading="lazy">').format(_address(url), alt)


def _parts(parts: tuple[Part, ...]) -> Markup:
    return Markup("").join(map(_part, parts))


def _part(part: Part) -> Markup:
    match part:
        case Bold():
            return Markup("<strong>{}</strong>").format(_cut(part.text))
        case LinkTo():
            return Markup('<a href="{}" target="_blank" rel="noopener">{}</a>').format(_address(part.url), part.text)
        case _:
            return Markup("<br>").join(escape(line) for line in _cut(part).split("\n"))


def _address(url: str) -> str:
    """Only what a browser may safely open; anything else leads nowhere."""
    return url if url.lower().startswith(_SCHEMES) else "#"


def whole(html: Markup) -> str:
    """HTML that can be sent: lone surrogates, which no encoding carries, are replaced."""
    return str(html).encode("utf-8", "replace").decode("utf-8")


def _cut(words: str) -> str:
    return cut(words, LIMIT)
