#!/usr/bin/env python3
"""clang-tidy over the sources that git lists, two at a time. A source that passed is not read again until it, a
header that it includes, its command or .clang-tidy changes: build/tidy keeps a stamp for each such content."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
STAMPS = ROOT / "build/tidy"
TIDY = "clang-tidy-14"
# GCC's own options, and its precompiled headers, which clang cannot read.
GCC_ONLY = re.compile(r"-Winvalid-pch|-Wlogical-op|-Wduplicated-cond|-Wno-restrict|-Wno-maybe-uninitialized"
                      r"|-Wno-array-bounds|-Wno-stringop-\w+|--param=ggc-.*")


def clean(command):
    words, kept = shlex.split(command), []
    while words and not re.search(r"(g\+\+|c\+\+|clang\+\+)[-0-9]*$", words[0]):
        words.pop(0)  # ccache
    while words:
        word = words.pop(0)
        if word == "-include" and "cmake_pch" in words[0]:
            words.pop(0)
        elif word in ("-o", "-MT", "-MF"):
            words.pop(0)
        elif not GCC_ONLY.fullmatch(word) and word != "-MD":
            kept.append(word)
    return kept


def reach(path, roots, seen):
    """The source and our headers that it includes, directly or not."""
    if path in seen:
        return
    seen.add(path)
    for name in re.findall(r'^#include "([^"]+)"', path.read_text(), re.M):
        for root in (path.parent, *roots):
            if (root / name).is_file():
                reach((root / name).resolve(), roots, seen)
                break


def stamp_of(path, command, common):
    roots = [pathlib.Path(word[2:]) for word in command if word.startswith("-I")]
    seen = set()
    reach(path, roots, seen)
    digest = hashlib.sha256(common)
    digest.update(" ".join(command).replace(str(ROOT), "").encode())
    for file in sorted(seen):
        digest.update(file.read_bytes())
    return STAMPS / f"{digest.hexdigest()[:32]}.passed"


def check(path, stamp):
    done = subprocess.run([TIDY, "-p", str(STAMPS), "--quiet", str(path)], capture_output=True, text=True, cwd=ROOT)
    if done.returncode == 0:
        stamp.touch()
        return ""
    return done.stdout or done.stderr


def main():
    STAMPS.mkdir(parents=True, exist_ok=True)
    entries = json.loads((ROOT / "build/check/compile_commands.json").read_text())
    commands = {pathlib.Path(entry["file"]): (entry["directory"], clean(entry["command"])) for entry in entries}
    (STAMPS / "compile_commands.json").write_text(json.dumps(
        [{"file": str(file), "directory": folder, "arguments": words} for file, (folder, words) in commands.items()]))
    listed = subprocess.run(["git", "ls-files", "src/*.cc"], capture_output=True, text=True, check=True, cwd=ROOT)
    units = [ROOT / line for line in listed.stdout.split() if not line.endswith("_test.cc")]
    common = (ROOT / ".clang-tidy").read_bytes() + subprocess.run([TIDY, "--version"], capture_output=True).stdout

    failed, waiting = False, {}
    for path in units:
        if path not in commands:
            if not path.stem.endswith("_bench"):
                print(f"check: {path.relative_to(ROOT)}: no target builds it", file=sys.stderr)
                failed = True
            continue
        stamp = stamp_of(path, commands[path][1], common)
        if not stamp.exists():
            waiting[path] = stamp
    shown = set()
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("TIDY_JOBS", "2"))) as pool:
        runs = {pool.submit(check, path, stamp): path for path, stamp in waiting.items()}
        for count, run in enumerate(concurrent.futures.as_completed(runs), 1):
            if sys.stderr.isatty():
                print(f"\r{count}/{len(runs)} sources ", end="", file=sys.stderr, flush=True)
            failed = failed or bool(run.result())
            for finding in re.split(r"(?m)^(?=/)", run.result()):
                if finding not in shown:  # a header's finding comes once for each source that includes it
                    shown.add(finding)
                    print(finding, end="", file=sys.stderr)
    print(f"{len(waiting)} sources read, {len(units) - len(waiting)} unchanged since they passed", file=sys.stderr)
    return 1 if failed else 0


sys.exit(main())
