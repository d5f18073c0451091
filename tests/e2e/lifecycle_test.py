"""Batch scoring and canaries from outside."""
import csv
import json
import unittest

import harness
from harness import Home, Service, wait_for


class Lifecycle(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = Home()
        cls.addClassCleanup(cls.home.close)
        workbook = cls.home.path / "sample.xlsx"
        cls.home.ok("sample", "--students", 200, "--years", "2022,2023", "--seed", 7, "--out", workbook)
        cls.rows = cls.home.path / "rows.csv"
        cls.home.ok("dataset", "build", "--source", workbook, "--out", cls.rows)
        cls.home.ok("train", "--data", cls.rows, timeout=300)
        for version in ("v1.0.0", "v1.1.0"):
            cls.home.ok("registry", "register", "--version", version)
        cls.home.ok("registry", "promote", "--version", "v1.0.0")

    def test_a_file_gets_the_scores_that_the_service_gives(self):
        out = self.home.path / "scored.csv"
        summary = self.home.json("score", "--input", self.rows, "--output", out)
        with open(self.rows) as before, open(out) as after:
            rows, scored = list(csv.DictReader(before)), list(csv.DictReader(after))
        self.assertEqual(len(rows), len(scored))
        self.assertEqual(len(rows), summary["n_rows"])
        service = Service(self.home)
        self.addCleanup(service.kill)
        features = set(service.get("/metadata").json()["expected_features"]) | {"ano"}

        def value(text):
            try:
                number = float(text)
            except ValueError:
                return text
            return int(number) if number.is_integer() else number

        instances = [{name: value(cell) for name, cell in row.items() if name in features and cell != ""}
                     for row in rows[:100]]
        answer = service.predict(*instances)
        self.assertEqual(200, answer.status, answer.body)
        for want, got in zip(answer.json()["predictions"], scored):
            self.assertAlmostEqual(want["risk_score"], float(got["risk_score"]), delta=2e-6)
            self.assertEqual(want["risk_label"], int(got["risk_label"]))
            self.assertEqual("v1.0.0", got["model_version"])

    def test_a_canary_starts_and_ends_on_a_running_service(self):
        service = Service(self.home)
        self.addCleanup(service.kill)
        self.home.ok("registry", "canary", "--version", "v1.1.0", "--percent", 100)

        def answered_by():
            return service.predict({"fase": 3}).json()["predictions"][0]["model_version"]

        wait_for(lambda: answered_by() == "v1.1.0", "the canary", seconds=2)
        self.assertEqual("v1.1.0", self.home.json("registry", "canary")["canary"]["version"])
        self.home.ok("registry", "canary", "--off")
        wait_for(lambda: answered_by() == "v1.0.0", "the champion again", seconds=2)
        self.assertEqual(1, self.home.run("registry", "canary", "--version", "v1.0.0").returncode)
        self.assertTrue(self.home.json("registry", "verify")["ok"])

    def test_a_shadow_scores_beside_the_champion_unseen(self):
        service = Service(self.home)
        self.addCleanup(service.kill)
        self.home.ok("registry", "shadow", "--version", "v1.1.0")
        wait_for(lambda: (service.get("/health").json()["shadow"] or {}).get("version") == "v1.1.0", "the shadow")

        def counted(name):
            for line in service.get("/metrics?format=prometheus").body.decode().splitlines():
                if line.startswith(name + " "):
                    return float(line.split()[-1])
            return None

        for i in range(20):
            answer = service.predict({"fase": i % 8, "ida": i / 3}, {"fase": 2})
            self.assertEqual({"v1.0.0"}, {p["model_version"] for p in answer.json()["predictions"]})
        wait_for(lambda: counted("model_shadow_rows_total") == 40, "the shadow's scores")
        self.assertEqual(0, counted("model_shadow_rows_dropped_total"))
        self.assertEqual(40, service.get("/metrics").json()["predictions"]["total"])
        self.home.ok("registry", "shadow", "--off")
        wait_for(lambda: service.get("/health").json()["shadow"] is None, "the shadow's end")
        service.stop()

        compared = self.home.json("registry", "compare", "--version", "v1.1.0")
        self.assertEqual([40], [side["compared"] for side in compared["champions"]])
        self.assertEqual(1.0, compared["champions"][0]["agreement"])  # the same artifacts under two names
        self.assertEqual(0, compared["not_scored"])
        drift = self.home.json("drift", "report", "--model-version", "v1.1.0", "--days", 1)
        self.assertGreaterEqual(drift["n_instances"], 40)


if __name__ == "__main__":
    harness.main()
