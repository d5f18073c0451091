"""Every command in the documents runs. A document's ```console blocks are one session, top to bottom, in a home of
its own that holds a trained, promoted v1.0.0; `$ ` starts a command, and the lines below it are its output (not
compared). `vigia serve risk …` goes to the background and is waited for. A block marked `console no-run` is for
what a test cannot do (it installs, or is this very test); those are counted, and few."""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import unittest

import harness
from harness import BIN, ROOT, Home, Service

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(path):
    """(info, lines) of each fenced block."""
    info, lines = None, []
    for line in path.read_text().splitlines():
        if info is None and line.startswith("```"):
            info, lines = line[3:].strip(), []
        elif line.startswith("```"):
            yield info, lines
            info = None
        elif info is not None:
            lines.append(line)


def commands(path):
    for info, lines in blocks(path):
        if info != "console":
            continue
        command = None
        for line in lines:
            if command is not None and command.endswith("\\"):
                command = command[:-1] + line.removeprefix("> ")
            elif line.startswith("$ "):
                if command is not None:
                    yield command
                command = line[2:]
        if command is not None:
            yield command


class Documents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.trained = Home()
        cls.addClassCleanup(cls.trained.close)
        workbook = cls.trained.path / "PEDE.xlsx"
        cls.trained.ok("sample", "--students", 300, "--years", "2022,2023,2024", "--seed", 3, "--out", workbook)
        cls.trained.ok("dataset", "build", "--source", workbook)
        cls.trained.ok("train")
        cls.trained.ok("registry", "register", "--version", "v1.0.0")
        cls.trained.ok("registry", "promote", "--version", "v1.0.0")

    def run_document(self, document):
        home = Home()
        self.addCleanup(home.close)
        shutil.rmtree(home.path)
        shutil.copytree(self.trained.path, home.path)
        service = None
        port = 8000
        for command in commands(document):
            with self.subTest(command=command):
                if re.match(r"(\w+=\S+ )*vigia (--home \S+ )?serve risk", command):
                    words = shlex.split(command)
                    settings = dict(word.split("=", 1) for word in words[: words.index("vigia")])
                    flags = words[words.index("risk") + 1 :]
                    if "--port" in flags:
                        del flags[flags.index("--port") : flags.index("--port") + 2]
                    if service is not None:
                        service.stop()
                    service = Service(home, *flags, env=settings)
                    self.addCleanup(service.kill)
                    port = service.port
                    continue
                done = subprocess.run(
                    ["bash", "-euo", "pipefail", "-c", command.replace("localhost:8000", f"localhost:{port}")],
                    capture_output=True, text=True, cwd=home.path, timeout=120 * harness.TIME_FACTOR,
                    env={**harness.clean_environment(), "VIGIA_HOME": str(home.path),
                         "PATH": f"{BIN}:{os.environ['PATH']}"})
                self.assertEqual(done.returncode, 0, f"{document.name}: {command}\n{done.stderr}{done.stdout}")

    def test_only_a_few_blocks_are_not_run(self):
        skipped = [(d.name, lines) for d in DOCUMENTS for info, lines in blocks(d) if info == "console no-run"]
        self.assertLessEqual(len(skipped), 6, skipped)

    def test_links_and_paths_lead_somewhere(self):
        for document in DOCUMENTS:
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
                with self.subTest(document=document.name, target=target):
                    self.assertTrue((document.parent / target).exists())

    def test_the_table_of_weaknesses_names_tests_that_exist(self):
        tests = set()
        for source in (ROOT / "src").rglob("*_test.cc"):
            tests.update(".".join(found) for found in
                         re.findall(r"^TEST(?:_[FP])?\((\w+),\s*(\w+)\)", source.read_text(), re.M))
        named = re.findall(r"`(\w+\.\w+|tests/\S+\.py)`", (ROOT / "docs/published-weaknesses.md").read_text())
        self.assertGreater(len(named), 50)
        self.assertEqual([], [name for name in named
                              if name not in tests and not (name.startswith("tests/") and (ROOT / name).is_file())])


def add_document_tests():
    for document in DOCUMENTS:
        if any(True for _ in commands(document)):
            name = "test_" + re.sub(r"\W+", "_", str(document.relative_to(ROOT)))
            setattr(Documents, name, lambda self, document=document: self.run_document(document))


add_document_tests()


if __name__ == "__main__":
    harness.main()
