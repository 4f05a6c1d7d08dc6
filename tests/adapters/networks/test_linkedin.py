"""LinkedIn's adapter against a server that speaks as its documents say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.networks.linkedin import LinkedIn, commentary
from adapters.networks.wire import Wire
from bot.core.networks import NetworkAccount, NotThere, Picture, Published, Refusal, Refused, SignInFailed
from bot.core.ports import OutcomeUnknown, RetryAfter
from tests.adapters.networks.conftest import post
from tests.fakes.linkedin import CLIENT, SECRET, FakeLinkedIn
from tests.fakes.server import Faults, served

BACK = "http://127.0.0.1:9/connect/back"


@pytest.fixture
def network() -> Iterator[FakeLinkedIn]:
    fake = FakeLinkedIn()
    fake.faults = Faults(fake.app)
    with served(fake.faults) as base:
        fake.base = base
        yield fake


@pytest.fixture
def linkedin(wire: Wire, network: FakeLinkedIn) -> LinkedIn:
    return _adapter(wire, network)


def _adapter(wire: Wire, network: FakeLinkedIn, **more: str) -> LinkedIn:
    given = {"client_id": CLIENT, "client_secret": SECRET, "redirect_uri": BACK, "version": "202611"}
    adapter = LinkedIn(wire, **given | more, site=network.base, api=network.base)
    adapter._pause = lambda _seconds: None
    return adapter


def _allowed(url: str) -> dict[str, str]:
    said = requests.get(url, allow_redirects=False, timeout=5)
    return {name: values[0] for name, values in parse_qs(urlsplit(said.headers["location"]).query).items()}


def _connected(linkedin: LinkedIn) -> NetworkAccount:
    begun = linkedin.begin("state-1", "")
    return linkedin.finish(begun.kept, _allowed(begun.url))


class TestSigningIn:
    def test_once(self, linkedin: LinkedIn) -> None:
        account = _connected(linkedin)
        assert account.name == "Aino Virtanen"
        assert account.expires_at is not None
        assert account.expires_at - datetime.now(UTC) > timedelta(days=59)

    def test_without_the_right_to_post(self, linkedin: LinkedIn, network: FakeLinkedIn) -> None:
        network.granted = "openid,profile"
        with pytest.raises(SignInFailed) as failed:
            _connected(linkedin)
        assert failed.value.sentence == "It didn’t allow Chorus to post."

    def test_with_a_wrong_secret(self, wire: Wire, network: FakeLinkedIn) -> None:
        with pytest.raises(SignInFailed, match="invalid_client"):
            _connected(_adapter(wire, network, client_secret="wrong"))


class TestPosting:
    def test_every_sign_arrives(self, linkedin: LinkedIn, network: FakeLinkedIn) -> None:
        text = r"50 % (ja _enemmän_) {hei} [x] <y> a|b ~c *d* @Aino \o/ #energia #työ_2026 #1 https://a.example/x_y#z"
        published = linkedin.publish(_connected(linkedin).credentials, post(text=text))
        assert isinstance(published, Published)
        assert network.sees(published.post) == text
        assert r"{hashtag|\#|energia}" in network.posts[published.post]["commentary"]

    def test_the_page_has_its_card_with_its_picture(self, linkedin: LinkedIn, network: FakeLinkedIn) -> None:
        pictures = (Picture(b"jpeg", "image/jpeg", "Kaksi asentajaa"),)
        published = linkedin.publish(_connected(linkedin).credentials, post(pictures=pictures))
        article = network.posts[published.post]["content"]["article"]
        assert (article["title"], article["source"]) == ("Myrsky", post().link)
        assert network.images[article["thumbnail"]] == b"jpeg"

    @pytest.mark.parametrize("number", [1, 3])
    def test_pictures_without_a_page(self, linkedin: LinkedIn, network: FakeLinkedIn, number: int) -> None:
        pictures = tuple(Picture(b"%d" % n, "image/jpeg", f"Kuva {n}") for n in range(number))
        published = linkedin.publish(_connected(linkedin).credentials, post(link="", pictures=pictures))
        content = network.posts[published.post]["content"]
        shown = content["multiImage"]["images"] if number > 1 else [content["media"]]
        assert [image["altText"] for image in shown] == [f"Kuva {n}" for n in range(number)]

    def test_a_repeat_finds_the_post_that_is_there(self, linkedin: LinkedIn, network: FakeLinkedIn) -> None:
        credentials = _connected(linkedin).credentials
        network.faults.next = ["broken_after"]
        assert isinstance(linkedin.publish(credentials, post()), OutcomeUnknown)
        assert isinstance(linkedin.find(credentials, post()), OutcomeUnknown)
        published = linkedin.publish(credentials, post())
        assert isinstance(published, Published)
        assert list(network.posts) == [published.post]

    def test_an_api_that_is_served_no_longer(self, wire: Wire, network: FakeLinkedIn, linkedin: LinkedIn) -> None:
        credentials = _connected(linkedin).credentials
        outcome = _adapter(wire, network, version="202401").publish(credentials, post())
        assert isinstance(outcome, Refused)
        assert outcome.why == Refusal.OTHER
        assert "426" in outcome.detail

    def test_a_revoked_token(self, linkedin: LinkedIn) -> None:
        credentials = _connected(linkedin).credentials
        linkedin.end(credentials)
        outcome = linkedin.publish(credentials, post())
        assert isinstance(outcome, Refused)
        assert outcome.why == Refusal.SIGN_IN

    def test_too_long(self, linkedin: LinkedIn) -> None:
        outcome = linkedin.publish(_connected(linkedin).credentials, post(text="a" * 3001))
        assert isinstance(outcome, Refused)
        assert outcome.why == Refusal.TEXT

    def test_a_day_s_limit_ends_at_midnight_utc(self, linkedin: LinkedIn, network: FakeLinkedIn) -> None:
        credentials = _connected(linkedin).credentials
        network.faults.next = ["limit"]
        outcome = linkedin.publish(credentials, post())
        assert outcome == RetryAfter(30.0, "too many posts")

    def test_deleted(self, linkedin: LinkedIn, network: FakeLinkedIn) -> None:
        credentials = _connected(linkedin).credentials
        published = linkedin.publish(credentials, post())
        assert linkedin.delete(credentials, published.post) == NotThere()
        assert linkedin.delete(credentials, published.post) == NotThere()
        assert network.posts == {}


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_whatever_is_written_is_read_whole(text: str) -> None:
    fake = FakeLinkedIn()
    fake.posts["x"] = {"commentary": commentary(text)}
    assert fake.sees("x") == text
