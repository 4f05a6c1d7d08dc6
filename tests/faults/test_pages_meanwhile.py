"""Whoever opens a page while the database is away, or stands still, reads a sentence in time; a reader of a shared link
arrives all the same."""

from __future__ import annotations

import signal
import time
from datetime import UTC, datetime, timedelta

import httpx2 as http
import pytest

from storage.sharing.links import TrackedLink
from tests.faults.own_postgres import Server
from tests.faults.roles import Started, started
from tests.ports import free_port

PATIENCE = 15.0  # seconds that somebody looks at an empty page
PAGES = ("/my-data/nobody", "/calendar/nobody.ics", "/connect/nobody", "/o/nobody", "/r/unknown", "/pictures/none.jpg")
PROGRAMS = ("/api/v1/facts", "/scim/v2/Users")
SHARED = "https://koivu.example/news"


def reads_a_sentence(web: http.Client, path: str) -> None:
    began = time.monotonic()
    answer = web.get(path, headers={"Accept": "text/html", "Accept-Language": "fi"})
    assert time.monotonic() - began < PATIENCE
    assert (path, answer.status_code) == (path, 503)
    assert "Retry-After" in answer.headers
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Yritä uudelleen hetken päästä." in answer.text


def reads_json(web: http.Client, path: str) -> None:
    answer = web.get(path, headers={"Authorization": "Bearer x"})
    assert (path, answer.status_code) == (path, 503)
    assert "Retry-After" in answer.headers
    assert "database" in answer.json()["detail"]


def arrives(web: http.Client) -> None:
    assert web.get("/r/known").headers.get("Location") == SHARED


def ended(running: Started) -> str:
    running.process.send_signal(signal.SIGTERM)
    _out, log = running.process.communicate(timeout=40)
    assert running.process.returncode == 0
    return log


@pytest.mark.timeout(240)
def test_pages_say_so_and_shared_links_lead_on(server: Server) -> None:
    now = datetime.now(UTC)
    with server.database.transaction() as session:
        session.add(
            TrackedLink(code="known", target=SHARED, created_at=now, posted_at=now, expires_at=now + timedelta(days=30))
        )
    port = free_port()
    with started(server.database, "serve", "--port", str(port)) as running:
        with http.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as web:
            arrives(web)
            time.sleep(2.5)  # by then it is asked anew where the link leads
            with server.standing_still():
                for path in (*PAGES[:2], "/r/unknown"):
                    reads_a_sentence(web, path)
                reads_json(web, PROGRAMS[0])
                arrives(web)
            assert web.get("/my-data/nobody").status_code == 410  # it goes on
            server.stops()
            for path in PAGES:
                reads_a_sentence(web, path)
            for path in PROGRAMS:
                reads_json(web, path)
            arrives(web)
            server.starts()
            assert web.get("/my-data/nobody").status_code == 410
        assert "Traceback" not in ended(running)
