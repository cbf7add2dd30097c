from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stockrnn.feature_names import FEATURE_NAMES
from stockrnn.prices.table import Prices
from stockrnn.samples.features import FEATURES, feature_table
from stockrnn.samples.volatility import bounded_returns, ewma_volatility, squared_moves
from tests.samples.feature_prices import one_ticker, random_prices, sessions_in

CUTS = pd.to_datetime(["2020-01-06", "2020-01-22", "2020-05-01", "2020-06-10"])
OWN = [name for name, feature in FEATURES.items() if not feature.pooled]
POOLED = [name for name, feature in FEATURES.items() if feature.pooled]


def values_of(prices: Prices, name: str) -> np.ndarray:
    return feature_table(prices, [name])[:, 0]


def changed_after(prices: Prices, session: pd.Timestamp) -> Prices:
    later, changed = sessions_in(prices) > session, prices.copy()
    changed.loc[later] = np.random.default_rng(9).lognormal(3, 2, changed.loc[later].shape)
    return changed


@pytest.mark.parametrize("name", FEATURE_NAMES)
@pytest.mark.parametrize("session", CUTS)
def test_a_feature_leaks_nothing_from_later_rows(name: str, session: pd.Timestamp) -> None:
    prices = random_prices()
    earlier = sessions_in(prices) <= session
    known = values_of(prices, name)[earlier]
    np.testing.assert_array_equal(values_of(changed_after(prices, session), name)[earlier], known)
    np.testing.assert_array_equal(values_of(prices[earlier], name), known)


# A weekday of the row after is no price; what was two months before it is still past.
@pytest.mark.parametrize("name", [name for name in FEATURE_NAMES if not name.startswith(("weekday", "season"))])
def test_the_leak_test_would_see_a_feature_that_reads_one_row_ahead(name: str) -> None:
    prices = random_prices()

    def ahead(table: Prices) -> pd.Series:
        return pd.Series(values_of(table, name), index=table.index).groupby(level="ticker").shift(-1)

    def seen(session: pd.Timestamp) -> bool:
        earlier = sessions_in(prices) <= session
        tables = prices, changed_after(prices, session)
        return not np.array_equal(*(ahead(table)[earlier] for table in tables), equal_nan=True)

    assert any(seen(session) for session in CUTS)


@pytest.mark.parametrize("name", FEATURE_NAMES)
def test_a_feature_is_the_same_in_another_currency_and_in_lots_of_ten(name: str) -> None:
    prices = random_prices()
    scaled = prices * [1000, 1000, 1000, 1000, 10]
    np.testing.assert_allclose(values_of(scaled, name), values_of(prices, name), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", OWN)
def test_a_feature_of_one_ticker_reads_no_other(name: str) -> None:
    prices = random_prices()
    for ticker in ("AAA", "BBB", "CCC"):
        there = prices.index.get_level_values("ticker") == ticker
        np.testing.assert_array_equal(values_of(prices, name)[there], values_of(prices.loc[[ticker]], name))


@pytest.mark.parametrize("name", FEATURE_NAMES)
def test_a_feature_reads_only_the_columns_that_it_names(name: str) -> None:
    columns = list(FEATURES[name].columns) or ["close"]
    prices = random_prices()
    lone = values_of(prices[columns], name)
    assert np.isfinite(lone).mean() > 0.8
    if "close" in columns:
        np.testing.assert_array_equal(lone, values_of(prices, name))


@pytest.mark.parametrize("name", FEATURE_NAMES)
def test_a_feature_is_known_of_nearly_all_rows_and_moves(name: str) -> None:
    values = values_of(random_prices(400), name)
    assert np.isfinite(values).mean() > 0.9
    assert np.nanstd(values) > 0.01
    assert np.nanmax(np.abs(values)) <= 8


@pytest.mark.parametrize("wrong", [0.0, -3.0, np.nan, np.inf, 1e300, 1e-300])
@pytest.mark.parametrize("column", ["open", "high", "low", "close", "volume"])
def test_a_wrong_number_never_makes_an_infinite_value_nor_ends_a_feature(wrong: float, column: str) -> None:
    prices = random_prices(150)
    prices.iloc[[0, 40, 41, 60], prices.columns.get_loc(column)] = wrong
    table = feature_table(prices, FEATURE_NAMES)
    assert not np.isinf(table).any()
    assert np.isfinite(table[100:140]).all()
    assert np.nanmax(np.abs(table)) <= 8


@pytest.mark.parametrize("name", FEATURE_NAMES)
def test_prices_that_stand_still_give_finite_values_or_none(name: str) -> None:
    still = np.full(30, 7.0)
    values = values_of(one_ticker(open=still, high=still, low=still, close=still, volume=np.zeros(30)), name)
    assert not np.isinf(values).any()
    assert np.isnan(values).all() == (name == "volume_22")


@pytest.mark.parametrize("name", FEATURE_NAMES)
@pytest.mark.parametrize("rows", [0, 1, 2])
def test_a_handful_of_rows_is_enough_to_ask(name: str, rows: int) -> None:
    prices = random_prices(5, ("AAA",)).iloc[:rows]
    assert values_of(prices, name).shape == (rows,)


TABLE = one_ticker(
    open=[10.0, 11.0, 12.0, 11.0],
    high=[12.0, 13.0, 12.5, 11.5],
    low=[9.0, 10.5, 10.5, 9.5],
    close=[11.0, 12.0, 11.0, 10.0],
    volume=[100.0, 300.0, 200.0, 0.0],
)
S = ewma_volatility(TABLE)
FIRST = np.log(12 / 11)
PK = np.log(np.array([12 / 9, 13 / 10.5, 12.5 / 10.5, 11.5 / 9.5])) ** 2 / (4 * np.log(2))
GK = (
    0.5 * np.log(np.array([12 / 9, 13 / 10.5, 12.5 / 10.5, 11.5 / 9.5])) ** 2
    - (2 * np.log(2) - 1) * np.log(np.array([11 / 10, 12 / 11, 11 / 12, 10 / 11])) ** 2
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gap", [np.nan, 0 / S[1], 0 / S[2], 0 / S[3]]),
        ("intraday", [np.nan, np.log(12 / 11) / S[1], np.log(11 / 12) / S[2], np.log(10 / 11) / S[3]]),
        ("return_1", [np.nan, FIRST / S[1], -FIRST / S[2], np.log(10 / 11) / S[3]]),
        ("absolute_return", [np.nan, FIRST / S[1], FIRST / S[2], np.log(11 / 10) / S[3]]),
        ("negative_return", [np.nan, 0, -FIRST / S[2], np.log(10 / 11) / S[3]]),
        ("return_5", [np.nan] * 4),
        ("parkinson_1", [np.nan, *(0.5 * np.log(PK[t]) - np.log(S[t]) for t in (1, 2, 3))]),
        ("garman_klass_1", [np.nan, *(0.5 * np.log(GK[t]) - np.log(S[t]) for t in (1, 2, 3))]),
        ("volatility_60", [np.nan, 0, np.log(S[2] / S[1:3].mean()), np.log(S[3] / S[1:4].mean())]),
        ("volume_22", [0, np.log(300 / 200), np.log(200 / 200), np.nan]),
        ("close_place", [2 / 3 - 0.5, 1.5 / 2.5 - 0.5, 0.5 / 2 - 0.5, 0.5 / 2 - 0.5]),
    ],
)
def test_a_feature_is_its_formula(name: str, expected: list[float]) -> None:
    table = TABLE
    if name == "gap":
        table = TABLE.assign(open=[10.0, 11.0, 12.0, 11.0])
    np.testing.assert_allclose(values_of(table, name), expected, rtol=1e-9, atol=1e-12)


def test_a_gap_is_from_the_close_before_to_the_open() -> None:
    table = TABLE.assign(open=[10.0, 11.5, 11.0, 11.0])
    expected = [np.nan, np.log(11.5 / 11) / S[1], np.log(11 / 12) / S[2], 0]
    np.testing.assert_allclose(values_of(table, "gap"), expected, atol=1e-12)


def test_a_return_of_five_sessions_is_over_the_volatility_of_five() -> None:
    closes = [100.0, 101, 99, 102, 103, 104, 101]
    prices = one_ticker(close=closes)
    volatility = ewma_volatility(prices)
    expected = [np.log(closes[t] / closes[t - 5]) / (np.sqrt(5) * volatility[t]) for t in (5, 6)]
    np.testing.assert_allclose(values_of(prices, "return_5"), [np.nan] * 5 + expected)


@pytest.mark.parametrize("sessions", [5, 22, 66])
@pytest.mark.parametrize("measure", ["parkinson", "garman_klass"])
def test_a_range_is_the_mean_of_direct_variances_relative_to_the_volatility(measure: str, sessions: int) -> None:
    prices = random_prices(100, ("AAA",))
    o, h, l, c = (prices[name].to_numpy() for name in ("open", "high", "low", "close"))  # noqa: E741
    direct = np.log(h / l) ** 2 / (4 * np.log(2))
    if measure == "garman_klass":
        direct = 0.5 * np.log(h / l) ** 2 - (2 * np.log(2) - 1) * np.log(c / o) ** 2
    expected = 0.5 * np.log([direct[t - sessions + 1 : t + 1].mean() for t in range(sessions, 100)])
    values = values_of(prices, f"{measure}_{sessions}")
    np.testing.assert_allclose(values[sessions:], expected - np.log(ewma_volatility(prices)[sessions:]), rtol=1e-9)


def test_a_return_is_bounded_as_that_of_the_volatility_is() -> None:
    closes = 100 * np.exp(np.cumsum(0.01 * np.random.default_rng(0).standard_normal(60)))
    closes[40] *= 10
    prices = one_ticker(close=closes)
    expected = bounded_returns(prices) / ewma_volatility(prices)
    np.testing.assert_allclose(values_of(prices, "return_1"), expected)


@pytest.mark.parametrize(("close", "expected"), [(9.0, -0.5), (12.0, 0.5), (10.0, -0.5), (11.0, 0.5), (10.5, 0.0)])
def test_the_close_has_a_place_in_the_range_even_where_it_lies_outside(close: float, expected: float) -> None:
    assert values_of(one_ticker(high=[11.0], low=[10.0], close=[close]), "close_place") == [expected]


def test_a_session_without_a_range_has_its_close_in_the_middle_and_one_upside_down_has_none() -> None:
    prices = one_ticker(high=[10.0, 9.0], low=[10.0, 10.0], close=[10.0, 10.0])
    np.testing.assert_array_equal(values_of(prices, "close_place"), [0.0, np.nan])


@pytest.mark.parametrize(
    ("name", "own"),
    [("pool_return", "return_1"), ("pool_absolute_return", "absolute_return"), ("pool_range", "parkinson_1")],
)
def test_a_pool_mean_is_over_the_tickers_with_a_price_in_the_session(name: str, own: str) -> None:
    prices = random_prices()
    values = pd.Series(values_of(prices, own), index=prices.index)
    expected = values.groupby(level="session").transform("mean")
    np.testing.assert_allclose(values_of(prices, name), expected, rtol=1e-12)


@pytest.mark.parametrize("name", POOLED)
def test_a_pool_mean_of_a_ticker_alone_would_be_its_own_value(name: str) -> None:
    own = {"pool_return": "return_1", "pool_absolute_return": "absolute_return", "pool_range": "parkinson_1"}
    prices = random_prices(tickers=("AAA",))
    if name in own:
        expected = values_of(prices, own[name])
    else:
        moves = pd.Series(0.5 * np.log(squared_moves(prices) / ewma_volatility(prices) ** 2))
        expected = moves.rolling(int(name.rpartition("_")[2]), min_periods=1).mean()
    np.testing.assert_allclose(values_of(prices, name), expected, rtol=1e-9)
