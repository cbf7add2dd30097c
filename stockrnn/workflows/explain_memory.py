"""Measure how far back networks of a run's width remember."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from stockrnn.evaluation.memory_recall import MemoryCell, conclude, summarise
from stockrnn.messages import Notify
from stockrnn.runs.content import read_config_of
from stockrnn.runs.folder import load_run_with_networks

if TYPE_CHECKING:
    from stockrnn.models.memory_task import MemoryTask
    from stockrnn.models.memory_training import Recall

# Hears of each finished training, and of how many there are.
TrainingHook = Callable[["Recall", int], None]

LAGS = (5, 20, 60, 100)
_QUICK_BATCHES = 50
# Wider ones would not be done in a minute and a half.
_MOST_UNITS = 32


@dataclass(frozen=True)
class MemoryRequest:
    """What is asked.

    Attributes:
        run: The run folder; the networks are as wide as its own.
        seeds: Trainings of each network on each lag.
        quick: Few batches: shows what the answer looks like, not what it is.
        out: File of the picture; None draws none.
    """

    run: Path
    seeds: int = 3
    quick: bool = False
    out: Path | None = None


@dataclass(frozen=True)
class MemoryReport:
    """What was measured.

    Attributes:
        task: What every network was trained on, and for how long.
        chance: Accuracy of a guess.
        recalls: One a training.
        cells: Their summary, one a network and lag.
        conclusion: One sentence.
        quick: Trained on so few batches that it shows what an answer looks like, not what it is.
    """

    task: MemoryTask
    chance: float
    recalls: Sequence[Recall]
    cells: Sequence[MemoryCell]
    conclusion: str
    quick: bool


def measure(request: MemoryRequest, notify: Notify, on_training: TrainingHook) -> MemoryReport:
    """Train small networks to recall a value through noise, and say how far back they do.

    Args:
        request: What is asked.
        notify: Hears notes.
        on_training: Hears of each finished training.

    Raises:
        RunFolderError: The run folder is missing or damaged.
        ConfigError: A picture file of no known format.
    """
    from stockrnn.reports.memory_figure import save_memory_figure
    from stockrnn.reports.picture_files import check_picture_name

    if request.out:
        check_picture_name(request.out)
    units = read_config_of(load_run_with_networks(request.run)).model.units
    if units > _MOST_UNITS:
        notify(f"Note: {_MOST_UNITS} units in place of the run's {units}, to be done within a minute or so.")
    from stockrnn.models.runtime import start_keras

    start_keras(notify)
    from stockrnn.models.memory_task import CHANCE, MemoryTask
    from stockrnn.models.memory_training import measure_memory

    task = MemoryTask(LAGS, tuple(range(1, request.seeds + 1)), min(units, _MOST_UNITS))
    if request.quick:
        task = replace(task, batches=_QUICK_BATCHES)
    trainings = task.trainings
    recalls = measure_memory(task, lambda recall: on_training(recall, trainings))
    cells = summarise(recalls)
    if request.out:
        save_memory_figure(cells, CHANCE, request.out, request.quick)
    return MemoryReport(task, CHANCE, recalls, cells, conclude(cells), request.quick)
