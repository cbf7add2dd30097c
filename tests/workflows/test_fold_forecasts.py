from __future__ import annotations

import gc

import numpy as np
import pandas as pd
import pytest

from stockrnn.forecasts.table import QUANTILE_COLUMNS
from stockrnn.prices.table import sessions_of
from stockrnn.recipes import load_recipe
from stockrnn.samples.folds import WalkForward, walk_forward_folds
from stockrnn.samples.splits import Split
from stockrnn.workflows.fold_forecasts import FoldForecasts, fold_forecasts, mean_forecasts


def rows(value, forecaster="network"):
    frame = pd.DataFrame({"ticker": ["A", "A"], "forecaster": forecaster, "forecast": [value, 2 * value]})
    return frame.assign(**dict.fromkeys(QUANTILE_COLUMNS, value if forecaster == "network" else np.nan))


def forecasts_of(value, with_naive):
    naive = rows(7.0, "last_close")
    return FoldForecasts(rows(value), naive if with_naive else naive.iloc[:0], [{"loss": 0.5}], "fused", 9)


def test_the_forecasts_of_seeds_are_averaged_and_the_naive_ones_come_once():
    mean = mean_forecasts([forecasts_of(1.0, True), forecasts_of(4.0, False)])
    assert mean["forecast"].tolist() == [2.5, 5.0, 7.0, 14.0]
    assert mean["q0.50"].tolist()[:2] == [2.5, 2.5]
    assert mean["forecaster"].tolist() == ["network", "network", "last_close", "last_close"]


@pytest.mark.parametrize("with_naive", [True, False])
def test_the_forecasts_of_a_fold_come_back_from_their_file(tmp_path, with_naive):
    written = forecasts_of(1.0, with_naive)
    (tmp_path / "result").write_bytes(written.to_bytes())
    read = FoldForecasts.read(tmp_path / "result")
    pd.testing.assert_frame_equal(read.network, written.network)
    assert read.naive["forecast"].tolist() == written.naive["forecast"].tolist()
    assert (read.history, read.engine, read.windows) == (written.history, written.engine, written.windows)


@pytest.mark.slow
def test_nothing_is_kept_of_the_network_of_a_task_that_is_done(make_prices):
    config = load_recipe("smoke", ["train.epochs=1"]).config
    prices = make_prices(60)
    days = sessions_of(prices)
    split = Split((days[0], days[39]), None, (days[40], days[-1]))
    (fold,) = walk_forward_folds(days, split, config.data, WalkForward(), (config.window.lookback, 1))

    def kept_operations():
        fold_forecasts(prices, config, fold, 0)
        gc.collect()
        return sum(type(thing).__name__ == "Operation" for thing in gc.get_objects())

    kept_operations()
    assert kept_operations() == kept_operations()
