"""Leaks are planted where people make them, and the audit has to find each and name its stage."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
import pytest

from stockrnn.config import parse_config
from stockrnn.evaluation.leaks import STAGES
from stockrnn.forecasts.bands import Bands
from stockrnn.forecasts.forecasting import NetworkForecaster
from stockrnn.models.runtime import start_keras
from stockrnn.prices.table import Prices, sessions_of
from stockrnn.samples.encoding import fit_encoding
from stockrnn.samples.features import FEATURES
from stockrnn.samples.samples import TrainingSamples
from stockrnn.samples.splits import Split
from stockrnn.workflows.audit import Audit, audit, cutoffs_of
from stockrnn.workflows.job import TrainJob

start_keras(lambda _: None)
from stockrnn.workflows import combining, fit  # noqa: E402 (Keras is started first)

TINY = {"layers": 1, "units": 2}
# The tutorial's recipe and the recommended one in the small.
LEVEL: dict[str, Any] = {"window": {"lookback": 5}, "model": TINY, "train": {"batch_size": 64}}
MOVES: dict[str, Any] = {
    "window": {"lookback": 12, "strategy": "direct"},
    "target": {"column": "close", "kind": "log_return", "anchor": "har", "beside": ["open", "range"]},
    "features": {"names": ["recommended"]},
    "model": {**TINY, "shape": "many_to_many", "skip": True, "head": "quantiles"},
    "train": {"batch_size": 64, "warm_up": 4, "stride": 4, "early_stopping": 3, "refit_epochs": 2},
    "evaluation": {"gate": True},
}
FEATURES_READ = ("return_1", "return_5", "parkinson_1", "volume_22", "weekday_mon", "volatility_60")


def job_of(prices: Prices, document: dict[str, Any], validation: float = 0.0) -> TrainJob:
    """A job whose last 30 sessions are tested, and whose end of training is watched."""
    sessions = sessions_of(prices)
    watched = int(validation * len(sessions))
    border = len(sessions) - 30
    known = border - watched
    split = Split(
        (sessions[0], sessions[known - 1]),
        (sessions[known], sessions[border - 1]) if watched else None,
        (sessions[border], sessions[-1]),
    )
    config = parse_config({**document, "data": {"validation": validation}}, "a test")
    features = FEATURES_READ if config.feature_names else ()
    return TrainJob(config, prices, ("a walk",), split, "none", None, features)


@pytest.fixture
def level_job(make_prices) -> TrainJob:
    return job_of(make_prices(160, ["AAA", "BBB"]), LEVEL, validation=0.2)


@pytest.fixture
def moves_job(make_prices) -> TrainJob:
    return job_of(make_prices(160, ["AAA", "BBB"]), MOVES, validation=0.25)


@pytest.fixture
def unrefitted_job(moves_job) -> TrainJob:
    train = moves_job.config.train.model_copy(update={"refit_epochs": 0})
    return replace(moves_job, config=moves_job.config.model_copy(update={"train": train}))


def stages_up_to_training(job: TrainJob) -> Audit:
    """Audit everything but the network and what comes of it."""
    with mock.patch.multiple("stockrnn.workflows.audit", learn=mock.Mock(return_value=None), DRAWS=1):
        return audit(job, "a test", lambda _: None)


def leaking_stage(found: Audit) -> str | None:
    return found.leak and found.leak.stage


def outcomes(found: Audit) -> dict[str, list[str]]:
    return {stage: [each.outcome for each in found.findings if each.stage == stage] for stage in STAGES}


MakeSamples = Callable[[TrainJob, Split], TrainingSamples]


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
    found = stages_up_to_training(level_job)
    assert leaking_stage(found) == "scaling"
    assert found.leak is not None
    assert found.leak.changes == "the fitted range of AAA, BBB changed"
    assert outcomes(found)["features"] == ["leaks"] * 3


def test_a_standardization_fitted_on_all_rows_is_a_leak_of_standardization(unrefitted_job, monkeypatch) -> None:
    plant_encoding_of_all_rows(monkeypatch, "standardization")
    assert leaking_stage(stages_up_to_training(unrefitted_job)) == "standardization"


def test_an_anchor_fitted_on_all_rows_is_a_leak_of_the_anchor(unrefitted_job, monkeypatch) -> None:
    plant_encoding_of_all_rows(monkeypatch, "anchor")
    assert leaking_stage(stages_up_to_training(unrefitted_job)) == "anchor"


def test_a_mean_volatility_of_all_rows_is_a_leak_of_the_anchor(unrefitted_job, monkeypatch) -> None:
    plant_encoding_of_all_rows(monkeypatch, "mean_volatility")
    found = stages_up_to_training(unrefitted_job)
    assert found.leak is not None
    assert (found.leak.stage, found.leak.changes) == ("anchor", "the mean volatility changed")


def test_a_centred_moving_average_is_a_leak_of_its_feature(unrefitted_job, monkeypatch) -> None:
    def centred(measures):
        logs = pd.Series(measures.logs)
        return ((logs - logs.rolling(5, center=True, min_periods=1).mean()) / measures.volatility).to_numpy()

    monkeypatch.setitem(FEATURES, "return_5", replace(FEATURES["return_5"], compute=centred))
    found = stages_up_to_training(unrefitted_job)
    assert found.leak is not None
    assert found.leak.stage == "features"
    # Two rows a ticker see across the cut-off; the rows of the first ticker's end see the second's start as well.
    assert "values of return_5" in found.leak.changes


def test_a_feature_shifted_by_one_day_the_wrong_way_is_a_leak_of_its_feature(unrefitted_job, monkeypatch) -> None:
    honest = FEATURES["return_1"].compute
    shifted = replace(FEATURES["return_1"], compute=lambda measures: np.roll(honest(measures), -1))
    monkeypatch.setitem(FEATURES, "return_1", shifted)
    found = stages_up_to_training(unrefitted_job)
    assert found.leak is not None
    rows = int((unrefitted_job.prices.index.get_level_values("session") <= unrefitted_job.split.fit[1]).sum())
    last = f"{unrefitted_job.split.fit[1]:%Y-%m-%d}"
    assert found.leak.stage == "features"
    assert found.leak.changes.endswith(f" of {rows} values of return_1 changed, the first of {last}")


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
    found = stages_up_to_training(level_job)
    assert leaking_stage(found) == "validation"
    assert found.leak is not None
    assert "training windows learn watched sessions" in found.leak.changes


def test_windows_whose_targets_reach_beyond_the_fitted_sessions_are_a_leak_of_windows(make_prices, monkeypatch) -> None:
    direct = {**LEVEL, "window": {"lookback": 5, "horizon": 4, "strategy": "direct"}}
    job = job_of(make_prices(160, ["AAA", "BBB"]), direct, validation=0.2)
    honest = fit.origins_for
    monkeypatch.setattr(
        fit, "origins_for", lambda prices, part, lookback, _, read_from: honest(prices, part, lookback, 1, read_from)
    )
    found = stages_up_to_training(job)
    assert found.leak is not None
    assert found.leak.stage == "windows"
    # The last three origins of each ticker have one, two and three targets in the watched sessions.
    assert found.leak.changes.startswith("6 of ")


def test_bands_fitted_to_the_test_too_are_a_leak_of_bands(level_job, monkeypatch) -> None:
    honest = Bands.fit
    last = level_job.split.test[1]
    monkeypatch.setattr(
        Bands, "fit", lambda prices, target, kind, part, horizon: honest(prices, target, kind, (part[0], last), horizon)
    )
    found = stages_up_to_training(level_job)
    assert leaking_stage(found) == "bands"
    assert found.leak is not None
    assert found.leak.changes.startswith("ewma_gaussian, ewma_bands, har_bands")


@pytest.mark.parametrize("tickers", [["AAA"], ["AAA", "BBB"]])
@pytest.mark.parametrize(("document", "validation"), [(LEVEL, 0.0), (LEVEL, 0.2), (MOVES, 0.25)])
def test_no_leak_is_found_before_training_where_there_is_none(make_prices, tickers, document, validation) -> None:
    found = stages_up_to_training(job_of(make_prices(160, tickers), document, validation))
    assert found.leak is None


def test_prices_are_cut_at_the_ends_of_fitting_and_training_and_amid_the_test(make_prices, moves_job) -> None:
    sessions = sessions_of(moves_job.prices)
    assert [each.session for each in cutoffs_of(moves_job)] == [sessions[89], sessions[129], sessions[144]]
    without = job_of(make_prices(160), LEVEL)
    assert [each.session for each in cutoffs_of(without)] == [sessions[129], sessions[144]]


def test_a_leak_of_the_first_stage_is_told_in_one_line(level_job, monkeypatch) -> None:
    plant_encoding_of_all_rows(monkeypatch, "scalings")
    found = stages_up_to_training(level_job)
    with pytest.raises(Exception, match="a test: the stage scaling leaks; with other prices after 2020-0") as raised:
        found.require_clean()
    assert raised.value.exit_code == 1


@pytest.mark.slow
@pytest.mark.parametrize(("document", "validation"), [(LEVEL, 0.0), (MOVES, 0.25)], ids=["level", "moves"])
def test_no_leak_is_found_in_weights_and_forecasts_where_there_is_none(make_prices, document, validation) -> None:
    found = audit(job_of(make_prices(160, ["AAA", "BBB"]), document, validation), "a test", lambda _: None)
    assert found.leak is None
    ends = ["ok"] if not validation else ["ok", "ok"]
    assert outcomes(found)["weights"] == [*ends, "nothing"]
    assert outcomes(found)["combining"][-2:] == ["ok", "ok"]


@pytest.mark.slow
def test_a_network_that_learns_the_watched_windows_too_is_a_leak_of_weights(level_job, monkeypatch) -> None:
    honest = fit.train_network

    def leaky(network, samples, *rest):
        return honest(network, replace(samples, windows=samples.validation), *rest)

    monkeypatch.setattr(fit, "train_network", leaky)
    found = audit(level_job, "a test", lambda _: None)
    assert leaking_stage(found) == "weights"
    assert outcomes(found)["weights"] == ["leaks", "ok", "nothing"]


@pytest.mark.slow
def test_a_forecast_that_reads_the_test_is_a_leak_of_forecasts(level_job, monkeypatch) -> None:
    honest = NetworkForecaster.forecast

    def leaky(self, prices, origins, horizon):
        said = honest(self, prices, origins, horizon)
        return replace(said, values=said.values + prices["open"].mean())

    monkeypatch.setattr(NetworkForecaster, "forecast", leaky)
    assert leaking_stage(audit(level_job, "a test", lambda _: None)) == "forecasts"


@pytest.mark.slow
def test_a_gate_around_the_next_close_is_a_leak_of_combining(moves_job, monkeypatch) -> None:
    honest = combining.naive_forecast

    def leaky(prices, target, origins, horizon):
        return honest(prices, target, origins + 1, horizon)

    monkeypatch.setattr(combining, "naive_forecast", leaky)
    assert leaking_stage(audit(moves_job, "a test", lambda _: None)) == "combining"


@pytest.mark.slow
def test_a_run_is_audited_with_its_own_config_and_prices(run_cli, smoke_run: Path) -> None:
    document = json.loads(run_cli("audit", smoke_run, "--json").stdout)
    assert document["clean"] is True
    assert document["leak"] is None
    assert [each["session"] for each in document["cutoffs"]] == ["2016-12-30", "2017-02-15"]
    assert {each["stage"] for each in document["stages"]} == set(STAGES)


@pytest.mark.slow
def test_the_command_ends_with_1_and_one_line_where_something_leaks(run_cli, monkeypatch) -> None:
    plant_encoding_of_all_rows(monkeypatch, "scalings")
    result = run_cli("audit", "smoke", code=1)
    assert "LEAKS" in result.stdout
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("Error:")]
    assert "smoke: the stage scaling leaks; with other prices after 2016-12-30" in line


def test_a_run_to_be_audited_for_leaks_takes_no_other_prices(run_cli, smoke_run: Path) -> None:
    result = run_cli("audit", smoke_run, "bundled:googl", code=2)
    assert "a run is audited with its own config and prices" in result.stderr


def test_a_folder_without_a_run_is_no_run_to_audit_for_leaks(run_cli, tmp_path: Path) -> None:
    assert "no run folder" in run_cli("audit", tmp_path, code=4).stderr
    assert "no run folder" in run_cli("audit", tmp_path / "nothing", code=4).stderr


def test_a_config_to_audit_for_leaks_that_is_missing_is_named(run_cli) -> None:
    assert "missing.toml" in run_cli("audit", "missing.toml", code=2).stderr
    assert "gogle" in run_cli("audit", "gogle", code=2).stderr
