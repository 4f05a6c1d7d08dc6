"""The key of this test run, in the tests' own process and in those that they start."""

from __future__ import annotations

from storage.secrets import new_key

KEY = new_key()
