"""Commands as somebody gives them at the terminal, each in a process of its own. The processes are forked from one that
has imported everything, for that is most of what a short command takes; `tests/adapters/cli/test_main.py` starts whole
ones."""

from __future__ import annotations

import multiprocessing
import os
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path

import adapters.cli
from tests.keys import KEY

PATIENCE = 60  # seconds

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(
    [
        "tests.adapters.cli.shell",
        *(f"adapters.cli.{module.name}" for module in pkgutil.iter_modules(adapters.cli.__path__)),
        *("adapters.doctor", "adapters.processes", "storage.tables", "storage.migrations", "scheduler.engine"),
    ]
)


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
        printed, said = (self.folder / f".{name}" for name in ("stdout", "stderr"))
        process = _FORKING.Process(target=_carry_out, args=(words, self.env, self.folder, printed, said))
        process.start()
        process.join(PATIENCE)
        if process.exitcode is None:
            process.kill()
        out, err = (path.read_text("utf-8") for path in (printed, said))
        assert process.exitcode is not None, f"still running after {PATIENCE} s: {out}{err}"
        assert "Traceback" not in err, err
        printed.unlink()
        said.unlink()
        return process.exitcode, out, err


def _carry_out(words: Sequence[str], env: dict[str, str], folder: Path, printed: Path, said: Path) -> None:
    for number, path in ((1, printed), (2, said)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    sys.argv = ["chorus", *words]
    from adapters.cli.main import main

    main()
