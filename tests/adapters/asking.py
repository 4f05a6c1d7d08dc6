"""Asking an ASGI app in-process, and the small HTTP servers that stand in for platforms where faults matter."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl

import httpx2 as http


class Asker:
    """Requests to an app, one event loop for all of them."""

    def __init__(self, app: Any, client: str = "127.0.0.1") -> None:
        self._loop = asyncio.Runner()
        transport = http.ASGITransport(app=app, client=(client, 1234), raise_app_exceptions=False)
        self._client = http.AsyncClient(transport=transport, base_url="http://127.0.0.1", follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.run(self._client.aclose())
        self._loop.close()

    def run(self, work: Any) -> Any:
        return self._loop.run(work)

    def until(self, found: Callable[[], object]) -> None:
        """Let what was begun in the background go on until that is so, for five seconds at most."""
        ends = time.monotonic() + 5
        while not found() and time.monotonic() < ends:
            self.run(asyncio.sleep(0.02))

    def forget_cookies(self) -> None:
        """As another browser."""
        self._client.cookies.clear()

    def get(self, path: str, **more: Any) -> http.Response:
        return self.run(self._client.get(path, **more))

    def request(self, method: str, path: str, **more: Any) -> http.Response:
        return self.run(self._client.request(method, path, **more))

    def post(self, path: str, **more: Any) -> http.Response:
        return self.run(self._client.post(path, **more))


Answer = tuple[int, dict[str, str], bytes] | None  # None: the connection breaks off


class Server:
    """A server of the tests' own: `answer(method, path, fields)` decides; every call is kept."""

    def __init__(self, answer: Callable[[str, str, dict[str, Any]], Answer]) -> None:
        self.calls: dict[str, list[dict[str, Any]]] = defaultdict(list)
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                fields = json.loads(body) if body.startswith("{") else dict(parse_qsl(body))
                path = self.path.split("?")[0]
                server.calls[path].append(fields)
                answered = answer(self.command, path, fields)
                if answered is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                status, headers, content = answered
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_POST

            def log_message(self, *_args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def ok(**fields: Any) -> Answer:
    return 200, {}, json.dumps({"ok": True, **fields}).encode()


def slack_answers(_method: str, path: str, fields: dict[str, Any]) -> Answer:
    """What Slack answers when all is well."""
    match path.rpartition("/")[2]:
        case "chat.postMessage" | "chat.update":
            return ok(channel=conversation_of(fields["channel"]), ts=fields.get("ts", "1700.1"))
        case "conversations.open":
            return ok(channel={"id": "D" + fields["users"]})
        case "users.info":
            return ok(
                user={
                    "id": fields["user"],
                    "team_id": "T1",
                    "real_name": "Aino",
                    "tz": "Europe/Helsinki",
                    "locale": "fi-FI",
                    "profile": {"email": "aino@koivu.example"},
                }
            )
        case "conversations.history":
            return ok(messages=[])
        case "auth.test":
            return ok(team_id="T1", team="Koivu")
        case "views.open" | "views.update" | "views.publish":
            return ok(view={"id": "V1"})
        case "users.list":
            return ok(members=[], response_metadata={"next_cursor": ""})
    return ok()


def conversation_of(channel: str) -> str:
    """Slack takes a person's id for a channel, and answers with the conversation."""
    return f"D{channel}" if channel.startswith("U") else channel


class MemoryVault:
    """The Vault port."""

    def __init__(self, **kept: str) -> None:
        self.kept = {name.replace("_", ":"): value for name, value in kept.items()}

    async def get(self, workspace: str) -> str | None:
        return self.kept.get(workspace)

    async def put(self, workspace: str, secret: str, *, name: str = "") -> None:
        self.kept[workspace] = secret

    def forget(self, workspace: str) -> None:
        """Nothing is cached."""
