"""Networks' names as sentences need them: Finnish inflects them where English sets a preposition."""

from __future__ import annotations

from content.channels import name_of

_FINNISH = {
    "bluesky": ("Blueskyssa", "Blueskysta", "Blueskyhin"),
    "linkedin": ("LinkedInissä", "LinkedInistä", "LinkedIniin"),
    "mastodon": ("Mastodonissa", "Mastodonista", "Mastodoniin"),
}


def in_words(network: str, language: str) -> dict[str, str]:
    """`network`, and as `in_network` ("on Mastodon", "Mastodonissa"), `from_network` and `to_network`."""
    name = name_of(network)
    if language == "fi":
        where, whence, whither = _FINNISH.get(
            network, (f"palvelussa {name}", f"palvelusta {name}", f"palveluun {name}")
        )
    else:
        where, whence, whither = f"on {name}", f"from {name}", f"to {name}"
    return {"network": name, "in_network": where, "from_network": whence, "to_network": whither}
