"""What tests of the control plane share: `vigia up` in a home of its own, and a sink for its messages."""
import http.server
import json
import os
import signal
import subprocess
import threading
import time
import urllib.request

from harness import TIME_FACTOR, VIGIA, clean_environment, free_port, wait_for
from live_swap_test import register

ONCALL = """
people:
  ana: {{addresses: {{ops: ana}}, roles: [oncall]}}
  lead: {{addresses: {{ops: lead}}}}
policies:
  sre:
    levels: [{{name: L1, after: 0s, notify: "person:ana"}}, {{name: L2, after: 15m, notify: "person:lead"}}]
channels:
  ops: {{kind: webhook, url: "{url}"}}
"""


def prepare(home, **sections):
    """Two registered models, and a vigia.yaml with free ports; returns the risk service's port."""
    for version, intercept in (("v1.0.0", -1.0), ("v1.1.0", 1.0)):
        register(home, version, intercept)
        home.ok("registry", "promote", "--version", version)
    port = free_port()
    write_settings(home, risk={"port": port}, **sections)
    return port


def write_settings(home, **sections):
    control = {"port": 0, "language": "en", "compact_every": "0", **sections.pop("control", {})}
    (home.path / "vigia.yaml").write_text(json.dumps({"control": control, **sections}))  # JSON is YAML


def risk_service(home, port):
    """The risk service, but what hangs stays so until its runbook restarts it, which need not wait long for TERM to be obeyed."""
    url = f"http://127.0.0.1:{port}"
    return {"name": "risk", "command": ["vigia-risk", "--home", str(home.path), "--port", "{port}"], "port": port,
            "health_url": url + "/health", "ready_url": url + "/ready", "budget": 0, "drain": "1s"}


class Plane:
    """`vigia up`, stopped at the end."""

    def __init__(self, home, *arguments, environment=None):
        self.home = home
        self.log = home.path / "up.txt"
        self.started = time.time()
        (home.path / "run/control.json").unlink(missing_ok=True)
        with open(self.log, "a") as log:
            self.process = subprocess.Popen([str(VIGIA), "--home", str(home.path), "up", *arguments], stdout=log, stderr=log,
                                            env={**clean_environment(), **(environment or {})})
        wait_for(self._up, "the control plane")

    def _up(self):
        if self.process.poll() is not None:
            raise AssertionError("vigia up ended:\n" + self.log.read_text())
        try:
            self.url = json.loads((self.home.path / "run/control.json").read_text())["url"]
            return self.request("GET", "/-/healthy")[0] == 200
        except (OSError, ValueError):
            return False

    def request(self, method, path, body=None, token=None):
        """(status, text)"""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if token:
            headers |= {"Authorization": "Bearer " + token, "X-Vigia-User": "ana"}
        request = urllib.request.Request(self.url + path, None if body is None else json.dumps(body).encode(), headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20 * TIME_FACTOR) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def get(self, path):
        status, text = self.request("GET", path)
        assert status == 200, f"{path}: {status} {text}"
        return json.loads(text)

    def token(self):
        return (self.home.path / "run/control.token").read_text().strip()

    def post(self, path, body):
        status, text = self.request("POST", path, body, self.token())
        assert status == 200, f"{path}: {status} {text}"
        return json.loads(text)

    def service(self, name="risk"):
        return self.get("/api/v1/services/" + name)

    def pid(self, name="risk"):
        return self.service(name)["replicas"][0]["pid"]

    def wait_healthy(self, name="risk", seconds=60):
        wait_for(lambda: self.service(name)["state"] == "healthy", f"{name} to be healthy", seconds)

    def incidents(self, state="all", runbook=None):
        """Of this runbook, or all but those about the past hour, which one short fault may open, too."""
        wanted = lambda name: name == runbook if runbook else name != "availability-breach"
        return [one for one in self.get("/api/v1/incidents?limit=500&state=" + state)["items"] if wanted(one["runbook"])]

    def timeline(self, incident):
        return self.get(f"/api/v1/incidents/{incident}/timeline?limit=500")["items"]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60 * TIME_FACTOR)


class Sink(http.server.ThreadingHTTPServer):
    """Keeps every POST; a path that is held answers when it is released."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.received, self.held, self.release, self.refused = [], set(), threading.Event(), set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def at(self, path):
        return [message for where, message in list(self.received) if where == path]

    def close(self):
        self.release.set()
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            document = json.loads(body) if body else {}
        except ValueError:
            document = {"text": body.decode(errors="replace")}
        self.server.received.append((self.path, {"key": self.headers.get("Idempotency-Key"), "body": document}))
        if self.path in self.server.held:
            self.server.release.wait(60)
        status = 503 if self.path in self.server.refused else 200
        try:
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")
        except OSError:
            pass  # the client was killed

    def log_message(self, *_):
        pass


def end_services(home):
    """Ends what a killed control plane has left running in this home."""
    for file in (home.path / "run").glob("*.pid"):
        try:
            os.kill(int(file.read_text()), signal.SIGKILL)
        except (OSError, ValueError):
            pass
