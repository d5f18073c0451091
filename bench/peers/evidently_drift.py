"""Evidently's PSI beside ours, for bench/evidently.sh, in the peers' environment: evidently_drift.py VIGIA ROWS ROUNDS.

Each side is a user's whole program, in a process of its own, from its start to its end: evidently_program.py reads the
reference and the stored predictions from parquet, and `vigia drift report` the baseline and the same predictions; both
write their verdict as HTML and JSON. Rounds are interleaved, medians printed, and the 50 times are asserted on them. Ours,
which takes a moment, is measured five times a round: a moment of the machine is no measure.
Printed beside it, so that nobody is misled: Evidently without what the interpreter and its imports need, and without
its HTML and JSON either, against our whole program still. Ours is not split: what its process needs to start and to
end is printed instead (`vigia --version`)."""
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

PARTS = ("imports", "read", "compute", "write")
PROGRAM = pathlib.Path(__file__).with_name("evidently_program.py")
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


def timed(*arguments):
    begun = time.perf_counter()
    out = run(*arguments)
    return time.perf_counter() - begun, out


def scores_of(document):
    return {name: column["drift_score"] for name, column in document["drift_by_columns"].items()}


def theirs(path, columns):
    """The seconds of the whole program, and of its parts."""
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, PROGRAM, home / "reference.parquet", path, home, *columns],
                          capture_output=True, text=True)
    seconds = time.perf_counter() - begun
    if done.returncode != 0:
        raise SystemExit(f"bench: Evidently: {done.stderr}")
    return seconds, json.loads(done.stdout)


path = make_home()
compat = ("drift", "report", "--compat", "evidently", "--days", 2, "--json")
mine = scores_of(json.loads(run(*compat)))
columns = list(mine)
times = {name: [] for name in ("start", "compat", "report", "theirs", *PARTS)}
for _ in range(rounds):
    times["start"].append(timed("--version")[0])
    times["compat"].append(timed(*compat)[0])
    times["report"] += [timed("drift", "report", "--days", 2, "--json")[0] for _ in range(5)]
    seconds, parts = theirs(path, columns)
    times["theirs"].append(seconds)
    for name in PARTS:
        times[name].append(parts[name])
other = scores_of(json.loads((home / "drift.json").read_text())["metrics"][0]["result"])
differences = {name: abs(mine[name] - other[name]) for name in columns}
worst = max(differences, key=differences.get)
middle = {name: statistics.median(values) for name, values in times.items()}
without_imports = middle["read"] + middle["compute"] + middle["write"]


def as_fast(seconds):
    return round(seconds / middle["report"], 1)


result = {"bench": "evidently", "evidently": evidently.__version__, "rows": rows, "columns": len(columns),
          "rounds": rounds, "largest_difference": differences[worst], "of": worst, "difference_allowed": 1e-6,
          "vigia_s": {"drift_report": round(middle["report"], 3), "of_which_process_start_and_end":
                      round(middle["start"], 3), "compat": round(middle["compat"], 3)},
          "evidently_s": {"whole_program": round(middle["theirs"], 2),
                          **{name: round(middle[name], 2) for name in PARTS}},
          "times_as_fast": as_fast(middle["theirs"]), "times_as_fast_wanted": 50,
          "times_as_fast_as_evidently_without_imports": as_fast(without_imports),
          "times_as_fast_as_evidently_without_imports_html_and_json": as_fast(middle["read"] + middle["compute"])}
print(json.dumps(result, indent=2))
sys.exit(0 if differences[worst] <= 1e-6 and result["times_as_fast"] >= 50 else 1)
