#!/usr/bin/env python3
"""Writes the artifacts of a large random model: make_model_home.py FOLDER [TREES] [DEPTH].

The trees are complete and random: what they predict means nothing, what they cost is that of a
trained model of the same size.
"""
import json
import math
import os
import random
import sys

NUMBERS = ["inde", "iaa", "ieg", "ips", "ipp", "ida", "ipv", "ian", "matematica", "portugues", "ingles"]
WHOLE = [("fase", 0, 9), ("idade", 5, 30), ("ano_ingresso", 1990, 2100), ("fase_ideal", 0, 9), ("defasagem", -10, 10)]


def tree(rng, number, width, depth, ranges):
    inner, size = 2 ** depth - 1, 2 ** (depth + 1) - 1
    t = {k: [] for k in ("left_children", "right_children", "parents", "split_indices", "split_conditions",
                         "default_left", "sum_hessian", "loss_changes", "base_weights", "split_type")}
    for node in range(size):
        leaf = node >= inner
        feature = rng.randrange(width)
        low, high = ranges[feature]
        t["left_children"].append(-1 if leaf else 2 * node + 1)
        t["right_children"].append(-1 if leaf else 2 * node + 2)
        t["parents"].append(2147483647 if node == 0 else (node - 1) // 2)
        t["split_indices"].append(0 if leaf else feature)
        t["split_conditions"].append(rng.gauss(0, 0.03) if leaf else rng.uniform(low, high))
        t["default_left"].append(0 if leaf else rng.randrange(2))
        t["sum_hessian"].append(float(2 ** (depth - (node + 1).bit_length() + 1)))
        t["loss_changes"].append(0.0)
        t["base_weights"].append(0.0)
        t["split_type"].append(0)
    t.update(categories=[], categories_nodes=[], categories_segments=[], categories_sizes=[], id=number,
             tree_param={"num_deleted": "0", "num_feature": str(width), "num_nodes": str(size), "size_leaf_vector": "0"})
    return t


def score_of_nothing(model):
    """Of a row without any value: one-hot inputs are 0, all others are missing."""
    inputs = model["features"]["inputs"]
    margin = 0.0
    for t in model["estimator"]["xgboost"]["learner"]["gradient_booster"]["model"]["trees"]:
        node = 0
        while t["left_children"][node] >= 0:
            if inputs[t["split_indices"][node]]["operation"] == "one_hot":
                left = 0 < t["split_conditions"][node]
            else:
                left = t["default_left"][node]
            node = t["left_children"][node] if left else t["right_children"][node]
        margin += t["split_conditions"][node]
    calibration = model["calibration"]
    return 1 / (1 + math.exp(-(calibration["a"] * margin + calibration["b"])))


def main():
    folder, trees, depth = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 300, 4
    rng = random.Random(7)
    raw = [{"name": n, "type": "number", "min": 0, "max": 10, "seen_min": 0, "seen_max": 10} for n in NUMBERS]
    raw += [{"name": n, "type": "integer", "min": a, "max": b, "seen_min": a, "seen_max": b} for n, a, b in WHOLE]
    raw += [{"name": "genero", "type": "category", "levels": ["Feminino", "Masculino"]}]
    inputs = [{"name": r["name"], "operation": "identity", "inputs": [r["name"]]} for r in raw if r["type"] != "category"]
    inputs += [{"name": "genero=Feminino", "operation": "one_hot", "inputs": ["genero"], "level": "Feminino"}]
    inputs += [{"name": "media", "operation": "mean", "inputs": NUMBERS}, {"name": "desvio", "operation": "std", "inputs": NUMBERS}]
    ranges = [(r["seen_min"], r["seen_max"]) for r in raw if r["type"] != "category"] + [(0, 1), (0, 10), (0, 4)]
    width = len(inputs)
    model = {
        "format": "vigia-model", "format_version": 1,
        "features": {"reference_year": 2023, "raw": raw, "inputs": inputs},
        "estimator": {"family": "gradient_boosting", "xgboost": {"version": [1, 7, 4], "learner": {
            "attributes": {}, "feature_names": [], "feature_types": [],
            "gradient_booster": {"name": "gbtree", "model": {
                "gbtree_model_param": {"num_parallel_tree": "1", "num_trees": str(trees), "size_leaf_vector": "0"},
                "tree_info": [0] * trees, "trees": [tree(rng, i, width, depth, ranges) for i in range(trees)]}},
            "learner_model_param": {"base_score": "5E-1", "boost_from_average": "1", "num_class": "0",
                                    "num_feature": str(width), "num_target": "1"},
            "objective": {"name": "binary:logistic", "reg_loss_param": {"scale_pos_weight": "1"}}}}},
        "calibration": {"method": "sigmoid", "a": 1.1, "b": -0.1}, "threshold": 0.5}
    os.makedirs(folder, exist_ok=True)

    def write(name, value):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(value, file)

    write("model.json", model)
    write("model_metadata.json", {"model_version": "v0.0.1", "created_at": "2026-01-01T00:00:00Z"})
    write("model_signature.json", {})
    write("metrics.json", {})
    golden = {"year": 2023, "raw": [None] * len(raw), "score": score_of_nothing(model)}
    write("golden_rows.json", {"tolerance": 1e-4, "rows": [golden]})


main()
