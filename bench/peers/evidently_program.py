"""What a user of Evidently writes for the question that `vigia drift report` answers, timed part by part:

    evidently_program.py REFERENCE CURRENT FOLDER COLUMN...

PSI of every column between two parquet files, as drift.html and drift.json in FOLDER. Prints the seconds of its parts as
JSON, from its first line on; what the interpreter needs before that and after it, only who starts it can measure."""
import time

begun = time.perf_counter()

import json
import pathlib
import sys

import pandas

try:
    from evidently.legacy.metrics import DataDriftTable
    from evidently.legacy.pipeline.column_mapping import ColumnMapping
    from evidently.legacy.report import Report
except ImportError:
    from evidently import ColumnMapping
    from evidently.metrics import DataDriftTable
    from evidently.report import Report

imported = time.perf_counter()
folder, columns = pathlib.Path(sys.argv[3]), sys.argv[4:]
reference = pandas.read_parquet(sys.argv[1], columns=columns)
current = pandas.read_parquet(sys.argv[2], columns=columns)
read = time.perf_counter()
numbers = [c for c in columns if pandas.api.types.is_numeric_dtype(reference[c])]
mapping = ColumnMapping(target=None, prediction=None, numerical_features=numbers,
                        categorical_features=[c for c in columns if c not in numbers])
report = Report([DataDriftTable(stattest="psi")])
report.run(reference_data=reference, current_data=current, column_mapping=mapping)
computed = time.perf_counter()
report.save_html(str(folder / "drift.html"))
report.save_json(str(folder / "drift.json"))
written = time.perf_counter()
print(json.dumps({"imports": imported - begun, "read": read - imported, "compute": computed - read,
                  "write": written - computed}))
