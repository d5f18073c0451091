#!/usr/bin/env bash
# The risk service against nginx: single-row /predict with keys, limits, validation, a 300-tree model,
# inference store, metrics and logs on, and nginx answering the same request with a canned body of the
# same size. The server has one core and the load generator the other; rounds are interleaved, and the
# medians and their ratio are printed as JSON. Usage: bench/serving.sh [ROUNDS] [SECONDS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly ROUNDS=${1:-5} SECONDS_EACH=${2:-4} CONNECTIONS=32
readonly BIN=${VIGIA_BIN:-$PWD/build/release/bin}
readonly KEY=bench-key
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
measure() { taskset -c 1 wrk -t1 -c$CONNECTIONS -d"$SECONDS_EACH" -s "$work/predict.lua" "http://127.0.0.1:$1/predict" | grep ^RESULT | cut -d' ' -f2-; }
measure 18431 >/dev/null; measure 18432 >/dev/null  # warm up
for _ in $(seq "$ROUNDS"); do
  measure 18431 >>"$work/ours"
  measure 18432 >>"$work/nginx"
done
python3 - "$work/ours" "$work/nginx" <<'PY'
import json, statistics, sys
rows = [[list(map(float, line.split())) for line in open(name)] for name in sys.argv[1:]]
rate = [statistics.median(r[0] for r in side) for side in rows]
p99 = [statistics.median(r[1] for r in side) for side in rows]
errors = int(sum(r[2] for side in rows for r in side))
print(json.dumps({"bench": "serving", "connections": 32, "rounds": len(rows[0]),
                  "ours_requests_per_s": round(rate[0]), "nginx_requests_per_s": round(rate[1]),
                  "ratio": round(rate[0] / rate[1], 3), "ours_p99_ms": round(p99[0], 3),
                  "nginx_p99_ms": round(p99[1], 3), "errors": errors}, indent=2))
sys.exit(1 if errors else 0)
PY
