"""What a stranger would try to find a colleague by, in comments that are to be read by others; and what must stay."""

from __future__ import annotations

import pytest

from bot.features.pulse.domain.comments import MASK, masked

PEOPLE = (
    "Aino Virtanen",
    "Pekka Mäki",
    "Tuomas Korhonen",
    "Erik Johansson",
    "Kaarina Niemi-Lahti",
    "Toivo Kuusi",
    "Mark Will",
    "Markku Lehti",
    "Virve Åkerlund",
    "Antti Rantanen",
    "Sinikka Kettu",
)
NAMED = (
    *("Virtanen", "Virtasen", "Virtaselle", "Virtasesta", "Virtasta", "Virtasellakaan", "virtasen", "VIRTASEN"),
    *("Aino", "Ainon", "Ainolle", "Ainokin", "Ainoon", "ainolle"),
    *("Pekka", "Pekan", "Pekalle", "Pekkaan", "Pekkaa", "pekan", "pekalta"),
    *("Mäen", "Mäelle", "Mäkeä", "Mäkeen"),
    *("Tuomas", "Tuomaksen", "Tuomaan", "Tuomakselta", "Korhosen", "Korhosilla"),
    *("Erikin", "Erikille", "Erikiä", "Johanssonin", "Johansson’s", "Johansson's", "Eriks"),
    *("Kaarinan", "Kaarinalle", "Niemen", "Niemelle", "Lahden", "Lahdelle"),
    *("Toivon", "Toivolta", "Kuuselle"),
    *("Mark", "Mark’s", "Will", "Markun", "Markulle", "Lehden", "Virven", "Virvelle", "Åkerlundin"),
    *("Antin", "Antille", "Anttia", "Rantasen", "Sinikan", "Ketun", "Ketulle"),
)
ORDINARY = (
    "I will mark it in May.",
    "Will we get more pictures?",
    "Toivon, että saamme lisää kuvia.",
    "Joka mäki ja niemi, joka lehti ja lahti.",
    "Se on ainoa kanava, jolla on vastuuhenkilö.",
    "Ainoan vastuuhenkilön ainoana päivänä.",
    "Ainoat ohjeet ovat vanhat, ainoastaan kuvat puuttuvat.",
    "Käyn markkinoilla ja merkkaan ne lehteen.",
    "The ketchup market is here, tell everybody.",
    "Rannalta löytyy kuusi hyvää kuvaa.",
    "Kuka vastaa tästä kanavasta? Kuka valvoo?",
    "There were pictures in the old folder.",
    "Eriksson is no colleague, Eri asia on se.",
)


@pytest.mark.parametrize("form", NAMED)
def test_a_name_is_masked_in_every_form(form: str) -> None:
    assert masked(f"I asked {form} twice", PEOPLE) == f"I asked {MASK} twice"


@pytest.mark.parametrize("form", ["Virtasen", "Pekalle", "Erikin", "Tuomaksen"])
def test_also_where_a_sentence_begins(form: str) -> None:
    assert masked(f"{form} said so. {form} knows!", PEOPLE) == f"{MASK} said so. {MASK} knows!"


@pytest.mark.parametrize("sentence", ORDINARY)
def test_no_ordinary_word_is_masked(sentence: str) -> None:
    assert masked(sentence, PEOPLE) == sentence


def test_masking_twice_changes_nothing() -> None:
    once = masked("Pekka (a@b.fi, +358 40 123 4567) ja Virtanen", PEOPLE)
    assert once == f"{MASK} ({MASK}, {MASK}) ja {MASK}"
    assert masked(once, PEOPLE) == once


@pytest.mark.parametrize(
    "written",
    [
        "Pekkaa kiusataan.",
        "Petriä syrjitään.",
        "P\u00e4ivi\u0308 ei, Pa\u0308ivi kyllä",
        "Kysy Bo Ekiltä",
        "Maki sanoi sen",
        "Ai\u200bno tietää",
        "\uff30ekka",
        "lnkd.in/abc",
        "foo.co.uk/x",
        "ftp://koivu/x",
        "040\u2013123\u20134567",
        "040/123/4567",
    ],
)
def test_what_was_tried_from_outside(written: str) -> None:
    names = ["Pekka Koivu", "Petri Mäki", "Päivi Salo", "Bo Ek", "Aino Virtanen"]
    assert MASK in masked(written, names)


def test_words_that_look_like_these_stay() -> None:
    said = "Ei on hyvä. Kerran 3/4 meistä, esim. ja/tai. Aika 10.30–11.15 sopii."
    assert masked(said, ["Pekka Koivu", "Bo Ek"]) == said
