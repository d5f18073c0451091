"""Changes that a running service follows, and the compaction that runs beside it."""
import json
import signal
import subprocess
import unittest

import harness
from harness import TIME_FACTOR, VIGIA, Home, Service, clean_environment, wait_for
from live_swap_test import register


class LiveChanges(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)
        register(self.home, "v1.0.0", -1.0)
        self.home.ok("registry", "promote", "--version", "v1.0.0")
        self.service = Service(self.home)
        self.addCleanup(self.service.kill)

    def threshold(self):
        metadata = self.service.get("/metadata").json()
        return metadata["threshold"], metadata["threshold_source"]

    def test_the_service_follows_within_a_second(self):
        self.assertEqual(self.threshold(), (0.4, "metadata"))
        self.home.ok("set", "threshold", "0.05", "--for", "1h")
        wait_for(lambda: self.threshold() == (0.05, "live"), "the threshold", seconds=1)
        shown = {entry["key"]: entry for entry in self.home.json("config", "show")}
        self.assertEqual((shown["risk.threshold"]["value"], shown["risk.threshold"]["origin"]), ("0.05", "live"))
        self.home.ok("set", "threshold", "0.06", "--for", "1s")
        wait_for(lambda: self.threshold() == (0.4, "metadata"), "the end of the threshold", seconds=3)
        self.home.ok("set", "rate-limit", "2")
        wait_for(lambda: self.service.predict({}).status == 429, "the rate limit", seconds=2)
        self.home.ok("set", "rate-limit", "--reset")
        wait_for(lambda: self.service.predict({}).status == 200, "the end of the rate limit", seconds=2)
        self.home.ok("block-ip", "127.0.0.1", "--for", "1h", "--reason", "a test")
        wait_for(lambda: self.service.predict({}).status == 403, "the block", seconds=2)
        self.home.ok("unblock-ip", "127.0.0.1")
        wait_for(lambda: self.service.predict({}).status == 200, "the end of the block", seconds=2)
        self.assertEqual(self.service.stop(), 0)
        actions = [json.loads(line)["action"] for line in (self.home.path / "logs/audit.log").read_text().splitlines()]
        for action in ("service_start", "threshold_set", "rate_limit_set", "rate_limit_reset", "ip_block", "ip_unblock"):
            self.assertIn(action, actions)
        self.assertEqual(actions[-1], "service_stop")
        self.assertEqual(self.home.run("audit", "verify").returncode, 0)

    def test_a_compaction_runs_beside_it_until_it_is_told_to_stop(self):
        self.assertEqual(self.service.predict({"ida": 1}, {"ida": 2}).status, 200)
        self.assertEqual(self.service.stop(), 0)  # closes its segments
        compaction = subprocess.Popen([str(VIGIA), "--home", str(self.home.path), "--json", "inference", "compact", "--every", "1s"],
                                      stdout=subprocess.PIPE, text=True, env=clean_environment())
        self.addCleanup(compaction.kill)
        runs = [json.loads(compaction.stdout.readline()) for _ in range(2)]
        self.assertEqual([run["records"] for run in runs], [2, 0])
        compaction.send_signal(signal.SIGTERM)
        compaction.stdout.read()
        compaction.stdout.close()
        self.assertEqual(compaction.wait(20 * TIME_FACTOR), 0)
        self.assertEqual(self.home.run("inference", "compact", "--every", "soon").returncode, 1)
        self.assertEqual(len(list((self.home.path / "monitoring/inference_store").glob("*.parquet"))), 1)


if __name__ == "__main__":
    harness.main()
