"""The part of the share's form that is about a connected account: on which, and when the post goes out there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.core.cards import Choice, Field, MomentField, Option
from bot.core.context import Context
from bot.core.i18n import Words
from bot.core.network_names import in_words
from bot.core.working_time import zone_of
from bot.features.sharing.domain.good_hours import next_good_hour
from content.channels import ChannelKind, kind_of
from storage.publishing import accounts
from storage.publishing.accounts import ConnectedAccount
from storage.sharing import social_channels


class When(StrEnum):
    """When a post goes out on a connected account."""

    NOW = "now"
    GOOD_HOUR = "good_hour"
    CHOSEN = "chosen"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Outlet:
    """A person's connected account, and when the post goes out there; `moment` is in their zone."""

    account: str
    good_hour: datetime
    moment: datetime
    when: str = When.NOW


def outlet_of(context: Context, channel: str, when: str = "", moment: datetime | None = None) -> Outlet | None:
    """The person's account of the channel, if they have connected one and it can be used."""
    account = usable_account(context, channel)
    if account is None:
        return None
    person = context.person
    good = next_good_hour(context.now, time_zone=person.time_zone, country=person.country)
    local = (moment or good).astimezone(zone_of(person.time_zone))
    return Outlet(account.name, good, local, when if when in set(When) else When.NOW)


def kept_timing(context: Context, channel: str, when: str, moment: datetime | None) -> tuple[tuple[str, str], ...]:
    """What was chosen, where the form does not show it now: a look at another channel turns no time into "now"."""
    account = usable_account(context, channel)
    shows = account is not None
    kept = [("when", when)] if when and not shows else []
    if moment is not None and not (shows and when == When.CHOSEN):
        kept.append(("moment", moment.astimezone(zone_of(context.person.time_zone)).isoformat()))
    if account is not None:
        kept.append(("account", str(account.id)))  # whose name stands above the preview
    return tuple(kept)


def usable_account(context: Context, channel: str) -> ConnectedAccount | None:
    if channel not in context.networks:
        return None
    account = accounts.account_for(context.session, context.person.id, channel)
    return account if account is not None and account.is_usable(context.now) else None


def channel_kind(context: Context, channel: str) -> ChannelKind:
    """The channel as this person has it: where their own server takes longer texts, or shorter ones, those count."""
    known = kind_of(channel, social_channels.channel(context.session, channel))
    account = usable_account(context, channel)
    return replace(known, max_length=account.max_length) if account and account.max_length else known


def timing_fields(outlet: Outlet, words: Words) -> tuple[Field, ...]:
    options = (
        Option(When.NOW, words.t("Now")),
        Option(When.GOOD_HOUR, words.t("At a good hour: {moment}", moment=words.moment(outlet.good_hour))),
        Option(When.CHOSEN, words.t("At a time I choose")),
        Option(When.BY_HAND, words.t("I’ll post it myself")),
    )
    hint = words.t("Posted as {name}. Nothing goes out without your tap.", name=outlet.account)
    when = Choice("when", words.t("When"), options, value=outlet.when, hint=hint, is_live=True)
    if outlet.when != When.CHOSEN:
        return (when,)
    return (when, MomentField("moment", words.t("Day and time"), outlet.moment))


def submit_label(outlet: Outlet | None, channel: ChannelKind, words: Words) -> str:
    if outlet is None or outlet.when == When.BY_HAND:
        return words.t("Get my text")
    if outlet.when == When.NOW:
        return words.t("Post {in_network}", **in_words(channel.id, words.language))
    return words.t("Schedule it")
