"""Leaks are planted in volatility and features, on single days and in pools, and the audit has to find each and name its stage."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from stockrnn.samples import volatility
from stockrnn.samples.features import FEATURES
from stockrnn.workflows.job import TrainJob
from tests.workflows.audited import (
    MOVES,
    job_of,
    leaking_stage,
    leaking_stages,
    outcomes,
    ragged,
    stages_up_to_windows,
    stages_without_training,
    without_refit,
)

POOLED = ("return_1", "pool_return", "pool_move_1", "season_63")


@pytest.fixture
def moves_job(make_prices) -> TrainJob:
    return without_refit(job_of(make_prices(160, ["AAA", "BBB"]), MOVES, validation=0.25))


def test_an_average_that_begins_with_the_variance_of_all_rows_is_a_leak_of_the_volatility(
    moves_job, monkeypatch
) -> None:
    honest = volatility._ewma_variance

    def begun(returns, prices):
        return honest(returns, prices) + 1e-3 * np.nanvar(returns)

    monkeypatch.setattr(volatility, "_ewma_variance", begun)
    found = stages_up_to_windows(moves_job, "row")
    assert leaking_stage(found) == "volatility"
    # Before its second session nothing is known of a ticker.
    assert outcomes(found, "row")["volatility"].count("leaks") == len(found.cutoffs) - 1


def test_a_centred_moving_average_is_a_leak_of_its_feature(moves_job, monkeypatch) -> None:
    def centred(measures):
        logs = pd.Series(measures.logs)
        return ((logs - logs.rolling(5, center=True, min_periods=1).mean()) / measures.volatility).to_numpy()

    monkeypatch.setitem(FEATURES, "return_5", replace(FEATURES["return_5"], compute=centred))
    found = stages_up_to_windows(moves_job)
    assert found.leak is not None
    assert found.leak.stage == "features"
    assert "values of return_5" in found.leak.changes


def test_a_feature_shifted_by_one_day_the_wrong_way_is_a_leak_of_its_feature(moves_job, monkeypatch) -> None:
    honest = FEATURES["return_1"].compute
    shifted = replace(FEATURES["return_1"], compute=lambda measures: np.roll(honest(measures), -1))
    monkeypatch.setitem(FEATURES, "return_1", shifted)
    found = stages_up_to_windows(moves_job)
    leak = next(each for each in found.findings if each.stage == "features" and each.cutoff.kind == "training")
    rows = int((moves_job.prices.index.get_level_values("session") <= moves_job.split.fit[1]).sum())
    # The last known row of each of the two tickers.
    assert leak.changes == f"2 of {rows} values of return_1 changed, the first of {moves_job.split.fit[1]:%Y-%m-%d}"


@pytest.mark.parametrize("weekday", range(5))
def test_a_feature_that_reads_ahead_on_one_weekday_alone_is_found_there(moves_job, monkeypatch, weekday) -> None:
    honest = FEATURES["return_1"].compute

    def sometimes(measures):
        days = measures.prices.index.get_level_values("session").day_of_week
        return np.where(days == weekday, np.roll(honest(measures), -1), honest(measures))

    monkeypatch.setitem(FEATURES, "return_1", replace(FEATURES["return_1"], compute=sometimes))
    assert leaking_stage(stages_up_to_windows(moves_job, "row")) == "features"


def test_a_feature_that_reads_ahead_before_holidays_alone_is_found_there(make_prices, monkeypatch) -> None:
    prices = make_prices(160)
    days = prices.index.get_level_values("session")
    prices = prices[(days < days[70]) | (days > days[75])]
    job = without_refit(job_of(prices, MOVES, validation=0.25))
    honest = FEATURES["return_1"].compute

    def sometimes(measures):
        sessions = measures.prices.index.get_level_values("session")
        before_gap = np.append(np.diff(sessions.to_numpy()) > np.timedelta64(4, "D"), False)
        return np.where(before_gap, np.roll(honest(measures), -1), honest(measures))

    monkeypatch.setitem(FEATURES, "return_1", replace(FEATURES["return_1"], compute=sometimes))
    found = stages_up_to_windows(job, "row")
    assert leaking_stage(found) == "features"
    assert found.leak is not None
    assert found.leak.cutoff.session == days[69]


def test_a_feature_filled_from_later_where_a_ticker_begins_is_found_there(moves_job, monkeypatch) -> None:
    honest = FEATURES["return_1"].compute
    filled = replace(FEATURES["return_1"], compute=lambda measures: pd.Series(honest(measures)).bfill().to_numpy())
    monkeypatch.setitem(FEATURES, "return_1", filled)
    found = stages_up_to_windows(moves_job, "row", draws=2)
    assert leaking_stage(found) == "features"
    assert found.leak is not None
    assert found.leak.cutoff.name == "the first session"


def test_a_feature_that_knows_how_long_a_ticker_trades_is_found_though_it_reads_no_price(
    moves_job, monkeypatch
) -> None:
    lasting = replace(
        FEATURES["return_1"], compute=lambda measures: np.full(len(measures.prices), float(len(measures.prices)))
    )
    monkeypatch.setitem(FEATURES, "return_1", lasting)
    assert leaking_stage(stages_up_to_windows(moves_job)) == "features"


@pytest.fixture
def pool_job(make_prices) -> TrainJob:
    prices = ragged(make_prices(160, ["AAA", "BBB", "CCC", "DDD"]))
    document = {**MOVES, "target": {**MOVES["target"], "anchor": "har_x"}}
    return without_refit(job_of(prices, document, 0.25, POOLED))


@pytest.mark.slow
def test_tickers_of_different_ranges_leak_nothing(pool_job) -> None:
    assert leaking_stages(stages_without_training(pool_job, "training", "refit", "row")) == set()


def test_a_pooled_mean_of_the_session_after_is_a_leak_of_its_feature(pool_job, monkeypatch) -> None:
    from stockrnn.samples.measures import Measures

    honest = Measures.pool_mean

    def of_the_wrong_session(self, values):
        by_session = pd.Series(honest(self, values), self.prices.index.get_level_values("session"))
        means = by_session.groupby(level=0).first().shift(-1)
        return means.reindex(by_session.index).to_numpy()

    monkeypatch.setattr(Measures, "pool_mean", of_the_wrong_session)
    found = stages_up_to_windows(pool_job)
    assert leaking_stage(found) == "features"
    assert found.leak is not None
    assert "pool_return" in found.leak.changes


def test_rows_that_read_the_end_of_the_ticker_before_are_a_leak_of_their_feature(pool_job, monkeypatch) -> None:
    compute = FEATURES["return_1"].compute
    across = replace(FEATURES["return_1"], compute=lambda measures: np.roll(np.nan_to_num(compute(measures)), 1))
    monkeypatch.setitem(FEATURES, "return_1", across)
    assert leaking_stage(stages_up_to_windows(pool_job)) == "features"


def test_an_anchor_that_reads_its_features_a_session_ahead_is_named_by_the_feature(pool_job, monkeypatch) -> None:
    compute = FEATURES["volume_22"].compute
    ahead = replace(FEATURES["volume_22"], compute=lambda measures: np.roll(compute(measures), -1))
    monkeypatch.setitem(FEATURES, "volume_22", ahead)
    found = stages_up_to_windows(pool_job)
    # The network does not read it; the anchor does.
    assert "volume_22" not in pool_job.features
    assert leaking_stage(found) == "features"
