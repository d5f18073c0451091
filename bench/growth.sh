#!/usr/bin/env bash
# Growth of the risk service with a 300-tree model, everything on: memory after 100 thousand and after 10 million
# predictions, CPU per request with one loop and with two, the time from start to /ready (median of at least nine), and
# that the process links none of the heavy libraries.
# Usage: bench/growth.sh [MILLION-PREDICTIONS] [ROUNDS]; prints JSON, exits with 1 when a bound is not met.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly BIN=${VIGIA_BIN:-$PWD/build/release/bin}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 bench/make_model_home.py "$work/artifacts"
"$BIN/vigia" --home "$work/home" registry register --version v0.0.1 --artifacts "$work/artifacts" >/dev/null
"$BIN/vigia" --home "$work/home" registry promote --version v0.0.1 >/dev/null
# The client may be slow, and what it waits for is not measured: nothing is shed.
printf 'risk:\n  shed_after_ms: 60000\n' >"$work/home/vigia.yaml"
python3 - "$BIN" "$work/home" "${1:-10}" "${2:-5}" <<'PYTHON'
import concurrent.futures, glob, json, os, socket, statistics, subprocess, sys, time, urllib.request

binary, home, millions, rounds = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
PUPIL = {"fase": 3, "idade": 15, "genero": "Feminino", "ano_ingresso": 2020, "inde": 7.1, "iaa": 6.5, "ieg": 8.2,
         "ips": 5.6, "ipp": 7.5, "ida": 6.1, "ipv": 7.3, "ian": 5, "matematica": 6, "portugues": 7, "ingles": 5.5,
         "fase_ideal": 4, "defasagem": -1}
BATCH = 1000


class Service:
    def __init__(self, loops):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        environment = {**os.environ, "API_KEYS": "bench-key", "API_HOST": "127.0.0.1", "RATE_LIMIT_RPM": "900000000"}
        begun = time.monotonic()
        self.process = subprocess.Popen([binary + "/vigia-risk", "--home", home, "--port", str(self.port), "--loops", str(loops)],
                                        env=environment, stderr=subprocess.DEVNULL)
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=10).read()
                break
            except OSError:
                if time.monotonic() - begun > 30:
                    raise
                time.sleep(0.001)
        self.ready_ms = (time.monotonic() - begun) * 1000

    def stop(self):
        self.process.terminate()
        assert self.process.wait(30) == 0

    def memory_mib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024

    def cpu_s(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def request(instances):
    body = json.dumps({"instances": [PUPIL] * instances})
    head = f"POST /predict HTTP/1.1\r\nHost: t\r\nX-API-Key: bench-key\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


def read_answers(client, count):
    """Answers to `count` pipelined requests; all must be 200."""
    data, seen = b"", 0
    while seen < count:
        chunk = client.recv(1 << 20)
        assert chunk, "the service closed the connection"
        data += chunk
        while (end := data.find(b"\r\n\r\n")) >= 0:
            head = data[:end].lower()
            assert head.startswith(b"http/1.1 200 "), head[:200]
            size = end + 4 + int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
            if len(data) < size:
                break
            data, seen = data[size:], seen + 1


def predict(service, predictions):
    """In batches, so that ten million take minutes. Segments that are full are dropped: the disk is not what is measured."""
    data = request(BATCH)
    with socket.create_connection(("127.0.0.1", service.port)) as client:
        for i in range(predictions // BATCH):
            client.sendall(data)
            read_answers(client, 1)
            if i % 500 == 499:
                for segment in sorted(glob.glob(home + "/monitoring/inference_store/wal/*"), key=os.path.getmtime)[:-4]:
                    os.remove(segment)


def cpu_per_request_us(loops, connections=32, pipelined=16, turns=150):
    service = Service(loops)
    data = request(1) * pipelined

    def client():
        with socket.create_connection(("127.0.0.1", service.port)) as connection:
            for _ in range(turns):
                connection.sendall(data)
                read_answers(connection, pipelined)

    before = service.cpu_s()
    with concurrent.futures.ThreadPoolExecutor(connections) as pool:
        for done in [pool.submit(client) for _ in range(connections)]:
            done.result()
    used = service.cpu_s() - before
    service.stop()
    return used / (connections * pipelined * turns) * 1e6


service = Service(2)
predict(service, 100_000)
early = service.memory_mib()
predict(service, int(millions * 1e6) - 100_000)
late = service.memory_mib()
service.stop()
ready = []
for _ in range(max(rounds, 9)):
    service = Service(2)
    ready.append(service.ready_ms)
    service.stop()
linked = subprocess.run(["ldd", binary + "/vigia-risk"], capture_output=True, text=True, check=True).stdout
heavy = [name for name in ("duckdb", "xgboost", "opencv") if name in linked.lower()]
cpu = {1: [], 2: []}
for _ in range(rounds):
    for loops in cpu:
        cpu[loops].append(cpu_per_request_us(loops))
one, two = statistics.median(cpu[1]), statistics.median(cpu[2])
print(json.dumps({
    "bench": "growth", "predictions": int(millions * 1e6), "memory_after_100k_mib": round(early, 1),
    "memory_at_the_end_mib": round(late, 1), "growth_mib": round(late - early, 1), "growth_allowed_mib": 5,
    "memory_allowed_mib": 64, "ready_ms_median": round(statistics.median(ready), 1), "ready_ms_best": round(min(ready), 1),
    "ready_allowed_ms": 200, "cpu_us_per_request_one_loop": round(one, 2), "cpu_us_per_request_two_loops": round(two, 2),
    "two_over_one": round(two / one, 3), "two_over_one_allowed": 1.1, "heavy_libraries": heavy}, indent=2))
sys.exit(0 if late - early <= 5 and late < 64 and statistics.median(ready) < 200 and two <= 1.1 * one and not heavy else 1)
PYTHON
