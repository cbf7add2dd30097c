"""Leaks are planted in what forecasts are judged against, and the audit has to find each and name its stage."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from stockrnn.evaluation.metrics import Yardstick
from stockrnn.forecasts.bands import Bands
from stockrnn.forecasts.baselines import naive_forecasters
from stockrnn.forecasts.garch import Garch, GarchBands
from stockrnn.samples.anchors import Anchor
from stockrnn.samples.samples import origins_for
from stockrnn.workflows import evaluate
from stockrnn.workflows.job import TrainJob
from tests.workflows.audited import (
    LEVEL,
    job_of,
    leaking_stage,
    leaking_stages,
    outcomes,
    stages_without_training,
    with_evaluation,
)


@pytest.fixture
def job(make_prices) -> TrainJob:
    return job_of(make_prices(160, ["AAA", "BBB"]), LEVEL, validation=0.2)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ewma_gaussian", "ewma_bands", "har_bands"])
def test_bands_fitted_to_the_test_too_are_a_leak_of_bands(job, monkeypatch, kind) -> None:
    honest = Bands.fit
    last = job.split.test[1]

    def leaky(prices, target, name, part, horizon):
        end = last if name == kind and len(prices) == len(job.prices) else part[1]
        return honest(prices, target, name, (part[0], end), horizon)

    monkeypatch.setattr(Bands, "fit", leaky)
    found = stages_without_training(job)
    assert leaking_stages(found) == {"bands"}
    assert found.leak is not None
    assert found.leak.changes.startswith(f"{kind}: ")


@pytest.mark.slow
def test_quantiles_of_moves_of_all_rows_are_a_leak_of_bands(job, monkeypatch) -> None:
    honest = Bands.forecast

    def leaky(self, prices, target, origins, horizon):
        moves = np.diff(np.log(prices["close"].to_numpy()))
        wider = tuple(tuple(level * (1 + moves.std()) for level in row) for row in self.quantiles)
        return honest(replace(self, quantiles=wider), prices, target, origins, horizon)

    monkeypatch.setattr(Bands, "forecast", leaky)
    assert leaking_stage(stages_without_training(job)) == "bands"


@pytest.mark.slow
def test_bands_whose_volatility_is_that_of_the_next_session_are_a_leak_of_bands(job, monkeypatch) -> None:
    honest = Anchor.apply
    monkeypatch.setattr(Anchor, "apply", lambda self, prices: np.roll(honest(self, prices), -1))
    # This recipe's network has no anchor: only the bands have one.
    assert leaking_stage(stages_without_training(job)) == "bands"


@pytest.mark.slow
def test_a_moving_average_around_the_origin_is_a_leak_of_bands(job, monkeypatch) -> None:
    def centred(prices, target, average):
        *others, moving_average = naive_forecasters(prices, target, average)
        return [*others, lambda prices, target, origins, ahead: moving_average(prices, target, origins + 1, ahead)]

    monkeypatch.setattr(evaluate, "naive_forecasters", centred)
    found = stages_without_training(job)
    assert found.leak is not None
    assert found.leak.stage == "bands"
    assert found.leak.changes.startswith("moving_average: ")


@pytest.mark.slow
def test_garch_fitted_to_the_test_too_is_a_leak_of_bands(job, monkeypatch) -> None:
    honest, last = GarchBands.fit, job.split.test[1]

    def leaky(prices, target, part):
        return honest(prices, target, (part[0], last if len(prices) == len(job.prices) else part[1]))

    monkeypatch.setattr(GarchBands, "fit", leaky)
    found = stages_without_training(with_evaluation(job, garch=True))
    assert leaking_stages(found) == {"bands"}
    assert found.leak is not None
    assert found.leak.changes.startswith("garch: ")


@pytest.mark.slow
def test_garch_that_starts_with_the_variance_of_all_rows_is_a_leak_of_bands(job, monkeypatch) -> None:
    honest = Garch.next_variances

    def leaky(self, returns):
        return honest(replace(self, start=float(np.nanvar(returns))), returns)

    monkeypatch.setattr(Garch, "next_variances", leaky)
    assert leaking_stage(stages_without_training(with_evaluation(job, garch=True))) == "bands"


@pytest.mark.slow
def test_garch_leaks_nothing_where_it_is_asked_for(job) -> None:
    assert leaking_stages(stages_without_training(with_evaluation(job, garch=True), "training", "refit")) == set()


def chosen_on_the_test(prices: pd.DataFrame, terms) -> Yardstick:
    days = prices.index.get_level_values("session")
    test = (days[days > terms.train[1]].min(), days.max())
    origins = origins_for(prices, test, 1, terms.horizon, read_from=None)
    return evaluate.make_yardstick(prices, terms.target, evaluate.naive_forecasts(prices, origins, terms))


def test_an_opponent_chosen_on_the_test_years_is_a_leak_of_the_yardstick(job, monkeypatch) -> None:
    monkeypatch.setattr(evaluate, "yardstick_of", chosen_on_the_test)
    found = stages_without_training(job)
    assert leaking_stages(found) == {"yardstick"}
    # The validation sessions choose the opponent; only with all of them known it must stay the same.
    assert outcomes(found)["yardstick"] == ["nothing", "leaks", "leaks"]


@pytest.mark.slow
def test_without_validation_the_opponent_of_the_last_training_year_is_that_of_no_later_one(make_prices) -> None:
    job = job_of(make_prices(160, ["AAA", "BBB"]), LEVEL)
    found = stages_without_training(job)
    assert found.leak is None
    assert outcomes(found)["yardstick"] == ["ok", "ok"]
