"""Examples of the cards and forms of the pulse."""

from __future__ import annotations

from datetime import UTC, date, datetime

from bot.core.cards import Card, Form, card
from bot.core.factors import FACTORS
from bot.core.i18n import Words
from bot.core.ports import Pictures
from bot.features.people.samples import NOW
from bot.features.pulse.cards import answering
from bot.features.pulse.domain import noisy_sums
from bot.features.pulse.domain.bank import bank
from bot.features.pulse.domain.culture import CultureProfile, FactorStanding
from bot.features.pulse.domain.noisy_sums import NoisySums, UnitSums
from bot.features.pulse.domain.privacy_budget import PrivacyBudget
from bot.features.pulse.handlers import comments, publishing, views
from storage.pulse import readings
from storage.pulse.comments import Comment
from storage.pulse.readings import Change, Level, Reading, Whole
from storage.pulse.rounds import AskedStatement, Cycle, NoFigures, Round
from storage.pulse.statements import Statement, Wording


def samples(words: Words, pictures: Pictures) -> dict[str, Card]:
    row, found = _round(), _profile()
    asked = AskedStatement(
        id=31,
        round_id=2,
        position=0,
        statement=Statement(id="ownership-1", factor="ownership", reverse=False),
        wording=Wording(id=1, version=1, texts=_statement_texts("ownership-1")),
    )
    beside = {"ownership": words.t("{owned} of {number} channels have an owner", owned=7, number=9)}
    wrote = _comments()
    result, action = row.result or {}, row.action or {}
    return {
        "pulse_invitation": answering.invitation_card(row, words, row),
        "pulse_invitation_first": answering.invitation_card(row, words, None),
        "pulse_notice": _notice(row, words, is_open=True),
        "pulse_statement": answering.statement_card(asked, 3, words),
        "pulse_thanks": answering.thanks_card(row, words),
        "pulse_thanks_comment": answering.thanks_card(row, words, has_comment=True),
        "pulse_erased": answering.erased_card(row, words),
        "pulse_refused": answering.refused_card(words),
        "pulse_accepted": answering.asked_again_card(None, words),
        "pulse_accepted_in_a_round": answering.asked_again_card(row, words),
        "pulse_over": answering.over_card(words),
        "pulse_notice_afterwards": _notice(row, words, is_open=False),
        "pulse_statement_again": answering.statement_card(asked, 3, words, is_rated=True),
        "pulse_profile": card(words.t("Culture profile"), *views.profile_elements(found, beside, words, pictures)),
        "pulse_profile_whole": card(
            words.t("Culture profile"), *views.profile_elements(_whole_profile(), beside, words, pictures)
        ),
        "pulse_profile_empty": card(
            words.t("Culture profile"),
            *views.profile_elements(
                CultureProfile(tuple(FactorStanding(name, None) for name in FACTORS)), {}, words, pictures
            ),
        ),
        "pulse_units": views.units_card(row, words, pictures),
        "pulse_comments": comments.comments_card(wrote, words),
        "pulse_comments_many": comments.comments_card(wrote * 8, words, after=2),
        "pulse_comments_few": comments.comments_card([], words),
        "pulse_comments_answered": comments.answers_card(wrote[:1], words),
        "pulse_comments_unanswered": comments.answers_card([], words),
        "round_open_asked": publishing.open_card(words),
        "round_opened": publishing.opened_card(row, words),
        "round_closing": publishing.closing_card(words),
        "round_closed": publishing.closed_card(row, result, action, words),
        "round_closed_few": publishing.closed_card(row, {}, {}, words),
        "round_closed_lost": publishing.closed_card(_round(NoFigures.LOST), {}, {}, words),
        "round_closed_budget": publishing.closed_card(_round(NoFigures.BUDGET), {}, {}, words),
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
        "pulse_comment_too_long": answering.comment_form(row, words, kept="More pictures. " * 40, is_too_long=True),
        "comment_answer_empty": comments.answer_form(_comments()[1], words, is_wrong=True),
        "comment_answer": comments.answer_form(_comments()[1], words),
    }


def _notice(row: Round, words: Words, *, is_open: bool) -> Card:
    return answering.notice_card(
        row,
        words,
        is_open=is_open,
        organisation="Koivu Energy",
        asked_by=["Laura Laine", "Mikko Salo"],
        budget=PrivacyBudget(1.33),
    )


def _comments() -> list[Comment]:
    return [
        Comment(
            id=1,
            round_id=2,
            theme="ownership",
            text="Who answers on Mastodon? I asked ▒▒▒ twice.",
            answer="Communications does, from Monday on.",
        ),
        Comment(id=2, round_id=2, theme="other", text="More pictures, please."),
    ]


def _round(no_figures: NoFigures | None = None) -> Round:
    cycle = Cycle(id=1, seed=1, started_at=NOW, ends_on=date(2027, 4, 12))
    return Round(
        id=2,
        cycle=cycle,
        cycle_id=1,
        number=0,
        factor="ownership",
        state="closed",
        opened_at=NOW,
        remind_at=NOW,
        closes_at=datetime(2026, 11, 27, 14, 0, tzinfo=UTC),
        tree=[[1, None, "Field service"], [2, None, "Sales"]],
        no_figures=no_figures,
        release=noisy_sums.to_json(
            NoisySums(
                "ownership",
                {1: UnitSums(-2.5, 24.0), 2: UnitSums(0.5, 12.0)},
                -3.0,
                5.0,
                {"ownership-1": -2.0},
                people={1: 32, 2: 16},
            )
        )
        if no_figures is None
        else None,
        reading=readings.to_json(_reading()),
        result={"en": "We rarely know who answers for a channel.", "fi": "Tiedämme harvoin, kuka kanavasta vastaa."},
        action={
            "en": "Every channel gets a named owner and a deputy.",
            "fi": "Jokainen kanava saa nimetyn vastuuhenkilön ja varahenkilön.",
        },
    )


def _profile() -> CultureProfile:
    reading = _reading()
    return CultureProfile(
        tuple(FactorStanding(factor, reading.organisation.get(factor)) for factor in FACTORS), reading.whole
    )


def _whole_profile() -> CultureProfile:
    """All areas known, and the weakest with them."""
    levels = {factor: Level(0.62 + 0.03 * index, 0.03, None) for index, factor in enumerate(FACTORS)}
    levels["ownership"] = Level(0.41, 0.03, Change.WORSE)
    whole = Whole((0.36, 0.64, 0.0, 0.0), "ownership", None)
    return CultureProfile(tuple(FactorStanding(factor, levels[factor]) for factor in FACTORS), whole)


def _reading() -> Reading:
    goals, ownership = Level(0.64, 0.06, Change.BETTER), Level(0.41, 0.05, Change.WORSE)
    return Reading(
        organisation={"goals": goals, "ownership": ownership, "learning_culture": Level(0.9, 0.04, Change.NOT_CLEAR)},
        units={1: {"goals": Level(0.59, 0.09), "ownership": Level(0.44, 0.1, Change.TOO_FEW)}},
        statements={"ownership-1": Level(0.45, 0.12)},
        whole=None,
    )


def _statement_texts(statement_id: str) -> dict[str, str]:
    found = next(item for item in bank()["statements"] if item["id"] == statement_id)
    return {"en": found["en"], "fi": found["fi"]}
