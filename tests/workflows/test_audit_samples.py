"""Leaks are planted in what is fitted and what networks read, and the audit has to find each and name its stage."""

from __future__ import annotations

from dataclasses import replace
from unittest import mock

import numpy as np
import pytest

from stockrnn.samples.anchors import Anchor
from stockrnn.samples.encoding import Encoding, fit_encoding
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
    stages_of_training,
    stages_up_to_windows,
    stages_without_training,
    without_refit,
)

from stockrnn.workflows import fit  # isort: skip (Keras is started first)


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
    found = stages_up_to_windows(level_job)
    assert leaking_stage(found) == "scaling"
    assert found.leak is not None
    assert found.leak.changes == "the fitted range of AAA, BBB changed"
    assert outcomes(found)["inputs"] == ["leaks"] * 3
    assert outcomes(found)["features"] == ["nothing"] * 3


def test_a_standardization_fitted_on_all_rows_is_a_leak_of_standardization(moves_job, monkeypatch) -> None:
    plant_encoding_of_all_rows(monkeypatch, "standardization")
    assert leaking_stage(stages_up_to_windows(moves_job)) == "standardization"


def test_quantiles_of_a_column_over_all_rows_are_a_leak_of_the_inputs(moves_job, monkeypatch) -> None:
    honest = Standardization.apply

    def ranked(self, values):
        return (honest(self, values) - np.nanquantile(values, 0.9, axis=0)).astype(np.float32)

    monkeypatch.setattr(Standardization, "apply", ranked)
    assert leaking_stage(stages_up_to_windows(moves_job)) == "inputs"


def test_an_anchor_fitted_on_all_rows_is_a_leak_of_the_anchor(moves_job, monkeypatch) -> None:
    plant_encoding_of_all_rows(monkeypatch, "anchor")
    assert leaking_stage(stages_up_to_windows(moves_job)) == "anchor"


def test_a_mean_volatility_of_all_rows_is_a_leak_of_the_anchor(moves_job, monkeypatch) -> None:
    plant_encoding_of_all_rows(monkeypatch, "mean_volatility")
    found = stages_up_to_windows(moves_job)
    assert found.leak is not None
    assert (found.leak.stage, found.leak.changes) == ("anchor", "the mean volatility changed")


@pytest.fixture
def swinging_job(make_swinging) -> TrainJob:
    target = {**MOVES["target"], "expected": "ridge"}
    job = without_refit(job_of(make_swinging(500, ["AAA", "BBB"]), {**MOVES, "target": target}, validation=0.2))
    assert fit.make_samples(job, job.split).encoding.expected is not None
    return job


def test_moves_that_a_regression_on_all_rows_expects_are_a_leak_of_the_anchor(swinging_job, monkeypatch) -> None:
    assert leaking_stage(stages_up_to_windows(swinging_job, "training", "row")) is None
    plant_encoding_of_all_rows(monkeypatch, "expected")
    found = stages_up_to_windows(swinging_job)
    assert found.leak is not None
    assert (found.leak.stage, found.leak.changes) == ("anchor", "the moves that it expects changed")


def test_an_anchor_that_reads_the_next_session_is_a_leak_of_the_anchor(moves_job, monkeypatch) -> None:
    honest = Anchor.apply
    monkeypatch.setattr(Anchor, "apply", lambda self, prices: np.roll(honest(self, prices), -1))
    found = stages_up_to_windows(moves_job, "training", "row")
    assert leaking_stage(found) == "anchor"
    assert "leaks" in outcomes(found, "row")["anchor"]


def test_inputs_scaled_by_the_highest_price_of_all_rows_are_a_leak_of_the_inputs(level_job, monkeypatch) -> None:
    honest = Encoding.inputs
    monkeypatch.setattr(
        Encoding, "inputs", lambda self, prices: honest(self, prices) / np.float32(prices["open"].max())
    )
    assert leaking_stage(stages_up_to_windows(level_job)) == "inputs"


@pytest.mark.slow
def test_no_leak_is_found_in_a_training_that_starts_from_expected_moves(swinging_job) -> None:
    found = stages_of_training(swinging_job)
    assert leaking_stages(found) == set()
    assert "nothing" in outcomes(found)["combining"]


@pytest.mark.slow
@pytest.mark.parametrize("tickers", [["AAA"], ["AAA", "BBB"]])
@pytest.mark.parametrize(("document", "validation"), [(LEVEL, 0.0), (LEVEL, 0.2), (MOVES, 0.25)])
def test_no_leak_is_found_before_training_where_there_is_none(make_prices, tickers, document, validation) -> None:
    job = job_of(make_prices(160, tickers), document, validation)
    found = stages_without_training(job, "training", "refit", "row", draws=2)
    assert leaking_stages(found) == set()
