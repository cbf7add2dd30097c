"""Which validation sessions serve what: one tail must not serve early stopping, gate and calibration at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stockrnn.config import Config
from stockrnn.prices.table import Prices
from stockrnn.samples.encoding import Part
from stockrnn.samples.folds import fold_origins
from stockrnn.samples.samples import origins_for
from stockrnn.samples.splits import Split
from stockrnn.samples.windows import Positions
from stockrnn.workflows.job import TrainJob

WATCH, GATE, CALIBRATION = "watch", "gate", "calibration"


def validation_parts(prices: Prices, config: Config, split: Split) -> dict[str, Part]:
    """Cut the validation sessions in time, one part for each use that the config has for them.

    Returns:
        First and last session by use; nothing without validation.
    """
    if split.validation is None:
        return {}
    uses = [GATE] if config.evaluation.gate else []
    uses += [CALIBRATION] if config.evaluation.intervals != "head" else []
    if config.train.early_stopping or not uses:
        uses.insert(0, WATCH)
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


def test_origins(job: TrainJob) -> Positions:
    """Return the rows of the origins whose targets are test sessions, or of those of the job's fold."""
    window = job.config.window
    if job.fold is not None:
        return fold_origins(job.prices, job.fold, window.lookback, window.horizon)
    return origins_for(job.prices, job.split.test, window.lookback, window.horizon, read_from=None)
