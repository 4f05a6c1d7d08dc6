"""The networks that a deployment has, from its settings. Only what these need is imported."""

from __future__ import annotations

from adapters.networks.clients import DatabaseClients
from adapters.networks.wire import Wire
from adapters.settings import Settings
from bot.core.db_executor import DbExecutor
from bot.core.networks import Network
from content.reading import Reader

BACK = "/connect/back"


def networks(settings: Settings, reader: Reader, db_executor: DbExecutor, base_url: str) -> dict[str, Network]:
    """By name. In the playground a server on this machine may be met, too."""
    http = Wire(reader.call, is_local=settings.playground)
    back, clients = f"{base_url}{BACK}", DatabaseClients(db_executor)
    found = dict[str, Network]()
    if "bluesky" in settings.network_names:
        from adapters.networks.bluesky import Bluesky

        found["bluesky"] = Bluesky(http, clients, redirect_uri=back, base_url=base_url)
    if "mastodon" in settings.network_names:
        from adapters.networks.mastodon import Mastodon

        found["mastodon"] = Mastodon(
            http, clients, redirect_uri=back, website=base_url, usual_host=settings.mastodon_host
        )
    if "linkedin" in settings.network_names and settings.linkedin_client_id:
        from adapters.networks.linkedin import LinkedIn

        found["linkedin"] = LinkedIn(
            http,
            client_id=settings.linkedin_client_id,
            client_secret=settings.linkedin_client_secret.get_secret_value(),
            redirect_uri=back,
            version=settings.linkedin_version,
        )
    return found
