"""The model's fields, and the values in them, as people read them."""

from __future__ import annotations

from bot.core.factors import factor_names
from bot.core.i18n import Words
from bot.features.framework.cards import metric_name
from bot.features.framework.domain.model import ChannelPart
from content.channels import kind_of


def channel_name(part: ChannelPart) -> str:
    """Its own, or the usual one where that is left empty."""
    return part.name or kind_of(part.part_id, None).name


def value_name(field: str, value: str, words: Words) -> str:
    """A value of a field as people read it."""
    match field:
        case "metric":
            return metric_name(value, words)
        case "factor":
            return factor_names(words)[value]
    return {
        "proposed": words.t("proposed"),
        "active": words.t("in use"),
        "retired": words.t("no longer in use"),
        "paused": words.t("paused"),
        "stakeholder": words.t("stakeholder"),
        "target_group": words.t("target group"),
        "public_image": words.t("public image"),
        "customer_service": words.t("customer service"),
        "sales": words.t("sales"),
        "leads": words.t("contacts"),
        "own": words.t("a goal of our own"),
        "feed": words.t("feed"),
        "mastodon": "Mastodon",
        "bluesky": "Bluesky",
        "webhook": words.t("webhook"),
    }.get(value, value)


def labels(words: Words) -> dict[str, str]:
    """By field."""
    return {
        "name": words.t("Name"),
        "state": words.t("Status"),
        "owner": words.t("Owner"),
        "deputy": words.t("Deputy"),
        "disclosure": words.t("Must people say that they work here?"),
        "max_length": words.t("Maximum caption length"),
        "tone": words.t("How we speak there"),
        "share_page": words.t("Link to the share page"),
        "blocked": words.t("Phrases to avoid (one per line)"),
        "kind": words.t("Type"),
        "metric": words.t("What we count"),
        "factor": words.t("Area"),
        "unit": words.t("Only for this unit"),
        "channel": words.t("Channel"),
        "baseline": words.t("Where we start"),
        "target": words.t("Target"),
        "starts": words.t("Starts"),
        "due": words.t("Due"),
        "time_zone": words.t("Time zone"),
        "minutes": words.t("Length in minutes"),
        "repeats": words.t("Repeats"),
        "audience": words.t("Audience"),
        "goal": words.t("Which goal does it support?"),
        "address": words.t("Address"),
    }
