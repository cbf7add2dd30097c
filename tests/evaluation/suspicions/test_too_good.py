"""Forecasts that are better than anybody's are suspected, and honest ones are not."""

from __future__ import annotations

import numpy as np
import pytest

from stockrnn.forecasts.table import QUANTILE_COLUMNS
from tests.evaluation.suspicions.planted import SEEDS, STEP, clean, found, only


@pytest.mark.parametrize("seed", SEEDS)
def test_errors_far_below_the_last_closes_are_too_good(make_prices, seed: int) -> None:
    prices = make_prices(400, seed=seed)
    forecasts = clean(prices)
    noise = 0.15 * STEP * np.random.default_rng(seed).standard_normal(250)
    forecasts["forecast"] = forecasts["actual"] * np.exp(noise)
    suspicion = only(found(forecasts, prices))
    assert suspicion.code == "too_good"
    assert "RMSE" in suspicion.text


@pytest.mark.parametrize("seed", SEEDS)
def test_the_right_direction_on_most_days_is_too_good(make_prices, seed: int) -> None:
    prices = make_prices(400, seed=seed)
    forecasts = clean(prices)
    last = prices["close"].to_numpy()[149:399]
    right = np.random.default_rng(seed).random(250) < 0.85
    forecasts["forecast"] = last + 0.1 * np.where(right, 1, -1) * np.sign(forecasts["actual"] - last)
    suspicion = only(found(forecasts, prices))
    assert suspicion.code == "too_good"
    assert "right side" in suspicion.text


@pytest.mark.parametrize("horizon", [1, 2, 5])
@pytest.mark.parametrize("seed", SEEDS)
def test_half_of_the_way_to_the_future_is_too_good_at_any_horizon(make_prices, seed: int, horizon: int) -> None:
    prices = make_prices(600, seed=seed)
    forecasts = clean(prices, horizon=horizon, rows=252).query("horizon == @horizon").reset_index(drop=True)
    origins = prices["close"].to_numpy()[599 - horizon - 251 : 600 - horizon]
    forecasts["forecast"] = np.sqrt(origins * forecasts["actual"])
    suspicion = only(found(forecasts, prices))
    assert (suspicion.code, suspicion.horizon) == ("too_good", horizon)


def test_the_right_side_in_thirty_steps_that_do_not_overlap_is_too_good(make_prices) -> None:
    prices = make_prices(600)
    forecasts = clean(prices, horizon=5, rows=150).query("horizon == 5").reset_index(drop=True)
    origins = prices["close"].to_numpy()[600 - 5 - 150 : 600 - 5]
    forecasts["forecast"] = origins + 0.1 * np.sign(forecasts["actual"] - origins)
    suspicion = only(found(forecasts, prices))
    assert suspicion.code == "too_good"
    assert "in 30 of 30 cases" in suspicion.text


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("horizon", [2, 5, 10])
def test_a_year_of_honest_forecasts_raises_none_at_any_horizon(make_prices, seed: int, horizon: int) -> None:
    prices = make_prices(600, seed=seed)
    assert found(clean(prices, seed, horizon=horizon, rows=252), prices) == []


def test_a_wrong_price_that_is_taken_back_makes_nothing_too_good(make_prices) -> None:
    prices = make_prices(400)
    close = prices["close"].to_numpy(copy=True)
    right = close[149:399].copy()
    close[200] *= 0.2
    prices = prices.assign(close=close)
    forecasts = clean(prices).assign(forecast=right * np.exp(0.003 * np.random.default_rng(0).standard_normal(250)))
    forecasts[list(QUANTILE_COLUMNS)] = np.nan
    assert "too_good" not in {each.code for each in found(forecasts, prices)}


def test_the_usual_direction_in_a_steady_trend_is_not_too_good(make_prices) -> None:
    prices = make_prices(400)
    prices = prices.mul(np.exp(0.012 * np.arange(400)), axis=0)
    forecasts = clean(prices)
    forecasts["forecast"] = prices["close"].to_numpy()[149:399] * 1.012
    forecasts[list(QUANTILE_COLUMNS)] = np.nan
    assert found(forecasts, prices) == []


def test_a_little_over_the_usual_direction_is_not_too_good_however_many_days_show_it(make_prices) -> None:
    prices = make_prices(2500)
    prices = prices.mul(np.exp(0.0039 * np.arange(2500)), axis=0)
    forecasts = clean(prices, rows=2300)
    last, actual = prices["close"].to_numpy()[199:2499], forecasts["actual"].to_numpy()
    told = np.random.default_rng(0).random(2300) < 0.25
    forecasts["forecast"] = last * np.where((actual < last) & told, 0.998, 1.002)
    forecasts[list(QUANTILE_COLUMNS)] = np.nan
    hits = np.mean((forecasts["forecast"] > last) == (actual > last))
    assert 0.7 < hits < np.mean(actual > last) + 0.1
    assert found(forecasts, prices) == []


def test_accuracy_is_measured_by_the_price_known_at_the_origin(make_prices) -> None:
    # Too good for five sessions ahead, though it would not be for one.
    prices = make_prices(800)
    forecasts = clean(prices, horizon=5, rows=600).query("horizon == 5").reset_index(drop=True)
    forecasts["forecast"] = forecasts["actual"] * np.exp(0.35 * STEP * np.random.default_rng(0).standard_normal(600))
    suspicion = only(found(forecasts, prices))
    assert (suspicion.code, suspicion.horizon) == ("too_good", 5)
    assert "RMSE" in suspicion.text
