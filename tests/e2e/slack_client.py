"""Plays Slack's own part for the stories: reads the emulated workspace, and sends the signed requests that
Slack sends when a person clicks, submits a modal or types a command (shapes: docs.slack.dev)."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2 as http

from tests.e2e.passage import Passage

SECRET = "a-signing-secret-of-the-test"
TEAM = "T000000001"  # the one team of the emulated Slack
SEED = {
    "slack": {
        "team": {"name": "Koivu Energy", "domain": "koivu"},
        "users": [
            {"name": "aino", "real_name": "Aino Virtanen", "email": "aino@koivu.example"},
            {"name": "laura", "real_name": "Laura Saari", "email": "laura@koivu.example"},
        ],
        "oauth_apps": [
            {
                "client_id": "1.2",
                "client_secret": "client-secret",
                "app_id": "A000000001",
                "name": "Chorus",
                "redirect_uris": ["http://127.0.0.1/slack/oauth_redirect"],
                "scopes": ["chat:write", "im:write", "im:history", "users:read", "users:read.email", "commands"],
            }
        ],
    }
}

_numbers = itertools.count(1)


def signed(secret: str, body: bytes, at: float | None = None) -> dict[str, str]:
    """The headers with which Slack signs `body`."""
    timestamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def press_payload(team: str, user: str, action_id: str, value: str, **more: Any) -> dict[str, Any]:
    """A block_actions payload."""
    number = next(_numbers)
    return {
        "type": "block_actions",
        "team": {"id": team, "domain": "emulate"},
        "user": {"id": user, "username": "somebody", "team_id": team},
        "api_app_id": "A1",
        "token": "unused",
        "container": {"type": "message"},
        "trigger_id": f"{number}.1.trigger",
        "actions": [
            {
                "type": "button",
                "action_id": action_id,
                "block_id": "b",
                "value": value,
                "action_ts": f"{time.time():.6f}{number}",
            }
        ],
        **more,
    }


def form_body(payload: dict[str, Any]) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()


class SlackWorkspace:
    """One emulated team, as its members see it."""

    def __init__(
        self, *, api: str, token: str, chorus: str, signing_secret: str, response_url: Callable[[str, str], str]
    ) -> None:
        self._response_url = response_url
        self._api = http.Client(base_url=api, headers={"Authorization": f"Bearer {token}"}, timeout=20)
        self._chorus = http.Client(base_url=chorus, timeout=20)
        self._secret = signing_secret
        self.team = str(self.call("auth.test")["team_id"])
        self.users = {member["name"]: str(member["id"]) for member in self.call("users.list")["members"]}

    def close(self) -> None:
        self._api.close()
        self._chorus.close()

    def call(self, method: str, **fields: Any) -> dict[str, Any]:
        answer = self._api.post(method, data=fields).json()
        assert answer["ok"], (method, answer)
        return dict(answer)

    def conversation(self, user: str) -> str:
        return str(self.call("conversations.open", users=self.users[user])["channel"]["id"])

    def messages(self, user: str) -> list[dict[str, Any]]:
        """What the bot has said to the person, the newest first."""
        return list(self.call("conversations.history", channel=self.conversation(user), limit=50)["messages"])

    def wait_for(self, user: str, words: str, seconds: float = 15) -> dict[str, Any]:
        """The newest message to `user` that contains `words` anywhere."""
        return until(lambda: next((m for m in self.messages(user) if words in _words(m)), None), words, seconds)

    def press(self, user: str, message: dict[str, Any], label: str) -> http.Response:
        """Click the button with that label on the message."""
        button = next(
            element
            for block in message["blocks"]
            if block["type"] == "actions"
            for element in block["elements"]
            if element["text"]["text"] == label
        )
        payload = press_payload(
            self.team,
            self.users[user],
            button["action_id"],
            button.get("value", ""),
            channel={"id": self.conversation(user), "name": "directmessage"},
            message={"ts": message["ts"], "type": "message"},
            trigger_id=self._trigger(user),
            response_url=self._response_url(self.conversation(user), message["ts"]),
        )
        return self.post(form_body(payload))

    def submit(self, user: str, view: dict[str, Any], values: dict[str, Any]) -> http.Response:
        """Fill in the modal `view`: a string types, a dict chooses."""
        state = {
            name: {
                name: {"type": "plain_text_input", "value": value}
                if isinstance(value, str)
                else {"type": "static_select", "selected_option": value}
            }
            for name, value in values.items()
        }
        payload = {
            "type": "view_submission",
            "team": {"id": self.team},
            "user": {"id": self.users[user]},
            "trigger_id": self._trigger(user),
            "api_app_id": "A1",
            "view": {
                "id": f"V{next(_numbers)}",
                "type": "modal",
                "callback_id": view["callback_id"],
                "private_metadata": view["private_metadata"],
                "hash": "1.1",
                "state": {"values": state},
            },
        }
        return self.post(form_body(payload))

    def command(self, user: str, words: str) -> http.Response:
        fields = {
            "command": "/chorus",
            "text": words,
            "team_id": self.team,
            "team_domain": "emulate",
            "api_app_id": "A1",
            "user_id": self.users[user],
            "user_name": user,
            "channel_id": "C000000001",
            "channel_name": "general",
            "trigger_id": self._trigger(user),
            "response_url": "http://127.0.0.1:9/unused",
            "token": "unused",
        }
        return self.post(urlencode(fields).encode())

    def event(self, inner: dict[str, Any]) -> http.Response:
        body = json.dumps(
            {
                "type": "event_callback",
                "team_id": self.team,
                "event_id": f"Ev{next(_numbers)}",
                "event": inner,
                "api_app_id": "A1",
                "authorizations": [],
                "token": "unused",
            }
        ).encode()
        return self.post(body, "application/json")

    def post(self, body: bytes, kind: str = "application/x-www-form-urlencoded") -> http.Response:
        return self._chorus.post(
            "/slack/events", content=body, headers={"Content-Type": kind, **signed(self._secret, body)}
        )

    def _trigger(self, user: str) -> str:
        return str(self.call("views.generateTriggerId", user=self.users[user]).get("trigger_id"))


def _words(message: dict[str, Any]) -> str:
    return json.dumps([message.get("text"), message.get("blocks")], ensure_ascii=False)


def until(look: Callable[[], dict[str, Any] | None], what: str, seconds: float) -> dict[str, Any]:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        time.sleep(0.1)
    raise AssertionError(f"never said: {what}")


def install(url: str, passage: Passage, redirect_uri: str) -> str:
    """Walk through Slack's OAuth as an administrator would; the bot token that Slack gave."""
    page = http.get(f"{url}/slack/install")
    approve = re.search(r'href="([^"]*oauth/v2/authorize[^"]*)"', page.text)
    assert approve is not None
    asked = {
        name: values[0] for name, values in parse_qs(urlsplit(approve.group(1).replace("&amp;", "&")).query).items()
    }
    assert "chat:write" in asked["scope"]
    given = http.post(
        passage.url + "/oauth/v2/authorize/callback",
        data={
            "user_id": "U000000001",
            **{name: asked[name] for name in ("scope", "state", "client_id", "redirect_uri")},
        },
    )
    back = given.headers["location"]
    cookie = page.headers["set-cookie"].split(";")[0]
    assert http.get(back).status_code == 401 or "cookie" not in cookie  # the state is tied to the browser
    assert http.get(back, headers={"Cookie": cookie}).status_code == 200
    return str(passage.answered["oauth.v2.access"][-1]["access_token"])
