#!/usr/bin/env bash
# The main job, once: data -> training set -> model -> registry -> live service -> first prediction.
# Usage: first-run.sh VIGIA [--once] [--data FILE.xlsx] [--home DIR] [--port N] [--seed N]
set -euo pipefail
readonly VIGIA=$1
shift
once=no data='' home=${VIGIA_HOME:-./var} port=8000 seed=42

fail() { printf 'first-run: %s\n' "$*" >&2; exit 1; }
say() { printf '\n\033[1m==> %s\033[0m\n' "$*" >&2; }
value() { [ $# -ge 2 ] || fail "$1 needs a value"; printf '%s' "$2"; }

while [ $# -gt 0 ]; do
  case $1 in
    --once) once=yes; shift ;;
    --data) data=$(value "$@"); shift 2 ;;
    --home) home=$(value "$@"); shift 2 ;;
    --port) port=$(value "$@"); shift 2 ;;
    --seed) seed=$(value "$@"); shift 2 ;;
    *) fail "unknown option '$1' (see ./dev help)" ;;
  esac
done
[ -z "$data" ] || [ -f "$data" ] || fail "$data: no such file"

vigia() { "$VIGIA" --home "$home" "$@"; }

if [ -z "$data" ]; then
  data=$home/data/raw/sample.xlsx
  say "writing a sample workbook (give your own with --data FILE.xlsx)"
  mkdir -p "$home/data/raw"
  vigia sample --students 700 --years 2022,2023,2024 --seed "$seed" --out "$data"
fi

say "building the training set"
vigia dataset build --source "$data"

if vigia registry show --version v1.0.0 --json >/dev/null 2>&1; then
  say "v1.0.0 is registered already: serving the champion (vigia retrain makes the next version)"
else
  say "training"
  vigia train --seed "$seed"
  say "registering and promoting v1.0.0"
  vigia registry register --version v1.0.0 --notes "first run"
  vigia registry promote --version v1.0.0
fi

say "starting the risk service on port $port"
url=http://localhost:$port
"$VIGIA" --home "$home" serve risk --port "$port" &
service=$!
# What was answered goes into parquet beside the service, so that reports are fresh within a minute.
# It may have something to say at any time; the prediction stays the last line on standard output.
"$VIGIA" --home "$home" inference compact --every 30s >&2 &
compactor=$!
trap 'kill -TERM $service $compactor 2>/dev/null; wait $service $compactor 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM

ready=no
for _ in $(seq 100); do
  kill -0 $service 2>/dev/null || fail "the service ended; its last words are above"
  if curl -fs -o /dev/null "$url/ready"; then ready=yes; break; fi
  sleep 0.1
done
[ $ready = yes ] || fail "the service is not ready after 10 s: $(curl -s "$url/ready" || true)"

body='{"instances":[{"fase_2023":3,"idade_2023":15,"iaa_2023":6.5}]}'
say "ready; a first prediction:"
printf "curl -X POST %s/predict -d '%s'\n" "$url" "$body" >&2
curl -fsS -X POST "$url/predict" -d "$body"
printf '\n'
if [ $once = yes ]; then
  kill -TERM $service
  wait $service || fail "the service did not stop cleanly"
  kill -TERM $compactor
  wait $compactor || fail "the compaction did not stop cleanly"
  trap - EXIT
  say "done"
  exit 0
fi
say "serving at $url (/predict /health /metadata); Ctrl-C stops it"
wait $service
