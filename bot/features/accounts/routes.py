"""Connected accounts: a person's own, on which Chorus posts by their word."""

from __future__ import annotations

from bot.core.routes import CommandRoute, FeatureRoutes, Route
from bot.features.accounts import domain, handlers, jobs

ROUTES = FeatureRoutes(
    name="accounts",
    commands={
        "accounts": CommandRoute(
            handler=handlers.show_accounts,
            help="your own accounts on which I may post for you",
            button="Your accounts",
            summary="Connect or disconnect your accounts",
            usage="accounts",
        )
    },
    presses={
        "account.connect_*": Route(handler=handlers.connect),
        "account.end_*": Route(handler=handlers.disconnect),
        "cancel.account_*": Route(handler=handlers.cancel_host),
    },
    forms={"account_*": Route(handler=handlers.submit_host)},
    on_background_result={"account_end": jobs.ended},
    tick_jobs={"end_of_leavers": jobs.end_of_leavers},
    on_forgetting=domain.forget,
    scheduled_jobs={"warn_of_end": jobs.warn_of_end},
)
