"""What the stories need: a running Chorus, a browser, and the real clients from npm.

Where Node or Chromium is missing the stories are left out and say so; with CHORUS_E2E=required (CI) that
is a failure.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from storage.secrets import new_key
from tests import node_packages
from tests.conftest import SHARED
from tests.e2e.passage import Passage
from tests.e2e.screens import Looker, load
from tests.e2e.slack_client import SECRET, SEED, TEAM
from tests.forks import Forked, Work, ended
from tests.ports import free_port
from tests.sizes import size

HERE = Path(__file__).parent
MAIN_JOB = {"test_from_a_feed_to_a_counted_click", "test_a_lead_reads_approves_and_exports"}  # told with every commit
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
DESKTOP = {"width": 1440, "height": 1000}
PATIENCE = 60_000  # ms, of what waits for the page: a busy machine is slow, not wrong
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in Path(item.path).parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.timeout(size(300, 3600)))
            if item.originalname not in MAIN_JOB:  # type: ignore[attr-defined]
                item.add_marker(pytest.mark.in_turn)


def _left_out(missing: str) -> None:
    if os.environ.get("CHORUS_E2E") == "required":
        pytest.fail(f"{missing} is missing, and CHORUS_E2E=required")
    pytest.skip(f"left out: {missing} is missing")


@pytest.fixture(scope="session")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        _left_out("Chromium")
    return str(found)


@pytest.fixture(scope="session")
def clients() -> Path:
    """The folder of the npm clients' commands, installed on first use."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        _left_out("Node")
    return node_packages.installed() / ".bin"


@pytest.fixture
def browser(chromium: str) -> Iterator[Browser]:
    # one for each story: Playwright keeps an event loop running, which no other test would stand
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def looker() -> Looker:
    script = SHARED / "acceptance" / "screen_lint.py"
    if script.exists():
        return Looker(load(script))
    if os.environ.get("CHORUS_E2E") == "required":
        pytest.fail(f"{script.name} is missing, and CHORUS_E2E=required")
    return Looker(lambda page: [])


@pytest.fixture
def page(browser: Browser, looker: Looker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A page at whose every step somebody looks."""
    looker.follow(monkeypatch)
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page = context.new_page()
    yield page
    looker.look(page, "the end")
    context.close()


Process = Forked | subprocess.Popen[bytes]
Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a command, or work of this checkout, wait until `url` answers, and stop it by its own process id at the
    end."""
    running: list[Process] = []

    def run(what: list[str] | Work, *, url: str, env: dict[str, str] | None = None) -> Process:
        log, env = tmp_path / f"process-{len(running)}.log", {**os.environ, **(env or {})}
        if isinstance(what, list):
            with log.open("wb") as out:
                process: Process = subprocess.Popen(
                    what, env=env, stdout=out, stderr=out, cwd=tmp_path, start_new_session=True
                )
        else:
            process = Forked(what, env=env, cwd=tmp_path, out=log, err=log)
        running.append(process)
        wait_for(url, process, log)
        return process

    yield run
    for process in reversed(running):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(url: str, process: Process, log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if _answers(url):
            return
        time.sleep(0.1)
    pytest.fail(f"{url} does not answer:\n{log.read_text(errors='replace')[-4000:]}")


def _answers(url: str) -> bool:
    """Without a client that prepares for TLS each time it looks."""
    place = urlsplit(url)
    connection = HTTPConnection(str(place.hostname), place.port, timeout=2)
    try:
        connection.request("GET", place.path or "/")
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True


def environment(url: str, tmp_path: Path, **more: str) -> dict[str, str]:
    """The settings of a Chorus of its own in `tmp_path`, ticking fast."""
    return {
        "PATH": "/usr/bin:/bin",
        "CHORUS_DATABASE_URL": f"sqlite:///{tmp_path}/chorus.db",
        "CHORUS_SECRET_KEYS": new_key(),
        "CHORUS_BASE_URL": url,
        "CHORUS_TICK_SECONDS": "0.3",
        **more,
    }


# Nudges at once, at whatever hour the story is told, and as many as it needs.
AT_ANY_HOUR = {
    "CHORUS_NUDGE_HOURS": "0-24",
    "CHORUS_NUDGE_DAYS": "mon-sun",
    "CHORUS_NUDGE_HOLIDAYS": "1",
    "CHORUS_NUDGE_SPREAD_MINUTES": "0",
    "CHORUS_NO_NUDGE_SHARE": "0",
    "CHORUS_MESSAGES_A_DAY": "9",
    "CHORUS_MESSAGES_A_WEEK": "9",
}


def slack_settings(passage: Passage) -> dict[str, str]:
    """An app that is installed by OAuth from the emulated Slack."""
    return {
        "CHORUS_WORKSPACES": f"slack:{TEAM}",
        "CHORUS_SLACK_SIGNING_SECRET": SECRET,
        "CHORUS_SLACK_CLIENT_ID": "1.2",
        "CHORUS_SLACK_CLIENT_SECRET": "client-secret",
        "CHORUS_SLACK_API_URL": f"{passage.url}/api/",
    }


def picture(page: Page, name: str, show: Locator | None = None) -> None:
    """Keep a picture for the documentation, with `show` in view, only when asked for (make pictures)."""
    if os.environ.get("CHORUS_PICTURES"):
        if show is not None:
            page.wait_for_timeout(500)  # what is on its way has arrived
            show.scroll_into_view_if_needed()
        page.wait_for_load_state("networkidle")
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png")


def run(env: dict[str, str], tmp_path: Path, *words: str) -> str:
    code, out, err = ended(*words, env=env, cwd=tmp_path)
    assert code == 0, err
    return out


@pytest.fixture
def passage(start: Start, clients: Path, tmp_path: Path) -> Iterator[Passage]:
    port = free_port()
    (tmp_path / "seed.json").write_text(json.dumps(SEED))
    url = f"http://127.0.0.1:{port}"
    start(
        [str(clients / "emulate"), "--service", "slack", "--port", str(port), "--seed", "seed.json"], url=f"{url}/api/"
    )
    passage = Passage(url)
    yield passage
    passage.close()
