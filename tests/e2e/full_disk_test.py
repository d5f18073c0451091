"""A full disk: predictions go on, the loss is counted and alarmed, and ends by itself when there is room again."""
import json
import os
import re
import subprocess
import unittest

import harness
from harness import Home, Service, wait_for
from live_swap_test import register

SIZE = "12m"
ROWS = [{"ida": i % 10, "ieg": 7} for i in range(500)]


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)
        mounted = os.geteuid() == 0 and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(self.home.path)], capture_output=True).returncode == 0
        if not mounted:
            self.skipTest("a small file system can be mounted by root only")
        self.addCleanup(subprocess.run, ["umount", "--lazy", str(self.home.path)], check=True)
        register(self.home, "v1.0.0", -1.0)
        self.home.ok("registry", "promote", "--version", "v1.0.0")

    def fill(self):
        """Takes what room there is."""
        with open(self.home.path / "filler", "wb", buffering=0) as filler:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        filler.write(b"x" * size)
                except OSError:
                    continue

    def metric(self, name):
        text = self.service.get("/metrics?format=prometheus").body.decode()
        return sum(float(value) for value in re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE))

    def predict(self):
        answer = self.service.predict(*ROWS)
        self.assertEqual(answer.status, 200)
        self.assertEqual(len(answer.json()["predictions"]), len(ROWS))
        self.answered += len(ROWS)

    def losing(self):
        self.predict()
        return "inference_store_losing" in self.service.get("/health").json()["problems"]

    def test_predictions_go_on(self):
        self.service = Service(self.home, "--loops", "1")
        self.addCleanup(self.service.kill)
        self.answered = 0
        self.predict()
        self.assertEqual(self.metric("inference_records_lost_total"), 0)
        self.assertEqual(self.service.get("/health").json()["status"], "healthy")
        for _ in range(2):  # it happens again
            before = self.metric("inference_records_lost_total")
            self.fill()
            wait_for(self.losing, "the loss to be told")
            self.assertEqual(self.service.get("/health").json()["status"], "degraded")
            self.assertEqual(self.metric("inference_store_degraded"), 1)
            for _ in range(20):
                self.predict()
            self.assertGreater(self.metric("inference_records_lost_total"), before)
            self.assertEqual(self.service.get("/ready").status, 200)
            (self.home.path / "filler").unlink()
            wait_for(lambda: not self.losing(), "the recovery")
            self.assertEqual(self.metric("inference_store_degraded"), 0)
            self.assertEqual(self.service.get("/health").json()["status"], "healthy")
        lost = self.metric("inference_records_lost_total")
        for _ in range(3):
            self.predict()
        self.assertEqual(self.metric("inference_records_lost_total"), lost)
        stored = self.metric("inference_records_stored_total")
        self.assertEqual(stored + lost, self.answered)
        self.assertEqual(self.service.stop(), 0)
        # What was acknowledged as stored is there, and nothing else.
        out = self.home.path / "out.jsonl"
        self.home.ok("inference", "compact")
        self.assertEqual(self.home.json("inference", "export", "--output", out)["rows"], stored)
        with out.open(encoding="utf-8") as lines:
            keys = [(row["request_id"], row["instance_index"]) for row in map(json.loads, lines)]
        self.assertEqual(len(keys), len(set(keys)))


if __name__ == "__main__":
    harness.main()
