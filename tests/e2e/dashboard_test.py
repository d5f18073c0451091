"""The dashboard in Debian's Chromium, against the built programs: web/e2e/*.mjs looks and clicks, this sets up and judges."""
import os
import re
import shutil
import signal
import subprocess
import threading
import unittest

import dashboard_fixture as fixture
import harness
from control_harness import Handler, Plane, Sink, end_services, write_settings
from harness import ROOT, TIME_FACTOR, Home, free_port, wait_for

PASSWORD = "correct horse"


class Mender(Sink):
    """Takes the flag away when it is asked to mend."""

    def __init__(self, home):
        super().__init__()
        self.RequestHandlerClass = type("MendingHandler", (Handler,), {"do_POST": mend})
        self.home = home


def mend(handler):
    if handler.path == "/mend":
        (handler.server.home.path / "flag").unlink(missing_ok=True)
    Handler.do_POST(handler)


def prepare(home, sink):
    for version, intercept, better in (("v1.0.0", -0.2, 0.0), ("v1.1.0", 0.1, 0.03)):
        fixture.register(home, version, intercept, better)
        home.ok("registry", "promote", "--version", version, "--reason", "better on the validation years")
    fixture.write_reports(home, "v1.1.0")
    fixture.write(home.path / "oncall.yaml", fixture.ONCALL.format(url=sink.url))
    fixture.write(home.path / "runbooks/mend.yaml", fixture.MEND.format(url=sink.url))
    port = free_port()
    write_settings(home, risk={"port": port}, signals={"sources": [fixture.FLAG]})
    return port


def add_users(home):
    for name, role in (("ana", "admin"), ("bia", "operator"), ("vera", "viewer")):
        home.ok("user", "add", name, "--role", role, env={"VIGIA_NEW_PASSWORD": PASSWORD})
    return home.json("user", "add", "robot", "--role", "operator", "--key")["key"]


class Traffic(threading.Thread):
    """A few requests a second, so that there is something to see."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.ending = port, threading.Event()

    def run(self):
        import http.client
        import json
        body = json.dumps({"instances": [{"ida": 5, "idade": 14, "fase": 3}]})
        while not self.ending.wait(0.1):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
                connection.getresponse().read()
                connection.close()
            except OSError:
                pass  # it is stopped on purpose


class DashboardTest(unittest.TestCase):
    def setUp(self):
        for program in ("node", "chromium"):
            self.assertTrue(shutil.which(program), f"{program} is not installed: ./dev test installs it")
        self.home = Home()
        self.addCleanup(self.home.close)
        self.addCleanup(end_services, self.home)
        self.sink = Mender(self.home)
        self.addCleanup(self.sink.close)

    def up(self):
        plane = Plane(self.home)
        self.addCleanup(plane.stop)
        return plane

    def browse(self, script, plane, **environment):
        """Runs one script; what it asks of this machine ("do: hang") is done here while it looks."""
        plain = {**os.environ, "URL": plane.url, "PASSWORD": PASSWORD, "TIME_FACTOR": str(TIME_FACTOR),
                 "CHROMIUM": shutil.which("chromium"), **environment}
        process = subprocess.Popen(["node", str(ROOT / "web/e2e" / script)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   text=True, env=plain, cwd=ROOT / "web")
        said = []
        for line in process.stdout:
            said.append(line)
            asked = re.match(r"do: (\w+)", line)
            if asked:
                self.ACTS[asked[1]](self, plane)
        self.assertEqual(process.wait(timeout=60 * TIME_FACTOR), 0, "".join(said))
        return "".join(said)

    ACTS = {
        "hang": lambda self, plane: os.kill(plane.pid(), signal.SIGSTOP),
        "flag": lambda self, plane: (self.home.path / "flag").touch(),
        "users": lambda self, plane: add_users(self.home),
    }

    def test_people_see_trust_and_act(self):
        port = prepare(self.home, self.sink)
        key = add_users(self.home)
        plane = self.up()
        token = plane.token()
        traffic = Traffic(port)
        traffic.start()
        self.addCleanup(traffic.ending.set)
        wait_for(lambda: '"healthy"' in plane.request("GET", "/api/v1/services/risk", token=token)[1], "a healthy service", 60)
        plane.pid = lambda: __import__("json").loads(plane.request("GET", "/api/v1/services/risk", token=token)[1])["replicas"][0]["pid"]
        self.browse("story.mjs", plane, KEY=key, SCREENSHOTS=os.environ.get("VIGIA_SCREENSHOTS", ""))
        audit = (self.home.path / "logs/audit.log").read_text()
        for action, who in (("promote", "bia"), ("rollback", "bia"), ("sign_in", "ana"), ("sign_in", "robot")):
            self.assertRegex(audit, f'"action":"{action}","who":"{who}"')
        self.assertIn("sign_in_refused", audit)
        self.assertNotIn(PASSWORD, audit + (self.home.path / "logs/control.log").read_text())

    def test_many_incidents_and_entries_stay_smooth(self):
        prepare(self.home, self.sink)
        plane = self.up()
        plane.wait_healthy()
        (self.home.path / "flag").touch()
        incident = wait_for(lambda: [i for i in plane.incidents() if i["runbook"] == "mend"], "an incident", 30)[0]["id"]
        (self.home.path / "flag").unlink()
        plane.post(f"/api/v1/incidents/{incident}/resolve", {"text": "it was a test"})
        plane.stop()
        fixture.crowd(self.home, incident, 1_000, 10_000)
        again = self.up()
        print(self.browse("crowd.mjs", again, INCIDENT=incident))


if __name__ == "__main__":
    harness.main()
