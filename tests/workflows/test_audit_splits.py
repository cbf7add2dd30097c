"""Leaks are planted in the split, its windows and its tickers, and the audit has to find each and name its stage."""

from __future__ import annotations

from dataclasses import replace
from unittest import mock

import numpy as np
import pytest

from stockrnn.prices.table import sessions_of, tickers_of
from stockrnn.samples import splits
from stockrnn.samples.encoding import fit_encoding
from stockrnn.samples.folds import WalkForward, forecast_tickers
from stockrnn.samples.samples import TrainingSamples
from stockrnn.samples.splits import Split
from stockrnn.workflows.audit_days import refits
from stockrnn.workflows.job import TrainJob
from tests.workflows.audited import (
    LEVEL,
    MOVES,
    TESTED,
    MakeSamples,
    job_of,
    leaking_stage,
    outcomes,
    stages_up_to_windows,
    without_refit,
)

from stockrnn.workflows import fit, preparation, rebuilding  # isort: skip (Keras is started first)


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
    found = stages_up_to_windows(level_job)
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
    assert leaking_stage(stages_up_to_windows(level_job)) == "validation"


def test_a_validation_tail_that_overlaps_the_test_is_a_leak_of_the_split(make_prices, monkeypatch) -> None:
    job = job_of(make_prices(160), LEVEL, validation=0.2)
    part = job.split.validation
    assert part is not None
    overlapping = replace(job, split=Split(job.split.fit, (part[0], job.split.test[0]), job.split.test))
    found = stages_up_to_windows(overlapping)
    assert leaking_stage(found) == "split"
    assert found.leak is not None
    first = f"{job.split.test[0]:%Y-%m-%d}"
    assert found.leak.changes == f"validation ends on {first}, and the test begins on {first}"


def test_a_refit_of_a_backtest_that_knows_the_sessions_after_it_is_a_leak_of_the_split(level_job, monkeypatch) -> None:
    honest = splits._with_validation

    def further(train, test, share, needed):
        return honest(train.append(test[:2]), test, share, needed)

    monkeypatch.setattr(splits, "_with_validation", further)
    found = stages_up_to_windows(level_job, "training", "refit")
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
    found = stages_up_to_windows(level_job, "training", "refit")
    assert leaking_stage(found) == "scaling"
    assert outcomes(found)["scaling"] == ["ok"] * 3


def test_windows_whose_targets_reach_beyond_the_fitted_sessions_are_a_leak_of_windows(make_prices, monkeypatch) -> None:
    direct = {**LEVEL, "window": {"lookback": 5, "horizon": 4, "strategy": "direct"}}
    job = job_of(make_prices(160, ["AAA", "BBB"]), direct, validation=0.2)
    honest = fit.origins_for
    monkeypatch.setattr(
        fit, "origins_for", lambda prices, part, lookback, _, read_from: honest(prices, part, lookback, 1, read_from)
    )
    found = stages_up_to_windows(job)
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
    found = stages_up_to_windows(job)
    assert leaking_stage(found) == "tickers"
    assert found.leak is not None
    assert "left out" in found.leak.changes


@pytest.mark.parametrize("document", [LEVEL, MOVES], ids=["level", "moves"])
def test_a_fold_that_leaves_out_what_it_cannot_forecast_is_a_leak_of_the_tickers(
    make_prices, monkeypatch, document
) -> None:
    job = without_refit(job_of(make_prices(160, ["AAA", "BBB", "CCC"]), document, validation=0.25))
    honest = rebuilding.fold_tickers

    def surviving(prices, fold, window, needed):
        ahead = forecast_tickers(prices, fold, window)
        return [name for name in honest(prices, fold, window, needed) if name in ahead]

    assert leaking_stage(stages_up_to_windows(job, "refit")) is None
    monkeypatch.setattr(rebuilding, "fold_tickers", surviving)
    found = stages_up_to_windows(job, "refit")
    assert leaking_stage(found) == "tickers"
    assert found.leak is not None
    assert found.leak.changes == "of the tickers that are trained on, AAA, CCC left out"


def test_a_ticker_that_begins_after_a_refit_and_is_forecast_all_the_same_is_no_leak(make_prices) -> None:
    prices = make_prices(160, ["AAA", "BBB", "CCC"])
    days = sessions_of(prices)
    late = prices.drop([(name, day) for name in ("BBB", "CCC") for day in days[: 160 - TESTED + 2]])
    job = without_refit(job_of(late, MOVES, validation=0.25))
    fold = refits(job, WalkForward())[0][0]
    assert tickers_of(fold.prices) == ["AAA", "BBB", "CCC"]
    with mock.patch("stockrnn.workflows.audit.refits", return_value=refits(job, WalkForward())):
        assert leaking_stage(stages_up_to_windows(job, "refit")) is None
