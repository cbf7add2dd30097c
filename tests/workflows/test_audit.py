"""The audit as it is asked for: the days it tries, what it prints, and how it ends."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from stockrnn.evaluation.leaks import STAGES, Cutoff, Finding
from stockrnn.prices.table import Prices, sessions_of
from stockrnn.samples.encoding import fit_encoding
from stockrnn.samples.folds import WalkForward
from stockrnn.workflows.audit import Audit
from stockrnn.workflows.audit_days import refits, row_days, training_days
from stockrnn.workflows.audit_stages import COMPARISONS
from stockrnn.workflows.job import TrainJob
from tests.workflows.audited import LEVEL, MOVES, job_of, ragged, with_evaluation

from stockrnn.workflows import fit  # isort: skip (Keras is started first)


@pytest.fixture
def moves_job(make_prices) -> TrainJob:
    return job_of(make_prices(160, ["AAA", "BBB"]), MOVES, validation=0.25)


def days(cutoffs: list[Cutoff], sessions) -> list[int]:
    return [int(sessions.get_loc(each.session)) for each in cutoffs]


def test_prices_are_cut_where_training_passes_to_its_next_sessions_and_amid_the_test(make_prices, moves_job) -> None:
    sessions = sessions_of(moves_job.prices)
    # Fitted through 89, watched through 109, a gate chosen through 129; tested from 130 through 159.
    assert days(training_days(moves_job), sessions) == [89, 119, 129, 144]
    without = job_of(make_prices(160), LEVEL)
    assert days(training_days(without), sessions) == [129, 144]


def test_with_a_gate_and_intervals_prices_are_cut_between_the_sessions_of_both(make_prices) -> None:
    job = with_evaluation(job_of(make_prices(160), MOVES, 0.3), intervals="adaptive")
    # 48 sessions in three: watched 82 to 97, the gate's 98 to 113, the intervals' 114 to 129.
    assert days(training_days(job), sessions_of(job.prices)) == [81, 113, 129, 144]


def test_refits_are_spread_over_training_and_test_and_know_nothing_after_their_day(moves_job) -> None:
    found = refits(moves_job, None)
    assert len(found) == 3
    assert found[0][1].session < moves_job.split.fit[1]
    assert found[-1][1].session > moves_job.split.test[0]
    assert len({cutoff.session.day_of_week for _, cutoff in found}) == 3
    assert all(job.split.train[1] == cutoff.session for job, cutoff in found)
    assert all(job.fold is not None for job, _ in found)


def test_refits_of_a_backtest_are_some_of_its_own(moves_job) -> None:
    sessions = sessions_of(moves_job.prices)
    found = [cutoff for _, cutoff in refits(moves_job, WalkForward(refit_every=10, rolling=60))]
    assert days(found, sessions) == [129, 139, 149]
    first, _ = refits(moves_job, WalkForward(refit_every=10, rolling=60))[0]
    assert days([Cutoff("", first.split.fit[0])], sessions) == [70]


def test_a_day_that_is_too_early_for_a_refit_is_left_out(make_prices) -> None:
    job = job_of(make_prices(160), {**LEVEL, "window": {"lookback": 90}})
    assert 0 < len(refits(job, None)) < 3


def test_rows_are_looked_at_on_each_weekday_before_gaps_and_where_tickers_begin_and_end(make_prices) -> None:
    prices = ragged(make_prices(160, ["AAA", "BBB", "CCC", "DDD"]))
    job = job_of(prices, LEVEL)
    found = {each.name: each.session for each in row_days(job)}
    sessions = sessions_of(prices)
    assert {session.day_of_week for session in found.values()} == set(range(5))
    assert found["the first session"] == sessions[0]
    assert found["the first session of CCC"] == sessions[40]
    assert found["the last session of BBB"] == sessions[120]
    assert "3 days before the next session" in found


def test_every_stage_has_a_comparison_and_is_told_in_the_documentation() -> None:
    assert tuple(COMPARISONS) == STAGES
    page = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    assert all(f"| {stage} |" in page for stage in STAGES)


def test_a_leak_of_the_first_stage_is_told_in_one_line() -> None:
    import pandas as pd

    cutoff = Cutoff("the end of training", pd.Timestamp("2020-06-30"))
    findings = [Finding("yardstick", cutoff, "one"), Finding("scaling", cutoff, "the fitted range of AAA changed")]
    with pytest.raises(Exception, match="a test: the stage scaling leaks; with other prices after 2020-06-30, ") as it:
        Audit("a test", [cutoff], findings).require_clean()
    assert it.value.exit_code == 1


@pytest.mark.slow
def test_a_run_is_audited_with_its_own_config_and_prices(run_cli, smoke_run: Path) -> None:
    document = json.loads(run_cli("audit", smoke_run, "--json").stdout)
    assert document["clean"] is True
    assert document["leak"] is None
    training = [each["session"] for each in document["cutoffs"] if each["kind"] == "training"]
    assert training == ["2016-12-30", "2017-02-15"]
    assert {each["stage"] for each in document["stages"]} == set(STAGES)


@pytest.mark.slow
def test_a_backtest_is_audited_on_days_of_its_own_refits(run_cli, make_prices, tmp_path: Path) -> None:
    prices: Prices = ragged(make_prices(300, ["AAA", "BBB", "CCC", "DDD"], first="2016-01-01"))
    # EEE begins when the first refit is over: only later ones know it.
    late = make_prices(34, ["EEE"], first="2017-01-09")
    paths = []
    for ticker, rows in [*prices.groupby(level="ticker"), ("EEE", late)]:
        paths.append(tmp_path / f"{ticker}.csv")
        rows.droplevel("ticker").rename_axis("date").to_csv(paths[-1])
    settings = ["--set", "window.lookback=5", "--set", "train.epochs=1", "--runs", tmp_path, "--name", "walk"]
    dates = ["--from", "2016-12-01", "--to", "2017-02-08", "--refit-every", "20"]
    run_cli("backtest", *paths, "--config", "smoke", *dates, *settings)
    document = json.loads(run_cli("audit", tmp_path / "walk", "--json").stdout)
    assert document["clean"] is True
    refitted = [each["session"] for each in document["cutoffs"] if each["kind"] == "refit"]
    assert refitted == ["2016-11-30", "2016-12-28", "2017-01-25"]


@pytest.mark.slow
def test_the_command_ends_with_1_and_one_line_where_something_leaks(run_cli, monkeypatch) -> None:
    honest = fit.make_samples

    def leaky(job, split):
        whole = fit_encoding(job.prices, job.config, job.features, (split.fit[0], split.test[1]))
        samples = honest(job, split)
        return replace(samples, encoding=replace(samples.encoding, scalings=whole.scalings))

    monkeypatch.setattr(fit, "make_samples", leaky)
    result = run_cli("audit", "smoke", code=1)
    assert "LEAKS" in result.stdout
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("Error:")]
    assert "smoke: the stage scaling leaks; with other prices after 2" in line


def test_a_run_to_be_audited_for_leaks_takes_no_other_prices(run_cli, smoke_run: Path) -> None:
    result = run_cli("audit", smoke_run, "bundled:googl", code=2)
    assert "a run is audited with its own config and prices" in result.stderr


def test_a_folder_without_a_run_is_no_run_to_audit_for_leaks(run_cli, tmp_path: Path) -> None:
    assert "no run folder" in run_cli("audit", tmp_path, code=4).stderr
    assert "no run folder" in run_cli("audit", tmp_path / "nothing", code=4).stderr


def test_a_config_to_audit_for_leaks_that_is_missing_is_named(run_cli) -> None:
    assert "missing.toml" in run_cli("audit", "missing.toml", code=2).stderr
    assert "gogle" in run_cli("audit", "gogle", code=2).stderr
