from __future__ import annotations

import gc

import numpy as np
import pytest

from stockrnn.forecasts.table import Forecast
from stockrnn.prices.table import sessions_of
from stockrnn.prices.ticker_files import write_ticker_files
from stockrnn.recipes import load_recipe
from stockrnn.samples.folds import WalkForward, walk_forward_folds
from stockrnn.samples.splits import Split
from stockrnn.workflows.fold_forecasts import FoldNetwork, forecast_naively, read_naive, train_fold

POINTS = Forecast("network", np.array([[1.0, 2.0], [3.0, 4.0]]))
DISTRIBUTION = Forecast("network", np.array([[1.5]]), np.full((1, 1, 19), 1.5))


@pytest.fixture
def task(make_prices, tmp_path):
    """The arguments of a fold's tasks."""
    config = load_recipe("smoke", ["train.epochs=1"]).config
    prices = make_prices(60)
    days = sessions_of(prices)
    split = Split((days[0], days[39]), None, (days[40], days[-1]))
    (fold,) = walk_forward_folds(days, split, config.data, WalkForward(), (config.window.lookback, 1))
    files = write_ticker_files(prices, str(tmp_path))
    pool = {
        "config": config.model_dump(mode="json"),
        "features": [],
        "tickers": [[file.ticker, file.sha256] for file in files],
    }
    return {"pool": pool, "fold": fold.to_json(), "prices": str(tmp_path)}


@pytest.mark.parametrize("held_out", [None, POINTS, DISTRIBUTION])
@pytest.mark.parametrize("test", [POINTS, DISTRIBUTION])
def test_the_forecasts_of_a_network_come_back_from_their_file(tmp_path, test, held_out):
    written = FoldNetwork(test, held_out, held_out is POINTS, [{"loss": 0.5}], "fused")
    (tmp_path / "result").write_bytes(written.to_bytes())
    read = FoldNetwork.read(tmp_path / "result")
    assert (read.proven, read.history, read.engine) == (written.proven, written.history, written.engine)
    for before, after in ((test, read.test), (held_out, read.held_out)):
        assert (before is None) == (after is None)
        if before is not None:
            np.testing.assert_array_equal(after.values, before.values)
            np.testing.assert_array_equal(after.quantiles, before.quantiles)


def test_the_naive_forecasts_of_a_fold_are_of_its_sessions(task, tmp_path):
    (tmp_path / "naive").write_bytes(forecast_naively(**task))
    naive = read_naive(tmp_path / "naive")
    of_close = naive[naive["forecaster"] == "last_close"]
    assert [f"{day:%Y-%m-%d}" for day in of_close["session"]] == task["fold"]["sessions"]
    assert "network" not in set(naive["forecaster"])


@pytest.mark.slow
def test_a_task_gives_the_same_bytes_first_and_after_another_seed(task):
    pool = task["pool"]
    config = pool["config"]
    seeds = {**task, "pool": {**pool, "config": {**config, "train": {**config["train"], "seeds": [4, 9]}}}}
    first = train_fold(**seeds, number=0)
    other = train_fold(**seeds, number=1)
    assert other != first
    assert train_fold(**seeds, number=0) == first
    assert train_fold(**seeds, number=1) == other


@pytest.mark.slow
def test_nothing_more_is_kept_of_the_network_of_a_task_that_is_done(task):
    def kept_operations():
        train_fold(**task, number=0)
        gc.collect()
        return sum(type(thing).__name__ == "Operation" for thing in gc.get_objects())

    kept_operations()
    assert kept_operations() == kept_operations()
