import math

import pytest
from study.helpers import SPEC, awkward, loss

import hpdsl


def test_a_study_says_what_it_is():
    study = hpdsl.tune(loss, SPEC, backend="grid", trials=4, seed=3, levels=2)
    assert (study.backend, study.seed, study.options) == ("grid", 3, {"levels": 2})
    assert (study.objective.name, study.objective.maximize, study.path) == ("loss", False, None)
    assert study.best_config == study.best_trial.config
    assert study.best_value == min(t.value for t in study.trials)
    assert repr(study) == "Study(4 trials, grid, seed 3)"


def test_the_first_of_equals_is_best():
    study = hpdsl.tune(lambda c: 1.0, SPEC, backend="random", trials=3)
    assert study.best_trial.number == 0


def test_times_are_measured():
    for trial in hpdsl.tune(awkward, SPEC, backend="random", trials=3).trials:
        assert trial.started <= trial.ended
        assert trial.duration >= 0


def test_to_pandas():
    study = hpdsl.tune(
        lambda c: {"loss": math.nan if c["k"] == "b" else 1.0, "ms": 3}, SPEC, backend="random", trials=8, seed=0
    )
    table = study.to_pandas()
    assert set(table.columns) == {
        "number", "state", "value", "x", "k", "depth", "twice", "ms", "duration", "reason",
    }  # fmt: skip
    assert str(table["depth"].dtype) == "Int64"
    assert (table["depth"].isna() == (table["k"] == "b")).all()
    assert (table["value"].isna() == (table["k"] == "b")).all()
    assert set(table.loc[table["k"] == "b", "reason"]) == {"returned loss = NaN"}
    assert table["x"].tolist() == [t.config["x"] for t in study.trials]


def test_names_of_the_studys_own_columns_are_told_apart():
    study = hpdsl.tune(
        lambda c: {"loss": c["value"], "state": 2}, "value ~ uniform(0, 1)\nminimize loss", backend="random", trials=2
    )
    assert list(study.to_pandas().columns) == [
        "number", "state", "value", "config.value", "outcomes.state", "duration", "reason",
    ]  # fmt: skip


def test_opening_compiles_nothing_until_the_space_is_asked_for(tmp_path):
    import sqlite3

    store = tmp_path / "study.db"
    hpdsl.tune(loss, SPEC, backend="random", trials=2, store=store)
    connection = sqlite3.connect(store, isolation_level=None)
    connection.execute("UPDATE meta SET value = 'x ~ uniform(' WHERE key = 'spec_text'")
    connection.close()
    study = hpdsl.open_study(store)
    assert study.best_value == min(t.value for t in study.trials)
    with pytest.raises(hpdsl.StoreError, match="does not compile"):
        _ = study.space


def test_a_spec_that_means_something_else_is_refused(tmp_path):
    import sqlite3

    store = tmp_path / "study.db"
    hpdsl.tune(loss, SPEC, backend="random", trials=2, store=store)
    connection = sqlite3.connect(store, isolation_level=None)
    connection.execute("UPDATE meta SET value = 'x ~ uniform(0, 9)' WHERE key = 'spec_text'")
    connection.close()
    with pytest.raises(hpdsl.StoreError, match="means something else"):
        _ = hpdsl.open_study(store).space


def test_a_table_of_several_objectives_with_what_is_inactive():
    text = "on ~ bool()\nwhen on { k ~ int uniform(1, 9); x ~ uniform(0, 1); yes ~ bool() }\nminimize a\nminimize b\n"
    study = hpdsl.tune(lambda c: {"a": c.get("x", 2.0), "b": c.get("k", 0)}, text, backend="random", trials=12)
    frame = study.to_pandas()
    assert "value" not in frame
    assert [str(frame[name].dtype) for name in ("a", "k", "x", "yes")] == ["float64", "Int64", "float64", "boolean"]
    assert (frame["k"].isna() == ~frame["on"].astype(bool)).all()
