"""The tasks of a backtest: the network of a fold and seed, the naive forecasts of a fold; and their files.

The only place where a backtest touches how networks are fitted and combined.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from stockrnn.config import parse_config
from stockrnn.evaluation.terms import Terms
from stockrnn.forecasts.table import Forecast, Forecasts
from stockrnn.prices.table import Prices
from stockrnn.prices.ticker_files import TickerFile, read_ticker_files
from stockrnn.samples.folds import Fold
from stockrnn.workflows.combining import combine_seeds
from stockrnn.workflows.evaluate import naive_forecasts
from stockrnn.workflows.held_out import check_windows, origins_tested
from stockrnn.workflows.job import TrainJob
from stockrnn.workflows.trained_seed import TrainedSeed, unheard

if TYPE_CHECKING:
    from stockrnn.models.kept_networks import KeptNetworks

_PARTS = ("test", "held_out")


@dataclass(frozen=True)
class FoldNetwork:
    """What the network of one seed gave for one fold.

    Attributes:
        test: Its forecasts of the fold's sessions.
        held_out: Its forecasts of validation sessions that were not watched; None without.
        proven: A regression foretold moves of the sessions that were fitted first; the network started from it.
        history: Losses a finished epoch.
        engine: What computed the layers.
    """

    test: Forecast
    held_out: Forecast | None
    proven: bool
    history: Sequence[Mapping[str, float]]
    engine: str

    def to_bytes(self) -> bytes:
        """Return it as the content of a `.npz` file."""
        arrays: dict[str, Any] = {}
        for part in _PARTS:
            forecast: Forecast | None = getattr(self, part)
            if forecast is not None:
                arrays[part] = forecast.values
                if forecast.quantiles is not None:
                    arrays[f"{part}_quantiles"] = forecast.quantiles
        facts = json.dumps({"proven": self.proven, "history": self.history, "engine": self.engine}).encode()
        file = io.BytesIO()
        np.savez(file, facts=np.frombuffer(facts, np.uint8), **arrays)
        return file.getvalue()

    @classmethod
    def read(cls, path: Path) -> FoldNetwork:
        """Read a file of what `to_bytes` gave."""
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            facts = json.loads(file["facts"].tobytes())
            test, held_out = (
                Forecast("network", file[part], file.get(f"{part}_quantiles")) if part in file else None
                for part in _PARTS
            )
        assert test is not None
        return cls(test, held_out, facts["proven"], facts["history"], facts["engine"])


def read_naive(path: Path) -> Forecasts:
    """Read a file of what `forecast_naively` gave."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(path).read().to_pandas()  # type: ignore[no-any-return]


def train_fold(pool: dict[str, Any], fold: dict[str, Any], number: int, prices: str) -> bytes:
    """Fit the network of one seed to the sessions before a fold, and forecast the fold's sessions with it.

    Args:
        pool: The config, the features and the tickers, as JSON values.
        fold: The fold, as JSON values.
        number: Which of the config's seeds, from 0.
        prices: Where the files of the tickers are.
    """
    job = _job(pool, fold, prices)
    check_windows(job)
    from stockrnn.models.runtime import start_keras

    start_keras(lambda _: None, threads=1)
    from stockrnn.workflows.fit import train_seed

    trained = train_seed(None, job, number, unheard, _kept_networks())
    return FoldNetwork(trained.test, trained.held_out, trained.proven, trained.history, trained.engine).to_bytes()


@cache
def _kept_networks() -> KeptNetworks:
    """Return the networks of this process: a task like the one before builds and compiles nothing."""
    from stockrnn.models.kept_networks import KeptNetworks

    return KeptNetworks()


def forecast_naively(pool: dict[str, Any], fold: dict[str, Any], prices: str) -> bytes:
    """Forecast a fold's sessions by all naive forecasters, and by bands fitted to the sessions before it.

    Args:
        pool: The config, the features and the tickers, as JSON values.
        fold: The fold, as JSON values.
        prices: Where the files of the tickers are.
    """
    job = _job(pool, fold, prices)
    table = naive_forecasts(job.prices, origins_tested(job), Terms.of(job.config, job.split))
    file = io.BytesIO()
    table.to_parquet(file, index=False)
    return file.getvalue()


def fold_job(pool: Mapping[str, Any], fold: Fold, prices: Prices) -> TrainJob:
    """Return a fold as the job of a training.

    Args:
        pool: The config and the features that a task names.
        fold: The fold.
        prices: Prices of the tickers in the pool.
    """
    config = parse_config(pool["config"], "the task")
    return TrainJob(config, prices, (), fold.split, config.data.adjust, None, tuple(pool["features"]), fold)


def _job(pool: Mapping[str, Any], fold: dict[str, Any], location: str) -> TrainJob:
    known = read_ticker_files([TickerFile(*each) for each in pool["tickers"]], location)
    return fold_job(pool, Fold.from_json(fold), known)


def combined_forecasts(job: TrainJob, seeds: Sequence[FoldNetwork], naive: Forecasts) -> tuple[Forecasts, float | None]:
    """Return a fold's rows of the forecasts table: of the seeds together, and the naive ones; and the gate, if any."""
    # Nothing but the forecasts of each is looked at.
    combined = combine_seeds(job, cast("Sequence[TrainedSeed]", seeds))
    return pd.concat([combined.forecasts, naive], ignore_index=True), combined.gate
