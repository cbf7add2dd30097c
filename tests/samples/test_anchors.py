from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from threadpoolctl import threadpool_limits

from stockrnn.prices.table import Prices, prices_table
from stockrnn.samples.anchors import Anchor
from stockrnn.samples.features import feature_table
from stockrnn.samples.volatility import (
    bounded_returns,
    ewma_volatility,
    log_returns,
    squared_moves,
    trailing_means,
)
from tests.samples.feature_prices import one_ticker, random_prices, sessions_in

ALL = (pd.Timestamp("1900-01-01"), pd.Timestamp("2100-01-01"))
KINDS = ("ewma", "har", "har_x")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("columns", [["open", "high", "low", "close"], ["close"]])
def test_the_returns_of_the_training_sessions_have_a_mean_square_of_one_anchor(kind, columns) -> None:
    prices = random_prices(300)[columns]
    part = (pd.Timestamp("2020-03-01"), pd.Timestamp("2020-09-30"))
    anchor = Anchor.fit(prices, kind, part)
    volatility, ratios = pd.Series(anchor.apply(prices), index=prices.index), []
    for ticker in ("AAA", "BBB", "CCC"):
        one = prices.loc[[ticker]]
        ratio = log_returns(one)[1:] / volatility.loc[[ticker]].to_numpy()[:-1]
        ratios.append(ratio[(sessions_in(one)[1:] >= part[0]) & (sessions_in(one)[1:] <= part[1])])
    bounded = np.clip(np.concatenate(ratios) * anchor.scale, -6, 6) / anchor.scale
    assert np.sqrt(np.mean(bounded**2)) == pytest.approx(1, rel=1e-9)


def test_the_regression_is_least_squares_of_log_moves_on_the_rows_written_out() -> None:
    prices = random_prices(250, ("AAA",))
    part = (pd.Timestamp("2020-03-02"), pd.Timestamp("2020-11-30"))
    moves, volatility, sessions = squared_moves(prices), ewma_volatility(prices), sessions_in(prices)
    scaled = bounded_returns(prices) / volatility
    rows, wanted = [], []
    for t in range(1, len(prices) - 1):
        if part[0] <= sessions[t + 1] <= part[1]:
            means = [np.log(np.nanmean(moves[max(0, t - span + 1) : t + 1])) for span in (1, 5, 22, 66)]
            falls = [min(max(-scaled[t], 0), 6), min(max(scaled[t], 0), 6)]
            rows.append([*means, np.log(volatility[t] ** 2), *falls, 1.0])
            wanted.append(np.log(moves[t + 1]))
    expected = np.linalg.lstsq(np.array(rows), np.array(wanted), rcond=None)[0]
    np.testing.assert_allclose(Anchor.fit(prices, "har", part).coefficients, expected, rtol=1e-6, atol=1e-8)


def wide_regressors(prices: Prices, features: tuple[str, ...]) -> np.ndarray:
    moves, volatility = squared_moves(prices), ewma_volatility(prices)
    falls = np.nan_to_num(-bounded_returns(prices) / volatility)
    squares = [np.log(trailing_means(moves, prices, span)) for span in (1, 5, 22, 66)]
    absolutes = [np.log(trailing_means(np.sqrt(moves), prices, span)) for span in (5, 22, 66)]
    sides = [np.clip(falls, 0, 6), np.clip(-falls, 0, 6), np.ones(len(prices))]
    further = np.clip(np.nan_to_num(feature_table(prices, features)), -4, 4)
    return np.column_stack([*squares, 2 * np.log(volatility), *sides, *absolutes, further])


def test_the_wider_regression_reads_absolute_moves_and_features_after_the_others() -> None:
    prices = random_prices(400)[["close"]]
    anchor = Anchor.fit(prices, "har_x", ALL)
    assert anchor.features == ("return_5", "season_63", "season_126", "season_252", "largest_move_29")
    logs, volatility = wide_regressors(prices, anchor.features) @ np.array(anchor.coefficients), ewma_volatility(prices)
    expected = anchor.scale * np.clip(np.exp(logs / 2), volatility / 8, volatility * 8)
    np.testing.assert_allclose(anchor.apply(prices), expected, rtol=1e-9)


def test_the_wider_regression_is_a_ridge_of_20_rows_towards_the_weighted_mean() -> None:
    prices = random_prices(400)
    part = (pd.Timestamp("2020-10-01"), pd.Timestamp("2021-01-29"))
    anchor = Anchor.fit(prices, "har_x", part)
    columns = pd.DataFrame({"wanted": np.log(squared_moves(prices)), "session": sessions_in(prices)}, prices.index)
    following = columns.groupby(level="ticker").shift(-1)
    inside = following["session"].between(*part).to_numpy()
    regressors = wide_regressors(prices, anchor.features)[inside]
    deviations = regressors.std(axis=0)
    units = np.where(deviations > 0, deviations, 1.0)
    missed = following["wanted"].to_numpy()[inside] - 2 * np.log(ewma_volatility(prices)[inside])
    ridge = Ridge(alpha=20.0, solver="svd").fit(regressors / units, missed)
    expected = ridge.coef_ / units + np.eye(len(units))[4] + ridge.intercept_ * np.eye(len(units))[7]
    np.testing.assert_allclose(anchor.coefficients, expected, rtol=1e-6, atol=1e-8)


def test_an_anchor_is_the_same_to_the_last_bit_however_many_threads_there_are() -> None:
    prices = random_prices(1500, [f"T{number:02}" for number in range(20)])
    fitted = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            fitted.append(Anchor.fit(prices, "har_x", ALL))
    assert fitted[0] == fitted[1]


def persistent_prices(sessions: int) -> tuple[Prices, np.ndarray]:
    """Return prices whose log volatility is an AR(1), and the volatility of each session."""
    random = np.random.default_rng(3)
    logs = np.zeros(sessions)
    for t in range(1, sessions):
        logs[t] = 0.9 * logs[t - 1] + 0.35 * random.standard_normal()
    volatility = 0.01 * np.exp(logs)
    steps = volatility[:, None] * random.standard_normal((sessions, 40)) / np.sqrt(40)
    path = np.cumsum(steps, axis=1)
    opens = np.log(100) + np.r_[0, np.cumsum(path[:, -1])[:-1]]
    logs_of = {
        "open": opens,
        "high": opens + np.maximum(path.max(axis=1), 0),
        "low": opens + np.minimum(path.min(axis=1), 0),
    }
    columns = {name: np.exp(value) for name, value in {**logs_of, "close": opens + path[:, -1]}.items()}
    days = pd.bdate_range("1990-01-01", periods=sessions)
    return prices_table(pd.DataFrame({"ticker": "AAA", "session": days, **columns}), "a simulation"), volatility


def test_the_regression_knows_the_next_volatility_better_than_the_weighted_mean_where_ranges_tell_it() -> None:
    prices, volatility = persistent_prices(3000)
    part = (sessions_in(prices)[0], sessions_in(prices)[1999])
    errors = {}
    for kind in KINDS:
        forecast = Anchor.fit(prices, kind, part).apply(prices)[1999:-1]
        errors[kind] = np.mean((np.log(forecast) - np.log(volatility[2000:])) ** 2)
    assert errors["har"] < 0.75 * errors["ewma"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_anchor_reads_nothing_after_the_last_session_of_its_part(kind) -> None:
    prices = random_prices(200)
    part = (pd.Timestamp("2020-02-03"), pd.Timestamp("2020-06-30"))
    later = sessions_in(prices) > part[1]
    changed = prices.copy()
    changed.loc[later] = np.random.default_rng(5).lognormal(5, 1, changed.loc[later].shape)
    assert Anchor.fit(prices, kind, part) == Anchor.fit(changed, kind, part) == Anchor.fit(prices[~later], kind, part)


@pytest.mark.parametrize("kind", KINDS)
def test_an_anchor_of_a_row_reads_no_later_row(kind) -> None:
    prices = random_prices(200)
    anchor = Anchor.fit(prices, kind, ALL)
    later = sessions_in(prices) > pd.Timestamp("2020-06-30")
    changed = prices.copy()
    changed.loc[later] = np.random.default_rng(5).lognormal(5, 1, changed.loc[later].shape)
    before = anchor.apply(prices)[~later]
    np.testing.assert_array_equal(anchor.apply(changed)[~later], before)
    np.testing.assert_array_equal(anchor.apply(prices[~later]), before)


@pytest.mark.parametrize("kind", KINDS)
def test_an_anchor_is_the_same_in_another_currency(kind) -> None:
    prices = random_prices(200)
    dear = prices * [1000, 1000, 1000, 1000, 1]
    np.testing.assert_allclose(
        Anchor.fit(dear, kind, ALL).apply(dear), Anchor.fit(prices, kind, ALL).apply(prices), rtol=1e-6
    )


@pytest.mark.parametrize("kind", KINDS)
def test_an_anchor_survives_json_to_the_last_bit(kind) -> None:
    anchor = Anchor.fit(random_prices(), kind, ALL)
    assert Anchor.from_json(json.loads(json.dumps(anchor.to_json(), allow_nan=False))) == anchor


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("closes", [[100.0] * 60, [100.0, 101.0], [100.0], [100.0, 0.0, np.nan, 101.0, 102.0]])
def test_an_anchor_of_odd_prices_is_finite_and_above_zero_wherever_a_return_was_known(kind, closes) -> None:
    prices = one_ticker(open=closes, high=closes, low=closes, close=closes)
    anchor = Anchor.fit(prices, kind, ALL)
    assert np.isfinite([anchor.scale, *anchor.coefficients]).all()
    assert anchor.scale > 0
    expected = anchor.apply(prices)
    first = int(np.argmax(np.isfinite(log_returns(prices)))) if len(closes) > 1 else len(closes)
    assert np.isnan(expected[:first]).all()
    assert (np.isfinite(expected[first:]) & (expected[first:] > 0)).all()


def test_a_regression_on_too_few_rows_is_the_weighted_mean() -> None:
    prices = random_prices(30, ("AAA",))
    har, ewma = (Anchor.fit(prices, kind, ALL) for kind in ("har", "ewma"))
    np.testing.assert_allclose(har.apply(prices), ewma.apply(prices), rtol=1e-12)


def test_a_part_without_a_session_gives_a_scale_of_one() -> None:
    nothing = (pd.Timestamp("1990-01-01"), pd.Timestamp("1990-12-31"))
    assert Anchor.fit(random_prices(), "har", nothing).scale == 1.0
