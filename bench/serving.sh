#!/usr/bin/env bash
# The risk service against nginx: single-row /predict with keys, limits, validation, a 300-tree model,
# inference store, metrics and logs on, and nginx answering the same request with a canned body of the
# same size; then both at half of that load, for their p99; and, where PyPI can be reached, FastAPI and uvicorn serving
# the same model (bench/peers/). The server has one core and the load generator the other; rounds are interleaved, and
# medians and ratios are printed as JSON. Exits with 1 when a bound is not met. Usage: bench/serving.sh [ROUNDS] [SECONDS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly ROUNDS=${1:-5} SECONDS_EACH=${2:-4} CONNECTIONS=32
readonly BIN=${VIGIA_BIN:-$PWD/build/release/bin}
readonly KEY=${LOAD_TEST_API_KEY:-bench-key}
work=$(mktemp -d)
pids=()
cleanup() { for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; wait 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT

python3 bench/make_model_home.py "$work/artifacts"
"$BIN/vigia" --home "$work/home" registry register --version v0.0.1 --artifacts "$work/artifacts" >/dev/null
"$BIN/vigia" --home "$work/home" registry promote --version v0.0.1 >/dev/null

API_KEYS=$KEY RATE_LIMIT_RPM=900000000 PORT=18431 API_HOST=127.0.0.1 \
  taskset -c 0 "$BIN/vigia-risk" --home "$work/home" --loops 1 2>/dev/null &
pids+=($!)
cat >"$work/body.json" <<'JSON'
{"instances":[{"fase_2023":3,"idade_2023":15,"genero_2023":"Feminino","ano_ingresso_2023":2020,"inde_2023":7.1,"iaa_2023":6.5,"ieg_2023":8.2,"ips_2023":5.6,"ipp_2023":7.5,"ida_2023":6.1,"ipv_2023":7.3,"ian_2023":5,"matematica_2023":6,"portugues_2023":7,"ingles_2023":5.5,"fase_ideal_2023":4,"defasagem_2023":-1}]}
JSON
until answer=$(curl -sf -H "X-API-Key: $KEY" -d @"$work/body.json" http://127.0.0.1:18431/predict); do read -rt 0.1 <> <(:) || true; done
[ "$(jq '.imputed | length' <<<"$answer")" = 0 ] || { echo "bench: the request is not complete" >&2; exit 1; }

cat >"$work/nginx.conf" <<CONF
daemon off; worker_processes 1; pid $work/nginx.pid; error_log /dev/null;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000; client_body_in_single_buffer on;
  client_body_temp_path $work/a; proxy_temp_path $work/b; fastcgi_temp_path $work/c; uwsgi_temp_path $work/d; scgi_temp_path $work/e;
  server { listen 127.0.0.1:18432; default_type application/json; location / { return 200 '$answer'; } }
}
CONF
taskset -c 0 nginx -c "$work/nginx.conf" 2>/dev/null &
pids+=($!)
until curl -sf -o /dev/null http://127.0.0.1:18432/predict -d x; do read -rt 0.1 <> <(:) || true; done

cat >"$work/predict.lua" <<LUA
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["X-API-Key"] = "$KEY"
local file = io.open("$work/body.json"); wrk.body = file:read("*a"); file:close()
done = function(summary, latency)
  io.write(string.format("RESULT %.1f %.3f %d\n", summary.requests / summary.duration * 1e6,
    latency:percentile(99) / 1000, summary.errors.status + summary.errors.read + summary.errors.timeout))
end
LUA
# measure PORT: as fast as it goes. pace PORT RATE: no faster than RATE.
measure() { taskset -c 1 wrk -t1 -c$CONNECTIONS -d"$SECONDS_EACH" -s "$work/predict.lua" "http://127.0.0.1:$1/predict" | grep ^RESULT | cut -d' ' -f2-; }
pace() { taskset -c 1 "$BIN/paced_load" "$1" "$2" 1 $CONNECTIONS "$work/request" | cut -d' ' -f2-; }
printf 'POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nX-API-Key: %s\r\nContent-Length: %d\r\n\r\n' \
  "$KEY" "$(stat -c %s "$work/body.json")" >"$work/request"
cat "$work/body.json" >>"$work/request"

peer=no
if bench/peers/install.sh build/deps/peers >&2; then
  peer=yes
  MODEL_JSON=$work/artifacts/model.json taskset -c 0 build/deps/peers/bin/python -m uvicorn --app-dir bench/peers \
    fastapi_risk:app --port 18433 --log-level error --no-access-log &
  pids+=($!)
  until theirs=$(curl -sf -H 'Content-Type: application/json' -d @"$work/body.json" http://127.0.0.1:18433/predict); do
    kill -0 "${pids[-1]}" || { echo "bench: the peer did not start" >&2; exit 1; }
    read -rt 0.1 <> <(:) || true
  done
  [ "$(jq .predictions[0].risk_score <<<"$theirs")" = "$(jq .predictions[0].risk_score <<<"$answer")" ] ||
    { echo "bench: the peer's score is another" >&2; exit 1; }
fi

measure 18431 >/dev/null; measure 18432 >/dev/null  # warm up
for _ in $(seq "$ROUNDS"); do
  measure 18431 >>"$work/ours"
  measure 18432 >>"$work/nginx"
done
half=$(cut -d' ' -f1 "$work/ours" | sort -n | awk '{rate[NR] = $1} END {print int(rate[int((NR + 1) / 2)] / 2)}')
for _ in $(seq "$ROUNDS"); do
  # A shared machine may stand still for tens of milliseconds every few seconds, which is the p99 of any round that it
  # falls into: many short rounds, so that their median tells of the servers.
  for _ in $(seq "$SECONDS_EACH"); do
    pace 18431 "$half" >>"$work/ours_half"
    pace 18432 "$half" >>"$work/nginx_half"
  done
  [ $peer = no ] || measure 18433 >>"$work/peer"
done
python3 - "$work" <<'PY'
import json, os, statistics, sys

def rows(name):
    path = os.path.join(sys.argv[1], name)
    return [list(map(float, line.split())) for line in open(path)] if os.path.exists(path) else []

def median(name, column):
    return statistics.median(row[column] for row in rows(name))

result = {
    "bench": "serving", "connections": 32, "rounds": len(rows("ours")),
    "ours_requests_per_s": round(median("ours", 0)), "nginx_requests_per_s": round(median("nginx", 0)),
    "ratio": round(median("ours", 0) / median("nginx", 0), 3), "ratio_wanted": 0.6,
    "ours_p99_ms": round(median("ours", 1), 3), "nginx_p99_ms": round(median("nginx", 1), 3),
    "half_load_requests_per_s": round(median("ours_half", 0)),
    "ours_half_load_p50_ms": round(median("ours_half", 1), 3), "nginx_half_load_p50_ms": round(median("nginx_half", 1), 3),
    "ours_half_load_p99_ms": round(median("ours_half", 2), 3), "nginx_half_load_p99_ms": round(median("nginx_half", 2), 3),
    "half_load_p99_more_ms": round(median("ours_half", 2) - median("nginx_half", 2), 3), "half_load_p99_more_allowed_ms": 1,
    "errors": int(sum(row[-1] for name in ("ours", "nginx", "ours_half", "nginx_half", "peer") for row in rows(name)))}
met = result["errors"] == 0 and result["ratio"] >= 0.6 and result["half_load_p99_more_ms"] <= 1
if rows("peer"):
    result["fastapi_requests_per_s"] = round(median("peer", 0))
    result["times_fastapi"] = round(median("ours", 0) / median("peer", 0), 1)
    result["times_fastapi_wanted"] = 50
    met = met and result["times_fastapi"] >= 50
print(json.dumps(result, indent=2))
sys.exit(0 if met else 1)
PY
