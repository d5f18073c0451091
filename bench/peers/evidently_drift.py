"""Evidently's PSI beside `vigia drift report --compat evidently`: evidently_drift.py VIGIA ROWS ROUNDS, run by
bench/evidently.sh in the peers' environment. The same reference and the same stored predictions, as parquet; the largest
difference of any column's score, and the time of each, interleaved. Evidently's time is without its imports."""
import datetime
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import evidently
import numpy
import pandas

try:
    from evidently.legacy.metrics import DataDriftTable
    from evidently.legacy.pipeline.column_mapping import ColumnMapping
    from evidently.legacy.report import Report
except ImportError:
    from evidently import ColumnMapping
    from evidently.metrics import DataDriftTable
    from evidently.report import Report

vigia, rows, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
folder = tempfile.TemporaryDirectory()
home = pathlib.Path(folder.name)


def run(*arguments):
    done = subprocess.run([vigia, "--home", str(home), *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"bench: vigia {' '.join(map(str, arguments))}: {done.stderr}")
    return done.stdout


def make_home():
    """A champion, its training rows with its scores, and a day of predictions that have drifted a little."""
    run("sample", "--students", 800, "--years", "2022,2023", "--seed", 5, "--out", home / "sample.xlsx")
    run("dataset", "build", "--source", home / "sample.xlsx")
    run("train")
    run("registry", "register", "--version", "v1.0.0")
    run("registry", "promote", "--version", "v1.0.0")
    data = home / "data/processed/modeling_dataset.parquet"
    run("score", "--input", data, "--output", home / "reference.parquet")
    reference = pandas.read_parquet(home / "reference.parquet")
    rng = numpy.random.default_rng(1)
    current = reference.iloc[rng.integers(0, len(reference), rows)].reset_index(drop=True)
    for name in current.select_dtypes("floating"):
        if name != "risk_score":
            moved = (current[name] + rng.normal(0.2, 0.3, rows)).round(2)
            current[name] = moved.where(rng.random(rows) > 0.05)
    current["risk_score"] = numpy.clip(current["risk_score"] + rng.normal(0.05, 0.05, rows), 0, 1).round(6)
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    current["timestamp"] = now - pandas.to_timedelta(rng.integers(60, 3600, rows), unit="s")
    current["request_id"] = [f"r{i}" for i in range(rows)]
    current["instance_index"] = 0
    current["kind"] = "prediction"
    current["model_version"] = "v1.0.0"
    store = home / "monitoring/inference_store"
    store.mkdir(parents=True)
    path = store / f"inferences_{now.date()}.parquet"
    current.to_parquet(path, index=False, row_group_size=122_880)  # as the store writes them
    return path


def ours():
    begun = time.perf_counter()
    out = run("drift", "report", "--compat", "evidently", "--days", 2, "--json")
    seconds = time.perf_counter() - begun
    return seconds, {name: c["drift_score"] for name, c in json.loads(out)["drift_by_columns"].items()}


def report():
    begun = time.perf_counter()
    run("drift", "report", "--days", 2, "--json")
    return time.perf_counter() - begun


def theirs(path, columns):
    begun = time.perf_counter()
    reference = pandas.read_parquet(home / "reference.parquet", columns=columns)
    current = pandas.read_parquet(path, columns=columns)
    numbers = [c for c in columns if pandas.api.types.is_numeric_dtype(reference[c])]
    mapping = ColumnMapping(target=None, prediction=None, numerical_features=numbers,
                            categorical_features=[c for c in columns if c not in numbers])
    report = Report([DataDriftTable(stattest="psi")])
    report.run(reference_data=reference, current_data=current, column_mapping=mapping)
    found = report.as_dict()["metrics"][0]["result"]["drift_by_columns"]
    return time.perf_counter() - begun, {name: column["drift_score"] for name, column in found.items()}


path = make_home()
columns = list(ours()[1])
times = {"ours": [], "report": [], "theirs": []}
for _ in range(rounds):
    seconds, mine = ours()
    times["ours"].append(seconds)
    times["report"].append(report())
    seconds, other = theirs(path, columns)
    times["theirs"].append(seconds)
differences = {name: abs(mine[name] - other[name]) for name in columns}
worst = max(differences, key=differences.get)
result = {"bench": "evidently", "evidently": evidently.__version__, "rows": rows, "columns": len(columns),
          "largest_difference": differences[worst], "of": worst, "difference_allowed": 1e-6,
          "compat_s": round(statistics.median(times["ours"]), 3),
          "drift_report_s": round(statistics.median(times["report"]), 3),
          "evidently_s": round(statistics.median(times["theirs"]), 3)}
result["times_as_fast"] = round(result["evidently_s"] / result["drift_report_s"], 1)
result["times_as_fast_wanted"] = 50
print(json.dumps(result, indent=2))
sys.exit(0 if differences[worst] <= 1e-6 and result["times_as_fast"] >= 50 else 1)
