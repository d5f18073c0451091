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
if git grep -nIE '\b(sleep_for|sleep_until|usleep)\b|\bsleep [0-9]' -- 'src/*_test.cc' tests; then
  problem "a test sleeps: wait for a condition, or own the clock"
fi
for module in src/*/*/; do
  [ -f "$module/README.md" ] || problem "$module has no README.md"
done

echo "==> clang-tidy" >&2
mapfile -t units < <(git ls-files 'src/*.cc' | grep -v _test.cc)
# clang cannot read GCC's precompiled headers: take them out of the commands.
mkdir -p build/tidy
python3 - <<'PY'
import json, re
commands = json.load(open("build/release/compile_commands.json"))
for entry in commands:
    entry["command"] = re.sub(r"-Winvalid-pch|-include \S+cmake_pch\.hxx|-Wlogical-op|-Wduplicated-cond|-Wno-restrict|-Wno-maybe-uninitialized", "", entry["command"])
    entry["command"] = re.sub(r"^\S*cmake -E env( \S+=\S+)* \S+ccache ", "", entry["command"])
json.dump(commands, open("build/tidy/compile_commands.json", "w"))
PY
printf '%s\n' "${units[@]}" | xargs -P 2 -n 4 clang-tidy-14 -p build/tidy --quiet 2>/dev/null || failed=1
exit $failed
