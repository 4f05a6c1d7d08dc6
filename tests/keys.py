"""The key of this test run, in the tests' own process and in those that they start."""

from __future__ import annotations

import os

from storage.secrets import new_key

KEY = os.environ.setdefault("CHORUS_TEST_KEY", new_key())
