"""A terminal in the folder of a new installation."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.adapters.cli.shell import Shell


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the databases of a new installation."""
    folder = tmp_path_factory.mktemp("installed")
    Shell(folder).run("db", "upgrade")
    return folder


@pytest.fixture
def shell(installed: Path, tmp_path: Path) -> Shell:
    shutil.copytree(installed, tmp_path, dirs_exist_ok=True)
    return Shell(tmp_path)
