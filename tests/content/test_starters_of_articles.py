"""Starters of two hundred articles: what they say is said in the article, in its words, and worth posting."""

from __future__ import annotations

import pytest
import regex

from content import captions, sentences
from content.channels import KINDS, with_link
from content.language import spoken_in
from tests.fixtures.articles import Article, articles
from tests.sizes import size

ARTICLES = list(articles())
LINK = "https://chorus.example/r/aB3_x9Zq"
SAD = ("died", "kuoli", "cut", "vähentää", "recalls", "vetää takaisin")


def offered(article: Article, *, channel: str = "linkedin", context: int = 0) -> list[captions.Starter]:
    return list(
        captions.starters(
            title=article.title,
            summary=article.summary,
            excerpt=article.page,
            language=article.language,
            channel=KINDS[channel],
            link=LINK,
            disclosure=None,
            context=context,
        )
    )


def _plain(text: str) -> str:
    return regex.sub(r"[\s.!?…]+", " ", text).strip().casefold()


def test_there_are_two_hundred() -> None:
    assert len(set(ARTICLES)) == len(ARTICLES) == 200


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: f"{article.language}-{article.title[:30]}")
def test_worth_posting(article: Article) -> None:
    said = _plain(" ".join((article.title, article.summary, article.page)))
    for context in range(size(2, 6)):
        made = offered(article, context=context)
        assert made
        assert len({starter.kind for starter in made}) == len(made)
        assert len({_plain(starter.text) for starter in made}) == len(made)
        for starter in made:
            told = _plain(starter.text).removeprefix(_plain(article.title)).strip()
            assert told in said or all(_plain(one) in said for one in sentences.split(starter.text, article.language))
            assert starter.text[-1] in ".!?…”"
            assert spoken_in(starter.text, article.language) == article.language
            first = sentences.split(starter.text, article.language)[0]
            is_opening = _plain(first) == _plain(article.title) or _plain(article.summary).startswith(_plain(first))
            assert is_opening or sentences.stands_alone(first, article.language)
        if "?" not in article.title + article.summary:
            assert not any("?" in starter.text for starter in made)


@pytest.mark.parametrize("channel", ["x", "bluesky"])
def test_short_enough(channel: str) -> None:
    kind = KINDS[channel]
    for article in ARTICLES:
        for starter in offered(article, channel=channel):
            assert kind.length(with_link(starter.text, LINK)) <= kind.max_length


def test_most_articles_give_several_to_choose_from() -> None:
    numbers = [len(offered(article)) for article in ARTICLES]
    assert sum(number >= 2 for number in numbers) >= 180
    assert min(numbers) >= 1


def test_people_of_a_company_are_offered_different_ones() -> None:
    """Of twenty people, how many different first starters an article gives on average."""
    different = [
        len({starter.text for context in range(20) for starter in offered(article, context=context)})
        for article in ARTICLES
    ]
    assert sum(different) / len(different) >= 5


def test_sad_news_are_told_as_they_are() -> None:
    for article in ARTICLES:
        if any(word in article.summary for word in SAD):
            for starter in offered(article):
                assert "!" not in starter.text
