"""Traces: one from the press to what it sent, nobody's name or words in it, and none of what is confidential."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import pytest
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from bot.core import tracing
from tests.bot.features.pulse.test_pulse import begins
from tests.stage import Stage

ROOT = Path(__file__).parents[2]
WORDS = "may-I-name-my-customer-Pekka"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    tracing.turn_on()
    yield kept
    tracing.turn_on(False)


def named(spans: InMemorySpanExporter, *names: str) -> list[ReadableSpan]:
    return [span for span in spans.get_finished_spans() if span.name in names]


def test_a_press_and_what_it_sent_are_one_trace(stage: Stage, spans: InMemorySpanExporter) -> None:
    stage.hires("aino")
    stage.hires("ben")
    stage.types("aino", "help")
    [turn], [sent] = named(spans, "turn"), named(spans, "send", "update")
    assert turn.context.trace_id == sent.context.trace_id
    assert sent.attributes is not None
    assert sent.attributes["chorus.outcome"] == "sent"
    stage.types("ben", "help")
    assert len({span.context.trace_id for span in named(spans, "turn")}) == 2


def test_no_name_and_no_word_is_in_it(stage: Stage, spans: InMemorySpanExporter) -> None:
    stage.hires("aino", name="Aino Canary", email="aino.canary@firm.example")
    stage.types("aino", f"ask {WORDS}")
    stage.says("aino", WORDS)
    assert named(spans, "turn")
    told = "".join(span.to_json() for span in spans.get_finished_spans())
    for secret in (WORDS, "Pekka", "Canary", "canary", "fake:T1:aino"):
        assert secret not in told


def test_the_pulse_leaves_no_span(stage: Stage, spans: InMemorySpanExporter) -> None:
    begins(stage)
    spans.clear()
    stage.presses("p1", "Answer")
    stage.presses("p1", "Agree")
    assert not spans.get_finished_spans()
    stage.types("p1", "help")
    assert named(spans, "turn")


class Collector:
    """An OTLP endpoint on loopback that keeps what it is sent."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        heard = self.heard

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                heard.append((self.path, gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def test_an_endpoint_is_told() -> None:
    """As an administrator sets it: by the variables of OpenTelemetry, over HTTP."""
    with Collector() as collector:
        said = (
            "from adapters import traces; traces.configure('worker')\n"
            "from bot.core import tracing\n"
            "with tracing.span('send', cause='abc', platform='slack') as told: told['outcome'] = 'sent'\n"
        )
        subprocess.run(
            [sys.executable, "-c", said],
            cwd=ROOT,
            env={**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url},
            check=True,
            timeout=60,
        )
    path, body = collector.heard[0]
    assert path == "/v1/traces"
    told = ExportTraceServiceRequest.FromString(body)
    [span] = told.resource_spans[0].scope_spans[0].spans
    assert (span.name, int.from_bytes(span.trace_id)) == ("send", tracing.trace_id("abc"))
    assert {item.key: item.value.string_value for item in span.attributes} == {
        "chorus.platform": "slack",
        "chorus.outcome": "sent",
    }


def test_without_an_endpoint_nothing_is_imported() -> None:
    said = "import sys; from adapters import traces; traces.configure('web'); print('opentelemetry.sdk' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
