"""Our weights of pieces are scikit-learn's, to the last digits: one is what learns, the other what decides."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from bot.features.questions.domain.classify import in_order, in_pairs, words_of
from bot.features.questions.domain.tfidf import PiecesOf, Tfidf, parts_of_words

ALPHABET = "abc äöÅß'?!.,-\n\t\u00a0\u2028👍Ω"
TEXTS = st.lists(st.text(ALPHABET, max_size=40), min_size=1, max_size=8)


def _split(shortest: int, longest: int) -> tuple[PiecesOf, dict[str, Any]]:
    pieces_of = partial(parts_of_words, shortest=shortest, longest=longest)
    return pieces_of, {"analyzer": "char_wb", "ngram_range": (shortest, longest)}


VIEWS: tuple[tuple[PiecesOf, dict[str, Any]], ...] = (
    (words_of, {"analyzer": words_of}),
    (in_order, {"analyzer": in_order}),
    (in_pairs, {"analyzer": in_pairs}),
    _split(2, 5),
    _split(3, 5),
)


@pytest.mark.parametrize(("pieces_of", "options"), VIEWS)
@given(texts=TEXTS, asked=st.text(ALPHABET, max_size=40), least=st.sampled_from((1, 2)))
def test_it_weighs_as_scikit_learn_does(
    pieces_of: PiecesOf, options: dict[str, Any], texts: list[str], asked: str, least: int
) -> None:
    theirs = _vectorizer(texts, min_df=least, **options)
    ours = Tfidf.fitted(texts, pieces_of, least=least)
    if theirs is None:
        assert ours.vocabulary == {}
        assert ours.of(asked)[0].size == 0
        return
    assert ours.vocabulary == theirs.vocabulary_
    table = ours.table([*texts, asked])
    weights = csr_matrix((table.weights, (table.texts, table.columns)), table.shape).toarray()
    np.testing.assert_allclose(weights, theirs.transform([*texts, asked]).toarray(), atol=1e-12)


@given(texts=TEXTS, asked=st.text(ALPHABET, max_size=40))
def test_likeness_is_the_cosine(texts: list[str], asked: str) -> None:
    model = Tfidf.fitted(texts, words_of)
    table = model.table(texts)
    rows = csr_matrix((table.weights, (table.texts, table.columns)), table.shape).toarray()
    columns, weights = model.of(asked)
    cosines = [float(row[columns] @ weights) for row in rows]
    np.testing.assert_allclose(table.likeness(columns, weights), cosines, atol=1e-12)


def test_nothing_to_compare_with() -> None:
    model = Tfidf.fitted([], words_of)
    assert model.table([]).likeness(*model.of("Who answers?")).tolist() == []


def _vectorizer(texts: list[str], **options: Any) -> Any:
    """Fitted; None where it refuses, for no piece is left."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    fit: Callable[[list[str]], Any] = TfidfVectorizer(sublinear_tf=True, **options).fit
    try:
        return fit(texts)
    except ValueError:
        return None
