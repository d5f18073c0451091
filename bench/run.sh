#!/usr/bin/env bash
# Runs the benchmarks of whole programs: bench/run.sh [NAME [ARGUMENT...]]; all of them without a name.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
name=${1:-}
if [ -n "$name" ]; then
  [ -x "$name.sh" ] && [ "$name" != run ] || { echo "bench: there is no benchmark '$name'" >&2; exit 2; }
  shift
  exec "./$name.sh" "$@"
fi
for script in *.sh; do
  [ "$script" = run.sh ] || "./$script"
done
