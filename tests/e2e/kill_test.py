"""kill -9 at every change of the disk: register, promote, rollback and retrain leave a registry that verifies and serves.

The real program runs with a preloaded library (kill_at_change.cc) that kills it at the wanted instant: before a call that
changes a file or folder, and when a write is half done."""
import concurrent.futures
import json
import os
import pathlib
import shutil
import signal
import subprocess
import unittest

import harness
from harness import BIN, SANITIZERS, VIGIA, Home, Service, clean_environment
from live_swap_test import register

LIBRARY = BIN / "libkill_at_change.so"
REGISTER = ("registry", "register", "--version", "v1.2.0", "--artifacts", "artifacts-v1.2.0")
PROMOTE = ("registry", "promote", "--version", "v1.0.0")
ROLLBACK = ("registry", "rollback", "--reason", "a test")
RETRAIN = ("retrain", "--new-version", "v1.2.0", "--data", "both.parquet", "--force",
           "--families", "logistic_regression")  # quick: where it is killed does not depend on what was compared
# Where a retraining is killed: each is a run of its own, so not at all of its instants but at all kinds of them.
OF_RETRAIN = (
    ("half", "state/retrain/v1.2.0/model.json"), ("half", "models/registry/.staging/v1.2.0/model.json"),
    ("rename", "models/registry/v1.2.0"), ("half", "models/registry/history.jsonl"), ("half", "models/registry/champion.json"),
    ("rename", "models/registry/v1.1.0/manifest.json"), ("half", "models/registry/v1.2.0/manifest.json"),
    ("unlink", "state/retrain/v1.2.0/model.json"), ("half", "logs/audit.log"))


class Copy:
    """The prepared home once more, as it is before a command."""

    def __init__(self, prepared, command):
        self.home = Home()
        shutil.copytree(prepared.path, self.home.path, dirs_exist_ok=True)
        self.command = [str(self.home.path / word) if (prepared.path / word).exists() else word for word in command]
        self.log = self.home.path.with_suffix(".log")
        self.log.write_text("")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.home.close()
        self.log.unlink()

    def run(self, kill_at):
        """The program's exit status; minus 9 when it was killed."""
        settings = {"LD_PRELOAD": str(LIBRARY), "KILL_BELOW": str(self.home.path), "KILL_LOG": str(self.log),
                    "KILL_AT": str(kill_at)}
        done = subprocess.run([str(VIGIA), "--home", str(self.home.path), *self.command], capture_output=True,
                              env={**clean_environment(), **settings}, timeout=60)
        return done.returncode

    def instants(self):
        """(kind, path in the home) of each instant of the last run."""
        lines = (line.split(" ", 1) for line in self.log.read_text().splitlines())
        return [(kind, str(pathlib.Path(path).relative_to(self.home.path)).split(".tmp-")[0]) for kind, path in lines]

    def champion(self):
        return json.loads((self.home.path / "models/registry/champion.json").read_text())["version"]


@unittest.skipIf(any(name in os.environ for name in SANITIZERS), "a sanitizer's own library must be loaded first")
class Kill(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = Home()
        cls.addClassCleanup(cls.home.close)
        for version, intercept in (("v1.0.0", -1.0), ("v1.1.0", 1.0)):
            register(cls.home, version, intercept)
            cls.home.ok("registry", "promote", "--version", version)
        shutil.copytree(cls.home.path / "artifacts-v1.0.0", cls.home.path / "artifacts-v1.2.0")

    def sound_after(self, command, kill_at, champions, again):
        """Kills the command there. The champion that is left must verify and be served."""
        with Copy(self.home, command) as copy:
            self.assertEqual(-signal.SIGKILL, copy.run(kill_at))
            instant = copy.instants()[-1]
            champion = copy.champion()
            self.assertIn(champion, champions, instant)
            self.assertTrue(copy.home.json("registry", "verify")["ok"], instant)
            service = Service(copy.home)
            try:
                self.assertEqual(champion, service.get("/health").json()["model_version"], instant)
                self.assertEqual(champion, service.predict({"ida": 5}).json()["predictions"][0]["model_version"], instant)
            finally:
                service.kill()
            self.assertEqual(champion, copy.champion(), instant)
            if again:
                self.assertTrue(copy.home.run(*copy.command).returncode == 0 or self.is_done(copy, champions), instant)
            return champion

    def is_done(self, copy, champions):
        """What the killed command wanted is there: only then may it be refused when it is given again."""
        listed = {version["version"] for version in copy.home.json("registry", "list")["versions"]}
        return "v1.2.0" in listed or copy.champion() == champions[-1]

    def kill_at_each(self, command, champions, chosen=None, again=True):
        with Copy(self.home, command) as copy:
            self.assertEqual(0, copy.run(0))
            instants = copy.instants()
            self.assertEqual(champions[-1], copy.champion())
        wanted = range(1, len(instants) + 1) if chosen is None else [self.place(instants, *which) for which in chosen]
        with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
            left = list(pool.map(lambda at: self.sound_after(command, at, champions, again), wanted))
        self.assertEqual(set(champions), set(left))  # killed before the change as well as after it
        return instants

    def place(self, instants, kind, path):
        for i, (other, name) in enumerate(instants):
            if other == kind and pathlib.PurePath(name).match(path):
                return i + 1
        raise AssertionError(f"a retraining has no instant '{kind} {path}'")

    def test_register(self):
        instants = self.kill_at_each(REGISTER, ("v1.1.0",))
        self.assertIn(("rename", "models/registry/v1.2.0"), instants)

    def test_promote(self):
        instants = self.kill_at_each(PROMOTE, ("v1.1.0", "v1.0.0"))
        self.assertIn(("half", "models/registry/champion.json"), instants)

    def test_rollback(self):
        instants = self.kill_at_each(ROLLBACK, ("v1.1.0", "v1.0.0"))
        self.assertIn(("half", "models/registry/champion.json"), instants)

    def test_retrain(self):
        workbook = self.home.path / "sample.xlsx"
        self.home.ok("sample", "--students", 60, "--years", "2022,2023,2024", "--seed", 7, "--out", workbook)
        self.home.ok("dataset", "build", "--source", workbook, "--out", self.home.path / "both.parquet")
        self.kill_at_each(RETRAIN, ("v1.1.0", "v1.2.0"), OF_RETRAIN, again=False)


if __name__ == "__main__":
    harness.main()
