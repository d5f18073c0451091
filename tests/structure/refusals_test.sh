#!/usr/bin/env bash
# The module rule refuses what it should: each case is a toy tree that configures, or stops with a sentence.
set -euo pipefail
readonly MODULE_CMAKE=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# tree GROUPS-TEXT: group and module declarations come from the arguments below.
tree() {
  rm -rf "$work/tree" && mkdir -p "$work/tree/src"
  cat > "$work/tree/CMakeLists.txt" <<CMAKE
cmake_minimum_required(VERSION 3.25)
project(toy LANGUAGES NONE)
include($MODULE_CMAKE)
add_subdirectory(src)
CMAKE
  printf '%s\n' "$1" > "$work/tree/src/CMakeLists.txt"
}
module() { mkdir -p "$work/tree/src/$1" && printf '%s\n' "$2" > "$work/tree/src/$1/CMakeLists.txt"; }

accepts() {
  cmake -S "$work/tree" -B "$work/tree/build" >"$work/log" 2>&1 || { cat "$work/log"; echo "refused: $1"; exit 1; }
  echo "ok: accepts $1"
}
refuses() {
  if cmake -S "$work/tree" -B "$work/tree/build" >"$work/log" 2>&1; then echo "accepted: $1"; exit 1; fi
  # CMake wraps long messages.
  tr -s ' \n' ' ' < "$work/log" | grep -qF "$2" || { cat "$work/log"; echo "wrong message for: $1"; exit 1; }
  echo "ok: refuses $1"
}

tree 'vigia_group(low MODULES a b)
vigia_group(high MODULES c MAY_USE low)'
module low/a 'vigia_module(a)'
module low/b 'vigia_module(b EXPOSES a)'
module high/c 'vigia_module(c EXPOSES a b)'
accepts "a use of what is declared above, in its own group and in an allowed one"

module low/a 'vigia_module(a EXPOSES b)'
refuses "a use of a module declared below" "module 'a' uses 'b', which is not declared above it"

module low/a 'vigia_module(a)'
tree 'vigia_group(low MODULES a)
vigia_group(high MODULES c)'
module low/a 'vigia_module(a)'
module high/c 'vigia_module(c EXPOSES a)'
refuses "a use of a group that is not listed" "may not use 'a' of group 'low'"

tree 'vigia_group(high MODULES c MAY_USE low)'
module high/c 'vigia_module(c)'
refuses "a group that is not declared yet" "may use 'low', which is not declared above it"

tree 'vigia_group(low MODULES a)'
module low/a 'vigia_module(other)'
refuses "a folder that declares another module" "declares module 'other'"

module low/a 'vigia_module(a SORCES x.cc)'
refuses "a misspelt argument" "unknown arguments"
echo "6 passed, 0 failed"
