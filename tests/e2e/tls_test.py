"""HTTPS: TLS 1.2 and 1.3 with a certificate made here, curl and Python's ssl as clients."""
import json
import os
import socket
import ssl
import subprocess
import unittest

import harness
from harness import TIME_FACTOR, VIGIA, Home, clean_environment, free_port, wait_for
from live_swap_test import register

BODY = json.dumps({"instances": [{"ida": 6.5, "ieg": 7}]})


def make_certificate(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem", "-days", "1",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
                   check=True, capture_output=True)


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = Home()
        cls.addClassCleanup(cls.home.close)
        register(cls.home, "v1.0.0", -1.0)
        cls.home.ok("registry", "promote", "--version", "v1.0.0")
        make_certificate(cls.home.path, "a")
        make_certificate(cls.home.path, "b")
        # Who trusts both: which one is served changes under way.
        cls.trust = "".join((cls.home.path / f"{name}.pem").read_text() for name in "ab")
        cls.port = free_port()
        environment = {**clean_environment(), "TLS_CERTIFICATE": "a.pem", "TLS_KEY": "a.key", "REQUEST_TIMEOUT_MS": "1000"}
        cls.process = subprocess.Popen([str(VIGIA), "--home", str(cls.home.path), "serve", "risk", "--port", str(cls.port)],
                                       env=environment, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(cls.process.wait, 20)
        cls.addClassCleanup(cls.process.kill)
        wait_for(lambda: cls.curl("/ready").returncode == 0, "/ready over TLS")

    @classmethod
    def curl(cls, path, *options):
        return subprocess.run(["curl", "-sS", "--fail", "--cacert", cls.home.path / "a.pem", *options,
                               f"https://localhost:{cls.port}{path}"], capture_output=True, text=True)

    def connect(self):
        context = ssl.create_default_context(cadata=self.trust)
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=20 * TIME_FACTOR)
        return context.wrap_socket(raw, server_hostname="localhost")

    def test_both_versions_and_no_older_one(self):
        for version in ("1.2", "1.3"):
            done = self.curl("/predict", f"--tlsv{version}", "--tls-max", version, "-d", BODY)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(len(json.loads(done.stdout)["predictions"]), 1)
        self.assertNotEqual(self.curl("/health", "--tlsv1.0", "--tls-max", "1.1", "--ciphers", "ALL:@SECLEVEL=0").returncode, 0)
        untrusted = subprocess.run(["curl", "-sS", f"https://localhost:{self.port}/health"], capture_output=True)
        self.assertEqual(untrusted.returncode, 60)

    def test_large_bodies_and_pipelined_requests(self):
        body = json.dumps({"instances": [{"ida": i % 10, "ieg": 7.123456} for i in range(1000)]})
        request = f"POST /predict HTTP/1.1\r\nHost: t\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        last = b"GET /health HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"
        with self.connect() as client:
            client.sendall(request * 20 + last)
            data = b""
            while chunk := client.recv(1 << 16):
                data += chunk
        self.assertEqual(data.count(b"HTTP/1.1 200 OK"), 21)
        self.assertEqual(data.count(b'"risk_score"'), 20_000)

    def test_who_does_not_speak_tls_is_let_go(self):
        for hello in (b"GET /health HTTP/1.1\r\nHost: t\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\0" * 100, b"\0" * 5000):
            with socket.create_connection(("127.0.0.1", self.port), timeout=20 * TIME_FACTOR) as client:
                answer = b""
                try:
                    client.sendall(hello)
                    client.shutdown(socket.SHUT_WR)
                    while chunk := client.recv(4096):
                        answer += chunk
                except OSError:  # it may have closed already
                    pass
                self.assertNotIn(b"HTTP/1.1", answer)
        self.assertEqual(self.curl("/health").returncode, 0)

    def test_slow_requests_time_out(self):
        with self.connect() as client:
            client.sendall(b"POST /predict HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n{")
            self.assertIn(b" 408 ", client.recv(4096))

    def test_a_renewed_certificate_is_taken_over_while_it_serves(self):
        def certificate():
            with self.connect() as client:
                return client.getpeercert(binary_form=True)
        with self.connect() as old:
            before = certificate()
            for name in ("key", "pem"):
                (self.home.path / f"new.{name}").write_bytes((self.home.path / f"b.{name}").read_bytes())
                os.replace(self.home.path / f"new.{name}", self.home.path / f"a.{name}")
            wait_for(lambda: certificate() != before, "the new certificate")
            old.sendall(b"GET /health HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
            self.assertTrue(old.recv(4096).startswith(b"HTTP/1.1 200"))
        # Half a certificate: said in the log, and the good one stays.
        (self.home.path / "a.pem").write_text(self.trust[:40])
        log = self.home.path / "logs/app.log"
        wait_for(lambda: "the new certificate is not taken over" in log.read_text(), "a word in the log")
        os.replace(self.home.path / "b.pem", self.home.path / "a.pem")
        self.assertEqual(self.curl("/health").returncode, 0)

    def test_a_key_of_another_certificate_is_refused(self):
        for files in ({"TLS_CERTIFICATE": "a.pem", "TLS_KEY": "b.key"}, {"TLS_CERTIFICATE": "a.pem"},
                      {"TLS_CERTIFICATE": "missing.pem", "TLS_KEY": "a.key"}):
            done = subprocess.run([str(VIGIA), "--home", str(self.home.path), "serve", "risk", "--port", "0"],
                                  env={**clean_environment(), **files}, capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 1, files)


if __name__ == "__main__":
    harness.main()
