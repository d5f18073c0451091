"""What the built programs are made of."""
import subprocess
import sys
import unittest

import harness
from harness import BIN, ROOT


class Programs(unittest.TestCase):
    def libraries(self, program):
        return subprocess.run(["ldd", str(BIN / program)], capture_output=True, text=True, check=True).stdout

    def test_the_serving_process_is_light(self):
        linked = self.libraries("vigia-risk")
        for heavy in ("duckdb", "xgboost", "opencv", "libzip", "xlsxwriter", "pugixml"):
            self.assertNotIn(heavy, linked)

    def test_every_library_is_found(self):
        for program in ("vigia", "vigia-risk"):
            self.assertNotIn("not found", self.libraries(program))

    def test_the_reference_pages_are_up_to_date(self):
        for generator in (["docs/generate_cli.py", BIN / "vigia"], ["docs/generate_api.py"]):
            done = subprocess.run([sys.executable, *generator, "--check"], cwd=ROOT, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_help_of_every_command(self):
        top = subprocess.run([str(BIN / "vigia"), "--help"], capture_output=True, text=True, check=True).stdout
        names = [line.split()[0] for line in top.split("Subcommands:")[1].split("Examples:")[0].splitlines() if line.strip()]
        self.assertGreater(len(names), 5)
        for name in names:
            done = subprocess.run([str(BIN / "vigia"), name, "--help"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, name)
            self.assertTrue(done.stdout.strip(), name)


if __name__ == "__main__":
    harness.main()
