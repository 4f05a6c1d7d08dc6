"""What a person does in the Agents Playground, Microsoft's local client of Teams."""

from __future__ import annotations

from playwright.sync_api import Locator, Page


def say(page: Page, words: str) -> None:
    box = page.get_by_role("textbox").last
    box.click()
    box.fill(words)
    page.keyboard.press("Enter")


def card(page: Page, words: str) -> Locator:
    """The newest card with those words in it."""
    return page.locator(".ac-adaptiveCard", has_text=words).last
