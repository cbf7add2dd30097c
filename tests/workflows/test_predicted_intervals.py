from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from stockrnn.config import Config, parse_config
from stockrnn.errors import ConfigError
from stockrnn.forecasts.baselines import last_close
from stockrnn.forecasts.table import QUANTILE_COLUMNS, Forecast, Forecasts, tabulate, tabulate_future
from stockrnn.prices.table import Prices, prices_table
from stockrnn.workflows import predicted_intervals
from stockrnn.workflows.predicted_intervals import Fan, check_levels, network_fan, warn_of_levels

PACE = 0.01


@pytest.fixture(scope="module")
def prices() -> Prices:
    random = np.random.default_rng(3)
    close = 100 * np.exp(np.cumsum(PACE * random.standard_normal(400)))
    days = pd.bdate_range("2020-01-01", periods=400)
    return prices_table(pd.DataFrame({"ticker": "AAA", "session": days, "close": close}), "a walk")


def run_of(monkeypatch: pytest.MonkeyPatch, prices: Prices, spread: float | None) -> Any:
    """Stand in for a run that repeated the last close for 300 sessions, with quantiles of some width."""
    origins = np.arange(90, 390)
    past = tabulate(network(prices, origins, 1, spread), prices, origins, "close")
    monkeypatch.setattr(predicted_intervals, "read_forecasts_of", lambda run: past)
    monkeypatch.setattr(predicted_intervals, "read_prices_of", lambda run: prices)
    return None


def network(prices: Prices, origins: np.ndarray, horizon: int, spread: float | None) -> Forecast:
    values = last_close(prices, "close", origins, horizon).values
    quantiles = None if spread is None else values[..., None] * np.exp(spread * np.linspace(-1.645, 1.645, 19))
    return Forecast("network", values, quantiles)


def to_come(prices: Prices, horizon: int, spread: float | None) -> Forecasts:
    origins = np.array([399])
    sessions = pd.bdate_range("2021-07-14", periods=horizon).to_numpy()[None]
    return tabulate_future(network(prices, origins, horizon, spread), prices, origins, "close", sessions)


def config_of(**evaluation: Any) -> Config:
    return parse_config({"data": {"validation": 0.2}, "evaluation": evaluation}, "test")


def widths(table: Forecasts) -> np.ndarray:
    return np.log(table["q0.95"] / table["q0.05"]).to_numpy()


@pytest.mark.parametrize("intervals", ["conformal", "adaptive"])
@pytest.mark.parametrize("corrected", [PACE, None], ids=["corrected quantiles", "no quantiles"])
@pytest.mark.parametrize("own", [PACE / 10, None], ids=["a head that is far too sure", "points"])
def test_days_to_come_are_as_wide_as_the_misses_whatever_the_head_says(
    monkeypatch, prices, intervals: str, corrected: float | None, own: float | None
) -> None:
    run = run_of(monkeypatch, prices, corrected)
    table = network_fan(run, config_of(intervals=intervals), to_come(prices, 4, own), prices).rows
    expected = 2 * 1.645 * PACE * np.sqrt(np.arange(1, 5))
    np.testing.assert_allclose(widths(table), expected, rtol=0.35)
    assert (np.diff(table[list(QUANTILE_COLUMNS)], axis=1) >= 0).all()


def test_a_point_network_of_any_recipe_gets_ranges_when_they_are_asked_for(monkeypatch, prices) -> None:
    table = network_fan(run_of(monkeypatch, prices, None), Config(), to_come(prices, 1, None), prices).rows
    assert widths(table)[0] == pytest.approx(2 * 1.645 * PACE, rel=0.35)


def test_a_head_that_is_not_corrected_keeps_its_own_quantiles(monkeypatch, prices) -> None:
    rows = to_come(prices, 3, 0.5)
    assert network_fan(run_of(monkeypatch, prices, 0.5), Config(), rows, prices).rows is rows


@pytest.mark.parametrize("level", [0.01, 0.1, 0.45, 0.95, 0.99])
def test_any_level_from_1_to_99_per_cent_is_a_level(level: float) -> None:
    check_levels([level])


@pytest.mark.parametrize("level", [0, -0.1, 1, 0.009, 0.991, np.nan, np.inf, 2])
def test_what_is_no_such_level_is_refused(level: float) -> None:
    with pytest.raises(ConfigError, match="expected per cents from 1 to 99, such as 50,90"):
        check_levels([0.9, level])


@pytest.mark.parametrize(("target", "told"), [("open", 1), ("high", 1), ("close", 1)])
def test_ranges_that_are_learnt_from_a_close_without_its_split_come_with_a_warning(target: str, told: int) -> None:
    days = pd.bdate_range("2020-01-01", periods=300)
    price = 100 * np.exp(np.cumsum(PACE * np.random.default_rng(3).standard_normal(300)))
    frame = pd.DataFrame({"ticker": "AAA", "session": days, "open": price, "high": 1.01 * price, "low": 0.99 * price})
    mended, heard = prices_table(frame.assign(close=price), "mended"), []
    warn_of_levels(mended, target, heard.append)
    assert heard == []
    split = prices_table(frame.assign(close=price * np.where(np.arange(300) < 120, 2.0, 1.0)), "split")
    warn_of_levels(split, target, heard.append)
    assert len(heard) == told
    assert heard[0].startswith("Warning: AAA: 120 rows in which close is adjusted differently")
    assert heard[0].endswith(
        "run stockrnn inspect --repair split, and train on the copy: the ranges here are learnt from these rows too."
    )


def biased(monkeypatch: pytest.MonkeyPatch, prices: Prices, share: float) -> Fan:
    """The fan of a network whose forecasts were, and are, so much of the last close."""
    origins = np.arange(90, 390)
    naive = last_close(prices, "close", origins, 1).values
    past = tabulate(Forecast("network", share * naive), prices, origins, "close")
    monkeypatch.setattr(predicted_intervals, "read_forecasts_of", lambda run: past)
    monkeypatch.setattr(predicted_intervals, "read_prices_of", lambda run: prices)
    rows = to_come(prices, 1, None)
    run: Any = None
    return network_fan(run, Config(), rows.assign(forecast=share * rows["forecast"]), prices)


@pytest.mark.parametrize(("share", "side"), [(0.9, "too low, by 11 % in the median"), (1.25, "too high, by 20 % in the median")])  # fmt: skip
def test_ranges_that_lie_beside_a_biased_forecast_are_explained_by_its_misses(monkeypatch, prices, share, side) -> None:
    text = biased(monkeypatch, prices, share).displacement([0.5, 0.9])
    assert text is not None
    assert text.startswith("the 50 % and 90 % ranges lie beside the forecast: on the test sessions the network was ")
    assert side in text


def test_ranges_around_the_forecast_need_no_explanation(monkeypatch, prices) -> None:
    assert biased(monkeypatch, prices, 1.0).displacement([0.5, 0.9]) is None
    still = prices * 0 + 42
    assert biased(monkeypatch, still, 1 - 1e-9).displacement([0.5, 0.9]) is None


def test_a_level_that_the_test_sessions_are_too_few_for_names_the_most_that_they_are_enough_for(
    monkeypatch, prices
) -> None:
    fan = biased(monkeypatch, prices, 1.0)
    assert len(fan.past) == 300 - 19
    assert (fan.at([0.99])["upper 0.99"] > fan.at([0.95])["upper 0.95"]).all()
    short = Fan(fan.rows, fan.past.head(50))
    short.at([0.95])
    with pytest.raises(ConfigError, match=r"--level 99: .* 199 are needed, and there are 50: ask for 96 at most"):
        short.at([0.5, 0.99])


def test_the_coverage_of_each_level_and_horizon_is_the_share_of_the_past_that_its_range_held(prices) -> None:
    origins = np.arange(90, 390)
    past = tabulate(network(prices, origins, 2, PACE), prices, origins, "close")
    rows = Fan(to_come(prices, 1, PACE), past).coverage([0.5, 0.9, 0.95])
    # Beyond 90 %, ranges are measured on these very forecasts: what they hold there proves nothing.
    assert [(row["horizon"], row["level"]) for row in rows] == [(1, 0.5), (1, 0.9), (2, 0.5), (2, 0.9)]
    ends = {0.5: ("q0.25", "q0.75"), 0.9: ("q0.05", "q0.95")}
    for row in rows:
        own, (low, high) = past[past["horizon"] == row["horizon"]], ends[row["level"]]
        held = [low <= actual <= high for low, actual, high in zip(own[low], own["actual"], own[high], strict=True)]
        assert row["rows"] == len(held) == 300
        assert row["coverage"] == pytest.approx(sum(held) / 300)


def test_a_run_without_a_past_has_no_coverage(prices) -> None:
    rows = to_come(prices, 1, PACE)
    assert Fan(rows, rows[:0]).coverage([0.5, 0.9]) == []
