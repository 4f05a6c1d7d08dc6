"""The packages from npm that tests use, installed by whichever test needs them first."""

from __future__ import annotations

import fcntl
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parent / "e2e"
MODULES = FOLDER / "node_modules"


def installed() -> Path:
    """The folder of the packages. Needs npm."""
    with (FOLDER / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of several workers one installs them, and the others wait
        if not ((MODULES / ".bin" / "emulate").exists() and (MODULES / "axe-core").exists()):
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=FOLDER, check=True)
    return MODULES
