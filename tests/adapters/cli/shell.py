"""Commands as somebody gives them at the terminal, each in a process of its own."""

from __future__ import annotations

from pathlib import Path

from tests.forks import ended
from tests.keys import KEY


class Shell:
    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.env = {
            "PATH": "/usr/bin:/bin",
            "CHORUS_SECRET_KEYS": KEY,
            "CHORUS_DATABASE_URL": f"sqlite:///{folder}/chorus.db",
            **{f"CHORUS_{name}": value for name, value in settings.items()},
        }

    def run(self, *words: str, fails: bool = False) -> str:
        """What the command prints; if it is to fail, what it says of that."""
        code, out, err = self.ends(*words)
        assert (code != 0) is fails, err + out
        return err if fails else out

    def ends(self, *words: str) -> tuple[int, str, str]:
        """(exit code, what it printed, what it said of itself)."""
        code, out, err = ended(*words, env=self.env, cwd=self.folder)
        assert "Traceback" not in err, err
        return code, out, err
