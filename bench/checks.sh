#!/usr/bin/env bash
# The control plane with 10,000 checks every 10 s on 10,000 scraped series: CPU, memory, the time from an alert to the
# first action of its runbook, and how long every page of the dashboard takes to answer three browsers, also with 100
# incidents open. Usage: bench/checks.sh [CHECKS] [SECONDS]; prints JSON, exits with 1 when over 20% of one core,
# 200 MiB, 1 s at p99, or 100 ms at p99 of a path.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly BIN=${VIGIA_BIN:-$PWD/build/release/bin}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 - "$BIN" "$work" "${1:-10000}" "${2:-60}" <<'PYTHON'
import datetime, http.server, json, os, pathlib, re, subprocess, sys, threading, time, urllib.request

binary, work, count, seconds = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
CPU, MEMORY_MIB, ACTION_SECONDS, BURST, PAGE_MS, READ_SECONDS = 0.20, 200, 1.0, 100, 100, 40
high, acted, acted_all = set(), {}, threading.Event()


class Peer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path.startswith("/act/"):
            acted.setdefault(self.path[5:], time.time())
            if len(acted) >= BURST:
                acted_all.set()
            body = b"{}"
        else:
            body = "".join(f'load{{instance="i{i}"}} {200 if i in high else i % 100}\n' for i in range(count)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4" if self.path == "/metrics" else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer.request_queue_size = 256  # a full backlog would cost its clients a second
peer = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Peer)
peer.daemon_threads = True
threading.Thread(target=peer.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{peer.server_address[1]}"
home = work / "home"
(home / "checks").mkdir(parents=True)
(home / "runbooks").mkdir()
for first in range(0, count, 500):
    checks = [{"name": f"load_{i}", "every": "10s", "when": {"signal": "load", "labels": [f'instance="i{i}"'], "above": 150}}
              for i in range(first, min(first + 500, count))]
    (home / f"checks/{first:06}.yaml").write_text(json.dumps(checks))
(home / "vigia.yaml").write_text(json.dumps({
    "services": [], "control": {"port": 0, "compact_every": "0"},
    "signals": {"sources": [{"name": "peer", "kind": "scrape", "url": url + "/metrics", "every": "10s", "timeout": "9s"}]}}))
(home / "runbooks/act.yaml").write_text(json.dumps({
    "name": "act", "title": "Load is high", "key": ["instance"], "trigger": [{"alert": ['alertname=~"load_.*"']}],
    "diagnose": [{"id": "look", "http": {"method": "GET", "url": url + "/act/{{ .labels.instance }}"}, "timeout": "5s"}],
    "escalate": {"policy": "sre"}}))
process = subprocess.Popen([binary + "/vigia", "--home", str(home), "up"], stdout=subprocess.DEVNULL, stderr=open(work / "log", "w"))


def base():
    return json.loads((home / "run/control.json").read_text())["url"]


def get(path):
    return json.loads(urllib.request.urlopen(base() + path, timeout=20).read())


def read_pages():
    """A program of its own: what it waits for is not its neighbours in this one."""
    done = subprocess.run([sys.executable, "bench/read_pages.py", base(), str(READ_SECONDS)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: {done.stderr}")
    return json.loads(done.stdout)


def cpu_seconds():
    fields = open(f"/proc/{process.pid}/stat").read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib():
    with open(f"/proc/{process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


def wait_for(condition, what, most=90):
    deadline = time.monotonic() + most
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except (OSError, ValueError):
            if process.poll() is not None:
                break
        time.sleep(0.1)
    sys.exit(f"bench: no {what}\n" + (work / "log").read_text()[-2000:])


def seconds_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


try:
    wait_for(lambda: get("/api/v1/status")["signals"]["series"] >= count, "series")
    total = get("/api/v1/status")["checks"]["total"]
    time.sleep(12)  # the first round of everything is not what it costs
    before, begun = cpu_seconds(), time.monotonic()
    time.sleep(seconds)
    share = (cpu_seconds() - before) / (time.monotonic() - begun)
    calm = read_pages()
    high.update(range(0, count, max(1, count // BURST)))
    wanted = min(BURST, len(high))
    wait_for(lambda: len(acted) >= wanted, "actions")
    opened = {}
    for incident in get("/api/v1/incidents?limit=500")["items"]:
        opened[incident["labels"]["instance"]] = seconds_of(incident["opened_at"])
    delays = sorted(acted[instance] - opened[instance] for instance in acted)
    busy = read_pages()
    worst = max((row["p99_ms"], path) for pages in (calm, busy) for path, row in pages["paths"].items())
    report = {"checks": total, "series": count, "cpu_share_of_a_core": round(share, 4), "cpu_bound": CPU,
              "memory_mib": round(memory_mib(), 1), "memory_bound_mib": MEMORY_MIB, "incidents_at_once": len(delays),
              "alert_to_action_p50_s": round(delays[len(delays) // 2], 3),
              "alert_to_action_p99_s": round(delays[min(len(delays) - 1, int(len(delays) * 0.99))], 3),
              "action_bound_s": ACTION_SECONDS, "pages": calm, "pages_with_incidents": busy,
              "slowest_path": worst[1], "slowest_path_p99_ms": worst[0], "page_bound_ms": PAGE_MS}
    report["good"] = (share < CPU and report["memory_mib"] < MEMORY_MIB and report["alert_to_action_p99_s"] < ACTION_SECONDS
                      and worst[0] <= PAGE_MS)
    print(re.sub(r'\{\s+("n"[^}]*?)\s+\}', lambda row: "{" + re.sub(r"\s+", " ", row[1]) + "}", json.dumps(report, indent=2)))
    sys.exit(0 if report["good"] else 1)
finally:
    process.terminate()
    process.wait(30)
PYTHON
