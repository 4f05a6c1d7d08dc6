"""`python -m tests.at_a_moment COMMAND …` is `chorus COMMAND …` on a machine whose clock says, at its start, a Tuesday
morning of 2026, and with noise from a seed: so that two runs show the same days and figures. The clock goes on."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from functools import partial
from random import Random

import time_machine

MOMENT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)  # half past ten in Helsinki

if __name__ == "__main__":
    sys.argv = ["chorus", *sys.argv[1:]]
    with time_machine.travel(MOMENT):
        from adapters.cli.main import main
        from bot.features.pulse.domain import noise, noisy_sums

        noisy_sums.gaussian = partial(noise.gaussian, below=Random(5).randrange)
        main()
