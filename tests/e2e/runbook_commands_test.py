"""Every command of the runbooks that needs no Docker and no Kubernetes, run as it stands there from the home of a live
service, and what the runbook says comes back. The commands are in runbook_commands/table.json, from which
docs/runbooks.md is made too. `original` is the runbook's text, `ours` what stands for it (the Python programs of the
published system are vigia's commands); `run` says whether a step is run ("yes"), only what stands for it is ("ours"),
the service is ended and started ("restart"), or nothing is ("no", with the reason). A block on the home "fresh" gets
a copy of its own; its steps see each other's changes and exports."""
import csv
import importlib.util
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import harness
from harness import BIN, ROOT, Home, Service, wait_for

TABLE = json.loads((pathlib.Path(__file__).parent / "runbook_commands/table.json").read_text())
STATUS = ("green", "yellow", "red", "too_few_rows", "no_data", "insufficient_data")
NOT_FEATURES = ("aluno", "ano", "em_risco")
KINDS = {
    "<number>": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "<number or null>": lambda v: v is None or KINDS["<number>"](v),
    "<boolean>": lambda v: isinstance(v, bool),
    "<string>": lambda v: isinstance(v, str) and v != "",
    "<list>": lambda v: isinstance(v, list) and v != [],
    "<status>": lambda v: v in STATUS,
    "<any>": lambda v: True,
}


def text_of(lines):
    return lines if isinstance(lines, str) else "\n".join(lines)


def original(step):
    return text_of(step["original"])


def ours(step):
    return text_of(step.get("ours", step["original"]))


def at(document, path):
    for name in filter(None, path.split(".")):
        document = document[int(name)] if isinstance(document, list) else document[name]
    return document


def can_import(module):
    return importlib.util.find_spec(module) is not None


def instances(path, count):
    """Rows of a dataset in CSV, as instances and their labels."""
    with open(path, encoding="utf-8", newline="") as file:
        for row, _ in zip(csv.DictReader(file), range(count)):
            features = {}
            for name, value in row.items():
                if name not in NOT_FEATURES and value != "":
                    try:
                        features[name] = float(value)
                    except ValueError:
                        features[name] = value
            yield features, int(float(row["em_risco"]))


def prepare(home):
    """A trained champion v1.1.0 before which v1.0.0 was, stored predictions, their labels, and a log with an error."""
    home.ok("sample", "--students", 300, "--years", "2022,2023,2024", "--seed", 3)
    home.ok("dataset", "build")
    home.ok("dataset", "build", "--out", "run/rows.csv", "--interim", "run/interim")
    home.ok("train", "--version", "v1.1.0", "--families", "logistic_regression")
    artifacts = home.path / "artifacts"
    for name, kept in (("model.json", "model_v0.joblib"), ("model_signature.json", "model_signature_v0.json")):
        shutil.copy(artifacts / name, artifacts / kept)
    metadata = json.loads((artifacts / "model_metadata.json").read_text())
    (artifacts / "model_metadata_v0.json").write_text(json.dumps({**metadata, "model_version": "v0.9.0"}))
    service = Service(home, wait_ready=False)
    try:
        assert service.predict({"idade": 12}).status == 503
        for version in ("v1.0.0", "v1.1.0"):
            home.ok("registry", "register", "--version", version)
            home.ok("registry", "promote", "--version", version)
        wait_for(lambda: service.get("/health").json()["model_version"] == "v1.1.0", "the champion")
        answer = service.post("/predict", {"instances": [{"idade": 12}]}, {"X-Request-ID": "class-abc123"})
        assert answer.status == 200, answer.body
        store_labelled_predictions(home, service)
        home.ok("inference", "flush")
    finally:
        service.stop()


def store_labelled_predictions(home, service):
    rows = list(instances(home.path / "run/rows.csv", 400))
    labels = []
    for begin in range(0, len(rows), 20):
        batch = rows[begin:begin + 20]
        answer = service.predict(*[features for features, _ in batch])
        assert answer.status == 200, answer.body
        request = answer.json()["request_id"]
        labels += [{"request_id": request, "instance_index": i, "label": label} for i, (_, label) in enumerate(batch)]
    file = home.path / "run/labels.jsonl"
    file.write_text("".join(json.dumps(label) + "\n" for label in labels))
    home.ok("labels", "import", "--file", file)


class Shell:
    """One shell session in a home: what a command exports, the next one sees."""

    def __init__(self, home, service, tools):
        self.home, self.service = home, service
        self.environment = {**harness.clean_environment(), "VIGIA_HOME": str(home.path), "TZ": "UTC", "KEY": "runbook-key",
                            "PATH": f"{tools}:{BIN}:{os.environ['PATH']}"}
        self.exported = {}

    def run(self, command):
        if self.service is not None:
            command = command.replace("localhost:8000", f"localhost:{self.service.port}")
        with tempfile.NamedTemporaryFile() as seen:
            script = f'{command}\ncode=$?\nenv -0 > {seen.name}\nexit "$code"'
            done = subprocess.run(["bash", "-o", "pipefail", "-c", script], capture_output=True, text=True,
                                  cwd=self.home.path, timeout=120 * harness.TIME_FACTOR,
                                  env={**self.environment, **self.exported})
            after = dict(item.split("=", 1) for item in pathlib.Path(seen.name).read_text().split("\0") if "=" in item)
        shell_own = {"_", "SHLVL", "PWD", "OLDPWD"}
        self.exported.update({name: value for name, value in after.items()
                              if name not in shell_own and self.environment.get(name) != value})
        return done


class RunbookCommands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tools = tempfile.mkdtemp(prefix="vigia-tools-")
        cls.addClassCleanup(shutil.rmtree, cls.tools)
        debians = pathlib.Path("/usr/bin/python3")
        os.symlink(debians if debians.exists() else sys.executable, pathlib.Path(cls.tools) / "python")
        cls.base = Home()
        cls.addClassCleanup(cls.base.close)
        prepare(cls.base)
        cls.shared_service = Service(cls.base)
        cls.addClassCleanup(cls.shared_service.kill)

    def copy_of_base(self):
        home = Home()
        self.addCleanup(home.close)
        # Not the segments: the running service of the base holds them, and the predictions are in parquet.
        shutil.copytree(self.base.path, home.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("wal"))
        return home

    def start(self, home, settings=None):
        service = Service(home, env=settings or {}, wait_ready=home.has_model)
        self.addCleanup(service.kill)
        return service

    def shell_for(self, block):
        if block["home"] == "shared":
            return Shell(self.base, self.shared_service, self.tools)
        if block["home"] == "empty":
            home = Home()
            self.addCleanup(home.close)
        else:
            home = self.copy_of_base()
        home.has_model = block["home"] != "empty"
        needs_service = any("localhost" in ours(s) or s["run"] == "restart" or "serves" in s.get("expect", {})
                            for s in block["steps"])
        return Shell(home, self.start(home, block.get("service")) if needs_service else None, self.tools)

    def restart(self, shell):
        self.assertEqual(shell.service.stop(), 0)
        shell.service = self.start(shell.home, shell.exported)

    def run_block(self, block):
        shell = self.shell_for(block)
        if "before" in block:
            getattr(self, block["before"])(shell)
        for step in block["steps"]:
            with self.subTest(command=original(step)):
                if step["run"] == "restart":
                    self.restart(shell)
                elif step["run"] != "no":
                    self.run_step(shell, step)

    def run_step(self, shell, step):
        if "before_step" in step:
            self.assertEqual(shell.run(step["before_step"]).returncode, 0)
        self.run_and_check(shell, step, ours(step), step.get("expect", {}))

    def run_and_check(self, shell, step, command, expect):
        for placeholder, value in step.get("with", {}).items():
            command = command.replace(placeholder, value)
        done = shell.run(command)
        said = f"{command}\n{done.stdout}{done.stderr}"
        self.assertIn(done.returncode, expect.get("exit", [0]), said)
        for part in expect.get("contains", []):
            self.assertIn(part, done.stdout, said)
        for part in expect.get("lacks", []):
            self.assertNotIn(part, done.stdout, said)
        for part in expect.get("stderr", []):
            self.assertIn(part, done.stderr, said)
        for pattern in expect.get("matches", []):
            self.assertTrue(re.search(pattern, done.stdout, re.MULTILINE), f"no line matches {pattern}\n{said}")
        if "lines" in expect:
            self.assertEqual(len(done.stdout.splitlines()), expect["lines"], said)
        if "json" in expect:
            self.check_json(json.loads(done.stdout), expect["json"])
        self.check_files(shell.home, expect)
        if "serves" in expect:
            wait_for(lambda: shell.service.get("/health").json()["model_version"] == expect["serves"],
                     f"{expect['serves']} to be served")

    def check_json(self, document, expected):
        for path, value in expected.items():
            found = at(document, path)
            if isinstance(value, str) and value in KINDS:
                self.assertTrue(KINDS[value](found), f"{path} is {found!r}, not {value}")
            else:
                self.assertEqual(found, value, path)

    def check_files(self, home, expect):
        for pattern, content in expect.get("files", {}).items():
            found = sorted(home.path.glob(pattern))
            self.assertTrue(found, f"there is no {pattern}")
            self.assertGreater(found[-1].stat().st_size, 0, pattern)
            if content is not None and found[-1].suffix == ".json":
                self.check_json(json.loads(found[-1].read_text()), content)
        for path in expect.get("gone", []):
            self.assertFalse((home.path / path).exists(), path)

    # What a block needs before its first step.
    def spend_the_limit(self, shell):
        answer = shell.service.post("/predict", {"instances": [{"idade": 12}]}, {"X-API-Key": "runbook-key"})
        self.assertEqual(answer.status, 200, answer.body)

    def an_old_file(self, shell):
        store = shell.home.path / "monitoring/inference_store"
        newest = sorted(store.glob("*.parquet"))[-1]
        old = store / "inferences_2020-01-01.parquet"
        shutil.copy(newest, old)
        os.utime(old, (time.time() - 365 * 86400,) * 2)

    # The Python spellings, letter for letter, where `vigia compat install` wrote its programs.
    def test_the_python_spellings_work_once_installed(self):
        for block in TABLE["blocks"]:
            steps = [s for s in block["steps"] if s["run"] == "yes" and original(s).startswith("python")
                     and ours(s).startswith("vigia") and not s.get("as_it_stands")]
            if not steps:
                continue
            shell = self.shell_for(block)
            shell.home.ok("compat", "install")
            if "before" in block:
                getattr(self, block["before"])(shell)
            for step in steps:
                with self.subTest(command=original(step)):
                    self.run_and_check(shell, step, original(step), step.get("expect", {}))
            # Python keeps a compiled copy of what `-m` names, unless it is told not to; what they import is ours.
            self.assertEqual([], list(shell.home.path.rglob("vigia_shim*.pyc")))

    def test_snippets_that_need_libraries_run_as_they_stand_where_these_are(self):
        for block in TABLE["blocks"]:
            for step in block["steps"]:
                if not step.get("as_it_stands"):
                    continue
                with self.subTest(command=original(step)):
                    missing = [m for m in step.get("needs_modules", []) if not can_import(m)]
                    if missing:
                        self.skipTest("not at hand: " + ", ".join(missing) + "; the same is read by " + ours(step))
                    python = f'"{sys.executable}"' if step.get("needs_modules") else "python"
                    command = original(step).replace("python", python, 1)
                    expect = step.get("expect_as_it_stands", {"contains": ["v1.1.0"]})
                    self.run_and_check(self.shell_for(block), step, command, expect)

    def test_shims_leave_other_peoples_files(self):
        home = self.copy_of_base()
        (home.path / "src").mkdir()
        theirs = home.path / "src/registry.py"
        theirs.write_text("print('theirs')\n")
        before = home.files()
        done = home.run("compat", "install")
        self.assertEqual(done.returncode, 1)
        self.assertIn("src/registry.py", done.stderr)
        self.assertEqual(before, home.files())
        home.ok("compat", "install", "--force")
        self.assertIn("vigia", theirs.read_text())

    def test_a_shim_gives_on_what_vigia_says(self):
        home = self.copy_of_base()
        home.ok("compat", "install")
        shell = Shell(home, None, self.tools)
        # From a folder of a name with a space, without vigia on the PATH: the one that installed the programs runs.
        moved = pathlib.Path(tempfile.mkdtemp(prefix="vigia e2e ")) / "home"
        self.addCleanup(shutil.rmtree, moved.parent)
        shutil.copytree(home.path, moved)
        shell.environment["PATH"] = f"{self.tools}:/usr/bin:/bin"
        done = shell.run(f'cd / && python "{moved}/src/registry.py" rollback --to v9.9.9')
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("v9.9.9", done.stderr)
        self.assertEqual(shell.run("python -m src.registry rollback --nonsense").returncode, 2)
        shell.environment["VIGIA_PROGRAM"] = "/nowhere/vigia"
        done = shell.run("python -m src.registry list")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot run /nowhere/vigia", done.stderr)

    def test_the_page_is_made_from_the_table(self):
        done = subprocess.run([sys.executable, ROOT / "docs/generate_runbooks.py", "--check"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_command_of_ours_exists(self):
        commands = {words for block in TABLE["blocks"] for step in block["steps"]
                    for words in re.findall(r"\bvigia ([a-z]+(?: [a-z]+)*)", ours(step))}
        self.assertIn("drift report", commands)
        for words in sorted(commands - {"serve risk"}):  # its flags are the service's own; every other test runs it
            with self.subTest(command=words):
                # An unknown command is not an error beside --help: the program's own help is printed.
                self.assertIn(f"vigia {words} [OPTIONS]", self.base.ok(*words.split(), "--help"))

    def test_only_what_needs_containers_is_not_run(self):
        for block in TABLE["blocks"]:
            for step in block["steps"]:
                if step["run"] == "no":
                    self.assertRegex(original(step), r"^(docker|docker-compose|kubectl) ")
                    self.assertTrue(step["reason"])


def add_block_tests():
    for number, block in enumerate(TABLE["blocks"]):
        words = re.sub(r"\W+", "_", block["section"]).strip("_").lower()
        setattr(RunbookCommands, f"test_{block['seed']}_{number:02d}_{words}",
                lambda self, block=block: self.run_block(block))


add_block_tests()

if __name__ == "__main__":
    harness.main()
