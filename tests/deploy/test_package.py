"""The wheel and the source archive: the same commit gives the same bytes, wherever and whenever; nothing is missing."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "adapters", "content", "scheduler", "storage")
AROUND = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "deploy/sbom.cdx.json")


def files_of(package: str) -> set[str]:
    """What belongs to it, but for what Python and editors leave."""
    return {
        str(path.relative_to(ROOT))
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }


def built(into: Path) -> dict[str, Path]:
    """Both archives, of a copy of the sources."""
    for name in PACKAGES:
        shutil.copytree(ROOT / name, into / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in AROUND:
        (into / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, into / name)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build"],
        cwd=into,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1764201600"},
        check=True,
        capture_output=True,
    )
    return {path.suffix: path for path in (into / "dist").iterdir()}


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Path], dict[str, Path]]:
    first = built(tmp_path_factory.mktemp("one"))
    time.sleep(2.1)  # a zip counts time in two seconds
    old = os.umask(0o077)
    try:
        return first, built(tmp_path_factory.mktemp("another-and-longer"))
    finally:
        os.umask(old)


def test_the_same_sources_give_the_same_bytes(twice: tuple[dict[str, Path], dict[str, Path]]) -> None:
    digests = [{kind: hashlib.sha256(path.read_bytes()).hexdigest() for kind, path in one.items()} for one in twice]
    assert set(digests[0]) == {".whl", ".gz"}
    assert digests[0] == digests[1]


def test_nothing_is_missing_and_nothing_else_is_in_it(twice: tuple[dict[str, Path], dict[str, Path]]) -> None:
    wanted = set().union(*map(files_of, PACKAGES))
    with zipfile.ZipFile(twice[0][".whl"]) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == wanted
    with tarfile.open(twice[0][".gz"]) as source:
        names = {"/".join(Path(member.name).parts[1:]) for member in source.getmembers() if member.isfile()}
    assert names == wanted | set(AROUND) | {"PKG-INFO"} | (names & {".gitignore"})
