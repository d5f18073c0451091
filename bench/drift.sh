#!/usr/bin/env bash
# A drift report over 10 million stored predictions with 13 features, against one plain DuckDB query
# that only counts the same histograms over the same files. Rounds are interleaved; the ratio of the
# medians (2.5 allowed), the peak memory (1 GiB), and the cost with 60 more days outside the window (20% more,
# for noise) are printed as JSON, and asserted.
# Usage: bench/drift.sh [ROWS] [ROUNDS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly ROWS=${1:-10000000} ROUNDS=${2:-5}
readonly BIN=${VIGIA_BIN:-$PWD/build/release/bin}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$BIN/drift_bench" make "$work/home" "$ROWS" 0
python3 - "$BIN" "$work/home" "$ROUNDS" <<'PYTHON'
import datetime
import glob
import json
import os
import statistics
import subprocess
import sys
import time

binaries, home, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
bare = [f"{binaries}/drift_bench", "bare", home]
report = [f"{binaries}/vigia", "--home", home, "--json", "drift", "report", "--model-version", "v1.0.0", "--days", "7"]


def run(command):
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"bench: {command[0]} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1024, json.loads(out)


def measure():
    times = {"bare": [], "report": []}
    peak = 0
    for i in range(rounds + 1):
        bare_s, _, rows = run(bare)
        report_s, memory, document = run(report)
        if i == 0:
            continue  # the files come into the page cache
        times["bare"].append(bare_s)
        times["report"].append(report_s)
        peak = max(peak, memory)
    return statistics.median(times["bare"]), statistics.median(times["report"]), peak, rows, document


bare_s, report_s, peak, rows, document = measure()
# The same file under 60 older dates: outside of the window.
store = f"{home}/monitoring/inference_store"
oldest = sorted(glob.glob(f"{store}/inferences_*.parquet"))[0]
first = datetime.date.fromisoformat(os.path.basename(oldest)[11:21])
for day in range(1, 61):
    os.link(oldest, f"{store}/inferences_{first - datetime.timedelta(days=day)}.parquet")
past_bare_s, with_past_s, past_peak, _, _ = measure()
peak = max(peak, past_peak)
result = {
    "benchmark": "drift", "rows_in_files": rows, "predictions_in_window": document["n_instances"],
    "features": document["summary"]["n_features"], "global_status": document["global_status"], "rounds": rounds,
    "bare_query_s": round(bare_s, 3), "drift_report_s": round(report_s, 3), "ratio": round(report_s / bare_s, 2),
    "ratio_allowed": 2.5, "peak_memory_mib": round(peak), "memory_allowed_mib": 1024,
    # Against the bare query of the same rounds, which reads the window only.
    "with_60_past_days_s": round(with_past_s, 3),
    "past_days_factor": round((with_past_s / past_bare_s) / (report_s / bare_s), 2),
    "past_days_factor_allowed": 1.2}
print(json.dumps(result, indent=2))
sys.exit(1 if result["ratio"] > 2.5 or peak > 1024 or result["past_days_factor"] > 1.2 else 0)
PYTHON
