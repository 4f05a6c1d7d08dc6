#!/bin/sh
# Installs Chorus into a virtual environment of its own: what the Containerfile's RUN does, and what CI tries.
#   deploy/install.sh TARGET      (from a checkout; TARGET is new, or an earlier installation)
set -eu
target=${1:?"usage: deploy/install.sh TARGET"}
source=$(cd "$(dirname "$0")/.." && pwd)
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_QUIET=1
python3 -m venv "$target"
"$target/bin/python" -m pip install --require-hashes -r "$source/deploy/pip.lock"  # the one that Python brings takes three times as long
"$target/bin/python" -m pip install --no-compile --no-deps --require-hashes -r "$source/requirements.lock"
"$target/bin/python" -m pip install --no-compile --no-deps "$source"
"$target/bin/python" -m pip check >/dev/null  # the lock names every dependency
"$target/bin/python" -m compileall -q -j 0 "$target/lib" || true  # a dependency may bring files of other Python versions
"$target/bin/chorus" --version
