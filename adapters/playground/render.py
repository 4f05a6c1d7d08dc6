"""Cards and forms as the playground shows them: its script acts on what the data attributes name. Pure and total."""

from __future__ import annotations

from markupsafe import Markup

from adapters.web.html import Controls, elements, fields, image, whole
from bot.core.cards import Button, Card, Chart, Form


def card_html(card: Card) -> str:
    return whole(elements(card.body, _CONTROLS))


def form_html(form: Form, prefix: str) -> str:
    """`prefix` keeps ids apart where several forms stand on one page."""
    title_id = f"{prefix}-title"
    return whole(
        Markup('<form class="form" data-form="{}" data-ref="{}" aria-labelledby="{}" novalidate>').format(
            form.name, form.ref, title_id
        )
        + Markup('<h3 id="{}" tabindex="-1">{}</h3>').format(title_id, form.title)
        + elements(form.intro, _CONTROLS)
        + fields(form, prefix)
        + Markup('<div class="actions"><button type="submit" class="primary">{}</button>').format(form.submit)
        + Markup('<button type="button" data-cancel>{}</button></div></form>').format(form.cancel)
    )


def _button(item: Button) -> Markup:
    return Markup('<button type="button" class="{}" data-action="{}" data-ref="{}">{}</button>').format(
        item.style, item.action, item.ref, item.label
    )


def _chart(chart: Chart) -> Markup:
    return image(chart.url, chart.alt)


def _copy(words: str) -> Markup:
    return Markup('<div class="copy"><pre tabindex="0">{}</pre><button type="button" data-copy></button></div>').format(
        words
    )


def _actions(items: Markup) -> Markup:
    return Markup('<div class="actions">{}</div>').format(items)


_CONTROLS = Controls(button=_button, chart=_chart, copy=_copy, actions=_actions)
