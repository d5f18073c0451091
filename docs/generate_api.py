#!/usr/bin/env python3
"""Writes docs/reference/api.md from the OpenAPI documents that the programs answer with; --check only compares."""
import json
import pathlib
import sys

DOCS = pathlib.Path(__file__).resolve().parent
SOURCE = DOCS.parent / "src"
PAGE = DOCS / "reference/api.md"
HEAD = """# HTTP APIs

Generated from the OpenAPI documents by `docs/generate_api.py`; do not edit. A running program answers with the same,
and with the schemas whole: the risk service on `/openapi.json` (and for people on `/docs`), the control plane on
`/api/v1/openapi.json`.
"""
METHODS = ("get", "head", "post", "put", "patch", "delete")


def shape(schema):
    """A schema in a few words: `{instances: array, …}`, `array of Job`, `string`."""
    if "$ref" in schema:
        return schema["$ref"].split("/")[-1]
    for several in ("oneOf", "anyOf", "allOf"):
        if several in schema:
            return " or ".join(shape(one) for one in schema[several])
    if "properties" in schema:
        wanted = schema.get("required", [])
        return "{" + ", ".join(name + ("" if name in wanted or not wanted else "?") for name in schema["properties"]) + "}"
    kind = schema.get("type", "any")
    kind = " or ".join(kind) if isinstance(kind, list) else kind
    return f"array of {shape(schema['items'])}" if kind == "array" and "items" in schema else kind


def content(part):
    return "; ".join(f"{media}: {shape(kind.get('schema', {}))}" for media, kind in part.get("content", {}).items())


def cell(text):
    return " ".join(str(text).split()).replace("|", "\\|")


def rows(paths):
    for path, item in paths.items():
        for method in METHODS:
            if method not in item:
                continue
            operation = item[method]
            parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
            query = ", ".join(f"`{one['name']}`" for one in parameters if one.get("in") in ("query", "header"))
            body = content(operation.get("requestBody", {}))
            statuses = ", ".join(code for code in operation["responses"] if code != "default")
            yield (f"| `{method.upper()} {path}` | {cell(operation.get('summary', ''))} | {query} "
                   f"| {cell(body)} | {statuses} |")


def section(title, documents):
    lines = [f"\n## {title}\n", "| request | what it is | parameters | body | statuses |", "| --- | --- | --- | --- | --- |"]
    for document in documents:
        lines += rows(json.loads(document.read_text())["paths"])
    return "\n".join(lines) + "\n"


def page():
    risk = [SOURCE / f"services/risk/openapi/{part}.json" for part in ("service", "predict", "telemetry", "oip", "mlflow")]
    return HEAD + section("The risk service", risk) + section("The control plane", [SOURCE / "apps/control/openapi.json"])


def main():
    if "--check" not in sys.argv:
        PAGE.write_text(page())
    elif not PAGE.exists() or PAGE.read_text() != page():
        sys.exit("out of date: docs/reference/api.md; run docs/generate_api.py")


if __name__ == "__main__":
    main()
