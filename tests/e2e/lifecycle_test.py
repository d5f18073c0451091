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


if __name__ == "__main__":
    harness.main()
