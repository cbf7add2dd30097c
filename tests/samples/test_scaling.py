from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import MinMaxScaler

from stockrnn.prices.table import Prices
from stockrnn.samples.encoding import fit_scalings
from stockrnn.samples.scaling import MinMaxScaling

COLUMNS = ["open", "high", "low", "close", "volume"]


@pytest.fixture
def fitted(make_prices) -> tuple[Prices, MinMaxScaling, MinMaxScaler]:
    prices = make_prices(50)
    return (
        prices,
        MinMaxScaling.fit(prices[COLUMNS].iloc[:30]),
        MinMaxScaler().fit(prices[COLUMNS].iloc[:30].to_numpy()),
    )


def test_scaling_is_scikit_learns_beyond_the_training_rows_too(fitted) -> None:
    prices, scaling, oracle = fitted
    np.testing.assert_allclose(scaling.apply(prices, COLUMNS), oracle.transform(prices[COLUMNS].to_numpy()), rtol=1e-12)


def test_some_columns_in_another_order_keep_their_own_ranges(fitted) -> None:
    prices, scaling, oracle = fitted
    expected = oracle.transform(prices[COLUMNS].to_numpy())[:, [3, 0]]
    np.testing.assert_allclose(scaling.apply(prices, ["close", "open"]), expected, rtol=1e-12)


@pytest.mark.parametrize("column", COLUMNS)
def test_undo_gives_the_prices_back(fitted, column: str) -> None:
    prices, scaling, _ = fitted
    scaled = scaling.apply(prices, [column]).reshape(10, 5)
    np.testing.assert_allclose(scaling.undo(scaled, column), prices[column].to_numpy().reshape(10, 5), rtol=1e-12)


def test_a_column_that_never_moved_is_scaled_to_nothing_as_scikit_learn_does() -> None:
    rows = pd.DataFrame({"open": [5.0, 5.0], "close": [1.0, 2.0]})
    scaling = MinMaxScaling.fit(rows)
    later = pd.DataFrame({"open": [5.0, 7.0], "close": [1.5, 2.0]})
    expected = MinMaxScaler().fit(rows.to_numpy()).transform(later.to_numpy())
    np.testing.assert_allclose(scaling.apply(later, ["open", "close"]), expected)
    np.testing.assert_allclose(scaling.undo(np.array([0.0, 2.0]), "open"), [5.0, 7.0])


def test_a_scaling_survives_json_to_the_last_bit(fitted) -> None:
    scaling = fitted[1]
    assert MinMaxScaling.from_json(json.loads(json.dumps(scaling.to_json()))) == scaling


@given(st.lists(st.floats(0.001, 1e6), min_size=2, max_size=20), st.floats(0.001, 1e6))
def test_training_rows_lie_between_0_and_1_and_any_price_comes_back(training: list[float], price: float) -> None:
    scaling = MinMaxScaling.fit(pd.DataFrame({"open": training}))
    scaled = scaling.apply(pd.DataFrame({"open": training}), ["open"])
    assert scaled.min() >= 0
    assert scaled.max() <= 1 + 1e-12
    back = scaling.undo(scaling.apply(pd.DataFrame({"open": [price]}), ["open"]), "open")
    np.testing.assert_allclose(back, [[price]], rtol=1e-9, atol=1e-9)


def test_scalings_are_fitted_a_ticker_on_the_named_sessions_only(make_prices) -> None:
    prices = make_prices(40, ("AAA", "BBB"))
    sessions = prices.loc["AAA"].index
    part = (sessions[5], sessions[24])
    scalings = fit_scalings(prices, ["open", "close", "open"], *part)
    for ticker in ("AAA", "BBB"):
        rows = prices.loc[ticker, ["open", "close"]].iloc[5:25]
        assert scalings[ticker] == MinMaxScaling(("open", "close"), tuple(rows.min()), tuple(rows.max()))
    outside = ~prices.index.get_level_values("session").isin(sessions[5:25])
    changed = prices.copy()
    changed.loc[outside] *= 100
    assert fit_scalings(changed, ["open", "close"], *part) == scalings


def test_a_ticker_without_rows_in_the_years_gets_no_scaling(make_prices) -> None:
    prices = pd.concat([make_prices(10, ("OLD",), "2010-01-01"), make_prices(10, ("YOUNG",), "2020-01-01")])
    assert list(fit_scalings(prices, ["open"], pd.Timestamp("2010-01-01"), pd.Timestamp("2011-01-01"))) == ["OLD"]
