from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from stockrnn.forecasts.bands import BAND_KINDS, BandKind, Bands, fit_bands
from stockrnn.forecasts.table import LEVELS
from stockrnn.prices.table import Prices
from stockrnn.samples.anchors import Anchor
from stockrnn.samples.volatility import ewma_volatility
from tests.forecasts.walks import closes, garch_walk, part_of, random_walk

all_kinds = pytest.mark.parametrize("kind", BAND_KINDS)


def fitted_on_first_half(prices: Prices, kind: BandKind, horizon: int, target: str = "close") -> Bands:
    return Bands.fit(prices, target, kind, part_of(prices, 0, len(prices) // 2), horizon)


def shares_below(prices: Prices, bands: Bands, horizon: int) -> np.ndarray:
    """Return the share of later closes below each quantile, of shape (horizon, 19)."""
    origins = np.arange(len(prices) // 2 + 1, len(prices) - horizon)
    quantiles = bands.forecast(prices, "close", origins, horizon).quantiles
    actual = prices["close"].to_numpy()[origins[:, None] + np.arange(1, horizon + 1)]
    return (actual[:, :, None] <= quantiles).mean(axis=0)


@all_kinds
def test_the_fan_of_a_random_walk_grows_with_the_root_of_the_horizon(kind: BandKind) -> None:
    bands = fitted_on_first_half(random_walk(16_000, seed=1), kind, horizon=16)
    widths = bands.fan(16)[:, -1] - bands.fan(16)[:, 0]
    np.testing.assert_allclose(widths / widths[0], np.sqrt(np.arange(1, 17)), rtol=0.06)


@all_kinds
def test_the_fan_goes_on_growing_beyond_the_fitted_horizon(kind: BandKind) -> None:
    bands = fitted_on_first_half(random_walk(8000, seed=2), kind, horizon=1)
    widths = bands.fan(25)[:, -1] - bands.fan(25)[:, 0]
    np.testing.assert_allclose(widths / widths[0], np.sqrt(np.arange(1, 26)), rtol=0.06)


@all_kinds
@pytest.mark.parametrize("walk", [random_walk, garch_walk])
def test_as_many_later_closes_lie_below_a_quantile_as_it_promises(kind: BandKind, walk) -> None:
    prices = walk(12_000, seed=3)
    bands = fitted_on_first_half(prices, kind, horizon=3)
    # Student-t tails make a Gaussian too wide in the middle.
    margin = 0.04 if (kind, walk) == ("ewma_gaussian", garch_walk) else 0.025
    shares = shares_below(prices, bands, 3)
    np.testing.assert_allclose(shares, np.broadcast_to(LEVELS, shares.shape), atol=margin)


@all_kinds
def test_the_point_is_the_last_close_and_the_quantiles_rise_and_are_above_zero(make_prices, kind: BandKind) -> None:
    prices = make_prices(300, ("AAA", "BBB"))
    origins = np.arange(0, 600, 7)
    for target in ("open", "high", "low", "close"):
        bands = Bands.fit(prices, target, kind, part_of(prices, 10, 200), 4)
        forecast = bands.forecast(prices, target, origins, 6)
        assert forecast.forecaster == kind
        np.testing.assert_array_equal(forecast.values, np.repeat(prices["close"].to_numpy()[origins, None], 6, axis=1))
        assert forecast.quantiles.shape == (len(origins), 6, 19)
        assert (np.diff(forecast.quantiles, axis=2) > 0).all()
        assert (forecast.quantiles > 0).all()


@all_kinds
def test_without_a_close_the_point_is_the_last_value_of_the_target(make_prices, kind: BandKind) -> None:
    prices = make_prices(200)[["open", "high"]]
    forecast = fitted_on_first_half(prices, kind, 1, "high").forecast(prices, "high", np.array([150]), 1)
    assert forecast.values[0, 0] == prices["high"].iloc[150]


@all_kinds
def test_a_thousandfold_price_has_thousandfold_quantiles(make_prices, kind: BandKind) -> None:
    prices = make_prices(300)
    dear = prices * [1000, 1000, 1000, 1000, 1]
    cheap, costly = (
        fitted_on_first_half(each, kind, 2, "open").forecast(each, "open", np.array([250, 299]), 3).quantiles
        for each in (prices, dear)
    )
    np.testing.assert_allclose(1000 * cheap, costly, rtol=1e-9)


@all_kinds
def test_no_price_after_the_training_rows_changes_the_fit(make_prices, kind: BandKind) -> None:
    prices = make_prices(300, ("AAA", "BBB"))
    part = part_of(prices, 20, 180)
    changed = prices.copy()
    changed[prices.index.get_level_values("session") > part[1]] *= 7
    assert Bands.fit(prices, "open", kind, part, 3) == Bands.fit(changed, "open", kind, part, 3)


@all_kinds
def test_no_price_after_an_origin_changes_its_bands(make_prices, kind: BandKind) -> None:
    prices = make_prices(300, ("AAA", "BBB"))
    bands = Bands.fit(prices, "open", kind, part_of(prices, 0, 150), 2)
    changed = prices.copy()
    changed.iloc[221:300] *= 7
    changed.iloc[521:] *= 3
    origins = np.array([0, 150, 220, 300, 520])
    before, after = (bands.forecast(each, "open", origins, 2).quantiles for each in (prices, changed))
    np.testing.assert_array_equal(before, after)


def test_gaussian_bands_are_normal_quantiles_times_the_volatility(make_prices) -> None:
    prices = make_prices(400)
    bands = fitted_on_first_half(prices, "ewma_gaussian", 1)
    logs, volatility = np.log(prices["close"].to_numpy()), ewma_volatility(prices)
    z = [(logs[t + 1] - logs[t]) / volatility[t] for t in range(1, 200)]
    # The anchor's scale brings the mean square of z to 1, with moves of over six volatilities cut: none here.
    deviation = np.sqrt(np.mean(np.square(z))) * volatility[250]
    expected = np.exp(logs[250] + deviation * scipy.stats.norm.ppf(LEVELS))
    got = bands.forecast(prices, "close", np.array([250]), 1).quantiles[0, 0]
    np.testing.assert_allclose(got, expected, rtol=1e-6)


def test_empirical_quantiles_are_those_of_the_scaled_moves_of_all_tickers(make_prices) -> None:
    prices, part_rows = make_prices(300, ("AAA", "BBB")), (30, 220)
    part = part_of(prices, *part_rows)
    known = prices[prices.index.get_level_values("session") <= part[1]]
    volatility = Anchor.fit(known, "har", part).apply(known)
    expected = []
    for horizon in (1, 3):
        z = []
        for start in (0, 221):
            opens, ends = (known[name].to_numpy()[start : start + 221] for name in ("open", "close"))
            for target in range(part_rows[0], 221):
                origin = target - horizon
                z.append(np.log(opens[target] / ends[origin]) / volatility[start + origin])
        expected.append(np.quantile(z, LEVELS, method="median_unbiased"))
    fan = Bands.fit(prices, "open", "har_bands", part, 3).fan(3)
    np.testing.assert_allclose(fan[0], expected[0], rtol=1e-9)
    np.testing.assert_allclose(fan[2] - fan[2, 9], expected[1] - expected[1][9], rtol=1e-9, atol=1e-12)


@all_kinds
def test_the_drift_of_the_training_years_is_not_carried_on(kind: BandKind) -> None:
    rising = closes(0.002 + 0.01 * np.random.default_rng(7).standard_normal(3000))
    fan = fitted_on_first_half(rising, kind, horizon=10).fan(12)
    np.testing.assert_allclose(fan[:, 9], fan[0, 9], rtol=1e-9, atol=1e-12)


def test_an_open_one_night_away_has_a_narrower_band_than_a_close(bundled: Prices) -> None:
    part = (pd.Timestamp("2012-01-01"), pd.Timestamp("2016-12-31"))
    for kind in BAND_KINDS:
        widths = {
            target: np.ptp(Bands.fit(bundled, target, kind, part, 2).fan(2), axis=1) for target in ("open", "close")
        }
        assert (widths["open"] < 0.9 * widths["close"]).all()
        assert widths["open"][1] > 1.2 * widths["open"][0]


@all_kinds
@pytest.mark.parametrize("rows", [0, 1, 2, 5, 30])
def test_few_training_rows_or_none_still_give_bands(make_prices, kind: BandKind, rows: int) -> None:
    prices = make_prices(60)
    first = prices.index.get_level_values("session")[0]
    last = first + pd.tseries.offsets.BDay(rows - 1)
    bands = Bands.fit(prices, "open", kind, (first, last), 3)
    quantiles = bands.forecast(prices, "open", np.arange(60), 3).quantiles
    assert np.isfinite(quantiles).all()
    assert (np.diff(quantiles, axis=2) > 0).all()


@all_kinds
def test_a_price_that_never_moves_gives_quantiles_at_that_price(kind: BandKind) -> None:
    prices = random_walk(400, seed=0, volatility=0.0)
    quantiles = fitted_on_first_half(prices, kind, 2).forecast(prices, "close", np.array([399]), 2).quantiles
    np.testing.assert_allclose(quantiles, 100.0, rtol=1e-3)


@all_kinds
def test_a_ticker_that_stood_still_takes_nothing_from_the_bands_of_the_others(make_prices, kind: BandKind) -> None:
    prices = make_prices(600, ("AAA", "BBB"))
    still = prices.copy()
    still.loc["BBB"] = 42.0
    alone = prices.loc[["AAA"]]
    part = part_of(alone, 0, 500)
    joined, own = (Bands.fit(each, "close", kind, part, 3) for each in (still, alone))
    np.testing.assert_array_equal(joined.quantiles, own.quantiles)
    assert joined.anchor == own.anchor


def test_bands_are_fitted_by_name_in_the_order_asked_for(make_prices) -> None:
    prices = make_prices(300)
    names = ["har_bands", "garch", "ewma_gaussian"]
    bands = fit_bands(prices, "close", names, part_of(prices, 0, 280), 1)
    assert [each.forecast(prices, "close", np.array([290]), 1).forecaster for each in bands] == names


@all_kinds
def test_quotes_that_are_zero_or_missing_leave_finite_bands(make_prices, kind: BandKind) -> None:
    prices = make_prices(300)
    prices.iloc[[50, 299], prices.columns.get_loc("low")] = 0.0
    prices.iloc[[60, 298], prices.columns.get_loc("open")] = np.nan
    quantiles = fitted_on_first_half(prices, kind, 2).forecast(prices, "close", np.array([298, 299]), 2).quantiles
    assert np.isfinite(quantiles).all()
