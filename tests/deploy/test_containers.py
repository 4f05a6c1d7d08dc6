"""The image and the compose file, started for real where there is a container engine: `make containers`.

CHORUS_ENGINE and CHORUS_COMPOSE name others than `docker` and `docker compose`, as `podman` and `podman compose`. Port
8000 has to be free.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from storage.secrets import new_key

ROOT = Path(__file__).parents[2]
ENGINE = shlex.split(os.environ.get("CHORUS_ENGINE", "docker"))
COMPOSE = shlex.split(os.environ.get("CHORUS_COMPOSE", "docker compose"))
PROJECT = "chorus-trial"
GRACE = 30  # seconds, as compose.yaml gives

pytestmark = [
    pytest.mark.skipif(
        os.environ.get("CHORUS_CONTAINERS") != "required",
        reason="left out: it needs a container engine; make containers",
    ),
    pytest.mark.timeout(900),
]


def said(*command: str, cwd: Path = ROOT) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture
def compose(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """What runs `docker compose` in a folder as docs/deploying.md has it made; it ends with the test, volumes included."""
    shutil.copy(ROOT / "deploy" / "compose.yaml", tmp_path)
    (tmp_path / "chorus.env").write_text(f"CHORUS_SECRET_KEYS={new_key()}\nCHORUS_ORGANISATION='Koivu Energy'\n")
    (tmp_path / "db-password").write_text("of-this-trial\n")
    (tmp_path / "db-password").chmod(0o444)  # for the image's user

    def run(*words: str) -> str:
        return said(*COMPOSE, "-p", PROJECT, *words, cwd=tmp_path)

    yield run
    run("down", "-v", "-t", "1")


def is_ready() -> bool:
    try:
        return bool(urlopen("http://127.0.0.1:8000/readyz", timeout=5).status == 200)
    except (URLError, ConnectionError, TimeoutError):
        return False


def until(true: Callable[[], bool], *, within: float) -> None:
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, f"not within {within} seconds"
        time.sleep(1)


def containers(wanted: str) -> dict[str, str]:
    """By the name of each that is there, what the template `wanted` says of it."""
    names = said(*ENGINE, "ps", "-a", "--filter", f"name={PROJECT}", "--format", "{{.Names}}").split()
    return {name: said(*ENGINE, "inspect", "--format", wanted, name).strip() for name in names}


def test_the_set_starts_outlives_its_database_and_ends(compose: Callable[..., str]) -> None:
    compose("up", "-d", "--no-build", "--scale", "worker=2")
    until(is_ready, within=60)
    running = {name: at for name, at in containers("{{.State.StartedAt}}").items() if "migrate" not in name}
    assert len(running) == 5  # the database, web, two workers, clock
    assert {at for name, at in containers("{{.State.ExitCode}}").items() if "migrate" in name} == {"0"}
    web, worker = (next(name for name in running if role in name) for role in ("web", "worker"))
    assert said(*ENGINE, "exec", worker, "id", "-u").strip() == "10001"
    assert "Read-only file system" in said(*ENGINE, "exec", worker, "sh", "-c", "touch /opt/x 2>&1; touch /tmp/x")
    heard = "import urllib.request as u; print(u.urlopen('http://clock:8001/readyz').read().decode())"
    assert '"worker":2' in said(*ENGINE, "exec", web, "python", "-c", heard)

    compose("stop", "db")
    until(lambda: not is_ready(), within=15)
    compose("start", "db")
    until(is_ready, within=60)
    now = containers("{{.State.StartedAt}}")
    assert all(now[name] == at for name, at in running.items() if "db" not in name)  # none was restarted

    began = time.monotonic()
    compose("stop", "web", "worker", "clock")
    assert time.monotonic() - began < GRACE
    assert set(containers("{{.State.ExitCode}}").values()) == {"0"}
