"""What the audit log tells is said in words, in every language."""

from __future__ import annotations

from adapters.web.console.act_names import act_name, labels
from bot.core.i18n import Words
from storage.audit.watch import WATCHED


def test_everything_that_is_watched_has_a_name() -> None:
    """A column that is watched from now on gets one here, or stands on the page as it is stored."""
    words = Words("fi")
    for table, watched in WATCHED.items():
        act = f"{table.__tablename__} changed"  # type: ignore[attr-defined]
        assert act_name(act, words) != act
        columns = {name.removeprefix("own_") for name in (*watched.values, *watched.words)}
        assert columns <= labels(words).keys(), table
