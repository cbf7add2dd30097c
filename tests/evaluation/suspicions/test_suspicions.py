"""Each suspicion is raised by what is planted, and by nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stockrnn.forecasts.table import QUANTILE_COLUMNS
from tests.evaluation.suspicions.planted import SEEDS, clean, found, only


@pytest.mark.parametrize("target", ["open", "high", "low", "close"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_last_close_with_noise_raises_none(make_prices, seed: int, target: str) -> None:
    prices = make_prices(400, ("AAA", "BBB"), seed=seed)
    forecasts = clean(prices, seed, target)
    if target in ("high", "low"):
        forecasts[list(QUANTILE_COLUMNS)] = np.nan  # the distribution above is that of the close
    assert found(forecasts, prices, forecasts["actual"].to_numpy()) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_several_sessions_ahead_raise_none_either(make_prices, seed: int) -> None:
    prices = make_prices(800, seed=seed)
    assert found(clean(prices, seed, horizon=5, rows=600), prices) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bad_forecast_raises_none_for_being_bad(make_prices, seed: int) -> None:
    # As a network does whose inputs left its range: a tenth too low, and sluggish.
    prices = make_prices(400, seed=seed)
    forecasts = clean(prices, seed)
    forecasts["forecast"] = 0.9 * forecasts["forecast"].ewm(span=20).mean()
    forecasts[list(QUANTILE_COLUMNS)] = np.nan
    assert found(forecasts, prices) == []


@pytest.mark.parametrize("back", [2, 7, 20])
def test_the_price_of_so_many_sessions_before_is_a_copy(prices, back: int) -> None:
    forecasts = clean(prices)
    series = prices["close"].to_numpy()
    forecasts["forecast"] = series[np.arange(150, 400) - back]
    suspicion = only([each for each in found(forecasts, prices) if each.code != "wrong_coverage"])
    assert (suspicion.code, suspicion.rows, suspicion.horizon) == ("shifted_copy", 250, 1)
    assert f"close {back} session" in suspicion.text
    assert "naive" not in suspicion.text


@pytest.mark.parametrize(("ahead", "words"), [(0, "the very close"), (1, "1 session after"), (5, "5 sessions after")])
def test_the_price_that_nobody_knew_is_a_leak(make_prices, ahead: int, words: str) -> None:
    prices = make_prices(420)
    forecasts = clean(prices.iloc[:400])
    forecasts["forecast"] = prices["close"].to_numpy()[np.arange(150, 400) + ahead]
    suspicion = only(found(forecasts, prices))
    assert suspicion.code == "shifted_copy"
    assert words in suspicion.text


def test_a_price_between_origin_and_session_is_a_leak(prices) -> None:
    forecasts = clean(prices, horizon=3).query("horizon == 3").reset_index(drop=True)
    close = prices["close"]
    before = close.groupby(level="ticker").shift(1)
    forecasts["forecast"] = before.loc[list(zip(forecasts["ticker"], forecasts["session"], strict=True))].to_numpy()
    suspicion = only([each for each in found(forecasts, prices) if each.code == "shifted_copy"])
    assert "after the forecast was made" in suspicion.text


def test_a_rounded_copy_of_the_last_close_is_a_copy(prices) -> None:
    forecasts = clean(prices)
    forecasts["forecast"] = np.round(prices["close"].to_numpy()[149:399], 2)
    copy = only(found(forecasts, prices))
    assert copy.code == "shifted_copy"
    assert "naive" in copy.text


@pytest.mark.parametrize("target", ["open", "close"])
def test_the_very_last_close_raises_none_because_the_verdict_says_it(prices, target: str) -> None:
    forecasts = clean(prices, target=target)
    forecasts["forecast"] = prices["close"].to_numpy()[149:399].astype(np.float32)
    assert found(forecasts, prices) == []


def test_an_open_forecast_that_is_nearly_the_last_close_is_a_copy_of_the_close(prices) -> None:
    forecasts = clean(prices, target="open")
    forecasts["forecast"] = np.round(prices["close"].to_numpy()[149:399], 2)
    assert "the close 1 session before" in only(found(forecasts, prices)).text


def test_quantiles_that_cross_are_counted(prices) -> None:
    forecasts = clean(prices)
    forecasts.loc[[3, 8, 9], ["q0.40", "q0.60"]] = forecasts.loc[[3, 8, 9], ["q0.60", "q0.40"]].to_numpy()
    suspicion = only(found(forecasts, prices))
    assert (suspicion.code, suspicion.rows) == ("crossing_quantiles", 3)


def test_quantiles_that_are_equal_or_missing_do_not_cross(prices) -> None:
    forecasts = clean(prices)
    forecasts["q0.45"] = forecasts["q0.40"]
    forecasts.loc[4, "q0.30"] = np.nan
    assert found(forecasts, prices) == []


@pytest.mark.parametrize("factor", [0.5, 2.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_bands_half_or_twice_as_wide_hold_what_they_do_not_promise(make_prices, seed: int, factor: float) -> None:
    prices = make_prices(400, seed=seed)
    forecasts = clean(prices, seed)
    median = forecasts["q0.50"].to_numpy()[:, None]
    forecasts[list(QUANTILE_COLUMNS)] = median * (forecasts[list(QUANTILE_COLUMNS)] / median) ** factor
    suspicion = only(found(forecasts, prices))
    assert suspicion.code == "wrong_coverage"


def test_one_interval_of_any_level_is_tested(prices) -> None:
    forecasts = clean(prices)
    narrow = pd.DataFrame({0.025: forecasts["q0.40"], 0.975: forecasts["q0.60"]})
    suspicion = only(found(forecasts, prices, quantiles=narrow))
    assert suspicion.code == "wrong_coverage"
    assert "95 % interval" in suspicion.text


def test_each_forecaster_ticker_and_horizon_is_looked_at_alone(make_prices) -> None:
    prices = make_prices(400, ("AAA", "BBB"))
    forecasts = pd.concat([clean(prices, horizon=2), clean(prices, 1, horizon=2).assign(forecaster="other")])
    forecasts = forecasts.reset_index(drop=True)
    planted = (forecasts["forecaster"] == "other") & (forecasts["ticker"] == "BBB") & (forecasts["horizon"] == 2)
    forecasts.loc[planted, "forecast"] = forecasts.loc[planted, "actual"]
    suspicion = only(found(forecasts, prices))
    assert (suspicion.forecaster, suspicion.ticker, suspicion.horizon, suspicion.rows) == ("other", "BBB", 2, 250)


def test_few_forecasts_or_prices_that_stand_still_raise_none(make_prices) -> None:
    prices = make_prices(60)
    assert found(clean(prices, rows=3), prices) == []
    still = prices.assign(**dict.fromkeys(["open", "high", "low", "close"], 7.0))
    flat = clean(still, rows=30).assign(forecast=7.0, **dict.fromkeys(QUANTILE_COLUMNS, 7.0))
    assert found(flat, still) == []


def test_coverage_counts_sessions_that_do_not_overlap(make_prices) -> None:
    prices = make_prices(800)
    forecasts = clean(prices, horizon=5, rows=600).query("horizon == 5").reset_index(drop=True)
    median = forecasts["q0.50"].to_numpy()[:, None]
    forecasts[list(QUANTILE_COLUMNS)] = median * (forecasts[list(QUANTILE_COLUMNS)] / median) ** 0.3
    suspicion = only(found(forecasts, prices))
    assert (suspicion.code, suspicion.rows) == ("wrong_coverage", 120)
