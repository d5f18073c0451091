"""A service that is not Vigia's, any HTTP server with a health page and Prometheus metrics: configuration alone
makes it watched, restarted when it dies, hangs or says that it is ill, and healed by a runbook."""
import os
import signal
import sys
import unittest

import harness
from control_harness import Plane, end_services, write_settings
from harness import Home, free_port, wait_for

# The shop knows nothing of Vigia. A file named `ill` beside it makes it say so, until it is started again.
SHOP = '''
import http.server, os, sys
ill = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ill")
if os.path.exists(ill): os.remove(ill)
class Page(http.server.BaseHTTPRequestHandler):
    orders = 0
    def do_GET(self):
        Page.orders += 1
        ok = not os.path.exists(ill)
        text = "up" if self.path == "/health" else f"# TYPE orders counter\\norders_total {Page.orders}\\nqueue_length 3\\n"
        self.send_response(200 if ok or self.path == "/metrics" else 503)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(text.encode())
    def log_message(self, *a): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
'''


class ForeignServiceTest(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)
        self.addCleanup(end_services, self.home)
        (self.home.path / "shop.py").write_text(SHOP)
        port = free_port()
        write_settings(
            self.home,
            services=[{"name": "shop", "command": [sys.executable, str(self.home.path / "shop.py"), "{port}"], "port": port,
                       "health_url": "http://127.0.0.1:{port}/health", "backoff_first": "200ms",
                       # When it only says that it is ill, the runbook decides.
                       "unhealthy_after": 1000}],
            signals={"sources": [{"name": "shop-metrics", "kind": "scrape", "url": f"http://127.0.0.1:{port}/metrics",
                                  "every": "1s", "labels": {"service": "shop"}}]},
            checks=[{"name": "queue_long", "when": {"signal": "queue_length", "labels": ['service="shop"'], "above": 100}}])
        self.plane = Plane(self.home)
        self.addCleanup(self.plane.stop)
        self.plane.wait_healthy("shop")

    def test_its_metrics_are_there(self):
        series = wait_for(lambda: self.plane.get("/api/v1/series?signal=orders_total&label=service%3D%22shop%22")["series"], "series")
        self.assertEqual(series[0]["labels"]["service"], "shop")
        wait_for(lambda: any(c["name"] == "queue_long" and c["instances"] == 1 and c["state"] == "ok"
                             for c in self.plane.get("/api/v1/checks")["items"]), "the check on its queue")

    def test_it_is_back_when_it_dies(self):
        first = self.plane.pid("shop")
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: self.plane.pid("shop") not in (None, first), "another process")
        self.plane.wait_healthy("shop")

    def test_a_runbook_restarts_it_when_it_is_ill(self):
        first = self.plane.pid("shop")
        (self.home.path / "ill").touch()
        healed = wait_for(lambda: self.plane.incidents("resolved"), "a healed shop", 60)[0]
        self.assertEqual((healed["runbook"], healed["key"]), ("service-down", "service=shop"))
        self.assertNotEqual(self.plane.pid("shop"), first)
        self.assertIn("vigia service restart shop", "\n".join(e["text"] for e in self.plane.timeline(healed["id"])))


if __name__ == "__main__":
    harness.main()
