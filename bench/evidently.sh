#!/usr/bin/env bash
# `vigia drift report` against Evidently's PSI on the same parquet, whole program against whole program: Evidently must
# take 50 times (what is timed, and what is printed beside it: bench/peers/evidently_drift.py). And the largest
# difference between any column's PSI there and in `drift report --compat evidently` (1e-6 allowed).
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
