#!/usr/bin/env bash
# Every drill: what was broken, seconds to detect, to mitigate and to verify (or to call people), what was done.
# Bounds: detected within 5 s, healed or handed over within 60 s. Two drills need root, for a small file system.
# Usage: bench/drills.sh [NAME...]; exits with 1 when a drill fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly BIN=${VIGIA_BIN:-$PWD/build/release/bin}
[ $# -gt 0 ] || set -- all
exec "$BIN/vigia" drill run "$@"
