#!/usr/bin/env bash
# What a shadow costs the champion: the p99 of single-row /predict with a shadow of 300 trees and without, on one
# service. The server has one core, its shadow with it, and the load generator the other.
#
# Asserted (at most 1.05): at a half and at a tenth of what the server can do, where requests come at a steady pace, each
# timed from when it was due; and at saturation, where the shadow drops what it has no time for.
#
# A round measures with the shadow and twice without, in an order that changes. Ratios are of medians over many short
# rounds. A run in which the hypervisor took a processor away (steal in /proc/stat) tells of the machine, not of the
# service, and is made again, ten times at most; how many there were of each kind is in the result. The ratio between
# the two without is the noise: there are more rounds, four times as many at most, until it is smaller than what is to be
# told apart.
# Usage: bench/shadow.sh [ROUNDS] [SECONDS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly ROUNDS=${1:-15} SECONDS_EACH=${2:-1}
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
printf '{"instances":[{"fase":3,"idade":15,"genero":"Feminino","ano_ingresso":2020,"inde":7.1,"iaa":6.5,"ieg":8.2,"ips":5.6,"ipp":7.5,"ida":6.1,"ipv":7.3,"ian":5,"matematica":6,"portugues":7,"ingles":5.5,"fase_ideal":4,"defasagem":-1}]}' >"$work/body.json"
printf 'POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n' \
  "$(stat -c %s "$work/body.json")" >"$work/request"
cat "$work/body.json" >>"$work/request"
cat >"$work/predict.lua" <<LUA
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local file = io.open("$work/body.json"); wrk.body = file:read("*a"); file:close()
done = function(summary, latency)
  io.write(string.format("RESULT %.1f %.3f %d\n", summary.requests / summary.duration * 1e6,
    latency:percentile(99) / 1000, summary.errors.status + summary.errors.read + summary.errors.timeout))
end
LUA
python3 - "$BIN" "$work" "$ROUNDS" "$SECONDS_EACH" <<'PYTHON'
import itertools
import json
import statistics
import subprocess
import sys
import threading
import urllib.request

binaries, work, rounds, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
URL, CONNECTIONS, ALLOWED = "http://127.0.0.1:18433", 32, 1.05


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
    subprocess.run([f"{binaries}/vigia", "--home", f"{work}/home", "registry", "shadow", *flags], check=True, capture_output=True)
    until(lambda: bool(json.loads(get("/health"))["shadow"]) == on)


def on_other_core(*command):
    done = subprocess.run(["taskset", "-c", "1", *map(str, command)], check=True, capture_output=True, text=True)
    return [float(x) for x in next(l for l in done.stdout.splitlines() if l.startswith("RESULT")).split()[1:]]


def saturated():
    rate, p99, errors = on_other_core("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "-s", f"{work}/predict.lua",
                                      URL + "/predict")
    return rate, p99, errors


def paced(rate, length):
    got, _, p99, _, errors = on_other_core(f"{binaries}/paced_load", 18433, rate, length, CONNECTIONS, f"{work}/request")
    return got, p99, errors


def stolen():
    """Hundredths of a second that the hypervisor kept the processors from this machine."""
    with open("/proc/stat") as stat:
        return int(stat.readline().split()[8])


def undisturbed(load):
    """What `load` measures while no processor is taken away, and how often it had to be made again."""
    for again in itertools.count():
        before, run = stolen(), load()
        if stolen() == before or again == 10:
            return run, again


def quiet(noise):
    """Whether a difference as large as is allowed could be told from the noise; else nothing is shown."""
    return 1 / ALLOWED <= noise <= ALLOWED


def compare(load):
    """Rounds of `load` with the shadow, without, and without again, until the latter two agree."""
    orders = itertools.cycle([("with", "without", "again"), ("again", "with", "without"), ("without", "again", "with")])
    seen = {"with": [], "without": [], "again": []}
    disturbed = dict.fromkeys(seen, 0)
    before = counter("model_shadow_rows_total"), counter("model_shadow_rows_dropped_total")

    def ratio(a, b, what):
        return round(statistics.median(run[what] for run in seen[a]) /
                     statistics.median(run[what] for name in b for run in seen[name]), 3)

    for count, order in enumerate(itertools.islice(orders, 4 * rounds), 1):
        for name in order:
            shadow(name == "with")
            run, again = undisturbed(load)
            seen[name].append(run)
            disturbed[name] += again
        if count >= rounds and quiet(ratio("again", ("without",), 1)):
            break
    shadow(False)

    return {"rounds": len(seen["with"]), "disturbed": disturbed,
            "p99_ms": round(statistics.median(run[1] for run in seen["without"] + seen["again"]), 3),
            "p99_ms_with_shadow": round(statistics.median(run[1] for run in seen["with"]), 3),
            "p99_ratio": ratio("with", ("without", "again"), 1), "p99_ratio_of_noise": ratio("again", ("without",), 1),
            "requests_per_s": round(statistics.median(run[0] for run in seen["without"] + seen["again"])),
            "requests_per_s_ratio": ratio("with", ("without", "again"), 0),
            "rows_scored_by_shadow": int(counter("model_shadow_rows_total") - before[0]),
            "rows_dropped": int(counter("model_shadow_rows_dropped_total") - before[1]),
            "errors": int(sum(run[2] for runs in seen.values() for run in runs))}


until(lambda: json.loads(get("/ready"))["ready"])
saturated()  # warm up
result = {"bench": "shadow", "trees": 300, "ratio_allowed": ALLOWED, "at_saturation": compare(saturated)}
capacity = result["at_saturation"]["requests_per_s"]
# Runs are longer where requests are fewer: a p99 of few is loud.
for name, share, length in (("half_of_capacity", 0.5, seconds), ("tenth_of_capacity", 0.1, 3 * seconds)):
    result[name] = compare(lambda: paced(round(share * capacity), length))
print(json.dumps(result, indent=2))
failed = any(part["errors"] or part["rows_scored_by_shadow"] == 0 for part in result.values() if isinstance(part, dict))
failed = failed or any(part["p99_ratio"] > ALLOWED or not quiet(part["p99_ratio_of_noise"])
                       for part in result.values() if isinstance(part, dict))
sys.exit(1 if failed else 0)
PYTHON
