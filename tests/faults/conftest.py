from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.faults.own_postgres import Server


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if os.environ.get("CHORUS_TEST_POSTGRES"):
        pytest.skip("left out: only a private PostgreSQL may be stopped")
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    server = Server(tmp_path_factory.mktemp("stopped"))
    yield server
    server.close()
