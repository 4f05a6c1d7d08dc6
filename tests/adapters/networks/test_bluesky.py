"""Bluesky's adapter against a server that speaks as the AT Protocol's specifications say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from adapters.networks.bluesky import Bluesky
from adapters.networks.wire import Wire
from bot.core.networks import NetworkAccount, NotThere, Picture, Published, Reactions, Refusal, Refused, SignInFailed
from bot.core.ports import OutcomeUnknown, RetryAfter
from content.record_keys import record_key
from tests.adapters.networks.conftest import Clients, post
from tests.fakes.bluesky import DID, HANDLE, FakeBluesky
from tests.fakes.server import Faults, served

BACK = "http://127.0.0.1:9/connect/back"


@pytest.fixture
def network() -> Iterator[FakeBluesky]:
    fake = FakeBluesky()
    fake.faults = Faults(fake.app)
    with served(fake.faults) as base:
        fake.base = base
        yield fake


@pytest.fixture
def bluesky(wire: Wire, clients: Clients, network: FakeBluesky) -> Bluesky:
    return _adapter(wire, clients, network)


def _adapter(wire: Wire, clients: Clients, network: FakeBluesky, base_url: str = "http://127.0.0.1:9") -> Bluesky:
    places = {"entry": network.base, "resolver": network.base, "plc": network.base}
    return Bluesky(wire, clients, redirect_uri=f"{base_url}/connect/back", base_url=base_url, **places)


def _allowed(url: str) -> dict[str, str]:
    said = requests.get(url, allow_redirects=False, timeout=5)
    return {name: values[0] for name, values in parse_qs(urlsplit(said.headers["location"]).query).items()}


def _connected(bluesky: Bluesky, handle: str = HANDLE) -> NetworkAccount:
    begun = bluesky.begin("state-1", handle)
    return bluesky.finish(begun.kept, _allowed(begun.url))


class TestSigningIn:
    @pytest.mark.parametrize("handle", [HANDLE, f"@{HANDLE.upper()}", ""])
    def test_by_handle_or_at_the_usual_place(self, bluesky: Bluesky, handle: str) -> None:
        account = _connected(bluesky, handle)
        assert (account.subject, account.name) == (DID, f"@{HANDLE}")

    def test_on_a_public_address_chorus_proves_who_it_is(
        self, wire: Wire, clients: Clients, network: FakeBluesky
    ) -> None:
        public = _adapter(wire, clients, network, "https://chorus.example")
        _connected(public)
        metadata = public.sign_in.client_metadata()
        assert metadata["client_id"] == "https://chorus.example/connect/bluesky/client.json"
        assert "d" not in metadata["jwks"]["keys"][0]
        assert public.sign_in.client_metadata()["jwks"] == metadata["jwks"]

    @pytest.mark.parametrize("handle", ["nobody.example", "aino", "a b", "@", "https://x"])
    def test_a_name_that_is_none(self, bluesky: Bluesky, handle: str) -> None:
        with pytest.raises(SignInFailed) as failed:
            bluesky.begin("s", handle)
        assert "aino.bsky.social" in failed.value.sentence

    def test_an_answer_of_another_server(self, bluesky: Bluesky) -> None:
        begun = bluesky.begin("state-1", HANDLE)
        answer = _allowed(begun.url) | {"iss": "https://evil.example"}
        with pytest.raises(SignInFailed, match="another issuer"):
            bluesky.finish(begun.kept, answer)

    def test_a_server_that_speaks_for_an_account_which_is_not_its_own(
        self, wire: Wire, clients: Clients, network: FakeBluesky
    ) -> None:
        """A hostile server signs somebody in as Aino: her own document says that she lives elsewhere."""
        honest = FakeBluesky()
        with served(honest.app) as home:
            honest.base = home
            hostile = Bluesky(
                wire,
                clients,
                redirect_uri=BACK,
                base_url="http://127.0.0.1:9",
                entry=network.base,
                resolver=home,
                plc=home,
            )
            begun = hostile.begin("s", "")
            with pytest.raises(SignInFailed, match="does not speak for"):
                hostile.finish(begun.kept, _allowed(begun.url))

    def test_a_handle_that_does_not_lead_back_is_not_shown(
        self, bluesky: Bluesky, network: FakeBluesky, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begun = bluesky.begin("s", "")
        answer = _allowed(begun.url)
        monkeypatch.setattr("tests.fakes.bluesky.HANDLE", "ceo.example")
        network_name = bluesky.finish(begun.kept, answer).name
        assert network_name == "@ceo.example"  # it leads back
        monkeypatch.setattr(bluesky.sign_in, "_did_of", lambda _handle: "did:plc:" + "b" * 24)
        begun = bluesky.begin("s", "")
        assert bluesky.finish(begun.kept, _allowed(begun.url)).name == f"@{DID}"

    def test_renewed_only_when_about_to_end_and_never_twice(self, bluesky: Bluesky, network: FakeBluesky) -> None:
        credentials = _connected(bluesky).credentials
        assert bluesky.renewed(credentials) is None
        credentials["until"] = 0.0
        fresh = bluesky.renewed(credentials)
        assert isinstance(bluesky.publish(fresh, post()), Published)
        with pytest.raises(SignInFailed):
            bluesky.renewed(credentials)

    def test_a_server_that_is_away_while_renewing_ends_nothing(self, bluesky: Bluesky, network: FakeBluesky) -> None:
        credentials = {**_connected(bluesky).credentials, "until": 0.0}
        network.faults.next = ["away"]
        with pytest.raises(OSError):
            bluesky.renewed(credentials)
        assert bluesky.renewed(credentials) is not None


class TestPosting:
    def test_with_its_links_and_tags_where_they_stand(self, bluesky: Bluesky, network: FakeBluesky) -> None:
        text = "Ähkyä 👩‍👩‍👧‍👦 #työ https://chorus.example/r/x. Näin."
        bluesky.publish(_connected(bluesky).credentials, post(text=text))
        (record,) = network.records.values()
        encoded = text.encode()
        marked = [encoded[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode() for one in record["facets"]]
        assert marked == ["#työ", "https://chorus.example/r/x"]
        assert record["embed"]["external"]["title"] == "Myrsky"
        assert record["langs"] == ["fi"]

    def test_pictures(self, bluesky: Bluesky, network: FakeBluesky) -> None:
        pictures = tuple(Picture(b"%d" % n, "image/jpeg", f"Kuva {n}") for n in range(6))
        bluesky.publish(_connected(bluesky).credentials, post(link="", pictures=pictures))
        (record,) = network.records.values()
        assert [image["alt"] for image in record["embed"]["images"]] == ["Kuva 0", "Kuva 1", "Kuva 2", "Kuva 3"]

    def test_a_record_is_there_once(self, bluesky: Bluesky, network: FakeBluesky) -> None:
        credentials = _connected(bluesky).credentials
        network.faults.concerns = lambda _method, path: path.endswith("createRecord")
        network.faults.next = ["broken_after"]
        assert isinstance(bluesky.publish(credentials, post()), OutcomeUnknown)
        found = bluesky.find(credentials, post())
        assert isinstance(found, Published)
        assert isinstance(bluesky.publish(credentials, post()), OutcomeUnknown)  # 500: it is there
        assert len(network.records) == 1
        assert found.url == f"https://bsky.app/profile/{DID}/post/{post().key}"

    def test_not_there(self, bluesky: Bluesky, network: FakeBluesky) -> None:
        credentials = _connected(bluesky).credentials
        assert bluesky.find(credentials, post()) == NotThere()
        network.faults.next = ["away"]
        assert isinstance(bluesky.find(credentials, post()), OutcomeUnknown)

    def test_too_long(self, bluesky: Bluesky) -> None:
        outcome = bluesky.publish(_connected(bluesky).credentials, post(text="ä" * 301))
        assert isinstance(outcome, Refused)
        assert outcome.why == Refusal.TEXT

    def test_a_new_nonce_in_the_middle(self, bluesky: Bluesky, network: FakeBluesky) -> None:
        credentials = _connected(bluesky).credentials
        network.nonce = "nonce-2"
        assert isinstance(bluesky.publish(credentials, post()), Published)
        assert len(network.records) == 1

    def test_a_sign_in_that_was_ended(self, bluesky: Bluesky) -> None:
        credentials = _connected(bluesky).credentials
        bluesky.end(credentials)
        outcome = bluesky.publish(credentials, post())
        assert isinstance(outcome, Refused)
        assert outcome.why == Refusal.SIGN_IN

    def test_asked_to_wait(self, bluesky: Bluesky, network: FakeBluesky) -> None:
        credentials = _connected(bluesky).credentials
        network.faults.next = ["limit"]
        assert bluesky.publish(credentials, post()) == RetryAfter(30.0, "too many posts")

    def test_deleted_twice(self, bluesky: Bluesky, network: FakeBluesky) -> None:
        credentials = _connected(bluesky).credentials
        published = bluesky.publish(credentials, post())
        assert bluesky.delete(credentials, published.post) == NotThere()
        assert bluesky.delete(credentials, published.post) == NotThere()
        assert network.records == {}

    def test_reactions_of_more_than_one_question(self, bluesky: Bluesky, network: FakeBluesky) -> None:
        credentials, posts = _connected(bluesky).credentials, []
        for number in range(30):
            published = bluesky.publish(credentials, post(f"3l2aaaaaaaa{number:02}"))
            posts.append(published.post)
        told = bluesky.reactions(posts)
        assert len(told) == 30
        assert set(told.values()) == {Reactions(0, 1, 0)}


def test_keys_sort_by_time() -> None:
    moments = [datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC) for second in range(50)]
    keys = [record_key(moment, 7) for moment in moments]
    assert keys == sorted(keys)
    assert {len(key) for key in keys} == {13}
    assert record_key(datetime(1970, 1, 1, tzinfo=UTC), 0) == "2222222222222"
