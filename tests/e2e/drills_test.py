"""Drills: a scratch home, a real control plane, a real fault. A few of them, or all with VIGIA_DRILLS=all."""
import json
import os
import unittest

from harness import Home, main

QUICK = ["kill", "hang", "tampered-model"]


class DrillsTest(unittest.TestCase):
    def setUp(self):
        self.home = Home()  # drills make homes of their own; this one must stay as it is

    def tearDown(self):
        self.home.close()

    def test_the_list_names_a_runbook_for_each(self):
        drills = self.home.json("drill", "list")
        self.assertGreaterEqual(len(drills), 17)
        for drill in drills:
            self.assertTrue(drill["runbook"] and drill["title"] and drill["expected"], drill)

    def test_an_unknown_drill_is_refused(self):
        done = self.home.run("drill", "run", "weather")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no drill 'weather'", done.stderr)

    def test_drills_end_as_expected(self):
        names = QUICK if os.environ.get("VIGIA_DRILLS") != "all" else ["all"]
        done = self.home.run("drill", "run", *names, "--json", timeout=1200)
        reports = json.loads(done.stdout)
        for report in reports:
            with self.subTest(report["drill"]):
                if report["end"] == "skipped":
                    self.assertIn("root", report["why"])
                    continue
                self.assertEqual(report["end"], "passed", report)
                self.assertTrue(report["postmortem"].startswith("# "), report)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.home.files(), {})


if __name__ == "__main__":
    main()
