"""A model server on loopback that speaks the real protocol, and answers as the test tells it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, bytes] | None  # status and body; None: the connection is cut without a word
Answer = Callable[[dict[str, Any]], Reply]


@contextmanager
def model_server(answer: Answer) -> Iterator[str]:
    """Its base address, for as long as the block lasts. `answer` sees each request's body."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            reply = answer(body)
            if reply is None:
                self.connection.close()
                return
            self.send_response(reply[0])
            if 300 <= reply[0] < 400:
                self.send_header("Location", "/v1/elsewhere")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(reply[1])))
            self.end_headers()
            self.wfile.write(reply[1])

        def log_message(self, *_args: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def completion(content: str | None, **message: Any) -> bytes:
    """A chat completion that says `content`."""
    said = {"role": "assistant", "content": content, **message}
    return json.dumps(
        {
            "id": "c1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "message": said, "finish_reason": "stop"}],
        }
    ).encode()


def embedding(vectors: list[Any]) -> bytes:
    rows = [{"object": "embedding", "index": number, "embedding": row} for number, row in enumerate(vectors)]
    return json.dumps(
        {"object": "list", "model": "m", "data": rows, "usage": {"prompt_tokens": 1, "total_tokens": 1}}
    ).encode()
