"""Structured logs: one line a turn, without message text, and with secrets redacted even in errors."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRETS = re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+|Bearer [\w.~+/-]+=*|(?<=://)[^/@\s]+:[^/@\s]+(?=@)")


def configure(*, json: bool) -> None:
    """JSON lines for machines, columns for people; the standard logging of libraries takes the same path."""
    last: Any = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(_redact_record)


def only_warnings() -> None:
    """For short commands: what goes wrong, to people who read the answer."""
    if not structlog.is_configured():
        structlog.configure(
            processors=[structlog.processors.add_log_level, redact, structlog.dev.ConsoleRenderer(colors=False)],
            wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
            logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
        )


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace tokens and passwords, wherever they appear."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _SECRETS.sub("[secret]", value)
    return event


def _redact_record(record: logging.LogRecord) -> bool:
    record.msg, record.args = _SECRETS.sub("[secret]", record.getMessage()), ()
    return True
