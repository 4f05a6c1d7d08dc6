"""Examples of the cards and forms of the pulse."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from bot.core.cards import Card, Form, card
from bot.core.factors import FACTORS
from bot.core.i18n import Words
from bot.core.ports import Pictures
from bot.features.people.samples import NOW
from bot.features.pulse.cards import answering
from bot.features.pulse.domain.bank import bank
from bot.features.pulse.domain.culture import CultureProfile, FactorStanding
from bot.features.pulse.domain.disclosure import Cell
from bot.features.pulse.handlers import publishing, views
from storage.pulse.rounds import AskedStatement, Cycle, Round
from storage.pulse.statements import Statement, Wording


def samples(words: Words, pictures: Pictures) -> dict[str, Card]:
    row, found, cells = _round(), _profile(), {cell.key: cell for cell in _cells()}
    asked = AskedStatement(
        id=31,
        round_id=2,
        block=0,
        position=0,
        part="factor",
        statement=Statement(id="ownership-1", factor="ownership", reverse=False),
        wording=Wording(id=1, version=1, texts=_statement_texts("ownership-1")),
    )
    beside = {"ownership": words.t("{owned} of {number} channels have an owner", owned=7, number=9)}
    comments = [
        {"theme": "ownership", "text": "Who answers on Mastodon? I asked ▒▒▒ twice."},
        {"theme": "other", "text": "More pictures, please."},
    ]
    result, action = row.result or {}, row.action or {}
    return {
        "pulse_invitation": answering.invitation_card(row, words, row),
        "pulse_invitation_first": answering.invitation_card(row, words, None),
        "pulse_notice": answering.notice_card(row, words, "Koivu Energy"),
        "pulse_statement": answering.statement_card(asked, 4, words),
        "pulse_thanks": answering.thanks_card(row, words),
        "pulse_thanks_comment": answering.thanks_card(row, words, has_comment=True),
        "pulse_erased": answering.erased_card(row, words),
        "pulse_refused": answering.refused_card(words),
        "pulse_accepted": answering.asked_again_card(words),
        "pulse_profile": card(words.t("Culture profile"), *views.profile_elements(found, beside, words, pictures)),
        "pulse_profile_empty": card(
            words.t("Culture profile"),
            *views.profile_elements(
                CultureProfile(tuple(FactorStanding(name, None) for name in FACTORS)), {}, words, pictures
            ),
        ),
        "pulse_units": views.units_card(row, cells, words, pictures),
        "pulse_comments": views.comments_card(comments, words),
        "pulse_comments_few": views.comments_card([], words),
        "round_opened": publishing.opened_card(row, words),
        "round_closing": publishing.closing_card(words),
        "round_closed": publishing.closed_card(row, result, action, words),
        "round_closed_few": publishing.closed_card(row, {}, {}, words),
        "round_close_asked": publishing.close_card(row, words),
        "round_publish_asked": publishing.publish_card(row, result, action, words),
        "round_published": publishing.published_card(row, words),
    }


def forms(words: Words) -> dict[str, Form]:
    row = _round()
    return {
        "pulse_comment": answering.comment_form(row, words),
        "pulse_comment_masked": answering.comment_form(
            row, words, masked="Who answers on Mastodon? I asked ▒▒▒ twice."
        ),
        "round_publish": publishing.publication_form(row, row.result or {}, row.action or {}, words),
    }


def _round() -> Round:
    cycle = Cycle(
        id=1, design="same factor", seed=1, started_at=NOW, ends_on=date(2027, 4, 12), destroy_on=date(2027, 4, 26)
    )
    return Round(
        id=2,
        cycle=cycle,
        cycle_id=1,
        number=0,
        state="closed",
        k=5,
        opened_at=NOW,
        remind_at=NOW,
        closes_at=datetime(2026, 11, 27, 14, 0, tzinfo=UTC),
        tree=[[1, None, "Field service"], [2, None, "Sales"]],
        response={"invited": 48, "answered": 36},
        result={"en": "We rarely know who answers for a channel.", "fi": "Tiedämme harvoin, kuka kanavasta vastaa."},
        action={
            "en": "Every channel gets a named owner and a deputy.",
            "fi": "Jokainen kanava saa nimetyn vastuuhenkilön ja varahenkilön.",
        },
    )


def _profile() -> CultureProfile:
    cells = {cell.factor: cell for cell in _cells() if cell.unit is None}
    return CultureProfile(tuple(FactorStanding(factor, cells.get(factor)) for factor in FACTORS))


def _cells() -> list[Cell]:
    def cell(factor: str, unit: int | None, n: int, value: int, **more: Any) -> Cell:
        whole = {
            "how": "whole",
            "cap": "",
            "low": value - 12,
            "high": value + 11,
            "shrunk": value,
            "stage": 2,
            "worst": None,
            "response": 75,
            "verdict": "no clear change",
        }
        return Cell(
            **{
                "factor": factor,
                "statement": None,
                "part": "factor",
                "unit": unit,
                "n": n,
                "value": value,
                "round": 0,
                "fits": (0, n),
                **whole,
                **more,
            }
        )

    return [
        cell("goals", None, 36, 64, verdict="improved", stage=3),
        cell("ownership", None, 33, 41, worst=(25, 64), response=61, stage=1, verdict="declined"),
        cell("learning_culture", None, 14, 90, how="rounded", cap="at least", low=65, high=100, verdict=None),
        cell("goals", 1, 22, 59),
        cell("ownership", 1, 8, 1, how="band", low=None, high=None, shrunk=None, stage=None),
    ]


def _statement_texts(statement_id: str) -> dict[str, str]:
    found = next(item for item in bank()["statements"] if item["id"] == statement_id)
    return {"en": found["en"], "fi": found["fi"]}
