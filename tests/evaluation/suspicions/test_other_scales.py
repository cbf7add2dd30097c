"""Forecasts and actual values on another scale or of another adjustment are suspected."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from stockrnn.forecasts.table import QUANTILE_COLUMNS
from tests.evaluation.suspicions.planted import SEEDS, clean, found, only


def test_a_network_stuck_at_the_edge_of_its_range_is_bad_and_not_adjusted_otherwise(make_prices) -> None:
    prices = make_prices(400)
    prices = prices.mul(np.exp(np.linspace(0, 1.5, 400)), axis=0)
    forecasts = clean(prices)
    forecasts["forecast"] = 120.0
    forecasts[list(QUANTILE_COLUMNS)] = np.nan
    assert found(forecasts, prices) == []


@pytest.mark.parametrize("factor", [0.05, 0.5, 2, 7])
@pytest.mark.parametrize("seed", SEEDS)
def test_another_adjustment_for_a_split_is_named_with_its_factor(make_prices, seed: int, factor: float) -> None:
    prices = make_prices(400, seed=seed)
    forecasts = clean(prices, seed)
    scaled = ["forecast", *QUANTILE_COLUMNS]
    forecasts[scaled] *= factor
    codes = {each.code: each for each in found(forecasts, prices)}
    assert set(codes) == {"other_adjustment", "wrong_coverage"}
    assert codes["other_adjustment"].rows == 250
    assert (f"{factor:g} times" if factor > 1 else f"1/{1 / factor:g} of") in codes["other_adjustment"].text


def test_an_adjustment_that_ends_within_the_forecasts_is_found(prices) -> None:
    forecasts = clean(prices)
    forecasts.loc[:99, ["forecast", *QUANTILE_COLUMNS]] *= 4
    codes = {each.code: each for each in found(forecasts, prices)}
    assert codes["other_adjustment"].rows == 100


@pytest.mark.parametrize(
    ("factor", "code", "words"),
    [
        (12, "other_adjustment", "12:1"),
        (1 / 12, "other_adjustment", "12:1"),
        (3, "other_adjustment", "3:1"),
        (100, "other_units", "cents"),
        (0.01, "other_units", "cents"),
        (83.3, "other_units", "currency"),
        (1.82, "other_adjustment", "currency"),
    ],
)
@pytest.mark.parametrize("noise", [0.005, 0.04])
def test_forecasts_a_factor_away_are_named_with_the_factor_however_noisy(
    make_prices, factor: float, code: str, words: str, noise: float
) -> None:
    # Quarter of a year: prices that hardly move beside the noise of the forecasts.
    prices = make_prices(400, seed=3)
    forecasts = clean(prices, 3, rows=63)
    forecasts["forecast"] *= factor * np.exp(noise * np.random.default_rng(1).standard_normal(63))
    forecasts[list(QUANTILE_COLUMNS)] = np.nan
    named = only(found(forecasts, prices))
    assert (named.code, named.rows) == (code, 63)
    said = re.search(r"are (1/)?([0-9.]+) (?:times|of) the last known price", named.text)
    assert said is not None
    assert float(said[2]) ** (-1 if said[1] else 1) == pytest.approx(factor, rel=0.02)
    assert words in named.text


def test_a_network_far_below_the_prices_that_it_never_saw_is_named_with_the_factor(make_prices) -> None:
    prices = make_prices(400)
    prices = prices.mul(np.exp(np.linspace(0, 3, 400)), axis=0)
    forecasts = clean(prices)
    forecasts["forecast"] = 100.0
    forecasts[list(QUANTILE_COLUMNS)] = np.nan
    named = only(found(forecasts, prices))
    factor = np.median(prices["close"].to_numpy()[149:399]) / 100
    assert named.code == "other_units"
    assert f"1/{factor:.3g} of it" in named.text
    assert "never saw such prices" in named.text


@pytest.mark.parametrize(
    ("scale", "words"),
    [
        (np.log, "natural logs"),
        (np.log10, "decimal logs"),
        (lambda forecast: forecast / np.roll(forecast, 1), "growth factors"),
        (lambda forecast: (forecast > np.roll(forecast, 1)).astype(float), "directions"),
        (lambda forecast: (forecast - forecast.min()) / np.ptp(forecast), "scaled values"),
    ],
)
def test_numbers_on_another_scale_are_told_apart(prices, scale, words: str) -> None:
    forecasts = clean(prices)
    forecasts["forecast"] = scale(forecasts["forecast"].to_numpy())
    forecasts[list(QUANTILE_COLUMNS)] = np.nan
    named = only(found(forecasts, prices))
    assert named.code == "other_units"
    assert words in named.text


@pytest.mark.parametrize("what", ["returns", "scaled"])
def test_numbers_that_are_no_prices_are_told(prices, what: str) -> None:
    forecasts = clean(prices)
    random = np.random.default_rng(0)
    forecasts["forecast"] = np.maximum(random.normal(0, 0.01, 250), 0) if what == "returns" else random.random(250)
    forecasts[list(QUANTILE_COLUMNS)] = np.nan
    assert only(found(forecasts, prices)).code == "other_units"


def test_another_actual_value_in_the_file_is_told_by_its_first_day(prices) -> None:
    forecasts = clean(prices)
    said = forecasts["actual"].to_numpy().copy()
    said[[7, 30]] *= 1.05
    suspicion = only(found(forecasts, prices, said))
    assert (suspicion.code, suspicion.rows, suspicion.forecaster) == ("actual_disagrees", 2, None)
    assert f"{forecasts['session'][7]:%Y-%m-%d}" in suspicion.text


def test_actual_values_of_another_column_or_day_are_recognised(prices) -> None:
    forecasts = clean(prices)
    opens, closes = (prices[name].to_numpy() for name in ("open", "close"))
    assert "--target open" in only(found(forecasts, prices, opens[150:400])).text
    assert "1 session before" in only(found(forecasts, prices, closes[149:399])).text
    shifted = np.append(closes[152:400], [np.nan, np.nan])
    assert "2 sessions after" in only(found(forecasts, prices, shifted)).text


def test_actual_values_adjusted_for_dividends_are_another_adjustment(prices) -> None:
    forecasts = clean(prices)
    factors = np.repeat([0.97, 0.98, 0.99, 1.0], [62, 63, 63, 62])
    suspicion = only(found(forecasts, prices, forecasts["actual"].to_numpy() * factors))
    assert (suspicion.code, suspicion.rows) == ("other_adjustment", 188)


def test_what_came_true_is_named_once_for_all_forecasters_of_a_ticker(prices) -> None:
    forecasts = pd.concat([clean(prices), clean(prices, 1).assign(forecaster="other")], ignore_index=True)
    assert only(found(forecasts, prices, forecasts["actual"].to_numpy() * 1.5)).ticker == "AAA"


def test_actual_values_that_differ_each_day_are_no_adjustment(prices) -> None:
    forecasts = clean(prices)
    noise = np.exp(0.05 * np.random.default_rng(0).standard_normal(250))
    assert only(found(forecasts, prices, forecasts["actual"].to_numpy() * noise)).code == "actual_disagrees"
