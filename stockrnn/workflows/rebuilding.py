"""Everything that a training job makes of its prices, stage by stage, for an audit to hold beside what it makes of others."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from stockrnn.arrays import Float32s, Floats
from stockrnn.config import Config
from stockrnn.evaluation.metrics import Yardstick
from stockrnn.evaluation.terms import Terms
from stockrnn.forecasts.bands import BAND_KINDS
from stockrnn.forecasts.table import QUANTILE_COLUMNS, Forecasts
from stockrnn.prices.table import Prices, tickers_of
from stockrnn.runs.folder import state_file_name
from stockrnn.samples.encoding import Encoding
from stockrnn.samples.features import feature_table
from stockrnn.samples.folds import fold_tickers, only_tickers
from stockrnn.samples.samples import TrainingSamples
from stockrnn.samples.splits import Split
from stockrnn.samples.volatility import ewma_volatility
from stockrnn.workflows import evaluate
from stockrnn.workflows.combining import Combined, combine_seeds
from stockrnn.workflows.held_out import origins_tested
from stockrnn.workflows.job import TrainJob
from stockrnn.workflows.preparation import trainable
from stockrnn.workflows.trained_seed import TrainedSeed, unheard

if TYPE_CHECKING:
    from stockrnn.models.training import TrainingState

# Of one seed: of the network that was fitted first, and of the refit.
States = Sequence["TrainingState"]


@dataclass(frozen=True)
class Learnt:
    """What an epoch of training gave.

    Attributes:
        states: Of each seed.
        trained: The forecasts of each seed.
        combined: Averaged, and passed through the gate; None where not all seeds were trained.
        with_intervals: The same with the intervals that the config asks for; None where the network has its own.
        trained_anew: The networks were trained on these prices, and not taken over.
    """

    states: Sequence[States]
    trained: Sequence[TrainedSeed]
    combined: Combined | None
    with_intervals: Forecasts | None = None
    trained_anew: bool = True


@dataclass(frozen=True)
class Fitting:
    """What one fitting learns from, and what its network reads.

    Attributes:
        split: The sessions that are fitted first, or all training sessions of a refit.
        samples: Windows and encoding.
        prices: What the encoding is applied to.
    """

    split: Split
    samples: TrainingSamples
    prices: Prices

    @property
    def encoding(self) -> Encoding:
        """What was fitted."""
        return self.samples.encoding

    @cached_property
    def inputs(self) -> Float32s:
        """What the network reads of every row, of shape (rows, width)."""
        return self.encoding.inputs(self.prices)

    @cached_property
    def anchor_volatility(self) -> Floats:
        """What the anchor expects of the session after each row, of shape (rows,)."""
        assert self.encoding.anchor is not None
        return self.encoding.anchor.apply(self.prices)


@dataclass(frozen=True)
class Rebuilt:
    """What a job makes of its prices, each made when it is asked for.

    Attributes:
        job: The job; Keras has been started.
        learnt: What training gave; None where nothing was trained.
        fitted: The first fitting, where that of other prices is taken over.
    """

    job: TrainJob
    learnt: Learnt | None = None
    fitted: Fitting | None = None

    @cached_property
    def tickers(self) -> list[str]:
        """The tickers that are trained on."""
        config, split, fold = self.job.config, self.job.split, self.job.fold
        window = (config.window.lookback, config.window.horizon)
        needed = sum(window) if config.needs_own_training else 0
        if fold is not None:
            begun = self.job.prices[self.job.prices.index.get_level_values("session") <= split.train[1]]
            return tickers_of(only_tickers(begun, fold_tickers(self.job.prices, fold, window, needed)))
        if not needed:
            return tickers_of(self.job.prices)
        return tickers_of(trainable(self.job.prices, split, needed, lambda _: None))

    @cached_property
    def volatility(self) -> Floats:
        """The volatility known at the close of each row, of shape (rows,)."""
        return ewma_volatility(self.job.prices)

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        """The registered features that network and anchor read."""
        encoding = self.fitting.encoding
        return tuple(dict.fromkeys((*encoding.features, *(encoding.anchor.features if encoding.anchor else ()))))

    @cached_property
    def features(self) -> Floats:
        """Their values before they are standardised, of shape (rows, features)."""
        return feature_table(self.job.prices, self.feature_names)

    @cached_property
    def fitting(self) -> Fitting:
        """What is fitted first."""
        return self._fitting(self.job.split)

    @cached_property
    def refit(self) -> Fitting | None:
        """What is fitted with the validation sessions too; None without a refit."""
        return (
            self._fitting(self.job.split.unwatched) if self.job.config.train.refit_epochs and not self.fitted else None
        )

    def fittings_by(self, session: pd.Timestamp) -> list[Fitting]:
        """Return the fittings that learn nothing after a session; the one that is taken over learns nothing."""
        fittings = [self.fitting] if self.fitted or self.job.split.fit[1] <= session else []
        later = self.refit if self.job.split.train[1] <= session else None
        return [*fittings, *([later] if later else [])]

    def _fitting(self, split: Split) -> Fitting:
        from stockrnn.workflows.fit import make_samples

        if self.fitted:
            return replace(self.fitted, prices=self.job.prices)
        return Fitting(split, make_samples(self.job, split), self.job.prices)

    @cached_property
    def bands(self) -> Forecasts:
        """The test forecasts of the naive forecasters and of bands."""
        names = tuple(dict.fromkeys((*BAND_KINDS, *evaluate.wanted_bands(self.job.config.evaluation))))
        return evaluate.naive_forecasts(self.job.prices, origins_tested(self.job), self._terms, bands=names)

    @cached_property
    def yardstick(self) -> Yardstick:
        """What the test forecasts are judged against."""
        evaluation = self._terms.evaluation.model_copy(update={"bands": True})
        return evaluate.yardstick_of(self.job.prices, replace(self._terms, evaluation=evaluation))

    @property
    def _terms(self) -> Terms:
        return Terms.of(self.job.config, self.job.split)


def for_one_epoch(config: Config) -> Config:
    """Return a config that trains each seed for one epoch, and refits for one where it refits."""
    shorter = {"epochs": 1, "refit_epochs": min(config.train.refit_epochs, 1)}
    return config.model_copy(update={"train": config.train.model_copy(update=shorter)})


def learn(job: TrainJob, start: Sequence[States] = ()) -> Learnt:
    """Train a job's networks, and forecast with them.

    Args:
        job: The job; Keras has been started.
        start: Trained states of the first seeds that are taken over, and no further seed is trained; none: the networks
            of all seeds are trained anew.

    Raises:
        KeyboardInterrupt: Interrupted while a network was trained.
    """
    from stockrnn.models.saving import load_state, save_state
    from stockrnn.workflows.fit import train_seed

    trained, states = [], []
    seeds = len(job.config.train.seeds)
    for number in range(len(start) or seeds):
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            files = [work / state_file_name(number, refit) for refit in (False, True)]
            for file, state in zip(files, start[number] if start else (), strict=False):
                save_state(file, state)
            trained.append(train_seed(work, job, number, unheard))
            if trained[-1].interrupted or trained[-1].is_last:
                raise KeyboardInterrupt
            states.append(tuple(load_state(file) for file in files if file.is_file()))
    combined, with_intervals = _combined(job, trained) if len(trained) == seeds else (None, None)
    return Learnt(states, trained, combined, with_intervals, not start)


def _combined(job: TrainJob, trained: Sequence[TrainedSeed]) -> tuple[Combined, Forecasts | None]:
    whole, evaluation = combine_seeds(job, trained), job.config.evaluation
    if evaluation.intervals == "head":
        return whole, None
    # The same sessions are held out for the same uses: only the quantiles are left as they were.
    points = whole.forecasts.copy()
    points[list(QUANTILE_COLUMNS)] = np.nan
    return Combined(points, whole.gate), whole.forecasts
