"""A demo of its own for a benchmark, with a browser that has opened its playground."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as http
from playwright.sync_api import Page, sync_playwright

COMMAND = Path(sys.executable).with_name("chorus")


@contextmanager
def playground(command: Path = COMMAND) -> Iterator[tuple[Page, str]]:
    """The page and the demo's address; `command` is the `chorus` that is tried."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        words = [str(command), "demo", "--no-open", "--port", str(port)]
        demo = subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for(f"{url}/healthz")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
                page = browser.new_page(viewport={"width": 1440, "height": 1000})
                page.goto(f"{url}/playground?lang=en")
                yield page, url
                browser.close()
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait(15)


def _wait_for(url: str) -> None:
    for _try in range(300):
        try:
            http.get(url)
            return
        except http.TransportError:
            time.sleep(0.2)
    raise SystemExit("the demo did not start")
