from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from stockrnn.evaluation.metrics import Yardstick, score_forecasts
from stockrnn.evaluation.significance import compare_losses
from stockrnn.forecasts.table import Forecast, Forecasts, tabulate
from stockrnn.prices.table import Prices
from tests.evaluation.judged_forecasts import judge, origins_of

AGAINST_BOTH = Yardstick({1: "last_close"}, {}, {1: "har_bands"})
LEVELS = np.linspace(-0.95, 0.95, 19)


@pytest.fixture
def prices(make_prices) -> Prices:
    return make_prices(300)


@pytest.fixture
def panel(make_prices) -> Prices:
    return make_prices(150, ("AAA", "BBB"))


def table_of(
    prices: Prices, errors: Mapping[str, np.ndarray | float], days: int = 120, width: float = 0.0
) -> Forecasts:
    """Forecasts that miss the next open by so many log per cent; with quantiles where a width is given."""
    origins = origins_of(prices, days)
    actual = prices["open"].to_numpy()[origins + 1]
    parts = []
    for name, error in errors.items():
        values = (actual * np.exp(np.broadcast_to(error, len(actual)) / 100))[:, None]
        wider = width * (2 if name == "har_bands" else 1)
        quantiles = values[:, :, None] * np.exp(wider * LEVELS / 100) if width else None
        parts.append(tabulate(Forecast(name, values, quantiles), prices, origins, "open"))
    return pd.concat(parts, ignore_index=True)


def errors(seed: int, size: float, rows: int = 120) -> np.ndarray:
    return size * np.random.default_rng(seed).standard_normal(rows)


@pytest.mark.parametrize(
    ("network", "naive", "outcome"),
    [
        (errors(1, 1), errors(2, 3), "better"),
        (errors(1, 3), errors(2, 1), "worse"),
        (errors(1, 1), errors(2, 1), "level"),
    ],
)
def test_the_outcome_is_that_of_the_test(prices: Prices, network, naive, outcome: str) -> None:
    (verdict,) = judge(prices, table_of(prices, {"network": network, "last_close": naive}))
    assert verdict.outcome == outcome
    assert (verdict.p_value < 0.05) == (outcome != "level")
    assert (verdict.part, verdict.forecaster, verdict.against, verdict.metric, verdict.horizon) == (
        "point", "network", "last_close", "rmse", 1,
    )  # fmt: skip


def test_gain_and_p_of_one_ticker_are_in_price_units(prices: Prices) -> None:
    table = table_of(prices, {"network": errors(1, 1), "last_close": errors(2, 1.2)})
    (verdict,) = judge(prices, table)
    miss = {name: (rows["forecast"] - rows["actual"]).to_numpy() for name, rows in table.groupby("forecaster")}
    root = {name: np.sqrt(np.mean(each**2)) for name, each in miss.items()}
    assert verdict.gain == pytest.approx(1 - root["network"] / root["last_close"])
    days = table["session"].unique()
    compared = compare_losses(days, miss["network"] ** 2, miss["last_close"] ** 2, 1)
    assert verdict.p_value == pytest.approx(compared.p_value)


def test_a_panel_is_judged_on_log_prices_averaged_by_day(panel: Prices) -> None:
    network, naive = errors(1, 1, 240), errors(2, 1.2, 240)
    table = table_of(panel, {"network": network, "last_close": naive})
    (verdict,) = judge(panel, table)
    assert verdict.gain == pytest.approx(1 - np.sqrt(np.mean(network**2) / np.mean(naive**2)))
    by_day = [each.reshape(2, -1).mean(axis=0) for each in (network**2, naive**2)]
    assert verdict.p_value == pytest.approx(compare_losses(np.arange(120), *by_day, 1).p_value)
    assert "all tickers" in verdict.text


def test_the_verdict_does_not_depend_on_the_currency_of_a_panel(panel: Prices) -> None:
    rates = np.repeat([1.0, 130.0], 150)
    found = []
    for each in (panel, panel.mul(rates, axis=0)):
        table = table_of(each, {"network": errors(1, 1, 240), "last_close": errors(2, 1.2, 240)})
        found.append(judge(each, table)[0])
    assert (found[0].gain, found[0].p_value) == pytest.approx((found[1].gain, found[1].p_value))


def test_a_forecast_that_is_the_naive_one_gains_nothing_and_is_not_tested(prices: Prices) -> None:
    same = errors(1, 1)
    table = table_of(prices, {"network": same, "last_close": same, "har_bands": same}, width=2.0)
    # The network's range is that of the bands too.
    bands = table["forecaster"] == "har_bands"
    quantiles = table.filter(like="q0.").columns
    table.loc[bands, quantiles] = table.loc[table["forecaster"] == "network", quantiles].to_numpy()
    for verdict in judge(prices, table, AGAINST_BOTH):
        assert (verdict.gain, verdict.p_value, verdict.outcome) == (0.0, None, "level")
        assert "the same forecasts" in verdict.text


@pytest.mark.parametrize(("network", "outcome", "gain"), [(0.0, "level", 0.0), (0.3, "worse", None)])
def test_no_network_is_level_with_a_forecast_that_never_misses_unless_it_never_misses_either(
    prices: Prices, network: float, outcome: str, gain: float | None
) -> None:
    table = table_of(prices, {"network": network, "last_close": 0.0})
    table["forecast"] = table["forecast"].where(table["forecaster"] == "network", table["actual"])
    if not network:
        table["forecast"] = table["actual"]
    (verdict,) = judge(prices, table)
    assert (verdict.outcome, verdict.gain) == (outcome, gain)
    json.dumps(asdict(verdict), allow_nan=False)


def test_too_few_days_are_level_and_still_show_the_gain(prices: Prices) -> None:
    (verdict,) = judge(prices, table_of(prices, {"network": errors(1, 1, 5), "last_close": errors(2, 9, 5)}, days=5))
    assert (verdict.outcome, verdict.p_value) == ("level", None)
    assert verdict.gain > 0.5
    assert "too few days for a test" in verdict.text


def test_the_distribution_is_judged_by_crps_against_the_best_band(prices: Prices) -> None:
    table = table_of(prices, {"network": errors(1, 1), "last_close": errors(1, 1), "har_bands": errors(1, 4)}, width=2)
    scores = score_forecasts(table, prices["close"], AGAINST_BOTH)
    crps = {score.forecaster: score.crps for score in scores}
    point, distribution = judge(prices, table, AGAINST_BOTH)
    assert (distribution.part, distribution.against, distribution.metric) == ("distribution", "har_bands", "crps")
    assert distribution.gain == pytest.approx(1 - crps["network"] / crps["har_bands"])
    assert (distribution.outcome, point.outcome) == ("better", "level")
    assert distribution.p_value < 0.001


def test_a_point_forecaster_has_no_verdict_on_a_distribution(prices: Prices) -> None:
    banded = table_of(prices, {"har_bands": errors(1, 4)}, width=2)
    points = table_of(prices, {"network": errors(1, 1), "last_close": errors(2, 1)})
    table = pd.concat([points, banded], ignore_index=True)
    assert [verdict.part for verdict in judge(prices, table, AGAINST_BOTH)] == ["point"]


def test_each_horizon_has_its_verdict(prices: Prices) -> None:
    origins = origins_of(prices, 120)
    actual = prices["open"].to_numpy()[origins[:, None] + [1, 2]]
    noise = np.random.default_rng(1).standard_normal((2, 120, 2))
    table = pd.concat(
        [
            tabulate(Forecast("network", actual + noise[0] * [1, 3]), prices, origins, "open"),
            tabulate(Forecast("last_close", actual + noise[1] * [3, 1]), prices, origins, "open"),
        ]
    )
    first, second = judge(prices, table, Yardstick({1: "last_close", 2: "last_close"}, {}))
    assert (first.horizon, first.outcome, second.horizon, second.outcome) == (1, "better", 2, "worse")
    assert "2 sessions ahead" in second.text


def test_only_rows_that_both_have_are_compared(prices: Prices) -> None:
    table = table_of(prices, {"network": errors(1, 1), "last_close": errors(2, 3)})
    common = judge(prices, table[table.groupby("forecaster").cumcount() < 90])
    extra = table[(table["forecaster"] == "network") | (table.groupby("forecaster").cumcount() < 90)]
    assert judge(prices, extra)[0].gain == common[0].gain


def test_without_the_forecaster_or_its_opponent_there_is_no_verdict(prices: Prices) -> None:
    assert judge(prices, table_of(prices, {"last_close": 1.0})) == []
    assert judge(prices, table_of(prices, {"network": 1.0, "drift": 1.0})) == []


def test_any_forecaster_can_be_judged_by_its_name(prices: Prices) -> None:
    table = table_of(prices, {"AutoARIMA": errors(1, 1), "last_close": errors(2, 3)})
    (verdict,) = judge(prices, table, forecaster="AutoARIMA")
    assert (verdict.forecaster, verdict.outcome) == ("AutoARIMA", "better")
    assert "AutoARIMA misses by" in verdict.text
