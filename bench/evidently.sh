#!/usr/bin/env bash
# `drift report --compat evidently` against the Evidently package on the same parquet: the largest difference of any
# column's PSI (1e-6 allowed), and the time of Evidently, of --compat and of our own whole drift report, which Evidently
# must take 50 times. Ours is from the start of the program to its end, Evidently's without its imports.
# Says so and succeeds where Evidently cannot be installed (no PyPI). Usage: bench/evidently.sh [ROWS] [ROUNDS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly ROWS=${1:-1000000} ROUNDS=${2:-3}
readonly BIN=${VIGIA_BIN:-$PWD/build/release/bin}
readonly PEERS=build/peers/evidently LIST=bench/peers/evidently_requirements.txt
if ! cmp -s "$LIST" "$PEERS/installed"; then
  rm -rf "$PEERS"
  if python3 -m venv "$PEERS" && "$PEERS/bin/pip" install -q --timeout 20 --retries 1 --require-hashes --only-binary :all: -r "$LIST"; then
    cp "$LIST" "$PEERS/installed"
  else
    rm -rf "$PEERS"
    echo '{"bench": "evidently", "compared": false, "reason": "Evidently cannot be installed here"}'
    exit 0
  fi
fi
exec "$PEERS/bin/python" bench/peers/evidently_drift.py "$BIN/vigia" "$ROWS" "$ROUNDS"
