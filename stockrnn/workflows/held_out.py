"""Which validation sessions serve what: one tail must not serve early stopping, gate and calibration at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from stockrnn.arrays import Positions
from stockrnn.config import Config
from stockrnn.errors import PriceDataError
from stockrnn.prices.table import Prices, tickers_of
from stockrnn.samples.folds import fold_origins
from stockrnn.samples.samples import origins_for
from stockrnn.samples.splits import Part, Split
from stockrnn.workflows.job import TrainJob

WATCH, GATE, CALIBRATION = "watch", "gate", "calibration"
_FIT = "fit"
_NEEDED_FOR = {WATCH: "train.early_stopping", GATE: "evaluation.gate", CALIBRATION: "evaluation.intervals"}


def validation_parts(prices: Prices, config: Config, split: Split) -> dict[str, Part]:
    """Cut the validation sessions in time, one part for each use that the config has for them.

    Returns:
        First and last session by use; nothing without validation.
    """
    if split.validation is None:
        return {}
    uses = _uses(config) or [WATCH]
    sessions = prices.index.unique(level="session").sort_values()
    inside = sessions[(sessions >= split.validation[0]) & (sessions <= split.validation[1])]
    pieces = [piece for piece in np.array_split(inside.to_numpy(), len(uses)) if len(piece)]
    return {use: (pd.Timestamp(piece[0]), pd.Timestamp(piece[-1])) for use, piece in zip(uses, pieces, strict=False)}


def watched_part(prices: Prices, config: Config, split: Split) -> Part | None:
    """Return the validation sessions that training watches."""
    return validation_parts(prices, config, split).get(WATCH)


def held_out_origins(job: TrainJob) -> Positions:
    """Return the rows of the origins whose targets are validation sessions that training does not watch."""
    parts = validation_parts(job.prices, job.config, job.split)
    held_out = [part for use, part in parts.items() if use != WATCH]
    if not held_out:
        return np.empty(0, dtype=np.int64)
    return _origins_within(job, (held_out[0][0], held_out[-1][1]))


def origins_used_for(job: TrainJob, use: str) -> Positions:
    """Return the rows of the origins whose targets are the validation sessions of one use."""
    return _origins_within(job, validation_parts(job.prices, job.config, job.split)[use])


def _origins_within(job: TrainJob, part: Part) -> Positions:
    window = job.config.window
    return origins_for(job.prices, part, window.lookback, window.horizon, read_from=job.split.fit[0])


def origins_tested(job: TrainJob) -> Positions:
    """Return the rows of the origins whose targets are test sessions, or of those of the job's fold."""
    window = job.config.window
    if job.fold is not None:
        return fold_origins(job.prices, job.fold, window.lookback, window.horizon)
    return origins_for(job.prices, job.split.test, window.lookback, window.horizon, read_from=None)


def check_windows(job: TrainJob) -> None:
    """Check that there are windows to train on, and sessions for each use of the validation.

    Raises:
        PriceDataError: There are none.
    """
    config, fit = job.config, job.split.fit
    lacking = next((use for use, origins in _origins_by_use(job) if not len(origins)), None)
    if lacking == _FIT:
        raise PriceDataError(
            f"no ticker has {config.window.lookback + config.outputs} sessions to train on (lookback + horizon) from "
            f"{fit[0]:%Y-%m-%d} to {fit[1]:%Y-%m-%d}; give more prices or a smaller window.lookback"
        )
    if lacking:
        raise PriceDataError(
            f"the sessions of data.validation {config.data.validation:g} are too few to be cut into "
            f"{len(_uses(config))} parts of {config.window.horizon} or more; {_NEEDED_FOR[lacking]} has none: raise "
            "data.validation"
        )


def trainable_alone(job: TrainJob) -> list[str]:
    """Return the tickers that have windows to train on, and sessions for each use of the validation, without the others."""
    able = None
    for _, origins in _origins_by_use(job):
        found = set(job.prices.index.get_level_values("ticker").to_numpy()[origins])
        able = found if able is None else able & found
    return [name for name in tickers_of(job.prices) if able and name in able]


def _origins_by_use(job: TrainJob) -> Iterator[tuple[str, Positions]]:
    """Give the rows of the origins of the windows that are fitted, and of those of each use of the validation."""
    config, split = job.config, job.split
    parts = {_FIT: split.fit, **validation_parts(job.prices, config, split)}
    for use in (_FIT, *_uses(config)):
        part, ahead = parts.get(use), config.outputs if use in (_FIT, WATCH) else config.window.horizon
        found = (
            np.empty(0, dtype=np.int64)
            if part is None
            else origins_for(job.prices, part, config.window.lookback, ahead, read_from=split.fit[0])
        )
        yield use, found


def _uses(config: Config) -> list[str]:
    """Return what a config needs validation sessions for, in the order of time."""
    needed = {
        WATCH: bool(config.train.early_stopping),
        GATE: config.evaluation.gate,
        CALIBRATION: config.evaluation.intervals != "head",
    }
    return [use for use, is_needed in needed.items() if is_needed]
