"""Look inside a run: what a layer of its network did with one window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from stockrnn.errors import ConfigError, PriceDataError
from stockrnn.forecasts.cell_trace import DatedTrace, trace_layer
from stockrnn.forecasts.keras_file import UnknownLayerError
from stockrnn.forecasts.numpy_network import load_numpy_layers
from stockrnn.prices.table import Prices, row_spans
from stockrnn.runs.content import read_config_of, read_encoding_of, read_prices_of, read_split_of
from stockrnn.runs.folder import load_run_with_networks
from stockrnn.samples.samples import WindowLayout, make_windows


def explain_gates(run_folder: Path, date: pd.Timestamp | None, layer: int, ticker: str | None) -> DatedTrace:
    """Record what one layer of a run's first network did with one window.

    Args:
        run_folder: The run.
        date: The origin: the last session of the window; None is the last one of the test sessions.
        layer: Which recurrent layer, from 1.
        ticker: Whose window; None is the run's first.

    Raises:
        RunFolderError: The run folder is missing or damaged.
        ConfigError: The network has no gates, or no such layer.
        PriceDataError: No such ticker, no prices on the date, or no whole window up to it.
    """
    run = load_run_with_networks(run_folder)
    config, prices, split = read_config_of(run), read_prices_of(run), read_split_of(run)
    name = ticker_of(prices, ticker)
    rows = row_spans(prices)[name]
    sessions = pd.DatetimeIndex(prices.index.get_level_values("session"))[rows]
    lookback = config.window.lookback
    place = _place_of(date if date is not None else _last_origin(sessions, split.test[1]), sessions, name, lookback)
    window = slice(rows.start + place - lookback + 1, rows.start + place + 1)
    windows = make_windows(prices, read_encoding_of(run), np.array([rows.start + place]), WindowLayout(lookback))
    try:
        layers = load_numpy_layers(run.model_files[0])
    except UnknownLayerError as error:
        raise ConfigError(
            f"{run_folder}: gates are shown of SimpleRNN, LSTM and GRU layers only; found {error}"
        ) from None
    return DatedTrace(
        ticker=name,
        target=config.target.column,
        sessions=sessions[place - lookback + 1 : place + 1],
        prices=prices[config.target.column].to_numpy()[window],
        trace=trace_layer(layers, windows.inputs()[0], layer),
        seed=int(run.document["seeds"][0]),
    )


def ticker_of(prices: Prices, asked: str | None) -> str:
    """Return the ticker that is asked for, the first of the prices by default.

    Raises:
        PriceDataError: No such ticker.
    """
    known = list(row_spans(prices))
    if asked is not None and asked not in known:
        raise PriceDataError(f"--ticker {asked}: the run was trained on {', '.join(known[:10])}")
    return asked or known[0]


def _last_origin(sessions: pd.DatetimeIndex, last_test: pd.Timestamp) -> pd.Timestamp:
    # The session before the last one that is forecast.
    return sessions[max(int(sessions.searchsorted(last_test, side="right")) - 2, 0)]


def _place_of(date: pd.Timestamp, sessions: pd.DatetimeIndex, ticker: str, lookback: int) -> int:
    """Return where a date stands among the sessions of a ticker, with a whole window up to it."""
    place = int(sessions.searchsorted(date))
    if place == len(sessions) or sessions[place] != date:
        near = " and ".join(f"{day:%Y-%m-%d}" for day in sessions[max(place - 1, 0) : place + 1])
        raise PriceDataError(f"{ticker} has no prices on {date:%Y-%m-%d}; the run's nearest sessions: {near}")
    if place + 1 < lookback:
        first = (
            f"the first is {sessions[lookback - 1]:%Y-%m-%d}" if len(sessions) >= lookback else "it never has so many"
        )
        raise PriceDataError(
            f"{ticker} has {place + 1} sessions up to {date:%Y-%m-%d}; a window needs {lookback} (window.lookback), {first}"
        )
    return place
