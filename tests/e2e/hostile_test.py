"""Malformed, fuzzed, slow and idle clients: a right status for each class, no crash, no growth, and honest clients
keep their answers and their p99 within twice what it is without the others. HOSTILE_REQUESTS sets how many bad
requests there are (100000 for the figure that the project is held to)."""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
import unittest

import harness
from harness import TIME_FACTOR, Home, Service, wait_for
from hostile_clients import BAD, exchange, head
from live_swap_test import register

REQUESTS = int(os.environ.get("HOSTILE_REQUESTS", "6000"))
LONG_RUN = REQUESTS >= 100_000
ROUNDS = 5 if LONG_RUN else 3
MEMORY_MIB, GROWTH_MIB, FACTOR, NOTICED_MS = 64, 6, 2.0, 20
CORES = sorted(os.sched_getaffinity(0))
CLIENTS = pathlib.Path(__file__).with_name("hostile_clients.py")


def clients(kind, *numbers):
    """A process of hostile_clients.py, on the last core; its answer is one line of JSON."""
    return subprocess.Popen([sys.executable, CLIENTS, kind, *map(str, numbers)], text=True, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, preexec_fn=lambda: os.sched_setaffinity(0, {CORES[-1]}))


def finish(process):
    """Ends the input of clients, and takes what they say."""
    return json.loads(process.communicate(timeout=600 * TIME_FACTOR)[0])


class Hostile(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)
        register(self.home, "v1.0.0", -1.0)
        self.home.ok("registry", "promote", "--version", "v1.0.0")
        self.service = Service(self.home, "--loops", "1", "--max-connections", "12000",
                               env={"REQUEST_TIMEOUT_MS": "1000", "LOG_LEVEL": "ERROR"})
        self.addCleanup(self.service.kill)

    def tearDown(self):
        self.assertIsNone(self.service.process.poll(), "the service lives")
        self.assertEqual(self.service.get("/health").json()["status"], "healthy")
        self.assertEqual(self.service.stop(), 0)

    def memory_mib(self):
        with open(f"/proc/{self.service.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024

    def open_connections(self):
        text = self.service.get("/metrics?format=prometheus").body.decode()
        return next(float(line.split()[1]) for line in text.splitlines() if line.startswith("http_connections_open "))

    def test_each_class_has_its_status(self):
        wrong = []
        for name, data, want in BAD:
            answer = exchange(self.service.port, data)
            status = int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else answer[:20]
            if status != want:
                wrong.append((name, status, want))
        self.assertEqual(wrong, [])

    def test_a_refused_request_takes_its_connection_with_it(self):
        smuggled = b"GET /health HTTP/1.1\r\nHost: t\r\n\r\n"
        for name, data, _ in BAD[:3]:
            answer = exchange(self.service.port, data + smuggled)
            self.assertEqual(answer.count(b"HTTP/1.1 "), 1, name)
            self.assertIn(b"Connection: close", answer, name)

    def setting(self):
        """What must be as before when all bad clients have gone: resident MiB and descriptors."""
        return self.memory_mib(), len(os.listdir(f"/proc/{self.service.process.pid}/fd"))

    def factor(self, disturb):
        """The p99 of honest clients beside disturb(), over theirs alone: medians of interleaved rounds. The service has
        a core, all clients the other, where the honest ones go first: what is compared is what the service does."""
        for task in os.listdir(f"/proc/{self.service.process.pid}/task"):
            os.sched_setaffinity(int(task), {CORES[0]})
        quiet, beside = [], []
        for number in range(ROUNDS):
            begun, honest = time.monotonic(), clients("honest", self.service.port)
            disturb(number)
            beside.append(finish(honest))
            took, begun, honest = time.monotonic() - begun, time.monotonic(), clients("honest", self.service.port)
            wait_for(lambda: time.monotonic() - begun >= min(took, 10), "the quiet round")
            quiet.append(finish(honest))
        self.assertEqual([answers["wrong"] for answers in quiet + beside], [0] * 2 * ROUNDS)
        alone, with_others = (statistics.median(answers["p99_ms"] for answers in side) for side in (quiet, beside))
        print(f"honest p99 {with_others:.3f} ms beside {alone:.3f} ms alone: factor {with_others / alone:.2f}; medians of "
              f"{ROUNDS} rounds with {min(answers['count'] for answers in beside + quiet)} or more", flush=True)
        return with_others / alone, with_others

    def assert_factor(self, disturb):
        """A machine that others use as well may spoil one series, not three. The factor itself is asserted in long runs;
        a short one, in which a p99 is of few answers, holds the honest clients to a time that people do not notice."""
        seen = []
        while not seen or (seen[-1][0] > FACTOR and seen[-1][1] > NOTICED_MS and len(seen) < 3):
            seen.append(self.factor(disturb))
        if TIME_FACTOR == 1 and len(CORES) > 1:
            factor, p99_ms = seen[-1]
            if LONG_RUN:
                self.assertLessEqual(factor, FACTOR, seen)
            self.assertTrue(factor <= FACTOR or p99_ms <= NOTICED_MS, seen)

    def test_fuzzed_requests(self):
        seen, wrong, before = {}, [], []

        def disturb(number):
            said = finish(clients("attack", self.service.port, REQUESTS // ROUNDS + 1, number + 11))
            wrong.extend(said["wrong"])
            for status, count in said["seen"].items():
                seen[status] = seen.get(status, 0) + count
            before.append(self.setting())

        self.assert_factor(disturb)
        after = self.setting()
        print(f"{REQUESTS} bad requests: {dict(sorted(seen.items()))}; {before[0][0]:.1f} MiB after the first round, "
              f"{after[0]:.1f} MiB after all", flush=True)
        self.assertEqual(wrong, [])
        self.assertGreater(len(seen), 8)
        wait_for(lambda: self.open_connections() <= 1, "all connections to be let go")
        self.assertLessEqual(self.setting()[1], before[0][1])
        if TIME_FACTOR == 1:
            self.assertLess(after[0], MEMORY_MIB)
            self.assertLess(after[0] - before[0][0], GROWTH_MIB)

    def test_slow_bodies_and_idle_connections(self):
        memory, said = [], []

        def disturb(_):
            crowd = clients("linger", self.service.port, 10_000, 300)
            said.append(json.loads(crowd.stdout.readline()))
            memory.append(self.memory_mib())
            self.assertGreaterEqual(self.open_connections(), said[-1]["idle"])
            crowd.communicate()
            wait_for(lambda: self.open_connections() < 50, "the connections to be let go", seconds=30)

        self.assert_factor(disturb)
        print(f"{said[0]['idle']} idle and 300 slow connections: {memory[0]:.1f} MiB, {memory[-1]:.1f} MiB the last time",
              flush=True)
        self.assertEqual([answers["slow"] for answers in said], [{"408": 300}] * len(said))
        if TIME_FACTOR == 1:
            self.assertLess(max(memory), MEMORY_MIB)
            self.assertLess(memory[-1] - memory[0], GROWTH_MIB)


if __name__ == "__main__":
    harness.main()
