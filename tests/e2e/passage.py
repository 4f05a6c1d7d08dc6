"""A passage in front of the emulated Slack: hands every call on, and keeps what was asked and answered."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import httpx2 as http


class Passage:
    """`asked["views.open"]` are the calls of that method, in their order; `answered` what came back."""

    def __init__(self, target: str) -> None:
        self.asked: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.answered: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.token = ""  # the bot's, for what Slack does in its name
        client = http.Client(base_url=target, timeout=20)
        passage, self._client = self, client

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                kept = {
                    name: value
                    for name, value in self.headers.items()
                    if name.lower() in ("authorization", "content-type")
                }
                target = passage.response_of(
                    self.path
                )  # the emulation has no response addresses: an update is the same
                if target is not None:
                    body = json.dumps({**json.loads(body), **target}).encode()
                    kept["Authorization"] = f"Bearer {passage.token}"
                    answer = client.post("/api/chat.update", content=body, headers=kept)
                else:
                    answer = client.post(self.path, content=body, headers=kept)
                method = self.path.rpartition("/")[2]
                passage.asked[method].append(_fields(body))
                if "json" in answer.headers.get("content-type", ""):
                    passage.answered[method].append(answer.json())
                self.send_response(answer.status_code)
                for name in ("Content-Type", "Location"):
                    if name in answer.headers:
                        self.send_header(name, answer.headers[name])
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            do_GET = do_POST

            def log_message(self, *_args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def response_url(self, channel: str, ts: str) -> str:
        return f"{self.url}/responses/{channel}/{ts}"

    @staticmethod
    def response_of(path: str) -> dict[str, str] | None:
        head, _, rest = path.partition("/responses/")
        if head or not rest:
            return None
        channel, _, ts = rest.partition("/")
        return {"channel": channel, "ts": ts}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._client.close()


def _fields(body: bytes) -> dict[str, Any]:
    words = body.decode()
    fields = json.loads(words) if words.startswith("{") else dict(parse_qsl(words))
    return {
        name: json.loads(value) if isinstance(value, str) and value[:1] in "[{" else value
        for name, value in fields.items()
    }
