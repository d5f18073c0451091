"""Promote and rollback under load: a running service follows within a second, and never mixes models."""
import http.client
import json
import math
import shutil
import threading
import time
import unittest

import harness
from harness import TIME_FACTOR, Home, Service, wait_for

CHANGES = 100
# What each version gives a pupil without any value: the models differ in their intercept only.
INTERCEPTS = {"v1.0.0": -1.0, "v1.1.0": 1.0}


def model(intercept):
    return {
        "format": "vigia-model", "format_version": 1,
        "features": {"reference_year": 2023,
                     "raw": [{"name": name, "type": "number", "min": 0, "max": 10, "seen_min": 0, "seen_max": 10}
                             for name in ("ida", "ieg")],
                     "inputs": [{"name": name, "operation": "identity", "inputs": [name]} for name in ("ida", "ieg")]},
        "estimator": {"family": "logistic_regression", "impute": [6, 6], "mean": [6, 6], "scale": [1, 1],
                      "coefficients": [-0.5, -0.5], "intercept": intercept},
        "calibration": {"method": "none"}, "threshold": 0.4}


def score(version, ida):
    return 1 / (1 + math.exp(-(INTERCEPTS[version] - 0.5 * (ida - 6))))


def register(home, version, intercept):
    folder = home.path / ("artifacts-" + version)
    folder.mkdir()
    golden = {"tolerance": 1e-6, "rows": [{"year": 2023, "raw": [None, None], "score": 1 / (1 + math.exp(-intercept))}]}
    for name, value in (("model.json", model(intercept)), ("model_metadata.json", {"model_version": version}),
                        ("model_signature.json", {}), ("metrics.json", {}), ("golden_rows.json", golden)):
        (folder / name).write_text(json.dumps(value))
    home.ok("registry", "register", "--version", version, "--artifacts", folder)


class Load(threading.Thread):
    """One client on one connection, asking until told to stop; keeps what it saw and what was wrong."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.stopping, self.requests, self.wrong, self.seen = port, threading.Event(), 0, [], {}

    def run(self):
        idas = [i * 10 / 24 for i in range(25)]
        body = json.dumps({"instances": [{"ida": ida} for ida in idas]})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20 * TIME_FACTOR)
        while not self.stopping.is_set():
            try:
                connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                text = answer.read()
            except OSError as error:
                self.wrong.append(repr(error))
                return
            self.requests += 1
            if answer.status != 200:
                self.wrong.append(text.decode())
                continue
            predictions = json.loads(text)["predictions"]
            versions = {p["model_version"] for p in predictions}
            if len(versions) != 1 or len(predictions) != len(idas):
                self.wrong.append(f"mixed: {versions}")
                continue
            version = versions.pop()
            self.seen[version] = time.monotonic()
            for ida, prediction in zip(idas, predictions):
                want = score(version, ida)
                if abs(prediction["risk_score"] - want) > 1e-6 or prediction["risk_label"] != (want >= 0.4):
                    self.wrong.append(f"{version} gave {prediction}, not {want}")
                    break
        connection.close()


class LiveSwap(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)
        for version, intercept in INTERCEPTS.items():
            register(self.home, version, intercept)
        self.home.ok("registry", "promote", "--version", "v1.0.0")
        self.service = Service(self.home)
        self.addCleanup(self.service.kill)

    def served(self):
        return self.service.get("/health").json()["model_version"]

    def wait_served(self, version, since):
        """The seconds from `since` until /health names the version."""
        wait_for(lambda: self.served() == version, f"{version} to be served", seconds=10)
        return time.monotonic() - since

    def test_a_hundred_changes_under_load(self):
        loads = [Load(self.service.port) for _ in range(3)]
        for load in loads:
            load.start()
        took = []
        for i in range(CHANGES):
            if i % 2 == 0:
                self.home.ok("registry", "promote", "--version", "v1.1.0", "--reason", f"change {i}")
            else:
                self.home.ok("registry", "rollback", "--reason", f"change {i}")
            took.append(self.wait_served("v1.1.0" if i % 2 == 0 else "v1.0.0", time.monotonic()))
        for load in loads:
            load.stopping.set()
        for load in loads:
            load.join(20 * TIME_FACTOR)
        self.assertEqual([], [wrong for load in loads for wrong in load.wrong][:5])
        requests = sum(load.requests for load in loads)
        self.assertGreater(requests, CHANGES * 5)
        for load in loads:
            self.assertEqual(set(INTERCEPTS), set(load.seen), "every client saw both versions")
        print(f"{CHANGES} changes, {requests} requests, slowest {max(took):.3f} s", flush=True)
        self.assertLess(max(took), 1.0 * TIME_FACTOR)
        self.assertTrue(self.home.json("registry", "verify")["ok"])
        self.assertEqual(0, self.home.run("audit", "verify").returncode)
        loaded = (self.home.path / "logs/audit.log").read_text().count('"model_load"')
        self.assertEqual(self.service.stop(), 0)
        self.assertGreaterEqual(loaded, CHANGES - 1)

    def test_a_tampered_version_is_refused_and_the_old_one_serves_on(self):
        self.home.ok("registry", "promote", "--version", "v1.1.0")
        self.wait_served("v1.1.0", time.monotonic())
        # Tampered after its promotion, so that only the load check can notice; then asked for again.
        path = self.home.path / "models/registry/v1.0.0/model.json"
        good = path.read_bytes()
        champion = self.home.path / "models/registry/champion.json"
        self.home.ok("registry", "promote", "--version", "v1.0.0")
        self.wait_served("v1.0.0", time.monotonic())
        promoted = champion.read_bytes()
        self.home.ok("registry", "promote", "--version", "v1.1.0")
        self.wait_served("v1.1.0", time.monotonic())
        path.write_bytes(good.replace(b"-1.0", b"-9.0"))
        self.assertEqual(1, self.home.run("registry", "promote", "--version", "v1.0.0").returncode)
        champion.write_bytes(promoted)  # what an older tool, or a restored backup, would do
        wait_for(lambda: self.service.get("/health").json()["model_load_error"], "the refusal to show")
        health = self.service.get("/health").json()
        self.assertEqual((health["status"], health["model_version"]), ("healthy", "v1.1.0"))
        self.assertIn("v1.0.0", health["model_load_error"])
        self.assertNotIn(str(self.home.path), health["model_load_error"])
        answer = self.service.predict({"ida": 6}).json()["predictions"][0]
        self.assertEqual(answer["model_version"], "v1.1.0")
        self.assertAlmostEqual(answer["risk_score"], score("v1.1.0", 6), delta=1e-6)
        metrics = self.service.get("/metrics?format=prometheus").body.decode()
        self.assertIn("model_load_failed 1\n", metrics)
        wait_for(lambda: '"model_refused"' in (self.home.path / "logs/audit.log").read_text(), "the audit log")
        path.write_bytes(good)  # repaired: taken by itself
        wait_for(lambda: self.served() == "v1.0.0", "the repaired version")
        self.assertIsNone(self.service.get("/health").json()["model_load_error"])

    def test_ready_within_200_ms(self):
        self.service.stop()
        took = []
        for _ in range(5):
            begun = time.monotonic()
            service = Service(self.home)
            took.append(time.monotonic() - begun)
            service.kill()
        print(f"start to /ready: {sorted(round(t, 3) for t in took)} s", flush=True)
        self.assertLess(min(took), 0.2 * TIME_FACTOR)  # the machine may be busy; the program must not be


if __name__ == "__main__":
    harness.main()
