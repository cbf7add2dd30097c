"""What a training that ends before its run is written leaves, whatever ends it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from stockrnn.errors import ConfigError, StoppedError
from stockrnn.runs.places import RunPlace
from stockrnn.workflows import train as training

HOOKS = training.TrainHooks([].append, lambda _: lambda seed, number: lambda epoch, losses: None)


@pytest.fixture
def trained_until(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[BaseException, str | None], Path]:
    """Return what trains until it fails, with a file in its work folder by then, and gives the path of the work folder."""

    def train(failure: BaseException, file: str | None) -> Path:
        def fail(work: Path, *_: Any) -> None:
            if file:
                (work / file).write_bytes(b"a state")
            raise failure

        monkeypatch.setattr(training, "prepare", lambda *_: None)
        monkeypatch.setattr(training, "write_job", lambda *_: None)
        monkeypatch.setattr(training, "_train_into", fail)
        place = RunPlace(tmp_path / "runs", "mine", "google")
        request: Any = SimpleNamespace(place=place)
        training.train(request, HOOKS)
        raise AssertionError("it does not fail")

    return train


def test_a_first_seed_without_an_epoch_does_not_throw_away_what_the_second_has(trained_until, tmp_path) -> None:
    with pytest.raises(StoppedError) as told:
        trained_until(KeyboardInterrupt(), "state-2.npz")
    runs = tmp_path / "runs"
    assert str(told.value) == (
        "interrupted before an epoch of the first seed was finished, so there is no run yet; what is trained of other "
        f"seeds is kept. Go on with: stockrnn train --resume mine --runs {runs}"
    )
    assert told.value.exit_code == 130
    assert (runs / ".partial/mine/state-2.npz").is_file()


def test_an_interruption_before_any_epoch_leaves_nothing(trained_until, tmp_path) -> None:
    with pytest.raises(KeyboardInterrupt):
        trained_until(KeyboardInterrupt(), None)
    assert list(tmp_path.iterdir()) == []


def test_a_bug_after_the_training_keeps_its_traceback_and_what_is_trained(trained_until, tmp_path) -> None:
    runs = tmp_path / "runs"
    with pytest.raises(ZeroDivisionError) as bug:
        trained_until(ZeroDivisionError("division by zero"), "state.npz")
    assert bug.value.__notes__ == [
        f"What is trained is kept. Go on with: stockrnn train --resume mine --runs {runs}",
    ]
    assert (runs / ".partial/mine/state.npz").is_file()


def test_a_bug_before_anything_is_trained_leaves_nothing_and_promises_nothing(trained_until, tmp_path) -> None:
    with pytest.raises(ZeroDivisionError) as bug:
        trained_until(ZeroDivisionError("division by zero"), None)
    assert not hasattr(bug.value, "__notes__")
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_another_run_took_meanwhile_keeps_what_is_trained(trained_until, tmp_path) -> None:
    runs = tmp_path / "runs"
    with pytest.raises(ConfigError) as told:
        trained_until(ConfigError(f"{runs / 'mine'} exists"), "state.npz")
    assert str(told.value) == (
        f"{runs / 'mine'} exists; what is trained is kept: with that mended, go on with: "
        f"stockrnn train --resume mine --runs {runs}"
    )
    assert (runs / ".partial/mine/state.npz").is_file()
