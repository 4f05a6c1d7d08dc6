"""Cards and forms as the playground shows them: its script acts on what the data attributes name. Pure and total."""

from __future__ import annotations

from adapters.web.html import render
from bot.core.cards import Card, Form


def card_html(card: Card) -> str:
    return render("playground/card.html", card=card)


def form_html(form: Form, prefix: str) -> str:
    """`prefix` keeps ids apart where several forms stand on one page."""
    return render("playground/form.html", form=form, prefix=prefix)
