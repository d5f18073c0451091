#!/usr/bin/env bash
# Puts the measured peer into a virtual environment: bench/peers/install.sh FOLDER. Pinned, with hashes; exits with 1,
# and says so, where that cannot be done (no PyPI, another Python or machine).
set -euo pipefail
folder=$1
list=$(dirname "${BASH_SOURCE[0]}")/requirements.txt
cmp -s "$list" "$folder/installed" && exit 0
rm -rf "$folder"
if python3 -m venv "$folder" && "$folder/bin/pip" install -q --timeout 20 --retries 1 --require-hashes \
  --only-binary :all: -r "$list"; then
  cp "$list" "$folder/installed"
else
  rm -rf "$folder"
  echo "bench: FastAPI cannot be installed here: not compared" >&2
  exit 1
fi
