#!/usr/bin/env python3
"""Writes docs/runbooks.md from the table that tests/e2e/runbook_commands_test.py runs; --check only compares."""
import json
import pathlib
import sys

DOCS = pathlib.Path(__file__).resolve().parent
TABLE = DOCS.parent / "tests/e2e/runbook_commands/table.json"
PAGE = DOCS / "runbooks.md"
HEAD = """# The runbooks' commands

Every command of three runbooks, and what does the same here. All of them work from the home folder (`VIGIA_HOME`).
This page is made by `docs/generate_runbooks.py` from the table that a test runs against a live service
(`tests/e2e/runbook_commands`); change the table, not the page.

Where only "the runbook" is shown, the command works as it stands. `vigia compat install` puts small programs into the
home, so that the `python …` spellings work letter for letter too, and writes `curl-format.txt`.
"""


def text_of(lines):
    return lines if isinstance(lines, str) else "\n".join(lines)


def fenced(text):
    return f"```bash\n{text}\n```"


def step_text(step):
    original, ours = text_of(step["original"]), text_of(step.get("ours", ""))
    parts = []
    if original:
        parts += ["The runbook:", fenced(original)]
    if ours and ours != original:
        parts += ["Here:", fenced(ours)]
    notes = []
    if "returns" in step:
        notes.append(f"Comes back: {step['returns']}.")
    if "with" in step:
        notes.append("In the test, " + ", ".join(f"`{old.strip()}` is `{new.strip()}`" for old, new in step["with"].items()) + ".")
    if "needs_modules" in step:
        notes.append("As it stands it needs " + " and ".join(step["needs_modules"]) + ".")
    if "reason" in step:
        notes.append(("Not run by the test: " if step["run"] == "no" else "Not as it stands: ") + step["reason"] + ".")
    if notes:
        parts.append(" ".join(notes))
    return "\n\n".join(parts)


def page():
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    parts = [HEAD.rstrip()]
    for seed, title in table["runbooks"].items():
        parts.append(f"## {title}")
        for block in table["blocks"]:
            if block["seed"] != seed:
                continue
            parts.append(f"### {block['section']}")
            parts += [step_text(step) for step in block["steps"]]
    return "\n\n".join(parts) + "\n"


def main():
    made = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(made, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != made:
        sys.exit("docs/runbooks.md is not what docs/generate_runbooks.py writes: run it")


if __name__ == "__main__":
    main()
