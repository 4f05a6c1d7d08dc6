"""What is known of a picture once it was made anew."""

from __future__ import annotations

from dataclasses import dataclass

SMALL = 800  # pixels: the longer side of a picture that is looked at in a card


@dataclass(frozen=True, slots=True)
class PictureInfo:
    """Sides in pixels. `is_still`: it was no animation, of which the first picture was taken."""

    media_type: str
    width: int
    height: int
    is_still: bool
