"""A run of prices whose next move can be told from the last one, and everything that is done with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.cli.head_runs import invoke, predicted, tiny

# Real networks are trained here.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def swinging_file(make_swinging, tmp_path_factory) -> Path:
    path: Path = tmp_path_factory.mktemp("swings") / "swing.csv"
    make_swinging(640, first="2014-10-20").droplevel("ticker").to_csv(path, index_label="date")
    return path


@pytest.fixture(scope="module")
def swinging_training(swinging_file: Path) -> tuple[Path, dict[str, Any]]:
    options = ("--set", "data.train=['2014-10-20', '2016-12-31']", "--runs", swinging_file.parent / "runs")
    document = json.loads(invoke("train", swinging_file, *tiny(), *options, "--json").stdout)
    return Path(document["run"]), document


def test_most_of_what_can_be_foretold_is_found(swinging_training: tuple[Path, dict[str, Any]]) -> None:
    run, document = swinging_training
    assert document["expected"] is True
    assert document["gate"] > 0
    table = pd.read_parquet(run / "forecasts.parquet")
    closes = np.log(pd.read_parquet(run / "prices.parquet")["close"].droplevel("ticker"))
    network = table[table["forecaster"] == "network"]
    foretold = -0.5 * closes.diff().reindex(network["origin"]).to_numpy()
    moves = np.log(network["forecast"].to_numpy()) - closes.reindex(network["origin"]).to_numpy()
    assert ((moves - foretold) ** 2).sum() < 0.4 * (foretold**2).sum()
    (verdict,) = (each for each in document["verdicts"] if each["part"] == "point")
    assert verdict["outcome"] == "better"


def test_the_saved_run_gives_the_forecasts_that_it_was_judged_by(
    swinging_training: tuple[Path, dict[str, Any]], swinging_file: Path, tmp_path: Path
) -> None:
    run, _ = swinging_training
    prices = pd.read_csv(swinging_file)
    prices[prices["date"] <= "2017-02-14"].to_csv(tmp_path / "swing.csv", index=False)
    rows = predicted(run, tmp_path / "swing.csv", "--days", 10)["forecasts"]
    table = pd.read_parquet(run / "forecasts.parquet")
    (own,) = table[(table["forecaster"] == "network") & (table["origin"] == "2017-02-14")].itertuples()
    assert rows[0]["forecast"] == pytest.approx(own.forecast, rel=1e-6)
    assert rows[0]["forecast"] != pytest.approx(prices.loc[prices["date"] == "2017-02-14", "close"].item(), rel=1e-4)
    assert {row["forecast"] for row in rows} == {rows[0]["forecast"]}
    widths = [row["upper"] - row["lower"] for row in rows]
    assert widths == sorted(widths)


def test_the_last_move_matters_most_to_the_forecast(swinging_training: tuple[Path, dict[str, Any]]) -> None:
    run, _ = swinging_training
    found = json.loads(invoke("explain", run, "importance", "--json").stdout)["importance"]
    moved = {part["name"]: part["movement"] for part in found}
    tells_the_day = ("gap", "intraday", "return_1", "close_place")
    features = json.loads((run / "run.json").read_text())["encoding"]["features"]
    assert max(features, key=lambda name: moved[name]) in tells_the_day


def test_several_sessions_ahead_have_expected_moves_of_their_own(swinging_file: Path) -> None:
    options = ("--set", "data.train=['2014-10-20', '2016-12-31']", "--runs", swinging_file.parent / "runs")
    longer = tiny(window__horizon=2, train__refit_epochs=0)
    document = json.loads(invoke("train", swinging_file, *longer, *options, "--name", "two", "--json").stdout)
    encoding = json.loads((Path(document["run"]) / "run.json").read_text())["encoding"]
    assert document["expected"] is True
    assert [len(each) for each in encoding["expected"]] == [len(encoding["features"])] * 2
