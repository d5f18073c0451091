#!/usr/bin/env bash
# Formatting, clang-tidy and the rules of the structure. Called by ./dev check, after a release build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
failed=0
problem() { printf 'check: %s\n' "$*" >&2; failed=1; }

mapfile -t sources < <(git ls-files 'src/*.h' 'src/*.cc' 'tests/*.cc' 'bench/*.cc')

echo "==> clang-format" >&2
clang-format-14 --dry-run --Werror "${sources[@]}" || failed=1

echo "==> structure" >&2
# Inside a group the compiler sees sibling headers, so includes are compared with what is declared.
python3 deploy/check_includes.py || failed=1
while read -r lines file; do
  [ "$file" = total ] || [ "$lines" -le 500 ] || problem "$file: $lines lines (one idea a file; at most 500)"
done < <(wc -l "${sources[@]}")
# A child that sleeps is what tests of processes are about; the test itself waits for a condition.
if git grep -nIE '\b(sleep_for|sleep_until|usleep)\b|\bsleep [0-9]' -- 'src/*_test.cc' tests | grep -v 'Shell("'; then
  problem "a test sleeps: wait for a condition, or own the clock"
fi
for module in src/*/*/; do
  [ -f "$module/README.md" ] || problem "$module has no README.md"
done

echo "==> clang-tidy" >&2
# Reads each source by itself.
cmake --preset release -B build/check -DVIGIA_UNITY=OFF >/dev/null
python3 deploy/check_tidy.py || failed=1
exit $failed
