"""A home with what the dashboard shows: versions with metrics and curves, twelve weeks of drift, people, and a runbook
that asks for approval. Written as the programs write it, so that nothing has to be trained."""
import datetime
import json
import math
import random
import sqlite3

FEATURES = {  # name: (mean, scale, coefficient)
    "fase": (3, 2, 0.5), "idade": (13, 3, 0.6), "ieg": (8, 1.5, -0.5), "ida": (6.5, 1.6, -0.8), "ipv": (7.5, 1, -0.4),
    "defasagem": (-1, 1, -1.1), "iaa": (8, 1.5, 0.1), "matematica": (6, 2, -0.2)}
FLAG = {"name": "flag", "kind": "file", "path": "flag*", "every": "1s", "labels": {"service": "risk"}}
ONCALL = """
people:
  ana: {{full_name: Ana Souza, addresses: {{ops: ana}}, roles: [oncall]}}
  rui: {{addresses: {{ops: rui}}}}
  lead: {{addresses: {{ops: lead}}}}
schedules:
  sre:
    time_zone: America/Sao_Paulo
    layers: [{{rotation: [ana, rui], start: 2026-01-05T09:00, turn: 1d}}]
policies:
  sre:
    levels: [{{name: L1, after: 0s, notify: "schedule:sre"}}, {{name: L2, after: 15m, notify: "person:lead"}}]
    fallback: ["person:lead"]
windows:
  change-freeze: {{time_zone: America/Sao_Paulo, hours: ["Sat,Sun 00:00-24:00"]}}
channels:
  ops: {{kind: webhook, url: "{url}/page"}}
"""
# The sink takes the flag away when it is asked to mend.
MEND = """
name: mend
title: Something is wrong
summary: Takes the flag away, when somebody on call approves.
severity: high
checks:
  - name: flagged
    when: {{signal: file_count, labels: ['probe="flag"'], function: last, window: 10s, above: 0}}
    every: 1s
    severity: high
    by: [service]
trigger: [{{check: flagged}}]
key: [service]
guards:
  cooldown: 0s
  approval: {{when: '.step.id == "mend"', by: [role:oncall], timeout: 1h}}
diagnose: [{{id: look, text: How long the machine is up, run: [uptime], timeout: 5s}}]
mitigate:
  - name: mend
    text: Take the flag away
    steps: [{{id: mend, http: {{method: POST, url: "{url}/mend"}}, effect: write, idempotent: true, timeout: 60s}}]
verify: {{when: '.checks.flagged == "inactive"', every: 1s, need: 2, timeout: 50s}}
escalate: {{policy: sre}}
"""

# What somebody else has written: markup, and a name without an end.
MARKUP = '<img src="/x" onerror="globalThis.hacked = 1"><script>globalThis.hacked = 1</script>'
STRANGE = {
    "name": "strange", "title": f"{MARKUP} {'endless' * 30}", "summary": MARKUP, "severity": "low", "key": ["alertname", "team"],
    "trigger": [{"alert": ['alertname="strange"']}], "diagnose": [{"id": "look", "text": MARKUP, "run": ["uptime"], "timeout": "5s"}],
    "escalate": {"policy": "sre"}}

# A step that takes its time and tells how far it has come.
TRAIN = {
    "name": "train-anew", "title": "Train anew", "summary": "By hand only.", "severity": "low", "key": ["service"],
    "trigger": [{"alert": ['alertname="never"']}],
    "mitigate": [{"name": "train", "steps": [{"id": "train", "text": "Train", "timeout": "10m", "idempotent": True,
                                              "run": ["vigia", "train", "--data", "data/processed/modeling_dataset.csv"]}]}],
    "verify": {"when": "true", "every": "1s", "need": 1, "timeout": "50s"},
    "escalate": {"policy": "sre"}}


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value))


def curves(strength):
    roc = [[i / 60, (i / 60) ** (1 / strength)] for i in range(61)]
    bins = [{"low": i / 10, "high": (i + 1) / 10, "n": 20 + 12 * abs(5 - i), "mean_score": i / 10 + 0.05,
             "observed_rate": min(1, max(0, i / 10 + 0.05 + 0.04 * math.sin(3 * i + strength)))} for i in range(10)]
    return {"roc": roc, "calibration": bins}


def register(home, version, intercept, better):
    """A logistic regression, its metrics `better` than the first one's."""
    folder = home.path / ("artifacts-" + version)
    names = list(FEATURES)
    model = {
        "format": "vigia-model", "format_version": 1,
        "features": {"reference_year": 2023,
                     "raw": [{"name": n, "type": "number", "min": -10, "max": 40, "seen_min": -10, "seen_max": 40} for n in names],
                     "inputs": [{"name": n, "operation": "identity", "inputs": [n]} for n in names]},
        "estimator": {"family": "logistic_regression", "impute": [FEATURES[n][0] for n in names],
                      "mean": [FEATURES[n][0] for n in names], "scale": [FEATURES[n][1] for n in names],
                      "coefficients": [FEATURES[n][2] for n in names], "intercept": intercept},
        "calibration": {"method": "none"}, "threshold": 0.4 + better}
    metrics = {name: {"value": round(value + sign * better, 6), "ci95": [value + sign * better - 0.03, value + sign * better + 0.025]}
               for name, value, sign in (("roc_auc", 0.86, 1), ("pr_auc", 0.84, 1), ("recall", 0.87, 0.4), ("precision", 0.78, 1),
                                         ("f1", 0.82, 1), ("brier", 0.14, -0.6), ("calibration_error", 0.06, -0.3))}
    fields = {n: {"type": "number", "min": -10, "max": 40, "seen_min": round(m - 2 * s, 1), "seen_max": round(m + 2 * s, 1),
                  "required": False, "used": True} for n, (m, s, _) in FEATURES.items()}
    fields["genero"] = {"type": "category", "levels": ["Feminino", "Masculino"], "required": False, "used": False}
    golden = {"tolerance": 1e-6, "rows": [{"year": 2023, "raw": [None] * len(names), "score": 1 / (1 + math.exp(-intercept))}]}
    write(folder / "model.json", model)
    write(folder / "golden_rows.json", golden)
    write(folder / "model_signature.json", {"model_version": version, "input_schema": fields})
    write(folder / "metrics.json", {"model_version": version, "best_model": "logistic_c1_stable", "threshold": 0.4 + better,
                                    "validation_metrics": {**metrics, "curves": curves(4 + 20 * better)}})
    write(folder / "model_metadata.json", {
        "model_version": version, "seed": 42, "target": "em_risco", "training_periods": ["2022-2023", "2023-2024"],
        "n_rows": 1365, "n_pupils": 841, "base_rate": 0.494, "model_family": "logistic_regression",
        "threshold_policy": {"threshold_value": 0.4 + better}})
    home.ok("registry", "register", "--version", version, "--artifacts", folder)


def feature_drift(random_, name, shift):
    share = [math.exp(-((i - 4.5) ** 2) / 8) for i in range(10)]
    moved = [math.exp(-((i - 4.5 - shift) ** 2) / 8) for i in range(10)]
    baseline = [round(120 * s) for s in share] + [8, 0]
    current = [round(60 * m * random_.uniform(0.9, 1.1)) for m in moved] + [4, 0]
    p, q = [(b + 1) / (sum(baseline) + 12) for b in baseline], [(c + 1) / (sum(current) + 12) for c in current]
    psi = sum((b - a) * math.log(b / a) for a, b in zip(p, q))
    status = "red" if psi >= 0.25 else "yellow" if psi >= 0.1 else "green"
    mean, scale, _ = FEATURES.get(name, (0.4, 0.2, 0))
    return {"psi": psi, "status": status, "missing_delta": 0.004, "baseline_missing_rate": 0.02, "current_missing_rate": 0.024,
            "details": {"beyond_noise": status != "green", "missing_beyond_noise": False, "adjusted_p_value": 0.001,
                        "noise_threshold": 0.08, "baseline_mean": mean, "current_mean": mean + shift * scale / 2,
                        "bins": {"labels": [f"{mean + (i - 5) * scale / 2:.3g}" for i in range(10)] + ["missing", "unseen"],
                                 "baseline": baseline, "current": current}}}


def write_reports(home, version):
    random_ = random.Random(11)
    folder = home.path / "monitoring/reports" / version
    now = datetime.datetime.now(datetime.timezone.utc)
    for week in range(12):
        at = now - datetime.timedelta(days=7 * (11 - week), minutes=5)
        features = {name: feature_drift(random_, name, shift) for name, shift in
                    (("ida", 0.14 * week), ("ieg", 0.09 * week), *((n, random_.uniform(-0.2, 0.2)) for n in FEATURES if n not in ("ida", "ieg")))}
        features = dict(sorted(features.items(), key=lambda item: -item[1]["psi"]))
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        write(folder / f"drift_metrics_{at:%Y%m%d}.json", {
            "model_version": version, "global_status": max((f["status"] for f in features.values()), key=["green", "yellow", "red"].index),
            "created_at": stamp, "window_days": 7, "window_start": (at - datetime.timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%S.000000Z"),
            "window_end": stamp, "n_instances": 480 + 7 * week, "score_drift": feature_drift(random_, "risk_score", 0.05 * week),
            "feature_drift": features})
    estimate = {"recall": 0.85, "precision": 0.79, "roc_auc": 0.87}
    measured = {"recall": 0.81, "precision": 0.8, "roc_auc": 0.855}
    intervals = lambda values, width: {name: [value - width, value + width] for name, value in values.items()}
    write(folder / f"performance_metrics_{now:%Y%m%d}.json", {
        "status": "ok", "model_version": version, "computed_at": stamp, "window_days": 30, "n_samples": 212, "positive_rate": 0.46,
        "metrics": measured, "intervals": intervals(measured, 0.05), "alerts": [],
        "estimate": {"metrics": estimate, "intervals": intervals(estimate, 0.03)}})


def crowd(home, incident, incidents, entries):
    """Many more resolved incidents like this one, and a long timeline for it; while nobody has the ledger."""
    ledger = sqlite3.connect(home.path / "state/vigia.db")
    try:
        value, = ledger.execute("SELECT value FROM document WHERE collection = 'incident' AND key = ?", (incident,)).fetchone()
        document = json.loads(value)
        for number in range(incidents):
            copy = {**document, "id": f"INC-{number + 500000:06}", "number": number + 500000, "title": f"Drill number {number}"}
            ledger.execute("INSERT INTO document VALUES ('incident', ?, ?)", (copy["id"], json.dumps(copy)))
        name = "incident/" + incident
        last, = ledger.execute("SELECT MAX(seq) FROM stream WHERE name = ?", (name,)).fetchone()
        value, = ledger.execute("SELECT value FROM stream WHERE name = ? AND seq = ?", (name, last)).fetchone()
        for seq in range(last + 1, last + 1 + entries):
            entry = {**json.loads(value), "kind": "note", "text": f"entry {seq}"}
            ledger.execute("INSERT INTO stream VALUES (?, ?, ?)", (name, seq, json.dumps(entry)))
        ledger.commit()
    finally:
        ledger.close()
