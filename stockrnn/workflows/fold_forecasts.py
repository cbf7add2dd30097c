"""The forecasts of one fold: by a network of one seed, and by the naive forecasters; a file between processes.

The only place where a backtest touches how networks are fitted.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stockrnn.config import Config, parse_config
from stockrnn.forecasts.forecasting import NetworkForecaster
from stockrnn.forecasts.table import QUANTILE_COLUMNS, Forecasts, tabulate
from stockrnn.prices.table import Prices
from stockrnn.prices.ticker_files import TickerFile, read_ticker_files
from stockrnn.samples.folds import Fold, fold_origins
from stockrnn.workflows.evaluate import naive_forecasts

_FACTS = b"stockrnn"


@dataclass(frozen=True)
class FoldForecasts:
    """What one seed gave for one fold.

    Attributes:
        network: Forecasts-table rows of the network.
        naive: Those of the naive forecasters; none but with the first seed.
        history: Losses a finished epoch.
        engine: What computed the layers.
        windows: Windows an epoch.
    """

    network: Forecasts
    naive: Forecasts
    history: Sequence[Mapping[str, float]]
    engine: str
    windows: int

    def to_bytes(self) -> bytes:
        """Return it as the content of a Parquet file."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        frame = pd.concat([self.network, self.naive], ignore_index=True) if len(self.naive) else self.network
        table = pa.Table.from_pandas(frame, preserve_index=False)
        facts = {"rows": len(self.network), "history": self.history, "engine": self.engine, "windows": self.windows}
        sink = pa.BufferOutputStream()
        pq.write_table(
            table.replace_schema_metadata({**table.schema.metadata, _FACTS: json.dumps(facts).encode()}), sink
        )
        content: bytes = sink.getvalue().to_pybytes()
        return content

    @classmethod
    def read(cls, path: Path) -> FoldForecasts:
        """Read a file of what `to_bytes` gave."""
        import pyarrow.parquet as pq

        table = pq.ParquetFile(path).read()
        facts = json.loads(table.schema.metadata[_FACTS])
        frame = table.to_pandas()
        rows = facts["rows"]
        return cls(
            frame.iloc[:rows],
            frame.iloc[rows:].reset_index(drop=True),
            facts["history"],
            facts["engine"],
            facts["windows"],
        )


def forecast_fold(
    config: dict[str, Any],
    fold: dict[str, Any],
    tickers: list[tuple[str, str]],
    number: int,
    prices: str,
) -> bytes:
    """Do the task of one fold and seed: read prices, fit, forecast.

    Args:
        config: The config, as JSON values.
        fold: The fold, as JSON values.
        tickers: Names and digests of the tickers in the pool.
        number: Which of the config's seeds, from 0; the naive forecasts come with the first.
        prices: Where the files of the tickers are.
    """
    known = read_ticker_files([TickerFile(*each) for each in tickers], prices)
    return fold_forecasts(known, parse_config(config, "the task"), Fold.from_json(fold), number).to_bytes()


def fold_forecasts(prices: Prices, config: Config, fold: Fold, number: int) -> FoldForecasts:
    """Fit the network of one seed to the sessions before a fold, and forecast the fold's sessions with it.

    Args:
        prices: Prices of the tickers in the pool.
        config: The config.
        fold: The fold.
        number: Which of the seeds, from 0.
    """
    from stockrnn.models.runtime import start_keras

    start_keras(lambda _: None, threads=1)
    from stockrnn.models.saving import forget_networks, predict_windows
    from stockrnn.workflows.fit import fit_seed, make_samples

    target, horizon = config.target.column, config.window.horizon
    origins = fold_origins(prices, fold, config.window.lookback, horizon)
    samples = make_samples(prices, config, fold.split)
    with tempfile.TemporaryDirectory() as folder:
        network, outcome = fit_seed(samples, config, number, lambda _seed, _number: _unheard, Path(folder))
    forecaster = NetworkForecaster([partial(predict_windows, network)], samples.scalings, config)
    rows = tabulate(forecaster.forecast(prices, origins, horizon), prices, origins, target)
    naive = naive_forecasts(prices, origins, config) if number == 0 else rows.iloc[:0]
    windows = len(samples.windows)
    del network, forecaster, samples
    forget_networks()
    return FoldForecasts(rows, naive, outcome.history, outcome.engine, windows)


def _unheard(_epoch: int, _losses: dict[str, float]) -> None:
    """Hear of an epoch; a task reports when it is done."""


def mean_forecasts(seeds: Sequence[FoldForecasts]) -> Forecasts:
    """Return the forecasts-table rows of a fold: the mean of the seeds' networks, and the naive ones."""
    columns = ["forecast", *QUANTILE_COLUMNS]
    network = seeds[0].network.copy()
    network[columns] = np.mean([each.network[columns].to_numpy(dtype=np.float64) for each in seeds], axis=0)
    return pd.concat([network, seeds[0].naive], ignore_index=True)
