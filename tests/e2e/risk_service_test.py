#!/usr/bin/env python3
"""The built vigia-risk, from outside: started, asked, abused, drained."""
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import harness

BIN = os.environ["VIGIA_BIN"]  # the folder of the built programs
MODEL = {
    "format": "vigia-model", "format_version": 1,
    "features": {"reference_year": 2023, "raw": [
        {"name": "fase", "type": "integer", "min": 0, "max": 9, "seen_min": 0, "seen_max": 8},
        {"name": "idade", "type": "integer", "min": 5, "max": 30, "seen_min": 7, "seen_max": 26},
        {"name": "iaa", "type": "number", "min": 0, "max": 10, "seen_min": 0, "seen_max": 10},
        {"name": "ida", "type": "number", "min": 0, "max": 10, "seen_min": 0, "seen_max": 10}],
        "inputs": [{"name": "fase", "operation": "identity", "inputs": ["fase"]},
                   {"name": "idade", "operation": "identity", "inputs": ["idade"]},
                   {"name": "iaa", "operation": "identity", "inputs": ["iaa"]},
                   {"name": "ida", "operation": "identity", "inputs": ["ida"]}]},
    "estimator": {"family": "logistic_regression", "impute": [3, 12, 6, 6], "mean": [3, 12, 6, 6],
                  "scale": [1, 1, 1, 1], "coefficients": [0.1, 0.1, -0.5, -0.5], "intercept": 0},
    "calibration": {"method": "none"}, "threshold": 0.5}
RUNBOOK_BODY = '{"instances":[{"fase_2023":3,"idade_2023":15,"iaa_2023":6.5}]}'


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            value = condition()
        except OSError:
            value = None
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


class RiskService(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="vigia-")
        self.process = None

    def tearDown(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.home)

    def promote(self, version):
        artifacts = os.path.join(self.home, "artifacts-" + version)
        os.makedirs(artifacts)
        golden = {"tolerance": 1e-6, "rows": [{"year": 2023, "raw": [None] * 4, "score": 0.5}]}
        for name, value in [("model.json", MODEL), ("model_metadata.json", {"model_version": version}),
                            ("model_signature.json", {}), ("metrics.json", {}), ("golden_rows.json", golden)]:
            with open(os.path.join(artifacts, name), "w", encoding="utf-8") as file:
                json.dump(value, file)
        for words in (["register", "--version", version, "--artifacts", artifacts], ["promote", "--version", version]):
            subprocess.run([BIN + "/vigia", "--home", self.home, "registry", *words], check=True, capture_output=True)

    def start(self, **environment):
        env = {k: v for k, v in os.environ.items() if k in ("PATH", "ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS")}
        self.process = subprocess.Popen([BIN + "/vigia-risk", "--home", self.home, "--port", "0"],
                                        env={**env, **environment}, stderr=subprocess.DEVNULL)

        def port():
            with open(os.path.join(self.home, "logs/app.log"), encoding="utf-8") as log:
                return [json.loads(line)["port"] for line in log if '"message": "serving"' in line]
        self.port = until(port)[-1]

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        text = response.read()
        connection.close()
        return response.status, response.headers, text

    def get(self, path):
        return json.loads(self.ask("GET", path)[2])

    def test_the_runbooks_commands(self):
        self.start()
        self.assertEqual(self.get("/ready"), {"ready": False, "reason": "model_not_loaded"})
        self.assertEqual(self.get("/health")["status"], "degraded")
        self.promote("v1.0.0")
        until(lambda: self.get("/health")["model_loaded"], 2)
        curl = subprocess.run(["curl", "-sS", "-X", "POST", f"http://127.0.0.1:{self.port}/predict", "-d", RUNBOOK_BODY],
                              check=True, capture_output=True, text=True)
        answer = json.loads(curl.stdout)
        self.assertTrue(0 <= answer["predictions"][0]["risk_score"] <= 1)
        self.assertEqual(answer["imputed"], ["ida"])
        head = subprocess.run(["curl", "-sSI", f"http://127.0.0.1:{self.port}/predict"], check=True,
                              capture_output=True, text=True).stdout
        self.assertIn("X-RateLimit-Remaining", head)
        self.assertEqual(self.get("/slo")["overall_healthy"], True)
        self.assertEqual(self.get("/metrics")["predictions"]["total"], 1)
        self.promote("v1.1.0")
        until(lambda: self.get("/metadata")["model_version"] == "v1.1.0", 2)

    def test_metrics_are_clean(self):
        self.promote("v1.0.0")
        self.start()
        self.ask("POST", "/predict", RUNBOOK_BODY)
        text = self.ask("GET", "/metrics?format=prometheus")[2]
        lint = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True)
        self.assertEqual((lint.stdout + lint.stderr).decode(), "")
        self.assertEqual(lint.returncode, 0)

    def test_keys_and_limits(self):
        self.promote("v1.0.0")
        self.start(API_KEYS="one, two", RATE_LIMIT_RPM="3", API_HOST="127.0.0.1")
        self.assertEqual(self.ask("POST", "/predict", RUNBOOK_BODY)[0], 401)
        self.assertEqual(self.ask("GET", "/metrics")[0], 401)
        for expected in (200, 200, 200, 429):
            status, headers, text = self.ask("POST", "/predict", RUNBOOK_BODY, {"X-API-Key": "one"})
            self.assertEqual(status, expected)
        self.assertEqual(headers["X-RateLimit-Remaining"], "0")
        self.assertLessEqual(int(headers["Retry-After"]), 20)
        self.assertEqual(json.loads(text)["error"]["code"], "RATE_LIMITED")
        self.assertEqual(self.ask("POST", "/predict", RUNBOOK_BODY, {"X-API-Key": "two"})[0], 200)

    def test_a_drain_answers_what_has_begun(self):
        self.promote("v1.0.0")
        self.start()
        slow = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        head = f"POST /predict HTTP/1.1\r\nHost: t\r\nContent-Length: {len(RUNBOOK_BODY)}\r\n\r\n"
        slow.sendall((head + RUNBOOK_BODY[:5]).encode())
        until(lambda: self.get("/health"))
        self.process.send_signal(signal.SIGTERM)

        def refused():
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=20).close()
                return False
            except ConnectionRefusedError:
                return True
        until(refused)
        slow.sendall(RUNBOOK_BODY[5:].encode())
        answer = b""
        while chunk := slow.recv(65536):
            answer += chunk
        self.assertIn(b"200 OK", answer)
        self.assertIn(b"Connection: close", answer)
        slow.close()
        self.assertEqual(self.process.wait(20), 0)

    def test_hostile_bytes(self):
        self.promote("v1.0.0")
        self.start()
        rng = random.Random(5)
        good = f"POST /predict HTTP/1.1\r\nHost: t\r\nContent-Length: {len(RUNBOOK_BODY)}\r\n\r\n{RUNBOOK_BODY}".encode()
        chunked = b"POST /predict HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[[[[[\r\n0\r\n\r\n"
        for i in range(3000):
            data = bytearray(rng.choice((good, chunked)))
            for _ in range(rng.randrange(1, 8)):
                kind, at = rng.randrange(3), rng.randrange(len(data))
                if kind == 0:
                    data[at] = rng.randrange(256)
                elif kind == 1:
                    del data[at:at + rng.randrange(1, 20)]
                else:
                    data[at:at] = rng.choice((b"\r\n", b"\0", b"Content-Length: 3\r\n", b"{" * 50, b"Transfer-Encoding: x\r\n"))
                if not data:
                    data = bytearray(b"x")
            with socket.create_connection(("127.0.0.1", self.port), timeout=20) as client:
                try:
                    client.sendall(data)
                    client.shutdown(socket.SHUT_WR)
                    answer = client.recv(65536)
                except ConnectionError:
                    answer = b""
            if answer:
                status = int(answer[9:12])
                self.assertIn(status, (200, 100, 400, 404, 405, 408, 413, 414, 417, 422, 431, 501, 505), (i, bytes(data)))
        self.assertEqual(self.get("/health")["status"], "healthy")


if __name__ == "__main__":
    harness.main()
