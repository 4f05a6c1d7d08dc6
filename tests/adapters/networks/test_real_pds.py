"""Bluesky's adapter against a real personal data server: sign-in by its own pages in a browser, posts in its repository.

The server comes from npm and is built for minutes, so this runs by `make pds` only; what it found is also asked of the
fake in `test_bluesky.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import sync_playwright

from adapters.networks.bluesky import Bluesky
from adapters.networks.wire import Wire
from bot.core.networks import NetworkAccount, NotThere, Picture, Published, Refusal, Refused, SignInFailed
from bot.core.ports import OutcomeUnknown
from content import pictures
from content.reading import Reader
from tests.adapters.networks.conftest import Clients, post

BACK = "http://127.0.0.1:9/connect/back"
PLACE = Path(__file__).parents[2] / "pds"

pytestmark = [
    pytest.mark.skipif(os.environ.get("CHORUS_PDS") != "required", reason="left out: a real server, by `make pds`"),
    pytest.mark.timeout(180),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    process = subprocess.Popen(
        ["node", "start.mjs", str(tmp_path_factory.mktemp("pds"))],
        cwd=PLACE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    told = next((line for line in process.stdout if line.startswith("{")), "")
    assert told, "the server did not start"
    yield json.loads(told)
    process.terminate()
    process.wait(10)
    process.stdout.close()


@pytest.fixture(scope="module")
def bluesky(server: dict[str, str]) -> Iterator[Bluesky]:
    reader = Reader(also_allow=["127.0.0.0/8", "::1/128"])
    places = {"entry": server["pds"], "resolver": server["pds"], "plc": server["plc"]}
    yield Bluesky(
        Wire(reader.call, is_local=True), Clients(), redirect_uri=BACK, base_url="http://127.0.0.1:9", **places
    )
    reader.close()


def _signed_in(url: str, server: dict[str, str]) -> dict[str, str]:
    """Sign in and allow, on the server's own pages; the query with which the browser comes back."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        came_back: list[str] = []
        page.on("request", lambda request: came_back.append(request.url) if request.url.startswith(BACK) else None)
        page.goto(url)
        field = page.locator("input[name=username], input[type=text]").first
        if field.is_editable():
            field.fill(server["handle"])
        page.locator("input[type=password]").first.fill(server["password"])
        page.locator("button[type=submit]").first.click()
        allow = page.get_by_role("button", name="Authorize").or_(page.get_by_role("button", name="Accept"))
        allow.or_(page.get_by_role("button", name="Allow")).first.click()
        for _try in range(50):
            if came_back:
                break
            page.wait_for_timeout(100)
        browser.close()
    return dict(parse_qsl(urlsplit(came_back[0]).query))


@pytest.fixture(scope="module")
def account(bluesky: Bluesky, server: dict[str, str]) -> NetworkAccount:
    begun = bluesky.begin("state-1", server["handle"])
    answer = _signed_in(begun.url, server)
    assert answer["state"] == "state-1"
    return bluesky.finish(begun.kept, answer)


def _picture() -> bytes:
    from io import BytesIO

    from PIL import Image

    into = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(into, "PNG")
    return pictures.remake(into.getvalue())[1]


def test_the_account_is_who_signed_in(account: NetworkAccount, server: dict[str, str]) -> None:
    assert (account.subject, account.name) == (server["did"], f"@{server['handle']}")


def test_posted_found_and_deleted(bluesky: Bluesky, account: NetworkAccount) -> None:
    credentials = account.credentials
    wanted = post("3mabcdefghijk", pictures=(Picture(_picture(), "image/jpeg", "A teal square"),))
    assert bluesky.find(credentials, wanted) == NotThere()
    published = bluesky.publish(credentials, wanted)
    assert isinstance(published, Published), published
    assert bluesky.find(credentials, wanted) == published
    assert isinstance(bluesky.publish(credentials, wanted), OutcomeUnknown)  # taken, and there once
    assert bluesky.delete(credentials, published.post) == NotThere()
    assert bluesky.delete(credentials, published.post) == NotThere()
    assert bluesky.find(credentials, wanted) == NotThere()


def test_pictures_without_a_page(bluesky: Bluesky, account: NetworkAccount) -> None:
    wanted = post("3mabcdefghijl", link="", pictures=(Picture(_picture(), "image/jpeg", "A teal square"),) * 2)
    assert isinstance(bluesky.publish(account.credentials, wanted), Published)


def test_too_long(bluesky: Bluesky, account: NetworkAccount) -> None:
    outcome = bluesky.publish(account.credentials, post("3mabcdefghijm", text="ä" * 301))
    assert isinstance(outcome, Refused)
    assert outcome.why == Refusal.TEXT


def test_renewed_and_ended(bluesky: Bluesky, account: NetworkAccount) -> None:
    """Last: it ends the sign-in."""
    old: dict[str, Any] = {**account.credentials, "until": 0.0}
    fresh = bluesky.renewed(old)
    assert fresh is not None
    assert isinstance(bluesky.publish(fresh, post("3mabcdefghijn")), Published)
    bluesky.end(fresh)
    with pytest.raises(SignInFailed):
        bluesky.renewed({**fresh, "until": 0.0})


def test_a_code_that_comes_twice_ends_what_it_began(bluesky: Bluesky, server: dict[str, str]) -> None:
    """Which is why the way back is open once only."""
    begun = bluesky.begin("state-2", server["handle"])
    answer = _signed_in(begun.url, server)
    found = bluesky.finish(begun.kept, answer)
    with pytest.raises(SignInFailed):
        bluesky.finish(begun.kept, answer)
    outcome = bluesky.publish(found.credentials, post("3mabcdefghijo"))
    assert isinstance(outcome, Refused)
    assert outcome.why == Refusal.SIGN_IN
