"""The network to the database swallows everything: nobody waits for an answer that cannot come."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.database import Database
from storage.database_faults import is_outage
from tests.sizes import IS_FULL

ASKED = 2.0  # seconds after which the network is gone
PATIENCE = 45.0  # seconds
OWN_NETWORK = ("unshare", "--net")


@pytest.mark.skipif(not IS_FULL, reason="left out: by `make faults`")
def test_nobody_waits_for_a_database_that_the_network_hides(database: Database) -> None:
    if database.one_writer:
        pytest.skip("left out: SQLite is on no network")
    if not shutil.which("ip") or subprocess.run([*OWN_NETWORK, "true"], capture_output=True).returncode:
        pytest.skip("left out: no network of its own may be made here")
    ended = subprocess.run(
        [*OWN_NETWORK, sys.executable, "-m", __name__, database.engine_url],
        capture_output=True,
        text=True,
        timeout=3 * PATIENCE,
    )
    assert ended.returncode == 0, ended.stderr
    assert float(ended.stdout) < PATIENCE


def wait_in_vain(url: str) -> float:
    """Seconds until a query fails whose answer the network swallows; run where the network is the process's own."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    direct = Database(url).engine.url
    path = f"{direct.query['host']}/.s.PGSQL.{direct.port or 5432}"
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_relay, args=(listener, path), daemon=True).start()
    over_tcp = direct.set(host="127.0.0.1", port=listener.getsockname()[1]).difference_update_query(["host"])
    database = Database(over_tcp.render_as_string(hide_password=False))
    database.ping()
    threading.Timer(ASKED, subprocess.run, args=(["ip", "link", "set", "lo", "down"],)).start()
    began = time.monotonic()
    with pytest.raises(DBAPIError) as ended, database.transaction() as session:
        session.execute(text(f"SELECT pg_sleep({2 * ASKED})"))
    assert is_outage(ended.value)
    return time.monotonic() - began


def _relay(listener: socket.socket, path: str) -> None:
    """From there to a socket of this machine, which knows no network."""
    while True:
        near, _address = listener.accept()
        far = socket.socket(socket.AF_UNIX)
        far.connect(path)
        for source, target in ((near, far), (far, near)):
            threading.Thread(target=_copy, args=(source, target), daemon=True).start()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while some := source.recv(65536):
            target.sendall(some)
    except OSError:
        """Its network is gone."""


if __name__ == "__main__":
    print(wait_in_vain(sys.argv[1]))
