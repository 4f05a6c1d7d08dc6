"""When each scheduled job is due; what it does stands in the routes of its feature. Apart from them, so that a clock,
which only says that something is due, loads no feature. What is local runs once for each time zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from types import MappingProxyType

from bot.core.schedule import Daily, Every, Weekly, When
from bot.core.working_time import DAWN

TIMETABLE: Mapping[str, When] = MappingProxyType(
    {
        "plan_day": Daily(DAWN),
        "warn_of_end": Daily(DAWN),
        "gather_week": Weekly(0, time(0, 10), local=False),
        "send_digests": Weekly(0, time(8, 30)),  # before the hours in which people may be spoken to
        "propose_widening": Daily(time(8), local=False),
        "forget_askers": Every(3600.0),
        "forget_leavers": Every(600.0),
    }
)
