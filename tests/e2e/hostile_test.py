"""Malformed, fuzzed, slow and idle clients: a right status for each class, no crash, no growth, and honest clients
keep their answers and their p99 within twice what it is beside the same ones elsewhere. HOSTILE_REQUESTS sets how many bad
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
    """A process of hostile_clients.py, on the last core; its answer is one line of JSON. Those who do harm run, from their
    first instruction on, only when the honest ones have nothing to do there: else these would wait for the others' Python,
    some milliseconds at a time, and not for the service."""
    def start():
        os.sched_setaffinity(0, {CORES[-1]})
        if kind != "honest":
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))

    return subprocess.Popen([sys.executable, CLIENTS, kind, *map(str, numbers)], text=True, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, preexec_fn=start)


def settle(service, core, policy=os.SCHED_OTHER):
    for task in map(int, os.listdir(f"/proc/{service.process.pid}/task")):
        os.sched_setaffinity(task, {core})
        if policy != os.SCHED_OTHER:
            os.sched_setscheduler(task, policy, os.sched_param(0))


def finish(process):
    """Ends the input of clients, and takes what they say."""
    return json.loads(process.communicate(timeout=600 * TIME_FACTOR)[0])


class Hostile(unittest.TestCase):
    def setUp(self):
        self.service = self.serve()

    def serve(self):
        home = Home()
        self.addCleanup(home.close)
        register(home, "v1.0.0", -1.0)
        home.ok("registry", "promote", "--version", "v1.0.0")
        service = Service(home, "--loops", "1", "--max-connections", "12000",
                          env={"REQUEST_TIMEOUT_MS": "1000", "LOG_LEVEL": "ERROR"})
        self.addCleanup(service.kill)
        return service

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

    def factor(self, disturb, decoy):
        """The p99 of honest clients while disturb() harms their service, over the one while it harms a decoy: medians of
        interleaved rounds. The service has a core of its own. All clients share the other, and so does the decoy, where the
        honest clients go first; but what attackers do in the kernel for their own connections holds them up there all the
        same. Both rounds have that, and differ in what the service does. The p99 of honest clients alone is told as well."""
        settle(self.service, CORES[0])
        settle(decoy, CORES[-1], os.SCHED_IDLE)
        beside, control, alone = [], [], []
        for number in range(ROUNDS):
            for port, answers in ((self.service.port, beside), (decoy.port, control)):
                begun, honest = time.monotonic(), clients("honest", self.service.port)
                disturb(number, port)
                answers.append(finish(honest))
            took, begun, honest = time.monotonic() - begun, time.monotonic(), clients("honest", self.service.port)
            wait_for(lambda: time.monotonic() - begun >= min(took, 10), "the round without others")
            alone.append(finish(honest))
        rounds = beside + control + alone
        self.assertEqual([answers["wrong"] for answers in rounds], [0] * len(rounds))
        harmed, compared, undisturbed = (statistics.median(answers["p99_ms"] for answers in side)
                                         for side in (beside, control, alone))
        print(f"honest p99 {harmed:.3f} ms, {compared:.3f} ms while a decoy is harmed, {undisturbed:.3f} ms alone: factors "
              f"{harmed / compared:.2f} and {harmed / undisturbed:.2f}; medians of {ROUNDS} rounds with "
              f"{min(answers['count'] for answers in rounds)} or more", flush=True)
        return harmed / compared, harmed

    def assert_factor(self, disturb):
        """A machine that others use as well may spoil one series, not three. The factor itself is asserted in long runs;
        a short one, in which a p99 is of few answers, holds the honest clients to a time that people do not notice."""
        seen, decoy = [], self.serve()
        while not seen or (seen[-1][0] > FACTOR and (LONG_RUN or seen[-1][1] > NOTICED_MS) and len(seen) < 3):
            seen.append(self.factor(disturb, decoy))
        if TIME_FACTOR == 1 and len(CORES) > 1:
            factor, p99_ms = seen[-1]
            if LONG_RUN:
                self.assertLessEqual(factor, FACTOR, seen)
            self.assertTrue(factor <= FACTOR or p99_ms <= NOTICED_MS, seen)

    def test_fuzzed_requests(self):
        seen, wrong, before = {}, [], []

        def disturb(number, port):
            said = finish(clients("attack", port, REQUESTS // ROUNDS + 1, number + 11))
            if port != self.service.port:
                return
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

        def disturb(_, port):
            crowd = clients("linger", port, 10_000, 300)
            told = json.loads(crowd.stdout.readline())
            if port != self.service.port:
                crowd.communicate()
                return
            said.append(told)
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
