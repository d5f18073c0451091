#!/usr/bin/env python3
"""Writes docs/reference/cli.md and settings.md from the program itself. Usage: docs/generate_cli.py VIGIA [--check]"""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent


def output(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True, env={"PATH": "/usr/bin:/bin"}).stdout


def subcommands(text):
    if "Subcommands:" not in text:
        return []
    listed = text.split("Subcommands:")[1].split("\n\n")[0]
    return re.findall(r"^  (\S+) ", listed, re.M)


def walk(vigia, path, pages):
    text = output(vigia, *path, "--help")
    children = [] if path == ["serve", "risk"] else subcommands(text)
    title = " ".join(["vigia", *path])
    pages.append(f"## {title}\n\n```text\n{text.strip()}\n```\n")
    for child in children:
        if [*path, child] != ["serve", "risk"]:
            walk(vigia, [*path, child], pages)


def cli(vigia):
    pages = ["# Commands\n\nGenerated from `--help` by `docs/generate_cli.py`; do not edit.\n"]
    walk(vigia, [], pages)
    pages.append(f"## vigia serve risk\n\n```text\n{output(vigia, 'serve', 'risk', '--help').strip()}\n```\n")
    return "\n".join(pages)


def settings(vigia):
    rows = ["# Settings\n\nGenerated from `vigia config show` by `docs/generate_cli.py`; do not edit. Keys stand in"
            " `vigia.yaml` in the home;\n`.env` wins over the file, the environment over both, and flags over all.\n",
            "| key | type | default | variable | what it is |", "| --- | --- | --- | --- | --- |"]
    for key in json.loads(output(vigia, "--home", "/nonexistent", "config", "show", "--json")):
        variable = ", ".join(f"`{name}`" for name in (key["environment"], key["older_environment"]) if name)
        rows.append(f"| `{key['key']}` | {key['type']} | {key['default']} | {variable} | {key['help']} |")
    return "\n".join(rows) + "\n"


def main():
    vigia, check = sys.argv[1], "--check" in sys.argv
    stale = []
    for name, make in (("cli.md", cli), ("settings.md", settings)):
        path, text = ROOT / "reference" / name, make(vigia)
        if check and (not path.exists() or path.read_text() != text):
            stale.append(str(path.relative_to(ROOT.parent)))
        elif not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
    if stale:
        sys.exit(f"out of date: {', '.join(stale)}; run docs/generate_cli.py build/release/bin/vigia")


if __name__ == "__main__":
    main()
