"""What comes over the wire as JSON: half an emoji is no reason to lose somebody's words."""

from __future__ import annotations

import pytest

from adapters.web.request_body import Malformed, json_object


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('{"text": "Long words \\ud83d"}', {"text": "Long words ?"}),
        ('{"text": "Long words \\ud83d\\udc4d"}', {"text": "Long words 👍"}),
        ('{"a": [{"\\udfff": "\\ud800x"}], "n": 1}', {"a": [{"?": "?x"}], "n": 1}),
    ],
)
def test_lone_surrogates_are_replaced(body: str, found: dict[str, object]) -> None:
    read = json_object(body)
    assert read == found
    str(read).encode("utf-8")


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(Malformed):
        json_object("[1]")
