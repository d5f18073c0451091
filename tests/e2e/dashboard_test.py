"""The dashboard in Debian's Chromium, against the built programs: web/e2e/*.mjs looks and clicks, this sets up and judges.
What holds the pages to a time has the machine to itself; the rest, which mostly waits, goes three at a time."""
import concurrent.futures
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import unittest
import urllib.error
import urllib.request

import dashboard_fixture as fixture
import harness
from control_harness import Handler, Plane, Sink, end_services, risk_service, write_settings
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


def prepare(home, sink, **control):
    for version, intercept, better in (("v1.0.0", -0.2, 0.0), ("v1.1.0", 0.1, 0.03)):
        fixture.register(home, version, intercept, better)
        home.ok("registry", "promote", "--version", version, "--reason", "better on the validation years")
    fixture.write_reports(home, "v1.1.0")
    fixture.write(home.path / "oncall.yaml", fixture.ONCALL.format(url=sink.url))
    fixture.write(home.path / "runbooks/mend.yaml", fixture.MEND.format(url=sink.url))
    port = free_port()
    write_settings(home, services=[risk_service(home, port)], risk={"port": port}, signals={"sources": [fixture.FLAG]}, control=control)
    return port


def ours(plane, path):
    status, text = plane.request("GET", path, token=plane.token())
    assert status == 200, text
    return json.loads(text)


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

    def up_with_users_and_traffic(self):
        """The control plane, and the robot's key."""
        port = prepare(self.home, self.sink)
        key = add_users(self.home)
        plane = self.up()
        traffic = Traffic(port)
        traffic.start()
        self.addCleanup(traffic.ending.set)
        wait_for(lambda: ours(plane, "/api/v1/services/risk")["state"] == "healthy", "a healthy service", 60)
        return plane, key

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
        "unflag": lambda self, plane: (self.home.path / "flag").unlink(missing_ok=True),
        "alert": lambda self, plane: plane.request("POST", "/api/v2/alerts", [{"labels": {
            "alertname": "strange", "team": fixture.MARKUP, "zone": "endless" * 40}, "annotations": {"summary": fixture.MARKUP}}], plane.token()),
    }

    def test_people_see_trust_and_act(self):
        plane, key = self.up_with_users_and_traffic()
        plane.pid = lambda: ours(plane, "/api/v1/services/risk")["replicas"][0]["pid"]
        self.browse("story.mjs", plane, KEY=key, SCREENSHOTS=os.environ.get("VIGIA_SCREENSHOTS", ""))
        audit = (self.home.path / "logs/audit.log").read_text()
        for action, who in (("promote", "bia"), ("rollback", "bia"), ("sign_in", "ana"), ("sign_in", "robot")):
            self.assertRegex(audit, f'"action":"{action}","who":"{who}"')
        self.assertIn("sign_in_refused", audit)
        self.assertNotIn(PASSWORD, audit + (self.home.path / "logs/control.log").read_text())

    def test_a_drill_from_alert_to_healed(self):
        prepare(self.home, self.sink)
        add_users(self.home)
        plane = self.up()
        print(self.browse("drill.mjs", plane, SCREENSHOTS=os.environ.get("VIGIA_SCREENSHOTS", "")))
        audit = (self.home.path / "logs/audit.log").read_text()
        for action in ("drill.run", "drill.stop"):
            self.assertRegex(audit, f'"action":"{action}","who":"bia"')
        kept = self.home.path / "drills/DRILL-000001"
        self.assertTrue((kept / "hang/postmortem.md").read_text().startswith("# "))
        # Nothing of it happened in this home, whose machine may have troubles of its own.
        self.assertEqual([one for one in ours(plane, "/api/v1/incidents")["items"] if one["runbook"] == "service-down"], [])

    def test_jobs_tell_how_far_they_have_come(self):
        prepare(self.home, self.sink)
        self.home.ok("sample", "--students", 300, "--seed", 7, "--out", self.home.path / "sample.xlsx")
        self.home.ok("dataset", "build", "--source", self.home.path / "sample.xlsx", "--out", "data/processed/modeling_dataset.csv")
        fixture.write(self.home.path / "runbooks/train.yaml", fixture.TRAIN)
        plane = self.up()
        plane.post("/api/v1/runbooks/train-anew/run", {"labels": {"service": "risk"}})
        seen = []

        def ended():
            job = next((one for one in ours(plane, "/api/v1/jobs")["items"] if one["command"].startswith("vigia train")), None)
            if job and job["progress"] and job["progress"] not in seen:
                seen.append(job["progress"])
            return job and job["state"] not in ("running", "pending") and job

        job = wait_for(ended, "the training to end", 300)
        self.assertEqual((job["state"], job["exit"], job["progress"], job["who"]), ("done", 0, None, "train-anew"))
        phases = [mark["phase"] for mark in seen]
        self.assertIn("comparing models", phases)
        self.assertTrue(any(0 < mark["done"] < mark["total"] for mark in seen), seen)

    def test_text_of_others_and_sessions_that_end(self):
        prepare(self.home, self.sink, session_idle="8s")
        fixture.write(self.home.path / "runbooks/strange.yaml", fixture.STRANGE)
        add_users(self.home)
        self.browse("hostile.mjs", self.up())

    def test_every_page_with_something_to_show(self):
        plane, _ = self.up_with_users_and_traffic()
        self.browse("pages.mjs", plane, SCREENSHOTS=os.environ.get("VIGIA_SCREENSHOTS", ""))

    def test_the_first_load_is_small_and_quick(self):
        plane, _ = self.up_with_users_and_traffic()
        print(self.browse("first_load.mjs", plane))

    def test_every_page_with_nothing_to_show(self):
        write_settings(self.home, services=[])
        self.browse("empty.mjs", self.up())

    def test_words_of_the_programs_have_a_translation(self):
        """States, kinds and stages that the API tells in English words; the compiler sees to it that both languages have the same."""
        quoted = lambda path, begin, end: re.findall(r'"([a-z][a-z_ -]*)"', (ROOT / path).read_text().partition(begin)[2].partition(end)[0])
        said = quoted("src/operations/incidents/kinds.h", "namespace", "}  // namespace")
        said += quoted("src/operations/runbooks/run.cc", "kRunStates", ";") + quoted("src/operations/runbooks/run.cc", "kStepStates", ";")
        said += quoted("src/apps/drill/stages.cc", "kNames", ";") + quoted("src/apps/control/drills.cc", "kStates[]", ";")
        self.assertGreater(len(said), 40)
        for language in ("en", "pt"):
            known = set(re.findall(r'"word\.([^"]+)"', (ROOT / f"web/src/i18n/{language}.ts").read_text()))
            self.assertEqual(sorted(set(said) - known - {"intent"}), [])  # which is told as running

    def test_answers_are_guarded(self):
        write_settings(self.home, services=[])
        plane = self.up()
        for path in ("/", "/api/v1/status", "/api/v1/incidents/INC-000001", "/api/v1/session"):
            with self.subTest(path):
                try:
                    headers = urllib.request.urlopen(plane.url + path, timeout=20).headers
                except urllib.error.HTTPError as error:
                    headers = error.headers
                self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
                self.assertRegex(headers["Content-Security-Policy"], "default-src 'none'.*frame-ancestors 'none'")
                self.assertNotIn("unsafe", headers["Content-Security-Policy"])

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


class ThreeAtATime(unittest.TestSuite):
    def run(self, result, debug=False):
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            for _ in pool.map(lambda test: test(result), self):
                pass
        return result


def load_tests(loader, *_):
    """The longest first, beside which the others have their time."""
    names = loader.getTestCaseNames(DashboardTest)
    alone = ["test_the_first_load_is_small_and_quick", "test_many_incidents_and_entries_stay_smooth"]
    longest = ["test_people_see_trust_and_act", "test_a_drill_from_alert_to_healed"]
    rest = [name for name in names if name not in alone + longest]
    return unittest.TestSuite([*map(DashboardTest, alone), ThreeAtATime(map(DashboardTest, longest + rest))])


if __name__ == "__main__":
    harness.main()
