"""Whom to tell of traces: an OTLP endpoint, by the variables that OpenTelemetry's own documents name."""

from __future__ import annotations

import os
from importlib.metadata import version

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def configure(role: str) -> None:
    """Send spans there, in the background, from now on; without an endpoint nothing is imported."""
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from bot.core import tracing

    about = {"service.name": "chorus", "service.version": version("chorus-bot"), "chorus.role": role}
    provider = TracerProvider(resource=Resource.create(about))  # flushes when the process ends
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    tracing.turn_on()
