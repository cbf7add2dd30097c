"""Leaks are planted in training and in what becomes of its forecasts, and the audit has to find each and name its stage."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stockrnn.forecasts import adaptive, calibrated
from stockrnn.forecasts.forecasting import NetworkForecaster
from stockrnn.forecasts.intervals import split_conformal
from stockrnn.workflows.job import TrainJob
from tests.workflows.audited import (
    LEVEL,
    MOVES,
    all_stages,
    job_of,
    leaking_stage,
    leaking_stages,
    outcomes,
    ragged,
    stages_of_training,
    with_evaluation,
    with_training,
    without_refit,
)

from stockrnn.models import trainable  # isort: skip (Keras is started first)
from stockrnn.workflows import combining, fit  # isort: skip

pytestmark = pytest.mark.slow


@pytest.fixture
def moves_job(make_prices) -> TrainJob:
    return job_of(make_prices(160, ["AAA", "BBB"]), MOVES, validation=0.25)


@pytest.mark.parametrize(("document", "validation"), [(LEVEL, 0.0), (MOVES, 0.25)], ids=["level", "moves"])
def test_no_leak_is_found_in_weights_and_forecasts_where_there_is_none(make_prices, document, validation) -> None:
    prices = ragged(make_prices(160, ["AAA", "BBB", "CCC", "DDD"]))
    found = all_stages(with_training(job_of(prices, document, validation), seeds=(1, 2)))
    assert leaking_stages(found) == set()
    assert outcomes(found)["weights"] == ["ok", "nothing"] if not validation else ["ok", "nothing", "ok", "nothing"]
    assert outcomes(found)["combining"][-2:] == ["ok", "ok"]


@pytest.mark.parametrize("intervals", ["conformal", "adaptive"])
def test_intervals_from_earlier_misses_leak_nothing(level_job, intervals) -> None:
    found = stages_of_training(with_evaluation(level_job, intervals=intervals))
    assert leaking_stages(found) == set()
    assert outcomes(found)["intervals"][-2:] == ["ok", "ok"]


def test_a_network_that_learns_the_watched_windows_too_is_a_leak_of_weights(level_job, monkeypatch) -> None:
    honest = fit.train_network

    def leaky(network, samples, *rest):
        return honest(network, replace(samples, windows=samples.validation), *rest)

    monkeypatch.setattr(fit, "train_network", leaky)
    found = stages_of_training(level_job)
    assert leaking_stage(found) == "weights"
    assert outcomes(found)["weights"] == ["leaks", "ok", "nothing"]


def test_a_second_seed_that_learns_the_watched_windows_is_a_leak_of_weights(level_job, monkeypatch) -> None:
    honest = fit.train_network

    def leaky(network, samples, train, seed, *rest):
        return honest(
            network, replace(samples, windows=samples.validation) if seed == 2 else samples, train, seed, *rest
        )

    monkeypatch.setattr(fit, "train_network", leaky)
    found = stages_of_training(with_training(level_job, seeds=(1, 2)))
    assert leaking_stage(found) == "weights"
    assert found.leak is not None
    assert found.leak.changes.startswith("seed 2: ")


def test_quantiles_that_a_head_starts_from_of_all_rows_are_a_leak_of_weights(moves_job, monkeypatch) -> None:
    def of_all_rows(windows):
        return windows.row_targets[np.isfinite(windows.row_targets).all(axis=1)].astype(np.float64)

    monkeypatch.setattr(trainable, "_known_targets", of_all_rows)
    assert leaking_stage(stages_of_training(without_refit(moves_job))) == "weights"


def test_early_stopping_that_watches_the_test_is_a_leak_of_weights(level_job, monkeypatch) -> None:
    train_network, make_samples = fit.train_network, fit.make_samples
    trained_on: list[TrainJob] = []

    def remembering(job, split):
        trained_on[:] = [job]
        return make_samples(job, split)

    def leaky(network, samples, *rest):
        prices, encoding = trained_on[0].prices, samples.encoding
        tested = np.arange(len(prices) - 20, len(prices) - 2)
        watched = replace(
            samples.validation,
            features=encoding.inputs(prices),
            row_targets=encoding.targets(prices),
            origins=tested,
        )
        return train_network(network, replace(samples, validation=watched), *rest)

    monkeypatch.setattr(fit, "make_samples", remembering)
    monkeypatch.setattr(fit, "train_network", leaky)
    found = stages_of_training(with_training(level_job, early_stopping=2))
    assert leaking_stage(found) == "weights"
    assert found.leak is not None
    assert found.leak.changes == "the validation loss changed"


def test_epochs_of_a_refit_chosen_by_the_test_are_a_leak_of_weights(moves_job, monkeypatch) -> None:
    honest, last = fit.refit_seed, moves_job.prices["close"].iloc[-1]

    def leaky(job, *rest):
        as_it_is = job.prices["close"].iloc[-1] == last
        return honest(with_training(job, refit_epochs=3 if as_it_is else 1), *rest)

    monkeypatch.setattr(fit, "refit_seed", leaky)
    found = stages_of_training(moves_job)
    assert leaking_stage(found) == "weights"


def test_a_forecast_that_reads_the_test_is_a_leak_of_forecasts(level_job, monkeypatch) -> None:
    honest = NetworkForecaster.forecast

    def leaky(self, prices, origins, horizon):
        said = honest(self, prices, origins, horizon)
        return replace(said, values=said.values + prices["open"].mean())

    monkeypatch.setattr(NetworkForecaster, "forecast", leaky)
    assert leaking_stage(stages_of_training(level_job)) == "forecasts"


def test_held_out_forecasts_of_the_refit_are_a_leak_of_forecasts(moves_job, monkeypatch, tmp_path) -> None:
    honest = fit._held_out_forecast

    def leaky(job, fitted):
        if job.config.train.refit_epochs:
            anew = Path(tempfile.mkdtemp(dir=tmp_path))
            fitted = fit.refit_seed(job, 0, lambda epoch, losses: None, anew)
        return honest(job, fitted)

    monkeypatch.setattr(fit, "_held_out_forecast", leaky)
    found = stages_of_training(moves_job)
    assert leaking_stage(found) == "forecasts"
    assert found.leak is not None
    assert found.leak.changes.endswith(", of validation sessions")


def test_a_gate_around_the_next_close_is_a_leak_of_combining(moves_job, monkeypatch) -> None:
    honest = combining.naive_forecast

    def leaky(prices, target, origins, horizon):
        return honest(prices, target, origins + 1, horizon)

    monkeypatch.setattr(combining, "naive_forecast", leaky)
    assert leaking_stage(stages_of_training(moves_job)) == "combining"


def test_a_gate_chosen_on_the_test_is_a_leak_of_combining(moves_job, monkeypatch) -> None:
    last = moves_job.prices["close"].iloc[-1]

    def leaky(job, held_out, *, proven):
        return 0.25 if job.prices["close"].iloc[-1] == last else 0.75

    monkeypatch.setattr(combining, "_chosen_gate", leaky)
    found = stages_of_training(moves_job)
    assert leaking_stage(found) == "combining"
    assert found.leak is not None
    assert found.leak.changes.startswith("the gate changed from ")


def test_split_conformal_intervals_of_test_misses_are_a_leak_of_intervals(level_job, monkeypatch) -> None:
    monkeypatch.setattr(
        calibrated,
        "split_conformal",
        lambda earlier, later: split_conformal(replace(later, sessions=np.zeros_like(later.sessions)), later),
    )
    found = stages_of_training(with_evaluation(level_job, intervals="conformal"))
    assert leaking_stages(found) == {"intervals"}


def test_adaptive_intervals_that_learn_the_session_they_are_of_are_a_leak_of_intervals(level_job, monkeypatch) -> None:
    honest = adaptive._Learner.learn
    weekend = 3 * 24 * 3600 * 10**6
    monkeypatch.setattr(adaptive._Learner, "learn", lambda self, day: honest(self, day + weekend))
    found = stages_of_training(with_evaluation(level_job, intervals="adaptive"))
    assert leaking_stages(found) == {"intervals"}
    assert outcomes(found)["intervals"][-1] == "leaks"
