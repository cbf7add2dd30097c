"""Which validation sessions serve what: one tail must not serve early stopping, gate and calibration at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stockrnn.config import Config
from stockrnn.errors import PriceDataError
from stockrnn.prices.table import Prices
from stockrnn.samples.encoding import Part
from stockrnn.samples.folds import fold_origins
from stockrnn.samples.samples import origins_for
from stockrnn.samples.splits import Split
from stockrnn.samples.windows import Positions
from stockrnn.workflows.job import TrainJob

WATCH, GATE, CALIBRATION = "watch", "gate", "calibration"
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
    part, window = (held_out[0][0], held_out[-1][1]), job.config.window
    return origins_for(job.prices, part, window.lookback, window.horizon, read_from=job.split.fit[0])


def tested_origins(job: TrainJob) -> Positions:
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
    config, split = job.config, job.split
    lookback, horizon = config.window.lookback, config.window.horizon
    if not len(origins_for(job.prices, split.fit, lookback, config.outputs, read_from=split.fit[0])):
        raise PriceDataError(
            f"no ticker has {lookback + config.outputs} sessions to train on (lookback + horizon) from "
            f"{split.fit[0]:%Y-%m-%d} to {split.fit[1]:%Y-%m-%d}; give more prices or a smaller window.lookback"
        )
    parts = validation_parts(job.prices, config, split)
    for use in _uses(config):
        part, ahead = parts.get(use), config.outputs if use == WATCH else horizon
        if part is None or not len(origins_for(job.prices, part, lookback, ahead, read_from=split.fit[0])):
            raise PriceDataError(
                f"the sessions of data.validation {config.data.validation:g} are too few to be cut into "
                f"{len(_uses(config))} parts of {horizon} or more; {_NEEDED_FOR[use]} has none: raise data.validation"
            )


def _uses(config: Config) -> list[str]:
    """Return what a config needs validation sessions for, in the order of time."""
    needed = {
        WATCH: bool(config.train.early_stopping),
        GATE: config.evaluation.gate,
        CALIBRATION: config.evaluation.intervals != "head",
    }
    return [use for use, is_needed in needed.items() if is_needed]
