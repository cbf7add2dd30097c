"""Days that are left out of forecasts are counted, and a choice of easy ones is suspected."""

from __future__ import annotations

import numpy as np
import pytest

from stockrnn.forecasts.table import QUANTILE_COLUMNS
from tests.evaluation.suspicions.planted import SEEDS, clean, found, only


def test_days_that_are_left_out_are_counted_and_their_difficulty_is_said(prices) -> None:
    forecasts = clean(prices)
    miss = np.abs(np.diff(prices["close"].to_numpy())[149:399])
    kept = miss < np.quantile(miss, 0.8)
    kept[[0, -1]] = True
    easy = forecasts[kept].reset_index(drop=True).assign(**dict.fromkeys(QUANTILE_COLUMNS, np.nan))
    suspicion = only(found(easy, prices))
    assert (suspicion.code, suspicion.rows) == ("skipped_sessions", 250 - kept.sum())
    assert suspicion.text.startswith(f"{250 - kept.sum()} of the 250 sessions")
    there, here = [float(word.split(" ")[0]) for word in suspicion.text.split("by ")[1:]]
    assert there > 2 * here


@pytest.mark.parametrize("every", [2, 5])
def test_a_forecast_every_so_many_sessions_skips_none(prices, every: int) -> None:
    assert found(clean(prices)[::every].reset_index(drop=True), prices) == []


def test_a_forecast_a_week_skips_none(prices) -> None:
    forecasts = clean(prices)
    weeks = forecasts.drop(index=[10, 44]).groupby(forecasts["session"].dt.to_period("W")).head(1)
    assert found(weeks.reset_index(drop=True), prices) == []


def test_a_forecast_a_month_skips_none(prices) -> None:
    forecasts = clean(prices).assign(**dict.fromkeys(QUANTILE_COLUMNS, np.nan))
    months = forecasts.groupby(forecasts["session"].dt.to_period("M"))
    assert found(months.tail(1).iloc[:-1].reset_index(drop=True), prices) == []
    middle = forecasts[forecasts["session"].dt.day >= 15]
    assert (
        found(middle.groupby(middle["session"].dt.to_period("M")).head(1).iloc[1:].reset_index(drop=True), prices) == []
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_easy_days_picked_three_to_six_sessions_apart_are_skipped_sessions(prices, seed: int) -> None:
    gaps = np.random.default_rng(seed).integers(3, 7, 50)
    picked = np.append(0, np.cumsum(gaps))
    suspicion = only(found(clean(prices).iloc[picked].reset_index(drop=True), prices))
    assert (suspicion.code, suspicion.horizon) == ("skipped_sessions", 1)


def test_the_easiest_day_of_each_week_is_a_choice(prices) -> None:
    forecasts = clean(prices)
    misses = (forecasts["forecast"] - forecasts["actual"]).abs()
    easiest = misses.groupby(forecasts["session"].dt.to_period("W")).idxmin()
    picked = forecasts.loc[easiest].assign(**dict.fromkeys(QUANTILE_COLUMNS, np.nan)).reset_index(drop=True)
    assert "skipped_sessions" in {each.code for each in found(picked, prices)}


def test_weeks_left_out_of_a_forecast_a_week_are_a_choice(prices) -> None:
    forecasts = clean(prices)
    weeks = forecasts.groupby(forecasts["session"].dt.to_period("W")).head(1)
    assert (
        only(found(weeks.drop(index=weeks.index[[9, 20, 21]]).reset_index(drop=True), prices)).code
        == "skipped_sessions"
    )


def test_sessions_are_looked_for_at_each_horizon(prices) -> None:
    # Between them the two horizons leave no session out.
    forecasts = clean(prices, horizon=2)
    odd = np.random.default_rng(0).random(250) < 0.5
    first = np.isin(forecasts["session"], forecasts.query("horizon == 1")["session"][odd])
    kept = np.where(forecasts["horizon"] == 1, first, ~first)
    skipped = [
        each for each in found(forecasts[kept].reset_index(drop=True), prices) if each.code == "skipped_sessions"
    ]
    assert [each.horizon for each in skipped] == [1, 2]
    assert "forecast 2 sessions ahead of mine" in skipped[1].text


def test_single_days_left_out_are_no_pattern(prices) -> None:
    forecasts = clean(prices).drop(index=[10, 60, 61 + 20]).reset_index(drop=True)
    assert only(found(forecasts, prices)).rows == 3
