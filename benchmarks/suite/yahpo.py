"""Surrogates of real tuning runs, from the data folder of YAHPO Gym (Pfisterer et al. 2022): `SCENARIO:INSTANCE`.

The folder has, for each scenario, `config_space.json`, `encoding.json` and `model.onnx`; onnxruntime runs the model.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

import hpdsl.interop
from suite.problem import Problem, UnavailableError

IMPUTE = "num.impute.selected.cpo"
XGBOOST = """nrounds eta gamma lambda alpha subsample max_depth min_child_weight colsample_bytree colsample_bylevel
rate_drop skip_drop"""


@dataclass(frozen=True)
class Layout:
    """The columns of a scenario's model, which its folder does not tell; `fidelity` is held at these values."""

    numbers: tuple[str, ...]
    labels: tuple[str, ...]
    fidelity: dict[str, float]
    output: int
    sign: int
    instance: str = "task_id"


def _rbv2(numbers: str, *labels: str) -> Layout:
    # The first of nine outputs is accuracy, to be maximised.
    return Layout((*numbers.split(), "trainsize", "repl"), labels, {"trainsize": 1.0, "repl": 10}, 0, -1)


LAYOUTS = {
    "lcbench": Layout(
        ("epoch", "batch_size", "learning_rate", "momentum", "weight_decay", "num_layers", "max_units", "max_dropout"),
        ("OpenML_task_id",),
        {"epoch": 52},
        1,
        -1,
        "OpenML_task_id",
    ),
    "rbv2_svm": _rbv2("cost gamma tolerance degree", "task_id", "kernel", IMPUTE),
    "rbv2_ranger": _rbv2(
        "num.trees sample.fraction mtry.power min.node.size num.random.splits",
        "task_id",
        "respect.unordered.factors",
        "splitrule",
        IMPUTE,
    ),
    "rbv2_rpart": _rbv2("cp maxdepth minbucket minsplit", "task_id", IMPUTE),
    "rbv2_glmnet": _rbv2("alpha s", "task_id", IMPUTE),
    "rbv2_xgboost": _rbv2(XGBOOST, "task_id", "booster", IMPUTE),
    "rbv2_super": _rbv2(
        "svm.cost svm.gamma svm.tolerance svm.degree glmnet.alpha glmnet.s rpart.cp rpart.maxdepth rpart.minbucket "
        "rpart.minsplit ranger.num.trees ranger.sample.fraction ranger.mtry.power ranger.min.node.size "
        "ranger.num.random.splits aknn.k aknn.M aknn.ef aknn.ef_construction "
        + " ".join(f"xgboost.{name}" for name in XGBOOST.split()),
        "task_id",
        "learner_id",
        "svm.kernel",
        "ranger.respect.unordered.factors",
        "ranger.splitrule",
        "aknn.distance",
        "xgboost.booster",
        IMPUTE,
    ),
    "iaml_glmnet": Layout(("alpha", "s", "trainsize"), ("task_id",), {"trainsize": 1.0}, 0, 1),
}
NAMES = [
    "lcbench:167168",
    "lcbench:189873",
    "lcbench:189906",
    "rbv2_xgboost:1501",
    "rbv2_xgboost:40499",
    "rbv2_rpart:14",
    "rbv2_rpart:40499",
    "iaml_glmnet:40981",
    "rbv2_svm:1457",
    "rbv2_ranger:40979",
    "rbv2_super:1457",
    "rbv2_super:6",
]


def text(folder: Path, layout: Layout) -> str:
    """The space of a scenario without instance and fidelity, and without defaults, which not every tool can use."""
    data = json.loads((folder / "config_space.json").read_text())
    fixed = {layout.instance, *layout.fidelity}
    data["hyperparameters"] = [h for h in data["hyperparameters"] if h["name"] not in fixed]
    for entry in data["hyperparameters"]:
        entry.pop("default", None)
    return hpdsl.interop.from_text(json.dumps(data), "configspace") + "minimize loss\n"


@lru_cache
def _session(path: Path):
    try:
        import onnxruntime
    except ImportError:
        raise UnavailableError("the surrogates of YAHPO Gym need onnxruntime") from None
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def problem(name: str, data: Path | None) -> Problem:
    """The problem of a name; `data` is the folder."""
    scenario, _, instance = name.partition(":")
    if data is None:
        raise UnavailableError(f"{name} needs the data folder of YAHPO Gym: --yahpo FOLDER")
    folder, layout = Path(data) / scenario, LAYOUTS[scenario]
    if not (folder / "model.onnx").exists():
        raise UnavailableError(f"{name}: there is no {folder / 'model.onnx'}")
    session = _session(folder / "model.onnx")
    codes = json.loads((folder / "encoding.json").read_text())
    labels, numbers = (i.name for i in session.get_inputs())

    def values(configs):
        full = [{**c, **layout.fidelity, layout.instance: instance} for c in configs]
        # What is inactive is 0 as a number and #na# as a label.
        given = {
            labels: np.array([[codes[k][c.get(k, "#na#")] for k in layout.labels] for c in full], np.int32),
            numbers: np.array([[c.get(k, 0) for k in layout.numbers] for c in full], np.float32),
        }
        return layout.sign * session.run(None, given)[0][:, layout.output].astype(float)

    return Problem(name, "yahpo", text(folder, layout), lambda c: float(values([c])[0]), batch=values)
