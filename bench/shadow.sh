#!/usr/bin/env bash
# What a shadow costs the champion: the p99 of single-row /predict with a shadow of 300 trees and without,
# on one service, with the load of many clients and of few. The server has one core, its shadow with it,
# and the load generator the other; rounds with and without are interleaved, and the medians, their ratio
# (at most 1.05) and what the shadow scored and dropped are printed as JSON. Usage: bench/shadow.sh [ROUNDS] [SECONDS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly ROUNDS=${1:-9} SECONDS_EACH=${2:-2}
readonly BIN=${VIGIA_BIN:-$PWD/build/release/bin}
work=$(mktemp -d)
service=
cleanup() { [ -z "$service" ] || kill "$service" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT

for version in v0.0.1 v0.0.2; do
  python3 bench/make_model_home.py "$work/artifacts"
  "$BIN/vigia" --home "$work/home" registry register --version $version --artifacts "$work/artifacts" >/dev/null
done
"$BIN/vigia" --home "$work/home" registry promote --version v0.0.1 >/dev/null
PORT=18433 API_HOST=127.0.0.1 taskset -c 0 "$BIN/vigia-risk" --home "$work/home" --loops 1 2>/dev/null &
service=$!
cat >"$work/predict.lua" <<'LUA'
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"instances":[{"fase":3,"idade":15,"genero":"Feminino","ano_ingresso":2020,"inde":7.1,"iaa":6.5,"ieg":8.2,"ips":5.6,"ipp":7.5,"ida":6.1,"ipv":7.3,"ian":5,"matematica":6,"portugues":7,"ingles":5.5,"fase_ideal":4,"defasagem":-1}]}'
done = function(summary, latency)
  io.write(string.format("RESULT %.1f %.3f %d\n", summary.requests / summary.duration * 1e6,
    latency:percentile(99) / 1000, summary.errors.status + summary.errors.read + summary.errors.timeout))
end
LUA
python3 - "$BIN/vigia" "$work" "$ROUNDS" "$SECONDS_EACH" <<'PYTHON'
import json
import statistics
import subprocess
import sys
import threading
import urllib.request

vigia, work, rounds, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
URL = "http://127.0.0.1:18433"


def get(path):
    with urllib.request.urlopen(URL + path, timeout=5) as answer:
        return answer.read().decode()


def until(holds):
    for _ in range(200):
        try:
            if holds():
                return
        except OSError:
            pass
        threading.Event().wait(0.05)
    raise SystemExit("bench: the service does not follow")


def counter(name):
    return sum(float(line.split()[-1]) for line in get("/metrics?format=prometheus").splitlines()
               if line.startswith(name + " "))


def shadow(on):
    flags = ["--version", "v0.0.2"] if on else ["--off"]
    subprocess.run([vigia, "--home", f"{work}/home", "registry", "shadow", *flags], check=True, capture_output=True)
    until(lambda: bool(json.loads(get("/health"))["shadow"]) == on)


def load(connections):
    done = subprocess.run(["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}", "-s",
                           f"{work}/predict.lua", URL + "/predict"], check=True, capture_output=True, text=True)
    rate, p99, errors = next(l for l in done.stdout.splitlines() if l.startswith("RESULT")).split()[1:]
    return float(rate), float(p99), int(errors)


until(lambda: json.loads(get("/ready"))["ready"])
result, errors, failed = {"bench": "shadow", "rounds": rounds, "trees": 300, "ratio_allowed": 1.05}, 0, False
for name, connections in (("many_clients", 32), ("few_clients", 2)):
    load(connections)  # warm up
    seen = {True: [], False: []}
    before = counter("model_shadow_rows_total"), counter("model_shadow_rows_dropped_total")
    for i in range(rounds):
        for on in ((False, True) if i % 2 == 0 else (True, False)):
            shadow(on)
            seen[on].append(load(connections))
    shadow(False)
    scored = counter("model_shadow_rows_total") - before[0]
    dropped = counter("model_shadow_rows_dropped_total") - before[1]
    errors += sum(run[2] for runs in seen.values() for run in runs)
    middle = {on: [statistics.median(run[i] for run in runs) for i in (0, 1)] for on, runs in seen.items()}
    # Round by round, because other work on the machine moves both.
    ratio = statistics.median(w[1] / wo[1] for w, wo in zip(seen[True], seen[False]))
    failed = failed or ratio > 1.05 or scored == 0
    result[name] = {"connections": connections, "p99_ms": round(middle[False][1], 3),
                    "p99_ms_with_shadow": round(middle[True][1], 3), "p99_ratio": round(ratio, 3),
                    "requests_per_s": round(middle[False][0]), "requests_per_s_with_shadow": round(middle[True][0]),
                    "rows_scored_by_shadow": int(scored), "rows_dropped": int(dropped)}
result["errors"] = errors
print(json.dumps(result, indent=2))
sys.exit(1 if errors or failed else 0)
PYTHON
