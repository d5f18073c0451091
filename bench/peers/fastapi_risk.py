"""The peer: the same XGBoost model behind FastAPI, as it is usually written: pydantic models for request and response,
one in-process booster. No keys, limits, store, metrics or logs: it does less than what it is compared with.
MODEL_JSON names the artifact that the risk service serves. Started by bench/serving.sh."""
import json
import math
import os
from typing import Literal, Optional

import numpy
import xgboost
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field, create_model

MODEL = json.load(open(os.environ["MODEL_JSON"], encoding="utf-8"))
RAW = MODEL["features"]["raw"]
INPUTS = MODEL["features"]["inputs"]
CALIBRATION = MODEL["calibration"]
BOOSTER = xgboost.Booster({"nthread": 1})
BOOSTER.load_model(bytearray(json.dumps(MODEL["estimator"]["xgboost"]), "utf-8"))


def field(raw):
    name = raw["name"] + "_" + str(MODEL["features"]["reference_year"])
    if raw["type"] == "category":
        return name, (Optional[Literal[tuple(raw["levels"])]], None)
    kind = int if raw["type"] == "integer" else float
    return name, (Optional[kind], Field(default=None, ge=raw["min"], le=raw["max"]))


Instance = create_model("Instance", __config__=ConfigDict(extra="forbid"), **dict(field(raw) for raw in RAW))
NAMES = [field(raw)[0] for raw in RAW]
PLACE = {raw["name"]: i for i, raw in enumerate(RAW)}


class Request(BaseModel):
    instances: list[Instance] = Field(min_length=1, max_length=1000)


class Prediction(BaseModel):
    risk_score: float
    risk_label: int
    model_version: str


class Response(BaseModel):
    predictions: list[Prediction]


def row(instance):
    raw = [getattr(instance, name) for name in NAMES]
    values = []
    for column in INPUTS:
        given = [raw[PLACE[name]] for name in column["inputs"]]
        if column["operation"] == "identity":
            values.append(math.nan if given[0] is None else given[0])
        elif column["operation"] == "one_hot":
            values.append(float(given[0] == column["level"]))
        else:
            known = [value for value in given if value is not None]
            mean = sum(known) / len(known) if known else math.nan
            spread = math.sqrt(sum((value - mean) ** 2 for value in known) / len(known)) if known else math.nan
            values.append(mean if column["operation"] == "mean" else spread)
    return values


app = FastAPI()


@app.post("/predict", response_model=Response)
async def predict(request: Request):
    rows = numpy.array([row(instance) for instance in request.instances], dtype=numpy.float32)
    margins = BOOSTER.inplace_predict(rows, predict_type="margin", validate_features=False)
    predictions = []
    for margin in margins:
        score = 1 / (1 + math.exp(-(CALIBRATION["a"] * float(margin) + CALIBRATION["b"])))
        predictions.append(Prediction(risk_score=round(score, 6), risk_label=int(score >= MODEL["threshold"]),
                                      model_version="v0.0.1"))
    return Response(predictions=predictions)
