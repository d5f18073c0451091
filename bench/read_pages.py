#!/usr/bin/env python3
"""What browsers with the dashboard open ask of a control plane, and how long each answer takes.
Usage: read_pages.py URL SECONDS [BROWSERS [PAUSE]]. Each browser goes through the pages, with PAUSE seconds after each
answer, beside a connection that follows the events. Prints JSON: over all, and per path."""
import http.client
import json
import sys
import threading
import time
import urllib.parse

PAGES = [
    ["/", "/api/v1/session", "/api/v1/status"],  # the first load
    ["/api/v1/status", "/api/v1/incidents?state=open&limit=20"],  # overview
    ["/api/v1/incidents?limit=100", "/api/v1/incidents?state=open&limit=100", "/api/v1/incidents?q=no+such+title&limit=100"],
    ["/api/v1/models", "/api/v1/models/history"],
    ["/api/v1/drift", "/api/v1/drift/history?weeks=12", "/api/v1/performance"],
    ["/api/v1/runbooks", "/api/v1/runbooks/service-down"],
    ["/api/v1/drills", "/api/v1/drill-runs"],
    ["/api/v1/oncall"],
    ["/api/v1/silences"],
    ["/api/v1/jobs"],
    ["/api/v1/audit?limit=100"],
    ["/api/v1/alerts"],  # no page shows these two, but scripts and `vigia` ask for them
    ["/api/v1/checks"],
]


class Browser(threading.Thread):
    def __init__(self, url, ends, pause, first):
        super().__init__(daemon=True)
        self.host, self.ends, self.pause = urllib.parse.urlsplit(url), ends, pause
        self.pages = PAGES[first:] + PAGES[:first]  # not all on the same page at the same time
        self.took, self.problem = {}, None

    def look(self, path, name=None):
        begun = time.perf_counter()
        self.connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = self.connection.getresponse()
        body = answer.read()
        self.took.setdefault(name or path, []).append((time.perf_counter() - begun) * 1000)
        if answer.status != 200:
            raise ValueError(f"{path}: {answer.status} {body[:200]!r}")
        time.sleep(self.pause)
        return body

    def look_at_an_incident(self):
        for one in json.loads(self.look("/api/v1/incidents?limit=1"))["items"]:
            at = f"/api/v1/incidents/{one['id']}"
            self.look(at, "/api/v1/incidents/{id}")
            self.look(at + "/timeline?limit=200&order=newest", "/api/v1/incidents/{id}/timeline")
            if one["run"]:
                self.look(f"/api/v1/runs/{one['run']}", "/api/v1/runs/{id}")

    def follow_events(self):
        connection = http.client.HTTPConnection(self.host.hostname, self.host.port)
        connection.request("GET", "/api/v1/events")
        answer = connection.getresponse()
        while answer.read1(65536):
            pass

    def run(self):
        try:
            self.connection = http.client.HTTPConnection(self.host.hostname, self.host.port, timeout=30)
            threading.Thread(target=self.follow_events, daemon=True).start()
            while time.monotonic() < self.ends:
                for page in self.pages:
                    for path in page:
                        self.look(path)
                self.look_at_an_incident()
        except (OSError, ValueError, http.client.HTTPException) as error:
            self.problem = f"{type(error).__name__}: {error}"


def quantile(values, share):
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1)


def main():
    url, seconds = sys.argv[1], float(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    pause = float(sys.argv[4]) if len(sys.argv) > 4 else 0.05
    ends = time.monotonic() + seconds
    browsers = [Browser(url, ends, pause, 4 * i % len(PAGES)) for i in range(count)]
    for browser in browsers:
        browser.start()
    for browser in browsers:
        browser.join(seconds + 60)
    problems = [browser.problem for browser in browsers if browser.problem]
    if problems:
        sys.exit(f"read_pages: {problems[0]}")
    paths = {}
    for browser in browsers:
        for path, values in browser.took.items():
            paths.setdefault(path, []).extend(values)
    every = [value for values in paths.values() for value in values]
    print(json.dumps({
        "requests": len(every), "p50_ms": quantile(every, 0.5), "p99_ms": quantile(every, 0.99), "slowest_ms": round(max(every), 1),
        "paths": {path: {"n": len(v), "p50_ms": quantile(v, 0.5), "p99_ms": quantile(v, 0.99)} for path, v in sorted(paths.items())}}))


if __name__ == "__main__":
    main()
