#!/usr/bin/env bash
# Installs the dashboard's build and test packages when the lock file changed. Called by ./dev setup and the build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
readonly STAMP=node_modules/.vigia-lock
mkdir -p ../build
exec 9>../build/.web-install.lock
flock 9 # two presets may build at once
if ! { [ -f $STAMP ] && cmp -s $STAMP package-lock.json; }; then
  printf '==> fetching the dashboard'\''s packages\n' >&2
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
  cp package-lock.json $STAMP
fi
# A stamp that is newer than it need be would have the dashboard built again.
[ $STAMP -nt package-lock.json ] || touch $STAMP
