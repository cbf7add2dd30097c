"""Everything that a training job makes of its prices, stage by stage, for an audit to hold beside what it makes of others."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stockrnn.config import Config
from stockrnn.evaluation.terms import Terms
from stockrnn.forecasts.bands import BAND_KINDS
from stockrnn.forecasts.table import Forecasts
from stockrnn.runs.folder import state_file_name
from stockrnn.samples.samples import TrainingSamples
from stockrnn.samples.splits import Split
from stockrnn.samples.windows import Float32s
from stockrnn.workflows.combining import Combined, combine_seeds
from stockrnn.workflows.ensemble import EpochHook, TrainedSeed
from stockrnn.workflows.evaluate import naive_forecasts, wanted_bands
from stockrnn.workflows.held_out import tested_origins
from stockrnn.workflows.job import TrainJob

if TYPE_CHECKING:
    from stockrnn.models.training import TrainingState


@dataclass(frozen=True)
class Fitting:
    """What one fitting learns from: the sessions that are fitted first, or all training sessions of a refit.

    Attributes:
        split: Which sessions are fitted and watched.
        samples: Windows and encoding.
        inputs: What a network reads of every session of the prices, of shape (rows, width).
    """

    split: Split
    samples: TrainingSamples
    inputs: Float32s


@dataclass(frozen=True)
class Learnt:
    """What an epoch of training gave.

    Attributes:
        states: The weights of the network that was fitted first, and of the refit.
        trained: The forecasts of the first seed.
        combined: Averaged, and passed through the gate.
        trained_anew: The network was trained on these prices, and not taken over.
    """

    states: tuple[TrainingState, ...]
    trained: TrainedSeed
    combined: Combined
    trained_anew: bool = True


@dataclass(frozen=True)
class Rebuilt:
    """What a job makes of its prices.

    Attributes:
        job: The job.
        fittings: The first fitting, and that of the refit where there is one.
        bands: The forecasts of the naive forecasters and of bands.
        learnt: What training gave; None where nothing was trained.
    """

    job: TrainJob
    fittings: tuple[Fitting, ...]
    bands: Forecasts
    learnt: Learnt | None = None


def for_one_epoch(config: Config) -> Config:
    """Return a config that trains the first seed for one epoch, and refits for one where it refits."""
    train = config.train
    shorter = {"epochs": 1, "refit_epochs": min(train.refit_epochs, 1), "seeds": train.seeds[:1]}
    return config.model_copy(update={"train": train.model_copy(update=shorter)})


def rebuild(job: TrainJob) -> Rebuilt:
    """Make of a job's prices all that is made of them but the network.

    Args:
        job: The job; Keras has been started.
    """
    from stockrnn.workflows.fit import make_samples

    splits = [job.split, *([Split(job.split.train, None, job.split.test)] if job.config.train.refit_epochs else [])]
    fittings = []
    for split in splits:
        samples = make_samples(job, split)
        fittings.append(Fitting(split, samples, samples.encoding.inputs(job.prices)))
    names = tuple(dict.fromkeys((*BAND_KINDS, *wanted_bands(job.config.evaluation))))
    bands = naive_forecasts(job.prices, tested_origins(job), Terms.of(job.config, job.split), bands=names)
    return Rebuilt(job, tuple(fittings), bands)


def learn(job: TrainJob, start: Sequence[TrainingState] = ()) -> Learnt:
    """Train a job's network, and forecast with it.

    Args:
        job: The job; Keras has been started.
        start: Trained states that are taken over; none: the network is trained anew.

    Raises:
        KeyboardInterrupt: Interrupted while the network was trained.
    """
    from stockrnn.models.saving import load_state, save_state
    from stockrnn.workflows.fit import train_seed

    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        files = [work / state_file_name(0, refit) for refit in (False, True)]
        for file, state in zip(files, start, strict=False):
            save_state(file, state)
        trained = train_seed(work, job, 0, _unheard)
        if trained.interrupted or trained.is_last:
            raise KeyboardInterrupt
        states = tuple(load_state(file) for file in files if file.is_file())
    return Learnt(states, trained, combine_seeds(job, [trained]), not start)


def _unheard(seed: int, number: int) -> EpochHook:
    del seed, number
    return lambda epoch, losses: None
