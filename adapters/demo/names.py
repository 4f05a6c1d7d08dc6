"""Names of made-up people: usual ones in Finland, in pairs that no two of them share."""

from __future__ import annotations

from collections.abc import Iterator

FIRST = (
    "Anna", "Antti", "Eeva", "Erik", "Fatima", "Hanna", "Heikki", "Ida", "Jari", "Johanna", "Jukka", "Kaisa",
    "Karim", "Katja", "Lauri", "Linda", "Marja", "Markus", "Minna", "Noora", "Olli", "Outi", "Pekka", "Riikka",
    "Saara", "Sami", "Sanna", "Teemu", "Tiina", "Ville",
)  # fmt: skip
LAST = (
    "Ahonen", "Berg", "Hakala", "Hassan", "Heikkinen", "Holm", "Jokinen", "Karlsson", "Kinnunen", "Lehtonen",
    "Mäkelä", "Nguyen", "Nieminen", "Nyman", "Ojala", "Pitkänen", "Rantanen", "Salo", "Turunen", "Väisänen",
)  # fmt: skip


def names() -> Iterator[str]:
    """Six hundred, the same each time."""
    for turn in range(len(LAST)):
        for number, first in enumerate(FIRST):
            yield f"{first} {LAST[(number + turn) % len(LAST)]}"
