"""What a page's address asks for: read within bounds, and written again with changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from adapters.web.console.fields import ref_of

LONGEST = 100  # characters of one value


@dataclass(frozen=True, slots=True)
class Query:
    """`path` is the page's own; `item` what stands behind its name there ("" for the page itself)."""

    path: str = "/console"
    item: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.values.get(name, "").replace("\x00", "").strip()[:LONGEST]

    def number(self, name: str) -> int:
        """0 for what is none."""
        return ref_of(self.values.get(name, ""))

    def among(self, name: str, allowed: Collection[str], default: str = "") -> str:
        """The value where it is allowed."""
        value = self.values.get(name, "")
        return value if value in allowed else default

    def day(self, name: str) -> date | None:
        """ISO 8601, as browsers send it; None for what is none."""
        try:
            return date.fromisoformat(self.values.get(name, "")[:10])
        except ValueError:
            return None

    def following(self, key: str | int) -> str:
        """Where this page's list goes on after `key`; "" where it ends."""
        return self.address(after=key) if key else ""

    def address(self, **changes: object) -> str:
        """This page's address with these values changed; empty ones are left out, and so is where the list went on."""
        kept = {name: value for name, value in self.values.items() if name != "after"}
        values = {name: str(value) for name, value in {**kept, **changes}.items() if value not in ("", None, 0)}
        return f"{self.path}?{urlencode(values)}" if values else self.path
