"""The first paragraphs of a page: its prose, and nothing of what stands around it."""

from __future__ import annotations

import pytest

from content import metadata

PROSE = "Twelve crews worked three nights, and nobody was hurt."
MORE = "The plan had 31 pages, and nobody opened it in the storm."
AROUND = "We use cookies to make this page better for everybody."


def excerpt(body: str) -> str:
    return metadata.read(f"<html><body>{body}</body></html>".encode(), url="https://koivu.example/storm").excerpt


def test_paragraphs_of_the_article() -> None:
    page = f"<p>{AROUND}</p><article><h1>Storm</h1><p>{PROSE}</p><p>{MORE}</p></article>"
    assert excerpt(page) == f"{PROSE}\n\n{MORE}"


@pytest.mark.parametrize(
    "around",
    [
        f"<nav><p>{AROUND}</p></nav>",
        f"<footer><p>{AROUND}</p></footer>",
        f"<aside><p>{AROUND}</p></aside>",
        f'<div class="cookie-banner"><p>{AROUND}</p></div>',
        f'<div id="CookieConsent" role="dialog"><p>{AROUND}</p></div>',
        f"<form><p>{AROUND}</p></form>",
        f"<p hidden>{AROUND}</p>",
        f"<noscript><p>{AROUND}</p></noscript>",
        f"<template><p>{AROUND}</p></template>",
        f'<p><a href="/a">{AROUND}</a></p>',
        "<p>Read more</p><p>© 2026</p><p>12.3.2026</p>",
        f"<script>var a = '<p>{AROUND}</p>'</script>",
        f"<!-- <p>{AROUND}</p> -->",
    ],
)
def test_what_is_no_prose_of_the_page(around: str) -> None:
    assert excerpt(f"{around}<p>{PROSE}</p>{around}") == PROSE


def test_once_each_and_not_without_end() -> None:
    assert excerpt(f"<p>{PROSE}</p>" * 3) == PROSE
    assert len(excerpt("".join(f"<p>{number} {MORE}</p>" for number in range(1000)))) <= 2200


@pytest.mark.parametrize("body", ["", "<p>", "<article></article>", "<p>" * 50, "\x00", "<frameset>"])
def test_pages_that_say_nothing(body: str) -> None:
    assert excerpt(body) == ""
