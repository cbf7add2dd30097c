"""Leaks are planted between prices and windows, and the audit has to find each and name its stage."""

from __future__ import annotations

from dataclasses import replace
from unittest import mock

import numpy as np
import pandas as pd
import pytest

from stockrnn.samples import splits, volatility
from stockrnn.samples.anchors import Anchor
from stockrnn.samples.encoding import Encoding, fit_encoding
from stockrnn.samples.features import FEATURES
from stockrnn.samples.samples import TrainingSamples
from stockrnn.samples.splits import Split
from stockrnn.samples.standardizing import Standardization
from stockrnn.workflows.job import TrainJob
from tests.workflows.audited import (
    LEVEL,
    MOVES,
    MakeSamples,
    job_of,
    leaking_stage,
    leaking_stages,
    outcomes,
    ragged,
    stages_without_training,
    without_refit,
)

from stockrnn.workflows import fit, preparation, rebuilding  # isort: skip (Keras is started first)


@pytest.fixture
def level_job(make_prices) -> TrainJob:
    return job_of(make_prices(160, ["AAA", "BBB"]), LEVEL, validation=0.2)


@pytest.fixture
def moves_job(make_prices) -> TrainJob:
    return without_refit(job_of(make_prices(160, ["AAA", "BBB"]), MOVES, validation=0.25))


def plant_encoding_of_all_rows(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let a part of the encoding be fitted to all rows, those of the test too."""
    honest: MakeSamples = fit.make_samples

    def leaky(job: TrainJob, split: Split) -> TrainingSamples:
        def fitted(known, config, features, part):
            everything = fit_encoding(job.prices, config, features, (part[0], split.test[1]))
            encoding = fit_encoding(known, config, features, part)
            return replace(encoding, **{name: getattr(everything, name) for name in names})

        with mock.patch.object(fit, "fit_encoding", fitted):
            return honest(job, split)

    monkeypatch.setattr(fit, "make_samples", leaky)


def test_a_scaler_fitted_on_all_rows_is_a_leak_of_scaling(level_job, monkeypatch) -> None:
    plant_encoding_of_all_rows(monkeypatch, "scalings")
    found = stages_without_training(level_job)
    assert leaking_stage(found) == "scaling"
    assert found.leak is not None
    assert found.leak.changes == "the fitted range of AAA, BBB changed"
    assert outcomes(found)["inputs"] == ["leaks"] * 3
    assert outcomes(found)["features"] == ["nothing"] * 3


def test_a_standardization_fitted_on_all_rows_is_a_leak_of_standardization(moves_job, monkeypatch) -> None:
    plant_encoding_of_all_rows(monkeypatch, "standardization")
    assert leaking_stage(stages_without_training(moves_job)) == "standardization"


def test_quantiles_of_a_column_over_all_rows_are_a_leak_of_the_inputs(moves_job, monkeypatch) -> None:
    honest = Standardization.apply

    def ranked(self, values):
        return (honest(self, values) - np.nanquantile(values, 0.9, axis=0)).astype(np.float32)

    monkeypatch.setattr(Standardization, "apply", ranked)
    assert leaking_stage(stages_without_training(moves_job)) == "inputs"


def test_an_anchor_fitted_on_all_rows_is_a_leak_of_the_anchor(moves_job, monkeypatch) -> None:
    plant_encoding_of_all_rows(monkeypatch, "anchor")
    assert leaking_stage(stages_without_training(moves_job)) == "anchor"


def test_a_mean_volatility_of_all_rows_is_a_leak_of_the_anchor(moves_job, monkeypatch) -> None:
    plant_encoding_of_all_rows(monkeypatch, "mean_volatility")
    found = stages_without_training(moves_job)
    assert found.leak is not None
    assert (found.leak.stage, found.leak.changes) == ("anchor", "the mean volatility changed")


def test_an_anchor_that_reads_the_next_session_is_a_leak_of_the_anchor(moves_job, monkeypatch) -> None:
    honest = Anchor.apply
    monkeypatch.setattr(Anchor, "apply", lambda self, prices: np.roll(honest(self, prices), -1))
    found = stages_without_training(moves_job, "training", "row")
    assert leaking_stage(found) == "anchor"
    assert "leaks" in outcomes(found, "row")["anchor"]


def test_an_average_that_begins_with_the_variance_of_all_rows_is_a_leak_of_the_volatility(
    moves_job, monkeypatch
) -> None:
    honest = volatility._ewma_variance

    def begun(returns, prices):
        return honest(returns, prices) + 1e-3 * np.nanvar(returns)

    monkeypatch.setattr(volatility, "_ewma_variance", begun)
    found = stages_without_training(moves_job, "row")
    assert leaking_stage(found) == "volatility"
    # Before its second session nothing is known of a ticker.
    assert outcomes(found, "row")["volatility"].count("leaks") == len(found.cutoffs) - 1


def test_a_centred_moving_average_is_a_leak_of_its_feature(moves_job, monkeypatch) -> None:
    def centred(measures):
        logs = pd.Series(measures.logs)
        return ((logs - logs.rolling(5, center=True, min_periods=1).mean()) / measures.volatility).to_numpy()

    monkeypatch.setitem(FEATURES, "return_5", replace(FEATURES["return_5"], compute=centred))
    found = stages_without_training(moves_job)
    assert found.leak is not None
    assert found.leak.stage == "features"
    assert "values of return_5" in found.leak.changes


def test_a_feature_shifted_by_one_day_the_wrong_way_is_a_leak_of_its_feature(moves_job, monkeypatch) -> None:
    honest = FEATURES["return_1"].compute
    shifted = replace(FEATURES["return_1"], compute=lambda measures: np.roll(honest(measures), -1))
    monkeypatch.setitem(FEATURES, "return_1", shifted)
    found = stages_without_training(moves_job)
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
    assert leaking_stage(stages_without_training(moves_job, "row")) == "features"


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
    found = stages_without_training(job, "row")
    assert leaking_stage(found) == "features"
    assert found.leak is not None
    assert found.leak.cutoff.session == days[69]


def test_a_feature_filled_from_later_where_a_ticker_begins_is_found_there(moves_job, monkeypatch) -> None:
    honest = FEATURES["return_1"].compute
    filled = replace(
        FEATURES["return_1"], compute=lambda measures: pd.Series(honest(measures)).bfill().to_numpy()
    )
    monkeypatch.setitem(FEATURES, "return_1", filled)
    found = stages_without_training(moves_job, "row", draws=2)
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
    assert leaking_stage(stages_without_training(moves_job)) == "features"


def test_inputs_scaled_by_the_highest_price_of_all_rows_are_a_leak_of_the_inputs(level_job, monkeypatch) -> None:
    honest = Encoding.inputs
    monkeypatch.setattr(
        Encoding, "inputs", lambda self, prices: honest(self, prices) / np.float32(prices["open"].max())
    )
    assert leaking_stage(stages_without_training(level_job)) == "inputs"


def test_a_shuffled_validation_split_is_a_leak_of_validation(level_job, monkeypatch) -> None:
    honest: MakeSamples = fit.make_samples

    def shuffled(job: TrainJob, split: Split) -> TrainingSamples:
        samples = honest(job, split)
        assert samples.validation is not None
        together = np.concatenate([samples.windows.origins, samples.validation.origins])
        origins = np.random.default_rng(0).permutation(together)
        count = len(samples.windows.origins)
        windows, watched = (
            replace(samples.windows, origins=origins[:count]),
            replace(samples.validation, origins=origins[count:]),
        )
        return replace(samples, windows=windows, validation=watched)

    monkeypatch.setattr(fit, "make_samples", shuffled)
    found = stages_without_training(level_job)
    assert leaking_stage(found) == "validation"
    assert found.leak is not None
    assert "training windows learn watched sessions" in found.leak.changes


def test_watched_windows_that_reach_into_the_test_are_a_leak_of_validation(level_job, monkeypatch) -> None:
    honest: MakeSamples = fit.make_samples

    def leaky(job: TrainJob, split: Split) -> TrainingSamples:
        if split.validation is None:
            return honest(job, split)
        return honest(job, replace(split, validation=(split.validation[0], split.test[1])))

    monkeypatch.setattr(fit, "make_samples", leaky)
    assert leaking_stage(stages_without_training(level_job)) == "validation"


def test_a_validation_tail_that_overlaps_the_test_is_a_leak_of_the_split(make_prices, monkeypatch) -> None:
    job = job_of(make_prices(160), LEVEL, validation=0.2)
    part = job.split.validation
    assert part is not None
    overlapping = replace(job, split=Split(job.split.fit, (part[0], job.split.test[0]), job.split.test))
    found = stages_without_training(overlapping)
    assert leaking_stage(found) == "split"
    assert found.leak is not None
    first = f"{job.split.test[0]:%Y-%m-%d}"
    assert found.leak.changes == f"validation ends on {first}, and the test begins on {first}"


def test_a_refit_of_a_backtest_that_knows_the_sessions_after_it_is_a_leak_of_the_split(level_job, monkeypatch) -> None:
    honest = splits._with_validation

    def further(train, test, share, needed):
        return honest(train.append(test[:2]), test, share, needed)

    monkeypatch.setattr(splits, "_with_validation", further)
    found = stages_without_training(level_job, "training", "refit")
    assert leaking_stage(found) == "split"
    assert outcomes(found)["split"] == ["ok"] * 3
    assert set(outcomes(found, "refit")["split"]) == {"leaks"}


def test_a_refit_of_a_backtest_whose_scaler_is_that_of_the_whole_test_is_a_leak_of_scaling(
    level_job, monkeypatch
) -> None:
    honest: MakeSamples = fit.make_samples

    def leaky(job: TrainJob, split: Split) -> TrainingSamples:
        samples = honest(job, split)
        if job.fold is None:
            return samples
        whole = fit_encoding(job.prices, job.config, job.features, (split.fit[0], job.fold.until))
        return replace(samples, encoding=replace(samples.encoding, scalings=whole.scalings))

    monkeypatch.setattr(fit, "make_samples", leaky)
    found = stages_without_training(level_job, "training", "refit")
    assert leaking_stage(found) == "scaling"
    assert outcomes(found)["scaling"] == ["ok"] * 3


def test_windows_whose_targets_reach_beyond_the_fitted_sessions_are_a_leak_of_windows(make_prices, monkeypatch) -> None:
    direct = {**LEVEL, "window": {"lookback": 5, "horizon": 4, "strategy": "direct"}}
    job = job_of(make_prices(160, ["AAA", "BBB"]), direct, validation=0.2)
    honest = fit.origins_for
    monkeypatch.setattr(
        fit, "origins_for", lambda prices, part, lookback, _, read_from: honest(prices, part, lookback, 1, read_from)
    )
    found = stages_without_training(job)
    assert found.leak is not None
    assert found.leak.stage == "windows"
    leak = next(each for each in found.findings if each.stage == "windows" and each.cutoff.kind == "training")
    # The last three origins of each ticker have one, two and three targets in the watched sessions.
    assert leak.changes.startswith("6 of ")


def test_a_pool_that_leaves_out_the_tickers_that_end_early_is_a_leak_of_the_tickers(make_prices, monkeypatch) -> None:
    job = job_of(make_prices(160, ["AAA", "BBB", "CCC"]), LEVEL)
    honest = preparation.trainable

    def surviving(prices, split, needed, notify):
        last = prices.reset_index().groupby("ticker")["session"].max()
        gone = [ticker for ticker, day in last.items() if day < split.test[1]]
        return honest(prices[~prices.index.get_level_values("ticker").isin(gone)], split, needed, notify)

    monkeypatch.setattr(rebuilding, "trainable", surviving)
    found = stages_without_training(job)
    assert leaking_stage(found) == "tickers"
    assert found.leak is not None
    assert "left out" in found.leak.changes


POOLED = ("return_1", "pool_return", "pool_move_1", "season_63")


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
    found = stages_without_training(pool_job)
    assert leaking_stage(found) == "features"
    assert found.leak is not None
    assert "pool_return" in found.leak.changes


def test_rows_that_read_the_end_of_the_ticker_before_are_a_leak_of_their_feature(pool_job, monkeypatch) -> None:
    compute = FEATURES["return_1"].compute
    across = replace(FEATURES["return_1"], compute=lambda measures: np.roll(np.nan_to_num(compute(measures)), 1))
    monkeypatch.setitem(FEATURES, "return_1", across)
    assert leaking_stage(stages_without_training(pool_job)) == "features"


def test_an_anchor_that_reads_its_features_a_session_ahead_is_named_by_the_feature(pool_job, monkeypatch) -> None:
    compute = FEATURES["volume_22"].compute
    ahead = replace(FEATURES["volume_22"], compute=lambda measures: np.roll(compute(measures), -1))
    monkeypatch.setitem(FEATURES, "volume_22", ahead)
    found = stages_without_training(pool_job)
    # The network does not read it; the anchor does.
    assert "volume_22" not in pool_job.features
    assert leaking_stage(found) == "features"


@pytest.mark.slow
@pytest.mark.parametrize("tickers", [["AAA"], ["AAA", "BBB"]])
@pytest.mark.parametrize(("document", "validation"), [(LEVEL, 0.0), (LEVEL, 0.2), (MOVES, 0.25)])
def test_no_leak_is_found_before_training_where_there_is_none(make_prices, tickers, document, validation) -> None:
    job = job_of(make_prices(160, tickers), document, validation)
    found = stages_without_training(job, "training", "refit", "row", draws=2)
    assert leaking_stages(found) == set()
    assert "leaks" not in sum(outcomes(found, "refit").values(), [])
