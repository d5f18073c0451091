"""The control plane as a program: it keeps a service, heals it, and survives its own death."""
import json
import os
import signal
import time
import unittest

import harness
from control_harness import ONCALL, Plane, Sink, end_services, prepare, risk_service, write_settings
from harness import TIME_FACTOR, Home, wait_for

# A mitigation that takes as long as the sink wants.
MEND = """
name: mend
title: Something is wrong
severity: high
checks:
  - name: flagged
    when: {{signal: file_count, labels: ['probe="flag"'], function: last, window: 10s, above: 0}}
    every: 1s
    severity: high
trigger: [{{check: flagged}}]
key: [service]
guards: {{cooldown: 0s}}
diagnose: [{{id: look, run: [uptime], timeout: 5s}}]
mitigate:
  - name: mend
    steps: [{{id: mend, http: {{method: POST, url: "{url}/mend"}}, effect: write, idempotent: true, timeout: 60s}}]
verify: {{when: '.checks.flagged == "inactive"', every: 1s, need: 2, timeout: 50s}}
escalate: {{policy: sre, at_once: true}}
"""
FLAG = {"name": "flag", "kind": "file", "path": "flag*", "every": "1s", "labels": {"service": "risk"}}


class ControlTest(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)
        self.addCleanup(end_services, self.home)
        self.sink = Sink()
        self.addCleanup(self.sink.close)

    def up(self, *arguments):
        plane = Plane(self.home, *arguments)
        self.addCleanup(plane.stop)
        return plane

    def predict(self, port):
        import http.client
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("POST", "/predict", json.dumps({"instances": [{"ida": 5}]}), {"Content-Type": "application/json"})
            return connection.getresponse().status
        finally:
            connection.close()

    def test_a_killed_service_is_back_before_anybody_is_called(self):
        port = prepare(self.home)
        plane = self.up()
        plane.wait_healthy()
        first = plane.pid()
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: plane.pid() not in (None, first), "another process")
        plane.wait_healthy()
        self.assertEqual(self.predict(port), 200)
        self.assertEqual(plane.service()["replicas"][0]["restarts"], 1)
        wait_for(lambda: not plane.incidents("open"), "no open incident", 60)
        self.assertEqual(plane.stop(), 0)
        with self.assertRaises(OSError):  # drained
            self.predict(port)

    def test_a_hung_service_is_healed_and_its_story_written(self):
        port = prepare(self.home)
        write_settings(self.home, services=[risk_service(self.home, port)])
        plane = self.up()
        plane.wait_healthy()
        hung = time.time()
        os.kill(plane.pid(), signal.SIGSTOP)
        wait_for(plane.incidents, "an incident", 10)
        incident = wait_for(lambda: [one for one in plane.incidents() if one["state"] == "resolved"], "a healed service", 60)[0]
        self.assertLess(time.time() - hung, 60 * TIME_FACTOR)
        self.assertEqual(incident["runbook"], "service-down")
        opened = time.mktime(time.strptime(incident["opened_at"][:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone
        self.assertLess(opened + float(incident["opened_at"][19:-1]) - hung, 5 * TIME_FACTOR)
        self.assertEqual(self.predict(port), 200)
        file = wait_for(lambda: plane.get("/api/v1/incidents/" + incident["id"])["postmortem"], "the post-mortem")
        report = (self.home.path / file).read_text()
        self.assertIn("vigia service restart risk", report)
        self.assertIn("verified healed", report)
        kinds = [entry["kind"] for entry in plane.timeline(incident["id"])]
        for kind in ("opened", "alert_fired", "run_created", "step_intent", "step_outcome", "verify", "resolved", "postmortem"):
            self.assertIn(kind, kinds)

    def test_its_own_death_in_the_middle_of_a_mitigation_loses_nothing(self):
        port = prepare(self.home, signals={"sources": [FLAG]})
        (self.home.path / "oncall.yaml").write_text(ONCALL.format(url=self.sink.url + "/page"))
        (self.home.path / "runbooks").mkdir()
        (self.home.path / "runbooks/mend.yaml").write_text(MEND.format(url=self.sink.url))
        self.sink.held.add("/mend")
        plane = self.up()
        plane.wait_healthy()
        pid = plane.pid()
        (self.home.path / "flag").touch()
        wait_for(lambda: self.sink.at("/mend"), "the mitigation to begin")
        wait_for(lambda: self.sink.at("/page"), "the page")
        plane.kill()
        self.assertEqual(self.predict(port), 200)
        self.sink.held.clear()
        self.sink.release.set()

        again = self.up()
        self.assertEqual(self.predict(port), 200)
        wait_for(lambda: len(self.sink.at("/mend")) >= 2, "the step to be done again, for nobody knew how it ended")
        (self.home.path / "flag").unlink()
        incident = wait_for(lambda: again.incidents("resolved"), "the run to end", 60)[0]
        self.assertEqual(again.pid(), pid)  # adopted, not started anew
        self.assertEqual(len(again.incidents()), 1)
        wait_for(lambda: any(m["body"]["status"] == "resolved" for m in self.sink.at("/page")), "the good news")
        pages = [m["key"] for m in self.sink.at("/page") if m["body"]["status"] == "firing"]
        self.assertEqual(len(pages), 1, pages)  # one level, one page, in two lives
        steps = [e for e in again.timeline(incident["id"]) if e["kind"] == "step_intent" and "mend" in (e["ref"] or "")]
        self.assertEqual(len(steps), 2)

    def test_a_page_that_could_not_be_sent_is_sent_in_the_next_life(self):
        prepare(self.home, signals={"sources": [FLAG]})
        (self.home.path / "oncall.yaml").write_text(ONCALL.format(url=self.sink.url + "/page"))
        (self.home.path / "runbooks").mkdir()
        (self.home.path / "runbooks/mend.yaml").write_text(MEND.format(url=self.sink.url))
        self.sink.refused.add("/page")
        plane = self.up()
        (self.home.path / "flag").touch()
        wait_for(lambda: self.sink.at("/page"), "an attempt to page")
        plane.kill()
        tried = len(self.sink.at("/page"))
        self.sink.refused.clear()
        again = self.up()
        wait_for(lambda: len(self.sink.at("/page")) > tried, "the page", 60)
        incident = again.incidents()[0]["id"]
        wait_for(lambda: any(e["kind"] == "receipt" and "was reached" in e["text"] for e in again.timeline(incident)), "its receipt")
        self.assertEqual(len({m["key"] for m in self.sink.at("/page")}), 1)  # the same message, whoever sends it

    def test_only_the_token_writes_and_only_known_words_are_read(self):
        prepare(self.home)
        plane = self.up()
        token = self.home.path / "run/control.token"
        self.assertEqual(token.stat().st_mode & 0o777, 0o600)
        self.assertEqual(plane.request("POST", "/api/v1/incidents/INC-000001/note", {"text": "x"})[0], 403)
        self.assertEqual(plane.request("POST", "/api/v1/incidents/INC-000001/note", {"text": "x"}, "wrong")[0], 401)
        self.assertEqual(plane.request("POST", "/api/v1/incidents/INC-000001/note", {"text": "x"}, plane.token())[0], 404)
        self.assertEqual(plane.request("GET", "/api/v1/incidents?color=red")[0], 400)
        self.assertEqual(plane.request("GET", "/api/v1/incidents?state=odd")[0], 422)
        self.assertEqual(plane.request("GET", "/api/v1/incidents/INC-999999")[0], 404)
        self.assertIn("vigia_sound", plane.request("GET", "/metrics")[1])
        described = plane.get("/api/v1/openapi.json")["paths"]
        for path in described:  # 405 and 403 mean that there is something at the path
            answer = plane.request("PATCH", path.replace("{", "").replace("}", ""))
            self.assertEqual(answer[0], 405, path)
        for path in ("status", "services", "checks", "alerts", "incidents", "runs?state=all", "runbooks", "oncall", "jobs"):
            self.assertEqual(plane.request("GET", "/api/v1/" + path)[0], 200, path)
            self.assertIn("/api/v1/" + path.split("?")[0], described)
        self.check_bodies(plane, described)
        second = self.home.run("up", "--port", "0")
        self.assertEqual(second.returncode, 1)
        self.assertIn("another control plane", second.stderr)


    def check_bodies(self, plane, described):
        """Every path that takes a body names a key that it does not know, and the ones that it knows: those described."""
        seen = 0
        for path, operations in described.items():
            for method, operation in operations.items():
                if method not in ("post", "put") or path == "/api/v1/webhook/alertmanager":
                    continue
                seen += 1
                status, text = plane.request(method.upper(), path.replace("{", "").replace("}", ""), {"nonsense": 1}, plane.token())
                self.assertIn(status, (400, 422), path)
                message = json.loads(text)["detail"]
                self.assertIn("does not know the key 'nonsense' of the body", message)
                known = message.split("; it knows ")[1].split(", ") if "; it knows " in message else []
                schema = operation.get("requestBody", {"content": {"application/json": {"schema": {}}}})
                schema = schema["content"]["application/json"]["schema"]
                self.assertEqual(sorted(known), sorted(schema.get("properties", {})), path)
        self.assertGreater(seen, 15)
        status, text = plane.request("POST", "/api/v1/silences", {"<script>": 1}, plane.token())
        self.assertEqual((status, "script" in text), (400, False))

    def test_people_command_through_the_command_line(self):
        prepare(self.home, signals={"sources": [FLAG]})
        (self.home.path / "oncall.yaml").write_text(ONCALL.format(url=self.sink.url + "/page"))
        (self.home.path / "runbooks").mkdir()
        (self.home.path / "runbooks/mend.yaml").write_text(MEND.format(url=self.sink.url))
        self.assertIn("vigia up", self.home.run("status").stderr)
        plane = self.up()
        plane.wait_healthy()
        wait_for(lambda: self.home.run("status").returncode == 0, "all to be well")
        plan = self.home.json("runbook", "run", "service-down", "--label", "service=risk", "--dry-run")["commands"]
        self.assertIn("vigia service restart risk --json", plan)
        self.assertEqual(plane.incidents(), [])
        refused = self.home.run("runbook", "run", "mend")
        self.assertEqual((refused.returncode, refused.stderr), (1, "vigia: the label 'service' is missing\n"))

        self.home.ok("runbook", "mode", "mend", "approve", "--reason", "we watch it first")
        (self.home.path / "flag").touch()
        incident = wait_for(lambda: plane.incidents("open"), "an incident")[0]["id"]
        self.assertEqual(self.home.run("status").returncode, 1)
        self.assertEqual(self.home.json("incident", "list")[0]["id"], incident)
        run = plane.get("/api/v1/incidents/" + incident)["run"]
        wait_for(lambda: plane.get("/api/v1/runs/" + run)["waiting_for"] == "approval", "a run that asks")
        self.home.ok("incident", "note", incident, "looking")
        self.home.ok("incident", "assign", incident, "lead")
        self.home.ok("incident", "severity", incident, "P3")
        acked = self.home.json("incident", "ack", incident)
        self.assertEqual((acked["state"], acked["assignee"], acked["severity"]), ("acknowledged", "lead", "P3"))
        self.assertEqual(self.home.run("incident", "ack", incident).returncode, 1)
        self.assertEqual(plane.get("/api/v1/runs/" + run)["approvals"][0]["by"], [])
        self.home.ok("runbook", "cancel", incident, "--reason", "by hand")
        self.assertEqual(plane.get("/api/v1/runs/" + run)["state"], "escalated")
        story = self.home.ok("incident", "show", incident)
        for words in ("looking", "assigned to lead", "severity P2 is now P3", "has taken over: by hand"):
            self.assertIn(words, story)
        self.assertIn("Incident Report", self.home.ok("incident", "postmortem", incident))
        (self.home.path / "flag").unlink()
        self.home.run("incident", "resolve", incident, "--reason", "removed the flag")
        wait_for(lambda: not plane.incidents("open"), "the end")
        self.assertEqual(plane.get("/api/v1/runbooks/mend")["mode"], "approve")
        self.assertIn("Something is wrong", self.home.ok("report", "weekly", "--week", time.strftime("%Y-%m-%d", time.gmtime())))
        doctor = self.home.json("doctor")
        self.assertTrue(doctor["healthy"], doctor)

    def test_lint_tells_file_line_and_a_sentence(self):
        bad = self.home.path / "bad.yaml"
        bad.write_text(MEND.format(url="http://127.0.0.1:1").replace(", idempotent: true", ""))
        lint = self.home.run("runbook", "lint", bad)
        self.assertEqual(lint.returncode, 1)
        self.assertRegex(lint.stdout, r"bad\.yaml:\d+: ")
        good = self.home.path / "good.yaml"
        good.write_text(MEND.format(url="http://127.0.0.1:1"))
        self.assertEqual(self.home.ok("runbook", "lint", good), "fine\n")
        self.assertIn("service-down", self.home.ok("runbook", "list"))
        self.assertIn("$schema", self.home.json("runbook", "schema"))
        self.assertIn("vigia, service, restart", self.home.ok("runbook", "show", "service-down"))


if __name__ == "__main__":
    harness.main()
