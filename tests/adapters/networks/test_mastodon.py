"""Mastodon's adapter against a server that speaks as its documents say."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from fastapi import FastAPI

from adapters.demo.practice_network import PracticeNetwork
from adapters.networks.mastodon import Mastodon, instance_of
from adapters.networks.wire import Wire
from bot.core.networks import (
    NetworkAccount,
    NotThere,
    Picture,
    Published,
    Reactions,
    Refusal,
    Refused,
    SignInFailed,
)
from bot.core.ports import OutcomeUnknown, RetryAfter
from content.reading import Reader
from tests.adapters.networks.conftest import Clients, post
from tests.fakes.server import Faults, served

BACK = "http://127.0.0.1:9/connect/back"


@pytest.fixture
def network() -> Iterator[PracticeNetwork]:
    practice, app = PracticeNetwork(""), FastAPI()
    app.include_router(practice.router("/practice"))
    faults = Faults(app)
    with served(faults) as base:
        practice.base_url = f"{base}/practice"
        practice.faults = faults  # type: ignore[attr-defined]
        yield practice


@pytest.fixture
def mastodon(wire: Wire, clients: Clients) -> Mastodon:
    adapter = Mastodon(wire, clients, redirect_uri=BACK, website="https://chorus.example")
    adapter._pause = lambda _seconds: None
    return adapter


def _host(network: PracticeNetwork) -> str:
    return network.base_url.removeprefix("http://")


def _allowed(url: str, answer: str = "allow") -> dict[str, str]:
    """The person says yes (or no) at the network; the query with which the browser comes back."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    said = requests.post(
        url.partition("?")[0], data={**query, "user": "aino", "answer": answer}, allow_redirects=False, timeout=5
    )
    return {name: values[0] for name, values in parse_qs(urlsplit(said.headers["location"]).query).items()}


def _connected(mastodon: Mastodon, network: PracticeNetwork) -> NetworkAccount:
    begun = mastodon.begin("state-1", _host(network))
    return mastodon.finish(begun.kept, _allowed(begun.url))


class TestSigningIn:
    def test_any_instance_registered_when_first_met(
        self, mastodon: Mastodon, network: PracticeNetwork, clients: Clients
    ) -> None:
        account = _connected(mastodon, network)
        assert account.name == f"@aino@{_host(network)}"
        assert account.max_length == 500
        assert account.expires_at is None
        _connected(mastodon, network)
        assert len(network.clients) == 1

    def test_the_state_comes_back(self, mastodon: Mastodon, network: PracticeNetwork) -> None:
        begun = mastodon.begin("state-1", _host(network))
        assert _allowed(begun.url)["state"] == "state-1"

    def test_said_no(self, mastodon: Mastodon, network: PracticeNetwork) -> None:
        begun = mastodon.begin("state-1", _host(network))
        with pytest.raises(SignInFailed, match="access_denied"):
            mastodon.finish(begun.kept, _allowed(begun.url, "deny"))

    def test_a_code_of_another_browser_is_worth_nothing(self, mastodon: Mastodon, network: PracticeNetwork) -> None:
        mine, others = (mastodon.begin(state, _host(network)) for state in ("a", "b"))
        with pytest.raises(SignInFailed):
            mastodon.finish(mine.kept, _allowed(others.url))

    def test_a_code_is_good_for_once(self, mastodon: Mastodon, network: PracticeNetwork) -> None:
        begun = mastodon.begin("state-1", _host(network))
        answer = _allowed(begun.url)
        mastodon.finish(begun.kept, answer)
        with pytest.raises(SignInFailed):
            mastodon.finish(begun.kept, answer)

    def test_an_instance_that_forgot_chorus_is_met_anew(
        self, mastodon: Mastodon, network: PracticeNetwork, clients: Clients
    ) -> None:
        begun = mastodon.begin("state-1", _host(network))
        answer = _allowed(begun.url)
        network.clients.clear()
        with pytest.raises(SignInFailed) as failed:
            mastodon.finish(begun.kept, answer)
        assert failed.value.sentence == "Please start again."
        _connected(mastodon, network)

    def test_an_older_instance_without_the_profile_scope(
        self, mastodon: Mastodon, network: PracticeNetwork, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "adapters.demo.practice_network.KNOWN_SCOPES", {"read:accounts", "write:statuses", "write:media"}
        )
        assert _connected(mastodon, network).name.startswith("@aino@")

    @pytest.mark.parametrize(
        ("said", "host"),
        [
            ("mastodon.social", "mastodon.social"),
            ("@aino@mastodon.social", "mastodon.social"),
            (" https://Mastodon.Social/@aino ", "mastodon.social"),
            ("aino@fediscience.org", "fediscience.org"),
        ],
    )
    def test_what_people_type(self, said: str, host: str) -> None:
        assert instance_of(said) == host

    @pytest.mark.parametrize("said", ["", "aino", "@", "http://", "mastodon", "foo bar.com"])
    def test_what_is_no_server(self, said: str) -> None:
        with pytest.raises(SignInFailed) as failed:
            instance_of(said)
        assert failed.value.sentence


class TestServersThatPeopleName:
    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "localhost", "127.0.0.1:5432", "metadata.localhost.localdomain", "0x7f000001.example"]
    )
    def test_never_inward(self, host: str, clients: Clients) -> None:
        reader = Reader()
        try:
            outward = Mastodon(Wire(reader.call), clients, redirect_uri=BACK, website="https://chorus.example")
            with pytest.raises(SignInFailed) as failed:
                outward.begin("s", host)
            assert failed.value.sentence
        finally:
            reader.close()

    def test_one_that_redirects_inward_is_not_followed(self, mastodon: Mastodon, clients: Clients) -> None:
        app, hits = FastAPI(), []

        @app.post("/api/v1/apps")
        def register():
            from fastapi.responses import RedirectResponse

            return RedirectResponse("/inside", 307)

        @app.post("/inside")
        def inside():
            hits.append(1)

        with served(app) as base, pytest.raises(SignInFailed):
            mastodon.begin("s", base.removeprefix("http://"))
        assert hits == []

    @pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"client_id": 5}', b"[" * 100_000, b"\xff\xfe", b'"x"'])
    def test_one_that_lies(self, mastodon: Mastodon, body: bytes) -> None:
        from fastapi.responses import Response

        app = FastAPI()
        app.add_api_route("/api/v1/apps", lambda: Response(body), methods=["POST"])
        with served(app) as base, pytest.raises(SignInFailed):
            mastodon.begin("s", base.removeprefix("http://"))


class TestPosting:
    def test_as_it_was_written(self, mastodon: Mastodon, network: PracticeNetwork) -> None:
        credentials = _connected(mastodon, network).credentials
        outcome = mastodon.publish(credentials, post())
        (status,) = network.statuses.values()
        assert outcome == Published(f"{_host(network)}/{status.id}", f"{network.base_url}/@aino/{status.id}")
        assert (status.text, status.language) == (post().text, "fi")

    def test_the_same_key_again_is_the_same_post(self, mastodon: Mastodon, network: PracticeNetwork) -> None:
        credentials = _connected(mastodon, network).credentials
        assert mastodon.publish(credentials, post()) == mastodon.publish(credentials, post())
        assert len(network.statuses) == 1

    def test_pictures_with_what_is_in_them_for_posts_without_a_page(
        self, mastodon: Mastodon, network: PracticeNetwork
    ) -> None:
        credentials = _connected(mastodon, network).credentials
        pictures = (Picture(b"\xff\xd8 jpeg", "image/jpeg", "Kaksi asentajaa"),)
        assert isinstance(mastodon.publish(credentials, post(link="", pictures=pictures)), Published)
        (status,) = network.statuses.values()
        assert network.media[status.media[0]] == ("Kaksi asentajaa", b"\xff\xd8 jpeg", "image/jpeg")

    def test_too_long_is_refused_and_named(self, mastodon: Mastodon, network: PracticeNetwork) -> None:
        credentials = _connected(mastodon, network).credentials
        outcome = mastodon.publish(credentials, post(text="ä" * 501))
        assert isinstance(outcome, Refused)
        assert outcome.why == Refusal.TEXT

    def test_a_revoked_token(self, mastodon: Mastodon, network: PracticeNetwork) -> None:
        credentials = _connected(mastodon, network).credentials
        mastodon.end(credentials)
        outcome = mastodon.publish(credentials, post())
        assert isinstance(outcome, Refused)
        assert outcome.why == Refusal.SIGN_IN

    def test_a_token_without_the_right(self, mastodon: Mastodon, network: PracticeNetwork) -> None:
        credentials = _connected(mastodon, network).credentials
        next(iter(network.tokens.values())).scopes = {"profile"}
        outcome = mastodon.publish(credentials, post())
        assert isinstance(outcome, Refused)
        assert outcome.why == Refusal.RIGHTS

    def test_looked_for_by_its_link(self, mastodon: Mastodon, network: PracticeNetwork) -> None:
        credentials = _connected(mastodon, network).credentials
        assert mastodon.find(credentials, post()) == NotThere()
        published = mastodon.publish(credentials, post())
        assert mastodon.find(credentials, post()) == published
        assert mastodon.find(credentials, post("3l2bbbbbbbbbb")) == NotThere()

    def test_deleted_and_deleted_again(self, mastodon: Mastodon, network: PracticeNetwork) -> None:
        credentials = _connected(mastodon, network).credentials
        published = mastodon.publish(credentials, post())
        assert mastodon.delete(credentials, published.post) == NotThere()
        assert mastodon.delete(credentials, published.post) == NotThere()
        assert network.statuses == {}

    def test_reactions(self, mastodon: Mastodon, network: PracticeNetwork) -> None:
        published = mastodon.publish(_connected(mastodon, network).credentials, post())
        network.statuses[published.post.rpartition("/")[2]].favourites = 7
        assert mastodon.reactions([published.post, f"{_host(network)}/1"]) == {published.post: Reactions(7, 0, 0)}

    @pytest.mark.parametrize(
        ("fault", "kind"),
        [
            ("broken_before", OutcomeUnknown),
            ("broken_after", OutcomeUnknown),
            ("error_after", OutcomeUnknown),
            ("away", OutcomeUnknown),
            ("limit", RetryAfter),
        ],
    )
    def test_what_a_fault_says(self, mastodon: Mastodon, network: PracticeNetwork, fault: str, kind: type) -> None:
        credentials = _connected(mastodon, network).credentials
        network.faults.next = [fault]  # type: ignore[attr-defined]
        assert isinstance(mastodon.publish(credentials, post()), kind)
        assert len(network.statuses) == fault.endswith("_after")

    def test_a_server_that_vanished_was_never_reached(self, mastodon: Mastodon, network: PracticeNetwork) -> None:
        credentials = {**_connected(mastodon, network).credentials, "host": "127.0.0.1:9/practice"}
        assert isinstance(mastodon.publish(credentials, post()), RetryAfter)


class TestServersThatLieAboutPosts:
    @pytest.mark.parametrize(
        "said",
        [
            {"id": "../accounts/1", "url": "https://a.example"},
            {"id": "1" * 100, "url": "https://a.example"},
            {"id": "1\x00", "url": "https://a.example"},
            {"id": 115, "url": "https://a.example"},
            {"url": "https://a.example"},
            [],
        ],
    )
    def test_an_id_that_is_none_leaves_it_open(
        self, mastodon: Mastodon, network: PracticeNetwork, monkeypatch: pytest.MonkeyPatch, said: object
    ) -> None:
        credentials = _connected(mastodon, network).credentials
        monkeypatch.setattr(network, "_status", lambda _status: said)
        assert isinstance(mastodon.publish(credentials, post()), OutcomeUnknown)

    def test_the_address_is_our_own_whatever_is_said(
        self, mastodon: Mastodon, network: PracticeNetwork, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        credentials = _connected(mastodon, network).credentials
        monkeypatch.setattr(network, "_status", lambda status: {"id": status.id, "url": "javascript:alert(1)"})
        published = mastodon.publish(credentials, post())
        assert published.url.startswith(f"{network.base_url}/@aino/")

    def test_looked_for_beyond_the_first_page_and_among_ones_own(
        self, mastodon: Mastodon, network: PracticeNetwork
    ) -> None:
        credentials = _connected(mastodon, network).credentials
        first = mastodon.publish(credentials, post())
        for number in range(99):
            mastodon.publish(credentials, post(f"3l2cccccccc{number:02}"))
        assert mastodon.find(credentials, post()) == first
        network.statuses[first.post.rpartition("/")[2]].user = "mallory"
        network.users["mallory"] = "666"
        assert mastodon.find(credentials, post()) == NotThere()

    @pytest.mark.parametrize("body", [[None, 5, {"content": 5}], {"a": 1}, "x"])
    def test_a_list_that_is_none_tells_nothing(
        self, mastodon: Mastodon, network: PracticeNetwork, monkeypatch: pytest.MonkeyPatch, body: object
    ) -> None:
        credentials = _connected(mastodon, network).credentials
        monkeypatch.setattr("adapters.networks.wire.loaded", lambda _body: body)
        assert isinstance(mastodon.find(credentials, post()), OutcomeUnknown)
