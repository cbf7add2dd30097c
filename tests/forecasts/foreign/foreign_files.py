"""Forecasts written as other tools write them, from arithmetic alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from stockrnn.forecasts.table import LEVELS, QUANTILE_COLUMNS, Forecast, Forecasts, tabulate
from stockrnn.prices.table import Prices, row_spans


def known_forecasts(prices: Prices, horizon: int = 1, rows: int = 10, seed: int = 0) -> Forecasts:
    """Return forecasts of the close by a forecaster `mine`, at the last origins of each ticker; numbers of all digits."""
    random = np.random.default_rng(seed)
    parts = [
        np.arange(span.stop - horizon - rows, span.stop - horizon, dtype=np.int64)
        for span in row_spans(prices).values()
    ]
    origins = np.concatenate(parts)
    values = prices["close"].to_numpy()[origins][:, None] * np.exp(
        0.02 * random.standard_normal((len(origins), horizon))
    )
    fan = 1 + 0.05 * (np.array(LEVELS) - 0.5)
    return tabulate(Forecast("mine", values, values[:, :, None] * fan), prices, origins, "close")


def write(frame: pd.DataFrame, path: Path) -> Path:
    """Write a table as its name's ending says."""
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False)
    return path


def as_plain(table: Forecasts) -> pd.DataFrame:
    return table[["ticker", "session", "origin", "forecast", *QUANTILE_COLUMNS]]


def as_nixtla(table: Forecasts) -> pd.DataFrame:
    """Return `cross_validation` of Nixtla's libraries: levels as `-lo-90`, `-hi-90`, the median by its name."""
    named = {"unique_id": table["ticker"], "ds": table["session"], "cutoff": table["origin"], "y": table["actual"]}
    quantiles = {}
    for level, column in zip(LEVELS, QUANTILE_COLUMNS, strict=True):
        inside = round(100 * abs(1 - 2 * level), 1)
        side = "median" if level == 0.5 else f"lo-{inside:g}" if level < 0.5 else f"hi-{inside:g}"
        quantiles[f"mine-{side}"] = table[column]
    return pd.DataFrame({**named, "mine": table["forecast"], **quantiles})


def as_darts(table: Forecasts) -> pd.DataFrame:
    """Return `to_dataframe` of series of quantiles, a component a ticker; horizon 1, without origins."""
    parts = []
    for ticker, rows in table.groupby("ticker"):
        values = {ticker: rows["forecast"]} | {f"{ticker}_{name}": rows[name] for name in QUANTILE_COLUMNS}
        parts.append(pd.DataFrame(values).set_index(pd.DatetimeIndex(rows["session"], name="time")))
    return pd.concat(parts, axis=1).reset_index()


LAYOUTS = {"ours": lambda table: table, "plain": as_plain, "nixtla": as_nixtla, "darts": as_darts}
