"""Alerts from and to the tools that people have: a real Prometheus sends, an unmodified amtool reads and silences."""
import http.server
import json
import os
import shutil
import subprocess
import tempfile
import threading
import unittest

import harness
from control_harness import ONCALL, Plane, Sink, end_services, write_settings
from harness import TIME_FACTOR, Home, free_port, wait_for

RUNBOOK = """
name: shop-errors
title: The shop answers with errors
trigger: [{alert: ['alertname="ShopErrors"', 'severity=~"page|critical"']}]
key: [job]
diagnose: [{id: look, run: [uptime], timeout: 5s}]
mitigate:
  - name: note
    steps: [{id: note, run: [uptime], effect: write, idempotent: true, timeout: 5s}]
verify: {when: '.alert.firing | not', every: 1s, need: 2, timeout: 20s}
escalate: {policy: sre, at_once: true}
postmortem: {when: never}
"""
SILENT = """
name: nightly
title: Nightly
trigger: [{schedule: "* * * * *"}]
mitigate:
  - name: work
    steps: [{id: work, run: [uptime], effect: write, idempotent: true, timeout: 5s}]
verify: {when: '.alert.firing | not', every: 1s, need: 1, timeout: 20s}
escalate: {policy: sre}
"""


class Exporter(http.server.ThreadingHTTPServer):
    """A shop that counts its errors."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.errors = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            text = f"# TYPE shop_errors gauge\nshop_errors{{path=\"/buy\"}} {self.server.errors}\n".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass


class Prometheus:
    """Debian's, with one rule, sending to `url`."""

    def __init__(self, exporter_port, url):
        self.folder = tempfile.mkdtemp(prefix="vigia-prometheus-")
        self.port = free_port()
        target = url.removeprefix("http://")
        with open(self.folder + "/rules.yml", "w") as file:
            file.write("groups:\n- name: shop\n  rules:\n  - alert: ShopErrors\n    expr: shop_errors > 0\n"
                       "    labels: {severity: page}\n    annotations: {summary: 'errors at {{ $labels.path }}'}\n")
        with open(self.folder + "/prometheus.yml", "w") as file:
            file.write(f"global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: [rules.yml]\n"
                       f"alerting:\n  alertmanagers:\n  - static_configs: [{{targets: ['{target}']}}]\n"
                       f"scrape_configs:\n- job_name: shop\n  static_configs: [{{targets: ['127.0.0.1:{exporter_port}']}}]\n")
        self.log = open(self.folder + "/log", "w+")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/data",
             f"--web.listen-address=127.0.0.1:{self.port}", "--rules.alert.resend-delay=2s"],
            stdout=self.log, stderr=self.log, cwd=self.folder)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def add_runbook(home, text):
    (home.path / "runbooks").mkdir(exist_ok=True)
    (home.path / "runbooks" / (text.split()[1] + ".yaml")).write_text(text)


class AlertsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # For the last test: its minute passes while the others run.
        home = Home()
        cls.addClassCleanup(home.close)
        (home.path / "oncall.yaml").write_text(ONCALL.format(url="http://127.0.0.1:9/nobody"))
        add_runbook(home, SILENT)
        write_settings(home, services=[])
        cls.scheduled = Plane(home)
        cls.addClassCleanup(cls.scheduled.stop)

    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)
        self.addCleanup(end_services, self.home)
        self.sink = Sink()
        self.addCleanup(self.sink.close)
        (self.home.path / "oncall.yaml").write_text(ONCALL.format(url=self.sink.url))

    def up(self, **sections):
        # No service of Vigia's own: it watches others.
        write_settings(self.home, services=[], **sections)
        plane = Plane(self.home)
        self.addCleanup(plane.stop)
        return plane

    def amtool(self, plane, *arguments, code=0):
        done = subprocess.run(["amtool", "--alertmanager.url", plane.url, *arguments], capture_output=True, text=True,
                              timeout=30 * TIME_FACTOR, env={**os.environ, "HOME": str(self.home.path)})
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done.stdout

    def ours(self, plane, state="all"):
        # The machine of the test may have troubles of its own.
        return [one for one in plane.incidents(state) if one["runbook"] in (None, "", "shop-errors", "nightly")]

    def shop(self, plane):
        return [one for one in plane.incidents() if one["runbook"] == "shop-errors"]

    def test_a_prometheus_opens_an_incident_and_amtool_silences(self):
        add_runbook(self.home, RUNBOOK)
        exporter = Exporter()
        self.addCleanup(exporter.server_close)
        self.addCleanup(exporter.shutdown)
        port = free_port()
        prometheus = Prometheus(exporter.server_address[1], f"http://127.0.0.1:{port}")
        self.addCleanup(prometheus.close)
        plane = self.up(control={"port": port}, checks=[
            {"name": "errors_by_path", "every": "1s", "no_data": "ok", "severity": "low",
             "promql": {"url": f"http://127.0.0.1:{prometheus.port}", "query": "sum by (path) (shop_errors)", "above": 5}}])

        # Nothing is wrong: amtool agrees.
        self.assertEqual(json.loads(self.amtool(plane, "alert", "query", "-o", "json")), [])

        # An error: Prometheus sends, the runbook runs, people are called once.
        exporter.errors = 1
        wait_for(lambda: self.shop(plane), "an incident from Prometheus", 60)
        incident = self.shop(plane)[0]
        self.assertEqual((incident["key"], incident["severity"]), ("job=shop", "P1"))
        wait_for(lambda: "step_outcome" in [one["kind"] for one in plane.timeline(incident["id"])], "a step of its runbook")
        found = json.loads(self.amtool(plane, "alert", "query", "alertname=ShopErrors", "-o", "json"))
        self.assertEqual(found[0]["status"]["state"], "active")
        self.assertEqual(found[0]["annotations"]["summary"], "errors at /buy")
        self.assertEqual(found[0]["receivers"], [{"name": "sre"}])
        self.assertIn("ShopErrors", self.amtool(plane, "alert", "query", "severity=~\"page|critical\""))
        self.assertEqual(json.loads(self.amtool(plane, "alert", "query", "severity=low", "-o", "json")), [])

        # amtool silences it: the alert is shown as suppressed, the incident pages no further.
        silence = self.amtool(plane, "silence", "add", "alertname=ShopErrors", "path=~/b.*", "-c", "deploy", "-a", "ana", "-d", "1h").strip()
        self.assertRegex(silence, "^[0-9a-f-]{36}$")
        self.assertEqual(self.amtool(plane, "silence", "query", "-q").split(), [silence])
        self.assertIn("deploy", self.amtool(plane, "silence", "query", "-o", "extended"))
        self.assertEqual(json.loads(self.amtool(plane, "alert", "query", "-o", "json")), [])
        found = json.loads(self.amtool(plane, "alert", "query", "-s", "-o", "json"))
        self.assertEqual(found[0]["status"]["silencedBy"], [silence])
        wait_for(lambda: "muted" in [one["kind"] for one in plane.timeline(incident["id"])], "the incident to be muted")
        self.amtool(plane, "silence", "expire", silence)
        self.assertEqual(self.amtool(plane, "silence", "query", "-q"), "")
        self.assertEqual(self.amtool(plane, "silence", "query", "--expired", "-q").split(), [silence])
        self.amtool(plane, "silence", "expire", silence, code=1)  # once is enough
        self.assertIn("sre", self.amtool(plane, "config", "show"))

        # A query to the same Prometheus is a check of ours.
        exporter.errors = 9
        wait_for(lambda: [one for one in self.ours(plane, "open") if one["title"] == "Alert errors_by_path"], "the query's incident", 60)
        alert = [one for one in plane.get("/api/v1/alerts")["items"] if one["check"] == "errors_by_path"][0]
        self.assertEqual((alert["labels"]["path"], alert["value"]), ("/buy", 9.0))

        # It is over: Prometheus says so, and verification closes the incident.
        exporter.errors = 0
        wait_for(lambda: not self.ours(plane, "open"), "both incidents to be over", 90)
        self.assertEqual(json.loads(self.amtool(plane, "alert", "query", "-o", "json")), [])

    def test_a_silenced_alert_opens_nothing(self):
        plane = self.up(silences=[], inhibit_rules=[{"source_matchers": "alertname=Down", "target_matchers": "alertname=Slow", "equal": ["job"]}])
        self.amtool(plane, "silence", "add", "alertname=Quiet", "-c", "known", "-d", "1h")
        for name in ("Quiet", "Down", "Slow"):
            self.amtool(plane, "alert", "add", name, "job=shop", "severity=critical")
        wait_for(lambda: self.ours(plane, "open"), "the incident of what is heard")
        self.assertEqual([one["title"] for one in self.ours(plane)], ["Alert Down"])
        by_check = {one["check"]: one for one in plane.get("/api/v1/alerts")["items"] if one["source"] == "api"}
        self.assertEqual(len(by_check["Quiet"]["silenced_by"]), 1)
        self.assertEqual(by_check["Slow"]["inhibited_by"], [by_check["Down"]["fingerprint"]])
        self.assertEqual(by_check["Down"]["incident"], self.ours(plane)[0]["id"])
        groups = json.loads(plane.request("GET", "/api/v2/alerts/groups")[1])
        self.assertEqual(len(groups), 3)

        # It survives the death of the control plane.
        plane.kill()
        plane = Plane(self.home)
        self.addCleanup(plane.stop)
        self.assertEqual(len(json.loads(self.amtool(plane, "alert", "query", "-a", "-s", "-i", "-o", "json"))), 3)
        self.assertEqual([one["title"] for one in self.ours(plane)], ["Alert Down"])

    def test_the_webhook_of_another_alertmanager(self):
        plane = self.up()
        payload = {"version": "4", "groupKey": "{}:{}", "status": "firing", "receiver": "vigia", "alerts": [
            {"status": "firing", "labels": {"alertname": "Far", "job": "x"}, "annotations": {"summary": "far away"},
             "startsAt": "2026-01-01T00:00:00Z", "endsAt": "0001-01-01T00:00:00Z"}]}
        self.assertEqual(plane.request("POST", "/api/v1/webhook/alertmanager", payload)[0], 200)
        wait_for(lambda: self.ours(plane, "open"), "its incident")
        self.assertEqual(plane.request("POST", "/api/v1/webhook/alertmanager", payload)[0], 200)
        payload["alerts"][0] |= {"status": "resolved", "endsAt": "2026-01-01T01:00:00Z"}
        self.assertEqual(plane.request("POST", "/api/v1/webhook/alertmanager", payload)[0], 200)
        wait_for(lambda: not self.ours(plane, "open"), "its end")
        self.assertEqual(len(self.ours(plane)), 1)
        status, text = plane.request("POST", "/api/v2/alerts", [{"labels": {"alertname": "Good"}}, {"labels": {}}])
        self.assertEqual((status, json.loads(text)), (400, "alert 2: it has no labels"))
        wait_for(lambda: self.ours(plane, "open"), "the good one")

    def test_who_may_write(self):
        plane = self.up(control={"alertmanager_writes": "key"})
        alerts = [{"labels": {"alertname": "X"}}]
        self.assertEqual(plane.request("GET", "/api/v2/alerts")[0], 200)
        self.assertEqual(plane.request("POST", "/api/v2/alerts", alerts)[0], 403)
        self.assertEqual(plane.request("POST", "/api/v2/alerts", alerts, "wrong")[0], 401)
        self.assertEqual(plane.request("POST", "/api/v2/alerts", alerts, plane.token())[0], 200)
        plane.stop()
        plane = self.up()
        # A page in a browser on this machine is nobody.
        import urllib.error
        import urllib.request
        request = urllib.request.Request(plane.url + "/api/v2/alerts", json.dumps(alerts).encode(),
                                         {"Content-Type": "application/json", "Origin": "https://elsewhere.example"})
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=20)
        self.assertEqual(refused.exception.code, 403)

    def test_the_commands(self):
        (self.home.path / "oncall.yaml").write_text(ONCALL.format(url=self.sink.url) + "windows: {nightly: {hours: '24/7'}}\n")
        plane = self.up(silences=[{"window": "nightly", "matchers": "alertname=Backup", "comment": "dumps"}])
        made = self.home.json("silence", "add", "alertname=Known", "job=~shop|bank", "--for", "30m", "--comment", "we know")
        self.assertEqual((made["state"], made["text"]), ("active", ['alertname="Known"', 'job=~"shop|bank"']))
        self.assertEqual(plane.request("POST", "/api/v2/alerts", [
            {"labels": {"alertname": name, "job": "shop"}} for name in ("Known", "Backup", "New")])[0], 200)
        wait_for(lambda: self.ours(plane, "open"), "the incident of the new one")
        alerts = {one["check"]: one for one in self.home.json("alert", "list", "job=shop")}
        self.assertEqual(alerts["Known"]["silenced_by"], [made["id"]])
        self.assertEqual(alerts["Backup"]["silenced_by"], ["window:nightly"])
        self.assertEqual(alerts["New"]["silenced_by"], [])
        self.assertEqual(len(self.home.json("alert", "list", "--state", "suppressed")), 2)
        self.assertIn(made["id"], self.home.ok("alert", "list", "alertname=Known"))
        listed = self.home.json("silence", "list")
        self.assertEqual([one["id"] for one in listed["silences"]], [made["id"]])
        self.assertEqual(listed["windows"][0]["open"], True)
        self.assertIn("we know", self.home.ok("silence", "list"))
        self.home.ok("silence", "expire", made["id"])
        self.assertEqual(self.home.json("silence", "list")["silences"], [])
        wait_for(lambda: len(self.ours(plane, "open")) == 2, "the incident of what is heard again")
        self.assertEqual(self.home.run("silence", "expire", made["id"]).returncode, 1)
        self.assertEqual(self.home.run("silence", "add", "job=~.*").returncode, 1)  # it would silence everything
        self.assertEqual(self.home.run("silence", "add", "a=b", "--for", "soon").returncode, 1)
        self.assertEqual(self.home.run("silence", "add").returncode, 2)
        self.assertIn("service_down", [one["name"] for one in self.home.json("check", "list")])
        audit = (self.home.path / "logs/audit.log").read_text()
        self.assertIn("silence_set", audit)
        self.assertIn("silence_expire", audit)

    def test_within_a_minute_a_schedule_runs_its_runbook(self):
        wait_for(lambda: [one for one in self.scheduled.incidents("resolved") if one["runbook"] == "nightly"], "the scheduled run", 100)


if __name__ == "__main__":
    harness.main()
