"""The look after every step sees what once went unseen: a machine's text on a button, a caption one letter a line."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Start
from tests.e2e.screens import Looker
from tests.e2e.test_playground import open_demo, pane

OLD_FAULTS = """
() => {
  const card = document.createElement("article");
  card.innerHTML = '<div style="display: flex"><pre style="flex: 1; white-space: pre-wrap; overflow-wrap: anywhere">' +
    'I visited nine of these homes.</pre><button>&lt;built-in method copy of dict object at 0x7f3a2c1b&gt; ' +
    'and as much more as it takes to squeeze what stands beside it</button></div>';
  document.querySelector(".log").append(card);
}
"""


def test_the_old_copy_button_would_be_seen(start: Start, page: Page, looker: Looker) -> None:
    open_demo(start, page, "en")
    pane(page, "aino").locator("article").first.wait_for()
    page.evaluate(OLD_FAULTS)
    with pytest.raises(AssertionError, match="machine"):
        looker.look(page, "the old fault")
    page.evaluate("document.querySelector('.log').lastChild.remove()")
