from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stockrnn.config import parse_config
from stockrnn.errors import RunFolderError
from stockrnn.evaluation.metrics import Yardstick, score_forecasts
from stockrnn.forecasts.baselines import last_value
from stockrnn.forecasts.table import tabulate
from stockrnn.prices.table import prices_digest
from stockrnn.runs.content import (
    RunContent,
    read_config_of,
    read_encoding_of,
    read_forecasts_of,
    read_prices_of,
    read_split_of,
    write_content,
)
from stockrnn.runs.folder import load_run, write_run_file
from stockrnn.samples.encoding import fit_encoding
from stockrnn.samples.splits import Split


@pytest.fixture
def content(make_prices) -> RunContent:
    prices = make_prices(30, ("AAA", "BBB"))
    days = prices.loc["AAA"].index
    origins = np.array([20, 21, 50])
    config = parse_config({"train": {"seeds": [1, 2]}, "model": {"units": 3}}, "test")
    return RunContent(
        kind="train",
        config=config,
        prices=prices,
        sources=("a.csv", "b.csv"),
        adjust="none",
        calendar="XNYS",
        split=Split((days[0], days[15]), (days[16], days[19]), (days[20], days[29])),
        encoding=fit_encoding(prices, config, (), (days[0], days[15])),
        heads=[],
        seeds=(1, 2),
        histories=[[{"loss": 0.5}, {"loss": 0.25}], [{"loss": 0.75}]],
        forecasts=tabulate(last_value(prices, "open", origins, 2), prices, origins, "open"),
        judgement={"scores": [], "verdicts": []},
        facts={"engine": "keras"},
    )


@pytest.fixture
def run(content: RunContent, tmp_path: Path) -> Path:
    for name in ("model.keras", "model-2.keras"):
        (tmp_path / name).write_bytes(b"a network")
    write_content(tmp_path, content)
    return tmp_path


def test_everything_comes_back_as_it_was(content: RunContent, run: Path) -> None:
    loaded = load_run(run)
    pd.testing.assert_frame_equal(read_prices_of(loaded), content.prices)
    pd.testing.assert_frame_equal(read_forecasts_of(loaded), content.forecasts)
    assert read_config_of(loaded) == content.config
    assert read_split_of(loaded) == content.split
    assert read_encoding_of(loaded) == content.encoding
    assert [path.name for path in loaded.model_files] == ["model.keras", "model-2.keras"]


def test_scores_of_the_saved_forecasts_are_those_before_saving(content: RunContent, run: Path) -> None:
    loaded = load_run(run)
    yardstick = Yardstick({1: "last_value"}, {"AAA": 1.0})
    before = score_forecasts(content.forecasts, content.prices["close"], yardstick)
    assert score_forecasts(read_forecasts_of(loaded), read_prices_of(loaded)["close"], yardstick) == before
    assert before[0].direction is not None


def test_run_json_names_what_the_run_was_made_of(content: RunContent, run: Path) -> None:
    document = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert (document["kind"], document["seeds"], document["engine"]) == ("train", [1, 2], "keras")
    assert document["features"] == ["open"]
    assert document["prices"] == {
        "sources": ["a.csv", "b.csv"],
        "tickers": ["AAA", "BBB"],
        "adjust": "none",
        "calendar": "XNYS",
        "rows": 60,
        "first": "2020-01-01",
        "last": f"{content.prices.loc['AAA'].index[-1]:%Y-%m-%d}",
        "sha256": prices_digest(content.prices),
    }
    assert {"python", "stockrnn", "tensorflow", "keras", "numpy"} <= set(document["versions"])
    assert set(document["files"]) == {
        "model.keras", "model-2.keras", "prices.parquet", "forecasts.parquet", "history.csv", "scores.json",
    }  # fmt: skip


def test_the_history_has_a_row_an_epoch_of_each_seed(run: Path) -> None:
    assert (run / "history.csv").read_text(encoding="utf-8").splitlines() == [
        "seed,epoch,loss",
        "1,1,0.5",
        "1,2,0.25",
        "2,1,0.75",
    ]


@pytest.mark.parametrize(
    ("key", "value", "read"),
    [
        ("config", {"model": {"cell": "transformer"}}, read_config_of),
        ("config", {"modle": {}}, read_config_of),
        ("split", {}, read_split_of),
        ("split", {"fit": ["x", "y"], "validation": None, "test": ["x", "y"]}, read_split_of),
        ("split", {"fit": [], "validation": None, "test": 3}, read_split_of),
        ("scaler", {"AAA": {"open": {}}}, read_encoding_of),
        ("scaler", {"AAA": 3}, read_encoding_of),
    ],
)
def test_wrong_content_of_run_json_is_an_error(run: Path, key: str, value: object, read) -> None:
    document = json.loads((run / "run.json").read_text(encoding="utf-8"))
    write_run_file(run, {**document, key: value})
    with pytest.raises(RunFolderError, match="train again"):
        read(load_run(run))
