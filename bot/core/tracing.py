"""Traces for OpenTelemetry: from a press to the messages that came of it, whichever processes they leave from.

All spans of one cause (the id that is in the log, too) are in one trace: its number is made from the cause, so nothing
has to be stored or handed on. A span names no person and holds no word; what is confidential (an answer to the pulse)
has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

_is_on = False


def turn_on(is_on: bool = True) -> None:
    """Called once a process knows whom to tell; until then a span costs a comparison."""
    global _is_on
    _is_on = is_on


@contextmanager
def span(name: str, *, cause: str, is_confidential: bool = False, **attributes: str) -> Iterator[dict[str, str]]:
    """Around some work. What is put into the dict becomes attributes, too; an error that leaves the block is named by
    its type alone, for its words may be somebody's."""
    late: dict[str, str] = {}
    if is_confidential or not _is_on:
        yield late
        return
    tracer = trace.get_tracer("chorus")
    told = {f"chorus.{key}": value for key, value in attributes.items()}
    with tracer.start_as_current_span(
        name, _trace_of(cause), attributes=told, record_exception=False, set_status_on_exception=False
    ) as made:
        try:
            yield late
        except Exception as error:
            made.set_attribute("error.type", type(error).__name__)
            made.set_status(trace.Status(trace.StatusCode.ERROR))
            raise
        finally:
            for key, value in late.items():
                made.set_attribute(f"chorus.{key}", value)


def trace_id(cause: str) -> int:
    """The number of the trace of that cause: 128 bits, never 0."""
    return int.from_bytes(sha256(cause.encode()).digest()[:16]) or 1


def _trace_of(cause: str) -> Context:
    parent = int.from_bytes(sha256(cause.encode()).digest()[16:24]) or 1
    context = SpanContext(trace_id(cause), parent, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    return trace.set_span_in_context(NonRecordingSpan(context))
