"""For how long what is: the limits of an installation, which may only be shorter than those of the product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Kept:
    """For how long, as an installation may shorten it. `deliveries`: messages that are settled (arrived, failed,
    cancelled, in doubt); `nudges`: their words, and where their cards are; `mentions`: their words; `history`: of the
    framework, who changed what."""

    deliveries: timedelta = timedelta(days=90)
    nudges: timedelta = timedelta(days=90)
    mentions: timedelta = timedelta(days=365)
    history: timedelta = timedelta(days=365)
