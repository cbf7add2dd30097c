"""Trainings with a refit that are interrupted between, before and within its parts, against one that ran through."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from stockrnn.cli.main import cli
from stockrnn.workflows import fit as fitting
from stockrnn.workflows import train as training
from tests.cli.head_runs import tiny, write_walk

slow = pytest.mark.slow


def train(folder: Path, name: str, code: int = 0, seeds: int = 1) -> Path:
    options = ["--runs", folder / "runs", "--name", name, "--seeds", seeds, "--jobs", 1]
    result = CliRunner().invoke(cli, ["train", str(folder / "AAA.csv"), *tiny(), *map(str, options)])
    assert result.exit_code == code, result.output
    return folder / "runs" / name


def resume(run: Path) -> dict[str, Any]:
    result = CliRunner().invoke(cli, ["train", "--resume", run.name, "--runs", str(run.parent), "--jobs", "1"])
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads((run / "run.json").read_text())
    return document


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("refit")
    write_walk(folder / "AAA.csv", 1)
    return folder


@pytest.fixture(scope="module")
def whole(folder: Path) -> Path:
    """A run that nothing interrupted."""
    return train(folder, "whole")


def interrupted_refit(number: int) -> Callable[..., Any]:
    refit = fitting.refit_seed

    def interrupted(job: Any, seed: int, *more: Any) -> Any:
        if seed == number:
            raise KeyboardInterrupt
        return refit(job, seed, *more)

    return interrupted


def interrupted_held_out(job: Any, fitted: Any) -> Any:
    signal.raise_signal(signal.SIGINT)
    return HELD_OUT(job, fitted)


def interrupted_after(epochs: int, on_epoch: Any) -> Any:
    def hear(epoch: int, losses: dict[str, float]) -> None:
        on_epoch(epochs + epoch, losses)
        raise KeyboardInterrupt

    return hear


HELD_OUT = fitting._held_out_forecast
# What is put in the place of what, and how many epochs of the first seed are finished then.
INTERRUPTIONS = {
    "before the refit": ("refit_seed", interrupted_refit(0), 2),
    "between fit and refit": ("_held_out_forecast", interrupted_held_out, 2),
    "within the refit": ("_after", interrupted_after, 3),
}


@slow
@pytest.mark.parametrize("when", INTERRUPTIONS)
def test_what_was_finished_is_kept_and_gone_on_with_to_the_same_bytes(folder, whole, monkeypatch, when: str) -> None:
    name, replaced, epochs = INTERRUPTIONS[when]
    with monkeypatch.context() as patch:
        patch.setattr(fitting, name, replaced)
        run = train(folder, when.replace(" ", "-"), code=130)
    document = json.loads((run / "run.json").read_text())
    assert document["interrupted"]
    assert document["seeds"] == [1]
    assert len(pd.read_csv(run / "history.csv")) == epochs
    assert (pd.read_parquet(run / "forecasts.parquet")["forecast"] > 0).all()
    resumed = resume(run)
    assert not resumed["interrupted"]
    assert (run / "forecasts.parquet").read_bytes() == (whole / "forecasts.parquet").read_bytes()
    assert resumed["heads"] == json.loads((whole / "run.json").read_text())["heads"]
    assert list(run.glob("*.npz")) == []


@slow
def test_a_seed_that_was_never_refitted_is_no_part_of_the_run_but_gone_on_with(folder, monkeypatch) -> None:
    whole = train(folder, "both", seeds=2)
    with monkeypatch.context() as patch:
        patch.setattr(fitting, "refit_seed", interrupted_refit(1))
        run = train(folder, "second", code=130, seeds=2)
    assert json.loads((run / "run.json").read_text())["seeds"] == [1]
    assert (run / "state-2.npz").is_file()
    epochs: list[int] = []
    run_epochs = fitting.train_network

    def counted(network: Any, samples: Any, train: Any, seed: int, on_epoch: Any, start: Any = None) -> Any:
        epochs.append(len(start.history) if start else 0)
        return run_epochs(network, samples, train, seed, on_epoch, start)

    monkeypatch.setattr(fitting, "train_network", counted)
    resume(run)
    # Fit and refit of the first seed and the fit of the second were finished; only the second refit begins anew.
    assert epochs == [2, 2, 2, 0]
    assert (run / "forecasts.parquet").read_bytes() == (whole / "forecasts.parquet").read_bytes()


def test_the_networks_of_a_run_are_those_of_its_first_seeds(monkeypatch, tmp_path) -> None:
    # Of three in processes, the second was refitted; the first and the third were interrupted before.
    trained = [
        SimpleNamespace(seed=seed, encoding=encoding, history=[{}], windows=1, engine="keras", interrupted=True)
        for seed, encoding in ((1, "fitted"), (2, "refitted"), (3, "fitted"))
    ]
    kept: list[Any] = []
    monkeypatch.setattr(training, "train_seeds", lambda *_: trained)
    monkeypatch.setattr(training, "_keep", lambda work, job, place, trained, facts: kept.append((trained, facts)))
    train_config = SimpleNamespace(seeds=(1, 2, 3))
    job: Any = SimpleNamespace(config=SimpleNamespace(train=train_config))
    hooks = training.TrainHooks([].append, lambda _: lambda seed, number: lambda epoch, losses: None)
    training._train_into(tmp_path, job, None, hooks)  # type: ignore[arg-type]
    ((seeds, facts),) = kept
    assert [each.seed for each in seeds] == [1]
    assert facts.interrupted
