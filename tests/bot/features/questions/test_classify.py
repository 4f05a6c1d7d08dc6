"""The classifier: what it tells apart, how sure it is, that it says so, and that it survives being stored."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.features.questions.domain.classify import OUT, Classifier, TooFew, in_pairs, learn, loads
from bot.features.questions.domain.evaluate import BadLine, Labelled, evaluate, read, read_table

SUBJECTS = {
    "card": ("card", "cards", "chip", "pin"),
    "money": ("transfer", "payment", "money", "account"),
    "travel": ("hotel", "flight", "airport", "abroad"),
}
FRAMES = (
    "where is my {}",
    "I lost the {}",
    "how do I change the {}",
    "my {} does not work",
    "why is the {} late",
    "can you help with a {}",
    "when will the {} come",
    "who knows about the {}",
)
OUTSIDE = (
    "what shall we eat",
    "tell me a joke",
    "is it going to rain",
    "who won the match",
    "sing a song",
    "how tall is that mountain",
    "what day is it",
    "do you like cats",
)


def examples(with_outside: bool = False) -> tuple[list[str], list[str]]:
    rows = [(frame.format(word), label) for label, words in SUBJECTS.items() for word in words for frame in FRAMES]
    rows += [(f"{words} {end}", OUT) for words in OUTSIDE for end in ("", "please", "today")] if with_outside else []
    Random(3).shuffle(rows)
    return [text for text, _label in rows], [label for _text, label in rows]


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return learn(*examples(with_outside=True))


def test_tells_topics_apart_and_what_is_outside(classifier: Classifier) -> None:
    assert classifier.decide("the pin of the card is gone") == "card"
    assert classifier.decide("my payment and the transfer") == "money"
    assert classifier.decide("tell me if it is going to rain") == OUT


def test_says_which_words_told_it(classifier: Classifier) -> None:
    assert "hotel" in classifier.telling_words("I lost the hotel near you", "travel")
    assert "hotel" not in classifier.telling_words("I lost the hotel near you", "travel", but={"hotel"})


def test_probabilities_are_calibrated() -> None:
    """Where it says 80 %, it is right about that often: the mean of what it says is close to how often it is right."""
    texts, labels = examples(with_outside=True)
    noisy = [label if number % 5 else "money" for number, label in enumerate(labels)]  # every fifth label is a coin
    half = len(texts) // 2
    made = learn(texts[:half], noisy[:half])
    shown = made.probabilities(texts[half:])
    said = shown.max(axis=1).mean()
    right = np.mean([made.labels[row] == label for row, label in zip(shown.argmax(axis=1), noisy[half:], strict=True)])
    assert abs(said - right) < 0.1


def test_vectors_have_an_equal_say_and_may_be_missing() -> None:
    texts, labels = examples()
    random = np.random.default_rng(1)
    centres = {label: random.normal(size=16) for label in SUBJECTS}
    vectors = np.vstack([centres[label] + random.normal(scale=0.3, size=16) for label in labels])
    made = learn(texts, labels, vectors)
    assert made.ranked("hm", centres["travel"])[0][0] == "travel"
    assert made.decide("where is my hotel") == "travel"
    assert loads(made.dumps()).ranked("hm", centres["travel"])[0] == pytest.approx(
        made.ranked("hm", centres["travel"])[0]
    )


@settings(max_examples=30, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_gets_probabilities_that_sum_to_one(classifier: Classifier, text: str) -> None:
    shown = classifier.probabilities([text])
    assert shown.sum() == pytest.approx(1.0)
    assert loads(classifier.dumps()).probabilities([text]) == pytest.approx(shown, abs=1e-6)


def test_stored_bytes_run_nothing(classifier: Classifier) -> None:
    data = classifier.dumps()
    assert loads(data).labels == classifier.labels
    with pytest.raises((ValueError, KeyError, OSError)):
        loads(b"\x80\x04\x95 a pickle")


def test_one_topic_is_nothing_to_tell_apart() -> None:
    with pytest.raises(TooFew):
        learn(["a", "b"], ["card", "card"])


def test_pairs_see_words_that_belong_together_and_do_not_explode() -> None:
    assert "arriv&card" in in_pairs("my card has still not arrived")
    assert len(in_pairs(" ".join(f"w{number}" for number in range(5000)))) <= 120 * 121 // 2


class TestBackTest:
    def test_reports_what_the_contract_names(self) -> None:
        texts, labels = examples(with_outside=True)
        rows = [Labelled(text, label) for text, label in zip(texts, labels, strict=True)]
        report = evaluate(rows[::2], rows[1::2])
        assert report.in_scope_accuracy is not None
        assert report.in_scope_accuracy > 0.85
        assert report.out_of_scope_recall is not None
        assert report.out_of_scope_recall > 0.6
        assert report.macro_f1 is not None
        assert report.macro_f1 > 0.85

    def test_knows_nothing_out_of_scope_without_such_questions(self) -> None:
        texts, labels = examples()
        rows = [Labelled(text, label) for text, label in zip(texts, labels, strict=True)]
        assert evaluate(rows[::2], rows[1::2]).out_of_scope_recall is None

    @pytest.mark.parametrize(
        "line",
        [
            "{",
            "[]",
            '{"text": "a"}',
            '{"text": "", "label": "b"}',
            '{"text": 1, "label": "b"}',
            '{"text": "a", "label": ""}',
            '{"text": "a", "label": 3}',
            "[" * 5000,
        ],
    )
    def test_names_the_line_that_is_no_example(self, line: str) -> None:
        with pytest.raises(BadLine, match="Line 2: write"):
            read(['{"text": "a", "label": null}', line])


@pytest.mark.parametrize("heading", ["text,label", "text;label", "text\tlabel"])
def test_tables_are_read_with_any_sign_between_columns(heading: str) -> None:
    sign = heading[4]
    assert read_table([f"{heading}\n", f"Where is it?{sign}card\n"]) == [Labelled("Where is it?", "card")]


def test_a_row_without_a_text_is_named() -> None:
    with pytest.raises(BadLine, match="Line 3: there is no text"):
        read_table(["text,label\n", "Where?,card\n", " ,card\n"])


def test_one_example_of_each_topic_is_too_few() -> None:
    with pytest.raises(TooFew):
        learn(["Hallo Welt", "Guten Tag"], ["a", "b"])
