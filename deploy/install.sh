#!/bin/sh
# Installs Chorus into a virtual environment of its own: what the Containerfile's RUN does, and what CI tries.
#   deploy/install.sh TARGET      (from a checkout; TARGET must not exist)
set -eu
target=${1:?"usage: deploy/install.sh TARGET"}
source=$(cd "$(dirname "$0")/.." && pwd)
python3 -m venv "$target"
"$target/bin/python" -m pip install -q --disable-pip-version-check --no-cache-dir --no-deps --require-hashes -r "$source/requirements.lock"
"$target/bin/python" -m pip install -q --disable-pip-version-check --no-cache-dir --no-deps "$source"
"$target/bin/python" -m pip check --disable-pip-version-check >/dev/null  # the lock names every dependency
"$target/bin/python" -m compileall -q "$target/lib" || true  # a dependency may bring files of other Python versions
"$target/bin/chorus" --version
