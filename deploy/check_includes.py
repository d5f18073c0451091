#!/usr/bin/env python3
"""Includes of our modules must be declared: EXPOSES for headers, EXPOSES or USES for sources."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent / "src"
modules = {path.parent.name: path.parent for path in root.glob("*/*/CMakeLists.txt")}
KEYWORDS = ("SOURCES EXPOSES USES LIBRARIES EXPOSED_LIBRARIES TESTS TEST_USES TEST_LIBRARIES BENCHES PCH OPTIMIZED_TESTS").split()


def declared(folder):
    text = re.sub(r"#.*", "", (folder / "CMakeLists.txt").read_text())
    call = re.search(r"vigia_module\(([^)]*)\)", text)
    lists, current = {}, None
    for word in call.group(1).split()[1:] if call else []:
        if word in KEYWORDS:
            current = lists.setdefault(word, [])
        elif current is not None:
            current.append(word)
    # vigia_program(...) in the same folder wires modules for main.cc
    for program in re.finditer(r"vigia_program\(([^)]*)\)", text):
        words = program.group(1).split()
        if "USES" in words:
            lists.setdefault("PROGRAM", []).extend(words[words.index("USES") + 1 :])
    return lists


exposed = {name: declared(folder).get("EXPOSES", []) for name, folder in modules.items()}


def reach(names):
    seen, queue = set(), list(names)
    while queue:
        name = queue.pop()
        if name not in seen:
            seen.add(name)
            queue.extend(exposed.get(name, []))
    return seen


problems = []
for name, folder in modules.items():
    lists = declared(folder)
    public = reach(lists.get("EXPOSES", [])) | {name}
    private = public | reach(lists.get("USES", []) + lists.get("PROGRAM", []))
    tests = private | reach(lists.get("TEST_USES", []))
    for path in sorted(folder.rglob("*.h")) + sorted(folder.rglob("*.cc")):
        is_test = any(word in path.stem for word in ("test", "_bench", "fixture")) or path.parent.name == "testing"
        allowed = tests if is_test else public if path.suffix == ".h" else private
        if path.suffix == ".h" and path.name not in (folder / "CMakeLists.txt").read_text():
            allowed = allowed | private if path.stem.endswith(("_internal", "_impl")) else allowed
        for include in re.findall(r'#include "([^"/]+)/', path.read_text()):
            if include in modules and include not in allowed:
                where = path.relative_to(root.parent)
                problems.append(f"{where}: includes '{include}', which '{name}' does not declare")
for problem in problems:
    print(f"check: {problem}", file=sys.stderr)
sys.exit(1 if problems else 0)
