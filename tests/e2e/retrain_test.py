"""Retraining from outside: promoted, refused, dry, forced, killed."""
import json
import pathlib
import signal
import subprocess
import unittest

import harness
from harness import VIGIA, Home, Service, wait_for


# What a poisoned table does to the verdict is the same with the quick family; the dry run compares all of them.
QUICK = ("--families", "logistic_regression")
SLOW = 500  # seconds: training, on a machine that does other things as well


class Retrain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = Home()
        cls.addClassCleanup(cls.home.close)
        cls.workbook = cls.home.path / "sample.xlsx"
        cls.home.ok("sample", "--students", 300, "--years", "2022,2023,2024", "--seed", 7, "--out", cls.workbook)
        cls.home.ok("dataset", "build", "--source", cls.workbook, "--feature-year", 2022, "--label-year", 2023)
        cls.both = cls.home.path / "both.parquet"
        cls.home.ok("dataset", "build", "--source", cls.workbook, "--out", cls.both)
        cls.home.ok("train")
        cls.home.ok("registry", "register", "--version", "v1.0.0")
        cls.home.ok("registry", "promote", "--version", "v1.0.0")

    def champion(self):
        return json.loads((self.home.path / "models/registry/champion.json").read_text())["version"]

    def test_1_a_version_is_mandatory(self):
        self.assertEqual(2, self.home.run("retrain").returncode)

    def test_2_a_dry_run_touches_nothing(self):
        before = self.home.files()
        done = self.home.run("retrain", "--new_version", "v1.1.0", "--data", self.both, "--dry_run", "--json",
                             timeout=SLOW)
        report = json.loads(done.stdout)
        self.assertEqual(before, self.home.files())
        self.assertTrue(report["dry_run"])
        self.assertEqual("later_years", report["comparison"]["holdout"])
        self.assertEqual(0 if report["verdict"] == "approved" else 1, done.returncode)
        self.assertEqual({"recall", "precision", "brier", "roc_auc"},
                         {rail["metric"] for rail in report["comparison"]["guardrails"]})

    def test_3_killed_at_any_time_leaves_a_registry_that_serves(self):
        for seconds in (0.3, 1.0, 2.5):
            run = subprocess.Popen([str(VIGIA), "--home", str(self.home.path), "retrain", "--new-version", "v1.9.0",
                                    "--data", str(self.both)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                run.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                run.send_signal(signal.SIGKILL)
                run.wait()
            self.assertTrue(self.home.json("registry", "verify")["ok"])

    def test_4_a_worse_challenger_is_kept_marked_and_not_served(self):
        # Labels turned around for most pupils of an older year: what is learnt there is wrong.
        rows = self.home.path / "rows.csv"
        self.home.ok("dataset", "build", "--source", self.workbook, "--out", rows)
        header, *lines = rows.read_text().splitlines()
        label = header.split(",").index("em_risco")
        year = header.split(",").index("ano")
        poisoned = list(lines)
        for copy in range(3):
            for i, line in enumerate(lines):
                cells = line.split(",")
                cells[header.split(",").index("aluno")] = str(10_000_000 + copy * len(lines) + i)
                cells[label] = str(1 - int(cells[label]))
                cells[year] = "2022"
                poisoned.append(",".join(cells))
        rows.write_text("\n".join([header, *poisoned]) + "\n")
        artifacts = (self.home.path / "artifacts/model.json").read_bytes()
        done = self.home.run("retrain", "--new-version", "v1.2.0", "--data", rows, *QUICK, "--json", timeout=SLOW)
        self.assertEqual(1, done.returncode, done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual(("rejected", "rejected"), (report["verdict"], report["outcome"]))
        self.assertEqual("v1.0.0", self.champion())
        manifest = self.home.json("registry", "show", "--version", "v1.2.0")
        self.assertEqual("rejected", manifest["status"])
        self.assertTrue(manifest["rejection_reason"])
        self.assertEqual(artifacts, (self.home.path / "artifacts/model.json").read_bytes())
        text = pathlib.Path(report["report"]).read_text()
        self.assertIn("rejeitado", text)
        self.assertIn("rejected", text)

        service = Service(self.home)
        self.addCleanup(service.kill)
        forced = self.home.run("retrain", "--new-version", "v1.3.0", "--data", rows, *QUICK, "--force",
                               "--by", "ana", timeout=SLOW)
        self.assertEqual(0, forced.returncode, forced.stderr)
        wait_for(lambda: service.get("/health").json()["model_version"] == "v1.3.0", "the new champion", seconds=2)
        self.assertFalse([p for p in (self.home.path / "state/retrain").iterdir() if p.name != ".lock"])
        self.assertTrue((self.home.path / "models/registry/v1.3.0/monitoring_baseline/feature_profile.json").exists())
        self.assertEqual("v1.3.0", self.champion())
        self.assertIn("FORCED by ana", self.home.json("registry", "show", "--version", "v1.3.0")["notes"])
        audit = [json.loads(line) for line in (self.home.path / "logs/audit.log").read_text().splitlines()]
        self.assertTrue(any(e["action"] == "retrain" and e["details"]["forced"] for e in audit))
        self.home.ok("registry", "rollback", "--reason", "it was forced")


if __name__ == "__main__":
    harness.main()
