"""What the end-to-end tests share: the built program, a home of their own, and plain HTTP. Standard library only."""
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("VIGIA_BIN", ROOT / "build/release/bin"))
VIGIA = BIN / "vigia"
# Programs under a sanitizer are slower: limits of time grow, what is expected does not.
TIME_FACTOR = float(os.environ.get("VIGIA_TIME_FACTOR", "1"))
SANITIZERS = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")


def wait_for(condition, what, seconds=20.0):
    """Polls until condition() is truthy and returns it; fails with `what` at the deadline."""
    deadline = time.monotonic() + seconds * TIME_FACTOR
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"timed out after {seconds} s waiting for {what}")
        select_pause()


def select_pause():
    # A poll interval, not a wait for an outcome: every caller loops on a condition.
    import select

    select.select([], [], [], 0.02)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Home:
    """A home folder that is removed at the end."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="vigia-e2e-"))

    def close(self):
        shutil.rmtree(self.path, ignore_errors=True)

    def run(self, *arguments, env=None, stdin=None, timeout=120):
        """Runs `vigia --home HOME arguments…`; returns the finished process with text output."""
        return subprocess.run(
            [str(VIGIA), "--home", str(self.path), *map(str, arguments)],
            capture_output=True, text=True, env={**clean_environment(), **(env or {})}, input=stdin,
            timeout=timeout * TIME_FACTOR)

    def ok(self, *arguments, **options):
        done = self.run(*arguments, **options)
        assert done.returncode == 0, f"vigia {' '.join(map(str, arguments))}: {done.returncode}\n{done.stderr}{done.stdout}"
        return done.stdout

    def json(self, *arguments, **options):
        return json.loads(self.ok(*arguments, "--json", **options))

    def files(self):
        """Every file below the home, with its bytes: to show that a refused command changed nothing."""
        return {str(p.relative_to(self.path)): p.read_bytes() for p in sorted(self.path.rglob("*")) if p.is_file()}


def clean_environment():
    """The environment without settings that would leak into a test."""
    leaky = ("VIGIA_HOME", "API_KEYS", "THRESHOLD", "MODEL_PATH", "MODEL_VERSION", "RATE_LIMIT_RPM", "PORT")
    return {name: value for name, value in os.environ.items() if name not in leaky}


class Response:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Service:
    """`vigia serve risk` on a free port, stopped at the end."""

    def __init__(self, home, *arguments, env=None, wait_ready=True):
        self.port = free_port()
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [str(VIGIA), "--home", str(home.path), "serve", "risk", "--port", str(self.port), *map(str, arguments)],
            stdout=self.log, stderr=self.log, env={**clean_environment(), **(env or {})})
        path = "/ready" if wait_ready else "/health"
        try:
            wait_for(lambda: self._answers(path), f"{path} of the risk service")
        except AssertionError:
            self.log.seek(0)
            words = self.log.read()
            self.kill()
            raise AssertionError("the service did not start:\n" + words) from None

    def _answers(self, path):
        if self.process.poll() is not None:
            raise AssertionError("the service ended")
        try:
            return self.get(path).status == 200
        except OSError:
            return False

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20 * TIME_FACTOR)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Response(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def post(self, path, document, headers=None):
        return self.request("POST", path, json.dumps(document), {"Content-Type": "application/json", **(headers or {})})

    def predict(self, *instances, **extra):
        return self.post("/predict", {"instances": list(instances), **extra})

    def stop(self):
        """SIGTERM; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=20 * TIME_FACTOR)
        self.log.close()
        return code

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=20 * TIME_FACTOR)
        self.log.close()


def main():
    """Runs the tests. What a sanitizer finds fails them, also in a process that its keeper would quietly start anew."""
    with tempfile.TemporaryDirectory(prefix="vigia-findings-") as folder:
        for name in SANITIZERS:
            if name in os.environ:
                os.environ[name] += f":log_path={folder}/{name.split('_')[0].lower()}"
        passed = unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2, exit=False).result.wasSuccessful()
        findings = sorted(pathlib.Path(folder).iterdir())
        for file in findings:
            print(f"{file.name}\n{file.read_text(errors='replace')}", file=sys.stderr)
    sys.exit(0 if passed and not findings else 1)
