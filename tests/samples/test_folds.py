from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from stockrnn.config_sections import DataConfig
from stockrnn.errors import PriceDataError
from stockrnn.prices.table import sessions_of
from stockrnn.samples.folds import Fold, WalkForward, fold_origins, fold_tickers, forecast_tickers, walk_forward_folds
from stockrnn.samples.samples import origins_for
from stockrnn.samples.splits import Split

LOOKBACK = 5


def split_at(days, first_test, validation=None):
    return Split((days[0], days[first_test - 1]), validation, (days[first_test], days[-1]))


def folds_of(prices, first_test, plan, horizon=1, validation=0.0):
    days = sessions_of(prices)
    data = DataConfig(validation=validation)
    return days, walk_forward_folds(days, split_at(days, first_test), data, plan, (LOOKBACK, horizon))


def test_each_test_session_is_forecast_once_by_the_fit_before_it(make_ramp):
    prices = make_ramp(40)
    days, folds = folds_of(prices, 20, WalkForward(refit_every=8))
    assert [fold.split.test for fold in folds] == [(days[20], days[27]), (days[28], days[35]), (days[36], days[39])]
    assert [fold.split.fit for fold in folds] == [(days[0], days[19]), (days[0], days[27]), (days[0], days[35])]
    origins = np.concatenate([fold_origins(prices, fold, LOOKBACK, 1) for fold in folds])
    assert origins.tolist() == list(range(19, 39))


def test_a_rolling_fit_knows_so_many_sessions(make_ramp):
    days, folds = folds_of(make_ramp(40), 20, WalkForward(refit_every=10, rolling=12))
    assert [fold.split.fit for fold in folds] == [(days[8], days[19]), (days[18], days[29])]


def test_validation_is_the_end_of_what_a_fit_knows(make_ramp):
    days, folds = folds_of(make_ramp(40), 20, WalkForward(refit_every=10), validation=0.1)
    assert folds[1].split.fit == (days[0], days[26])
    assert folds[1].split.validation == (days[27], days[29])
    assert folds[1].split.train == (days[0], days[29])


@pytest.mark.parametrize("horizon", [1, 3])
def test_the_origins_of_all_folds_are_those_of_a_test_without_refits(make_ramp, horizon):
    prices = make_ramp(50, tickers=("AAA", "BBB"))
    days, folds = folds_of(prices, 25, WalkForward(refit_every=7), horizon)
    together = origins_for(prices, (days[25], days[-1]), LOOKBACK, horizon, read_from=None)
    found = [fold_origins(prices, fold, LOOKBACK, horizon) for fold in folds]
    assert sorted(np.concatenate(found)) == sorted(together)
    for fold, origins in zip(folds, found, strict=True):
        at = prices.index.get_level_values("session")[origins]
        assert at.min() == fold.split.train[1]
        assert at.max() < fold.split.test[1]


def test_a_forecast_several_sessions_ahead_may_reach_into_the_next_fold(make_ramp):
    prices = make_ramp(50)
    days, folds = folds_of(prices, 25, WalkForward(refit_every=7), horizon=3)
    at = prices.index.get_level_values("session")[fold_origins(prices, folds[0], LOOKBACK, 3)]
    assert at.max() == days[30]
    assert days[33] > folds[0].split.test[1]


def test_every_third_origin_is_counted_through_all_folds(make_ramp):
    prices = make_ramp(45)
    _, folds = folds_of(prices, 20, WalkForward(refit_every=7, every=3))
    origins = np.concatenate([fold_origins(prices, fold, LOOKBACK, 1) for fold in folds])
    assert origins.tolist() == list(range(19, 44, 3))


def test_a_ticker_that_lacks_sessions_at_a_border_is_forecast_in_one_fold_only(make_ramp):
    prices = make_ramp(40, tickers=("AAA", "BBB"))
    days = sessions_of(prices)
    gone = prices.drop([("BBB", days[27]), ("BBB", days[28]), ("BBB", days[33])])
    _, folds = folds_of(gone, 20, WalkForward(refit_every=8))
    origins = np.concatenate([fold_origins(gone, fold, LOOKBACK, 1) for fold in folds])
    assert len(np.unique(origins)) == len(origins) == 2 * 20 - 3


def test_a_ticker_joins_when_it_has_enough_sessions_to_train_on(make_ramp):
    prices = make_ramp(40, tickers=("AAA", "BBB"))
    late = prices.drop([("BBB", day) for day in sessions_of(prices)[:18]])
    _, folds = folds_of(late, 20, WalkForward(refit_every=8))
    assert [fold_tickers(late, fold, (LOOKBACK, 1), LOOKBACK + 1) for fold in folds] == [
        ["AAA"],
        ["AAA", "BBB"],
        ["AAA", "BBB"],
    ]


@pytest.mark.parametrize("needed", [LOOKBACK + 1, 0])
def test_a_ticker_that_stops_trading_on_the_day_of_a_refit_is_trained_on_all_the_same(make_ramp, needed):
    prices = make_ramp(40, tickers=("AAA", "BBB"))
    days, folds = folds_of(prices, 20, WalkForward(refit_every=8))
    stopped = prices.drop([("BBB", day) for day in days[28:]])
    assert [fold_tickers(stopped, fold, (LOOKBACK, 1), needed) for fold in folds] == [["AAA", "BBB"]] * 3
    assert [forecast_tickers(stopped, fold, (LOOKBACK, 1)) for fold in folds] == [["AAA", "BBB"], ["AAA"], ["AAA"]]


def test_with_nothing_needed_a_ticker_joins_with_its_first_session_or_its_first_forecast(make_ramp):
    prices = make_ramp(40, tickers=("AAA", "BBB", "CCC"))
    days, folds = folds_of(prices, 20, WalkForward(refit_every=8))
    # BBB begins in the second fold and can be forecast there; CCC too late for that.
    late = prices.drop([*(("BBB", day) for day in days[:28]), *(("CCC", day) for day in days[:33])])
    assert [fold_tickers(late, fold, (LOOKBACK - 1, 1), 0) for fold in folds] == [
        ["AAA"],
        ["AAA", "BBB"],
        ["AAA", "BBB", "CCC"],
    ]


def test_a_rolling_fold_knows_a_ticker_that_paused_as_it_knows_one_that_ended(make_ramp):
    prices = make_ramp(40, tickers=("AAA", "BBB"))
    days, folds = folds_of(prices, 20, WalkForward(refit_every=10, rolling=12))
    paused, ended = (prices.drop([("BBB", day) for day in days[5:until]]) for until in (20, 40))
    assert fold_tickers(paused, folds[0], (LOOKBACK, 1), 0) == fold_tickers(ended, folds[0], (LOOKBACK, 1), 0)


def test_a_fold_with_too_few_sessions_is_an_error_that_says_how_many(make_ramp):
    with pytest.raises(PriceDataError, match="too few sessions to train on: 4"):
        folds_of(make_ramp(40), 20, WalkForward(rolling=4))


def test_a_fold_survives_json(make_ramp):
    _, folds = folds_of(make_ramp(40), 20, WalkForward(refit_every=8), validation=0.1)
    assert [Fold.from_json(fold.to_json()) for fold in folds] == folds


def test_folds_do_not_overlap(make_ramp):
    _, folds = folds_of(make_ramp(40), 20, WalkForward(refit_every=8))
    for before, after in itertools.pairwise(folds):
        assert before.split.test[1] < after.split.test[0]
        assert after.split.train[1] == before.split.test[1]
        assert pd.Timestamp(before.until) == pd.Timestamp(after.until)
