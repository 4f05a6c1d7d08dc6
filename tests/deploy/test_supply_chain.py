"""What is installed is what is named: the bill of materials, its licences, and an audit that looks or fails."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.test_package import built

ROOT = Path(__file__).parents[2]
FILE = ROOT / "deploy" / "sbom.cdx.json"
FREE = re.compile(r"Apache|BSD|MIT|ISC|PSF|Python|MPL|Mozilla|LGPL|Unlicense|CNRI|Zlib|CC0")
PINNED = re.compile(r"^([\w.-]+)==([^ ;\\]+)(?: ; (.+?))? \\$", re.MULTILINE)


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return found


def name(written: str) -> str:
    return re.sub(r"[-_.]+", "-", written).lower()


def test_the_bill_names_what_the_lock_pins(bill: dict[str, Any]) -> None:
    pinned = {
        (name(found), version): marker
        for found, version, marker in PINNED.findall((ROOT / "requirements.lock").read_text())
    }
    billed = {(name(one["name"]), one["version"]) for one in bill["components"]}
    assert billed <= set(pinned), "make sbom"
    assert {key for key, marker in pinned.items() if not marker} <= billed, "make sbom"


def test_it_holds_no_address_and_a_licence_for_each(bill: dict[str, Any]) -> None:
    said = FILE.read_text("utf-8").replace(bill["$schema"], "")
    assert "://" not in said
    for one in bill["components"]:
        licences = [
            part.get("expression") or part["license"].get("id") or part["license"]["name"] for part in one["licenses"]
        ]
        assert licences, one["name"]
        assert any(FREE.search(licence) for licence in licences), (one["name"], licences)
        assert not any(re.search(r"(?<!L)GPL", licence) for licence in licences), (one["name"], licences)


def test_it_says_what_needs_what(bill: dict[str, Any]) -> None:
    needs = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    ours = {name(ref.partition("==")[0]) for ref in needs[bill["metadata"]["component"]["bom-ref"]]}
    assert ours >= {"slack-bolt", "botbuilder-core", "apscheduler", "sqlalchemy", "openai"}
    assert {one["bom-ref"] for one in bill["components"]} <= set(needs)


def test_it_is_in_the_wheel(tmp_path: Path) -> None:
    with zipfile.ZipFile(built(tmp_path)[".whl"]) as wheel:
        (inside,) = [one for one in wheel.namelist() if one.endswith(".cdx.json")]
        assert ".dist-info/sboms/" in inside
        assert wheel.read(inside) == FILE.read_bytes()


def test_an_audit_that_cannot_look_is_red(tmp_path: Path) -> None:
    """pip-audit alone is green where it audited nothing."""
    first = (ROOT / "requirements.lock").read_text().split("\n\n")[0]
    lock = tmp_path / "one.lock"
    lock.write_text(first[: first.index("\n", first.index("--hash"))].rstrip(" \\") + "\n")
    nowhere = {**os.environ, "HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    words = [*("--strict", "--disable-pip", "--require-hashes", "--progress-spinner", "off", "-r"), str(lock)]
    done = subprocess.run(
        [sys.executable, "-m", "pip_audit", *words], env=nowhere, capture_output=True, text=True, timeout=100
    )
    assert done.returncode != 0
    assert "No known vulnerabilities" not in done.stdout + done.stderr
    recipe = (ROOT / "Makefile").read_text().partition("\naudit:")[2].partition("\n\n")[0]
    assert " ".join(words[:-2]) in recipe
