#!/usr/bin/env python3
"""The risk service and other systems' clients: a real Prometheus, promtool, and the bytes that tritonclient, MLServer's
PandasCodec and MLflow's clients send (none of the three is packaged by Debian or npm)."""
import json
import struct
import subprocess
import tempfile
import unittest
import urllib.parse
import urllib.request

import harness
from harness import Home, Service, free_port, wait_for

MODEL = {
    "format": "vigia-model", "format_version": 1,
    "features": {"reference_year": 2023, "raw": [
        {"name": "fase", "type": "integer", "min": 0, "max": 9, "seen_min": 0, "seen_max": 8},
        {"name": "iaa", "type": "number", "min": 0, "max": 10, "seen_min": 0, "seen_max": 10},
        {"name": "genero", "type": "category", "levels": ["Feminino", "Masculino"]}],
        "inputs": [{"name": "fase", "operation": "identity", "inputs": ["fase"]},
                   {"name": "iaa", "operation": "identity", "inputs": ["iaa"]},
                   {"name": "genero=Feminino", "operation": "one_hot", "inputs": ["genero"], "level": "Feminino"}]},
    "estimator": {"family": "logistic_regression", "impute": [3, 6, 0], "mean": [3, 6, 0], "scale": [1, 1, 1],
                  "coefficients": [0.5, -0.8, 0.25], "intercept": 0},
    "calibration": {"method": "none"}, "threshold": 0.5}
ROWS = [{"fase": 3, "iaa": 6.5, "genero": "Masculino"}, {"fase": 7, "iaa": 2.25, "genero": "Feminino"},
        {"fase": 1, "genero": "Feminino"}]


def promote(home, version):
    artifacts = home.path / "artifacts"
    artifacts.mkdir()
    golden = {"tolerance": 1e-6, "rows": [{"year": 2023, "raw": [None] * 3, "score": 0.5}]}
    for name, value in [("model.json", MODEL), ("model_metadata.json", {"model_version": version}),
                        ("model_signature.json", {}), ("metrics.json", {}), ("golden_rows.json", golden)]:
        (artifacts / name).write_text(json.dumps(value))
    home.ok("registry", "register", "--version", version, "--artifacts", artifacts)
    home.ok("registry", "promote", "--version", version)


def triton_infer(service, tensors, outputs=None, request_id=""):
    """One infer call framed as tritonclient frames it: tensors are (name, shape, datatype, bytes); with no outputs
    named, all are asked for in binary. Returns the JSON part and {output: bytes}."""
    request = {"id": request_id} if request_id else {}
    request["inputs"] = [{"name": name, "shape": shape, "datatype": datatype,
                          "parameters": {"binary_data_size": len(data)}} for name, shape, datatype, data in tensors]
    if outputs:
        request["outputs"] = outputs
    else:
        request["parameters"] = {"binary_data_output": True}
    head = json.dumps(request).encode()
    answer = service.request("POST", "/v2/models/risk/infer", head + b"".join(t[3] for t in tensors),
                             {"Inference-Header-Content-Length": str(len(head))})
    if answer.status != 200:
        raise RuntimeError(json.loads(answer.body)["error"])  # as tritonclient reads errors
    length = answer.headers.get("Inference-Header-Content-Length")
    if length is None:
        return json.loads(answer.body), {}
    content, at, found = json.loads(answer.body[:int(length)]), int(length), {}
    for output in content["outputs"]:
        size = output.get("parameters", {}).get("binary_data_size")
        if size is not None:
            found[output["name"]] = answer.body[at:at + size]
            at += size
    assert at == len(answer.body)
    return content, found


def byte_tensor(texts):
    return b"".join(struct.pack("<I", len(t.encode())) + t.encode() for t in texts)


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = Home()
        cls.addClassCleanup(cls.home.close)
        promote(cls.home, "v1.0.0")
        cls.service = Service(cls.home, env={"RATE_LIMIT_RPM": "100000"})
        cls.addClassCleanup(cls.service.kill)
        answer = cls.service.predict(*ROWS).json()
        cls.scores = [p["risk_score"] for p in answer["predictions"]]
        cls.labels = [p["risk_label"] for p in answer["predictions"]]

    def test_tritonclient_with_binary_tensors(self):
        nan = float("nan")
        content, found = triton_infer(self.service, [
            ("fase", [3], "INT64", struct.pack("<3q", 3, 7, 1)),
            ("iaa", [3, 1], "FP32", struct.pack("<3f", 6.5, 2.25, nan)),
            ("genero", [3], "BYTES", byte_tensor(["Masculino", "Feminino", "Feminino"]))], request_id="7")
        self.assertEqual(content["id"], "7")
        self.assertEqual((content["model_name"], content["model_version"]), ("risk", "v1.0.0"))
        self.assertEqual(list(struct.unpack("<3d", found["risk_score"])), self.scores)
        self.assertEqual(list(struct.unpack("<3i", found["risk_label"])), self.labels)
        self.assertEqual(content["parameters"]["imputed"], "iaa")

    def test_tritonclient_with_a_matrix_and_named_outputs(self):
        values = [3, 6.5, 1, 7, 2.25, 0, 1, float("nan"), 0]
        content, found = triton_infer(
            self.service, [("input__0", [3, 3], "FP64", struct.pack("<9d", *values))],
            [{"name": "predict_proba", "parameters": {"binary_data": True}},
             {"name": "predict", "parameters": {"binary_data": False}}])
        pairs = struct.unpack("<6d", found["predict_proba"])
        self.assertEqual(list(pairs[1::2]), self.scores)
        self.assertEqual(content["outputs"][1]["data"], self.labels)

    def test_tritonclient_reads_errors(self):
        with self.assertRaisesRegex(RuntimeError, "^instance 2: feature 'iaa' must be between 0 and 10$"):
            triton_infer(self.service, [("iaa", [2], "FP64", struct.pack("<2d", 1, 77.25))])
        self.assertEqual(self.service.get("/v2/models/other").json(),
                         {"error": "there is no model of this name; the one here is 'risk'"})
        self.assertEqual(self.service.get("/v2/models/risk/versions/v9/ready").status, 404)

    def test_mlservers_pandas_codec(self):
        def column(name, datatype, data, **more):
            return {"name": name, "datatype": datatype, "shape": [3, 1], "data": data, **more}
        text = {"parameters": {"content_type": "str"}}
        answer = self.service.post("/v2/models/risk/infer", {
            "id": "a", "parameters": {"content_type": "pd"}, "inputs": [
                column("fase", "INT64", [3, 7, 1]), column("iaa", "FP64", [6.5, 2.25, None]),
                column("genero", "BYTES", ["Masculino", "Feminino", "Feminino"], **text)]})
        self.assertEqual(answer.status, 200, answer.body)
        body = answer.json()
        self.assertEqual(body["parameters"]["content_type"], "pd")
        self.assertEqual({o["name"]: o["data"] for o in body["outputs"]},
                         {"risk_score": self.scores, "risk_label": self.labels})

    def test_mlflow(self):
        names = ["fase", "iaa", "genero"]
        table = [[row.get(name) for name in names] for row in ROWS]
        bodies = [{"dataframe_split": {"columns": names, "index": [0, 1, 2], "data": table}},
                  {"dataframe_records": ROWS}, {"instances": ROWS}, {"instances": table}, {"inputs": table},
                  {"inputs": {name: [row.get(name) for row in ROWS] for name in names}, "params": {}}]
        for body in bodies:
            answer = self.service.post("/invocations", body)
            self.assertEqual((answer.status, answer.json()), (200, {"predictions": self.scores}), body)
        csv = "fase,iaa,genero\n3,6.5,Masculino\n7,2.25,Feminino\n1,,Feminino\n"
        answer = self.service.request("POST", "/invocations", csv, {"Content-Type": "text/csv"})
        self.assertEqual(answer.json(), {"predictions": self.scores})
        for kind in ("application/json; format=pandas-records", "text/csv; charset=latin-1", "application/xml"):
            answer = self.service.request("POST", "/invocations", csv, {"Content-Type": kind})
            self.assertEqual((answer.status, answer.json()["error_code"]), (415, "BAD_REQUEST"), kind)
        answer = self.service.post("/invocations", {"inputs": [], "instances": []})
        self.assertEqual((answer.status, answer.json()["error_code"]), (400, "BAD_REQUEST"))

    def test_every_protocol_needs_the_key_and_is_stored(self):
        home = Home()
        self.addCleanup(home.close)
        promote(home, "v1.0.0")
        service = Service(home, env={"API_KEYS": "secret", "RATE_LIMIT_RPM": "3"})
        self.addCleanup(service.kill)
        request = {"inputs": [{"name": "iaa", "shape": [2], "datatype": "FP64", "data": [1, 2]}]}
        refused = service.post("/v2/models/risk/infer", request)
        self.assertEqual((refused.status, list(refused.json())), (401, ["error"]))
        key = {"X-API-Key": "secret"}
        for path, body in (("/v2/models/risk/infer", request), ("/invocations", {"inputs": {"iaa": [1]}}),
                           ("/v2/models/risk/versions/v1.0.0/infer", request)):
            self.assertEqual(service.post(path, body, key).status, 200)
        limited = service.post("/v2/models/risk/infer", request, key)
        self.assertEqual((limited.status, list(limited.json())), (429, ["error"]))
        self.assertEqual(service.get("/metrics", key).json()["predictions"]["total"], 5)
        service.stop()
        out = home.path / "all.jsonl"
        home.ok("inference", "export", "--output", out)
        rows = [json.loads(line) for line in out.read_text().splitlines()]
        self.assertEqual(len([row for row in rows if row.get("risk_score") is not None]), 5, rows)

    def test_promtool_finds_nothing(self):
        self.service.predict(*ROWS)
        lint = subprocess.run(["promtool", "check", "metrics"], capture_output=True,
                              input=self.service.get("/metrics?format=prometheus").body)
        self.assertEqual((lint.returncode, lint.stdout + lint.stderr), (0, b""))

    def test_promtool_reads_openmetrics(self):
        """create-blocks-from wants a time on every sample; the rest of the text is as served."""
        self.service.predict(*ROWS)
        text = self.service.get("/metrics", {"Accept": "application/openmetrics-text"}).body.decode()
        lines = []
        for line in text.splitlines():
            sample, mark, exemplar = line.partition(" # ") if not line.startswith("#") else (line, "", "")
            lines.append(line if line.startswith("#") else f"{sample} 1800000000{mark}{exemplar}")
        with tempfile.NamedTemporaryFile("w", suffix=".om") as file, tempfile.TemporaryDirectory() as blocks:
            file.write("\n".join(lines) + "\n")
            file.flush()
            made = subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", file.name, blocks],
                                  capture_output=True, text=True)
            self.assertEqual(made.returncode, 0, made.stderr + text)

    def test_prometheus_scrapes_exemplars(self):
        def seen():
            # A bucket's exemplar is renewed at most once a second, so one request might leave no trace.
            self.service.request("POST", "/predict", json.dumps({"instances": ROWS}),
                                 {"X-Request-ID": "seen-by-prometheus"})
            return "seen-by-prometheus" in exemplars()

        with tempfile.TemporaryDirectory() as folder:
            with open(folder + "/prometheus.yml", "w", encoding="utf-8") as file:
                file.write("global: {scrape_interval: 200ms, scrape_timeout: 200ms}\nscrape_configs:\n- job_name: risk\n"
                           f"  static_configs: [{{targets: ['127.0.0.1:{self.service.port}']}}]\n")
            port = free_port()
            prometheus = subprocess.Popen(
                ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                 f"--web.listen-address=127.0.0.1:{port}", "--enable-feature=exemplar-storage"],
                stderr=subprocess.DEVNULL)

            def end():
                prometheus.kill()
                prometheus.wait()
            self.addCleanup(end)

            def ask(path, **query):
                try:
                    url = f"http://127.0.0.1:{port}/api/v1/{path}?{urllib.parse.urlencode(query)}"
                    with urllib.request.urlopen(url, timeout=20) as answer:
                        return json.load(answer)["data"]
                except OSError:
                    return None

            def exemplars():
                series = ask("query_exemplars", query="http_request_duration_seconds_bucket", start=0,
                             end=4_000_000_000) or []
                return {e["labels"]["trace_id"] for s in series for e in s["exemplars"]}
            # Exemplars exist in OpenMetrics only: Prometheus asked for it and could read it.
            wait_for(seen, "an exemplar in Prometheus", 60)
            target = ask("targets")["activeTargets"][0]
            self.assertEqual((target["health"], target["lastError"]), ("up", ""))
            burn = ask("query", query='slo_burn_rate{sli="errors",window="1h"}')["result"]
            self.assertEqual(burn[0]["value"][1], "0")
            end()


if __name__ == "__main__":
    harness.main()
