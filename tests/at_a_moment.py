"""A process on a machine whose clock says, at its start, a Tuesday morning of 2026, and with noise from a seed: so that
two runs show the same days and figures. The clock goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from random import Random

import time_machine

from bot.features.pulse.domain import noise, noisy_sums
from tests.forks import Work

MOMENT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)  # half past ten in Helsinki


def carry_out(work: Work) -> None:
    noisy_sums.gaussian = partial(noise.gaussian, below=Random(5).randrange)
    with time_machine.travel(MOMENT):
        work()
