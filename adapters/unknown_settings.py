"""Names that begin as Chorus's settings do and that nothing reads: most are misspelt."""

from __future__ import annotations

import os
import re
from difflib import get_close_matches

from dotenv import dotenv_values

from adapters.settings import SECRETS_DIR, Settings

# Read elsewhere: by `chorus init`, the container's entrypoint, the tests.
OTHERS = {SECRETS_DIR, "CHORUS_CHAT", "CHORUS_PICTURES", "CHORUS_LOOKS"}
# Kubernetes sets these for each service, and the tests have some of their own.
NOT_OURS = re.compile(r"CHORUS_(TEST|E2E|PDS|TURN)\w*|CHORUS_\w*(_SERVICE_HOST|_SERVICE_PORT\w*|_PORT(_\w+)?)")


def unknown_settings() -> dict[str, str]:
    """Those of the environment and of `.env`, each with the name that was meant, "" where none is like it."""
    known = {f"CHORUS_{name.upper()}" for name in Settings.model_fields} | OTHERS
    given = {name.upper() for name in (*os.environ, *dotenv_values(str(Settings.model_config["env_file"])))}
    wrong = sorted(name for name in given - known if name.startswith("CHORUS_") and not NOT_OURS.fullmatch(name))
    return {name: next(iter(get_close_matches(name, known, 1)), "") for name in wrong}
