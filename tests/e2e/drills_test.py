"""Drills: a scratch home, a real control plane, a real fault. A few of them, or all with VIGIA_DRILLS=all."""
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

from harness import BIN, TIME_FACTOR, Home, clean_environment, main, wait_for

QUICK = ["kill", "hang", "tampered-model"]


def processes(folder, program):
    """Command lines that name the folder and the program."""
    lines = []
    for file in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_text().replace("\0", " ")
        except OSError:
            continue  # it has ended
        if folder in line and program in line:
            lines.append(line)
    return lines


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

    def test_an_interrupted_drill_leaves_nothing_behind(self):
        with tempfile.TemporaryDirectory() as scratch:
            with subprocess.Popen([BIN / "vigia", "--home", self.home.path, "drill", "run", "hang", "hang"], text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  env={**clean_environment(), "TMPDIR": scratch}) as drill:
                try:
                    wait_for(lambda: processes(scratch, "vigia-risk"), "the drill's service", seconds=90)
                    drill.send_signal(signal.SIGTERM)
                    _, words = drill.communicate(timeout=60 * TIME_FACTOR)
                finally:
                    drill.kill()
            self.assertEqual(drill.returncode, 1, words)
            self.assertEqual(words, "vigia: interrupted; what was started has been ended and removed\n")
            self.assertEqual(os.listdir(scratch), [])
            self.assertEqual(processes(scratch, ""), [])

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
