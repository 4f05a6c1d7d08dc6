"""Somebody looks at the screen after every step of a story: what no person could read ends it.

The look is `acceptance/screen_lint.py` in the folder of shared data; where that is missing, nobody looks, unless
CHORUS_E2E=required.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page

from tests.sizes import size

STEPS: dict[type, tuple[str, ...]] = {
    Page: ("goto", "reload"),
    Locator: ("click", "fill", "check", "press", "select_option"),
}
OURS = ("/playground", "/console", "/o/", "/connect/", "/practice")
PHONE = {"width": 390, "height": 844}
PHONE_EVERY = size(2, 1)  # step that changed something, the page is looked at as on a phone, too
SETTLES = 120  # milliseconds until a step shows

Findings = Callable[[Page], list[dict[str, str]]]


def load(path: Path) -> Findings:
    """The function `findings` of the script at `path`."""
    spec = importlib.util.spec_from_file_location("screen_lint", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.findings  # type: ignore[no-any-return]


class Looker:
    """Looks at pages of ours, as wide as they are and as on a phone. Raises AssertionError naming what it finds."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._is_looking = False
        self._looked_at: set[int] = set()  # a step that changes nothing is not looked at again
        self.overlooked: set[str] = set()  # kinds of findings that a story brings about by itself

    def findings(self, page: Page) -> list[dict[str, str]]:
        """On the page as it stands."""
        return self._findings(page)

    def look(self, page: Page, step: str) -> None:
        if self._is_looking or page.is_closed() or not urlsplit(page.url).path.startswith(OURS):
            return
        self._is_looking = True
        try:
            page.wait_for_timeout(SETTLES)
            wide = page.viewport_size
            shown = hash((page.content(), str(wide)))
            if shown in self._looked_at:
                return
            found = self._findings(page)
            if wide is not None and wide["width"] > PHONE["width"] and len(self._looked_at) % PHONE_EVERY == 0:
                page.set_viewport_size(PHONE)  # type: ignore[arg-type]
                found += [{**fault, "what": f"{fault['what']} (phone)"} for fault in self._findings(page)]
                page.set_viewport_size(wide)
        finally:
            self._is_looking = False
        said = [
            f"{fault['kind']}: {fault['element']} {fault['what']} {fault['text']!r}"
            for fault in found
            if fault["kind"] not in self.overlooked
        ]
        assert not said, "\n".join([f"after {step} on {page.url}", *said])
        self._looked_at.add(shown)

    def follow(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From now on look after every step that a story takes."""
        for kind, names in STEPS.items():
            for name in names:
                monkeypatch.setattr(kind, name, self._followed(name, getattr(kind, name)))

    def _followed(self, name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(step)
        def taken(target: Page | Locator, *values: Any, **options: Any) -> Any:
            result = step(target, *values, **options)
            self.look(target if isinstance(target, Page) else target.page, f"{name} {values}")
            return result

        return taken
