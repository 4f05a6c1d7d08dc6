"""The bill of materials of an installation (CycloneDX), as `deploy/install.sh` made it: what stands in the wheel and in
the image. Names, versions, licences and what needs what; no addresses.

    python deploy/sbom.py INSTALLATION FILE
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
NOT_OURS = {"chorus-bot", "pip", "setuptools"}  # itself, and what installs it
# Where the package's own metadata is silent: what its LICENSE file says.
SILENT = {"crawler-user-agents": "MIT", "protobuf": "BSD-3-Clause"}


def bill(installation: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sbom.json"
        subprocess.run(  # noqa: S603 -- words of our own
            [
                *(sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "environment", "--output-reproducible"),
                *("--short-PURLs", "--pyproject", ROOT / "pyproject.toml", "--of", "JSON", "-o", file),
                installation / "bin" / "python",
            ],
            check=True,
        )
        found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    kept = [one for one in found["components"] if one["name"].lower() not in NOT_OURS]
    names = {one["bom-ref"] for one in kept} | {found["metadata"]["component"]["bom-ref"]}
    found["components"] = [_component(one) for one in kept]
    found["dependencies"] = [
        {**one, "dependsOn": [ref for ref in one.get("dependsOn", []) if ref in names]}
        for one in found.get("dependencies", [])
        if one["ref"] in names
    ]
    found["metadata"].pop("tools", None)  # which hold nothing but addresses of the maker
    return found


def _component(one: dict[str, Any]) -> dict[str, Any]:
    one.pop("externalReferences", None)
    if not one.get("licenses") and one["name"] in SILENT:
        one["licenses"] = [{"license": {"id": SILENT[one["name"]]}}]
    return one


if __name__ == "__main__":
    installed, into = map(Path, sys.argv[1:])
    into.write_text(json.dumps(bill(installed), indent=1, ensure_ascii=False) + "\n", "utf-8")
