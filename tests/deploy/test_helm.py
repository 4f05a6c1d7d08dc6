"""The Helm chart, rendered by Helm's own library and held against the schemas of Kubernetes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.app import build
from adapters.server import WebServer
from adapters.settings import load_settings
from storage.secrets import new_key

CHART = Path(__file__).parents[2] / "deploy" / "helm" / "chorus"
KUBERNETES = "1.37"
VALUES = {
    "image": {"repository": "registry.example/chorus"},
    "ingress": {"enabled": True, "host": "chorus.example", "tlsSecretName": "chorus-tls"},
    "podMonitor": {"enabled": True},
}
INSIDE = {"healthz", "readyz", "metrics"}  # not for the world


@pytest.fixture(scope="module")
def helm() -> Any:
    try:
        import helm_python
    except ImportError:
        if os.environ.get("CHORUS_E2E") == "required":
            raise
        pytest.skip("left out: Helm's library is for Linux on x86-64")
    return helm_python


def rendered(helm: Any, **values: Any) -> list[dict[str, Any]]:
    with helm.Chart.load(CHART) as chart:
        files = chart.render({**VALUES, **values}, name="c", namespace="chorus")
    return [document for file in files.values() for document in yaml.safe_load_all(file) if document]


def of_kind(found: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {item["metadata"]["name"]: item for item in found if item["kind"] == kind}


def test_helm_finds_nothing(helm: Any) -> None:
    said = helm.lint(CHART, VALUES, strict=True)
    assert said["errors"] == []
    assert {message["error"] for message in said["messages"]} <= {"icon is recommended"}


def test_kubernetes_takes_every_part(helm: Any) -> None:
    import kubernetes_validate

    found = rendered(helm)
    for item in found:
        if item["kind"] != "PodMonitor":  # of Prometheus's operator
            kubernetes_validate.validate(item, KUBERNETES, strict=True)
    assert {item["kind"] for item in found} == {
        "ConfigMap", "Deployment", "Ingress", "Job", "PodDisruptionBudget", "PodMonitor", "Service",
    }  # fmt: skip
    wrong = {**of_kind(found, "Service")["c-web"], "spec": {"prots": []}}
    with pytest.raises(kubernetes_validate.ValidationError):  # it can find something
        kubernetes_validate.validate(wrong, KUBERNETES, strict=True)


def test_pods_may_do_little_and_end_in_time(helm: Any) -> None:
    found = rendered(helm)
    pods = [item["spec"]["template"]["spec"] for item in found if item["kind"] in ("Deployment", "Job")]
    assert len(pods) == 4
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["automountServiceAccountToken"] is False
        [container] = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container["resources"]["limits"]
        assert container["image"].startswith("registry.example/chorus:")
    for name, role in of_kind(found, "Deployment").items():
        pod = role["spec"]["template"]["spec"]
        assert pod["terminationGracePeriodSeconds"] > 20, name
        assert role["spec"]["selector"]["matchLabels"].items() <= role["spec"]["template"]["metadata"]["labels"].items()
        assert pod["containers"][0]["readinessProbe"]["httpGet"]["path"] == "/readyz?of=process"
        assert pod["containers"][0]["livenessProbe"]["httpGet"]["path"] == "/healthz"  # which asks no database


def test_one_job_migrates_before_anything_starts(helm: Any) -> None:
    found = rendered(helm)
    [job] = of_kind(found, "Job").values()
    hooks = job["metadata"]["annotations"]
    assert hooks["helm.sh/hook"] == "pre-install,pre-upgrade"
    settings = of_kind(found, "ConfigMap")["c-settings"]["metadata"]["annotations"]
    assert int(settings["helm.sh/hook-weight"]) < int(hooks["helm.sh/hook-weight"])
    assert job["spec"]["template"]["spec"]["containers"][0]["args"] == ["db", "upgrade"]


def test_the_world_reaches_all_that_is_for_it_and_no_more(helm: Any, tmp_path: Path) -> None:
    settings = load_settings(
        database_url=f"sqlite:///{tmp_path}/c.db",
        secret_keys=new_key(),
        base_url="https://chorus.example",
        slack_client_id="1",
        slack_client_secret="s",
        slack_signing_secret="s",
        workspaces="slack:T1,teams:t",
        teams_app_id="a",
        teams_app_password="p",
        teams_tenant_id="t",
        webhook_secret=f"whsec_{'A' * 44}",
    )
    server = WebServer(build(settings, base_url="https://chorus.example"))
    served = {path.split("/")[1] for path in paths_of(server.routes)}
    paths = of_kind(rendered(helm), "Ingress")["c"]["spec"]["rules"][0]["http"]["paths"]
    assert {path["path"].split("/")[1] for path in paths} == served - INSIDE
    assert served >= INSIDE


def paths_of(routes: Any) -> list[str]:
    """Of a router and those that are included in it."""
    found: list[str] = []
    for route in routes:
        inner = getattr(route, "original_router", None)
        found += paths_of(inner.routes) if inner is not None else [route.path]
    return found


def test_a_chart_without_an_image_says_what_is_missing(helm: Any) -> None:
    with pytest.raises(helm.HelmError, match=r"image\.repository"), helm.Chart.load(CHART) as chart:
        chart.render({}, name="c")
