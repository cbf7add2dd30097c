"""Look inside a run: the gradients of its network, its gates over a window, the importance of what it reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from stockrnn.errors import ConfigError, PriceDataError
from stockrnn.evaluation.importance import input_parts, permutation_importance
from stockrnn.forecasts.forecasting import NetworkForecaster
from stockrnn.forecasts.gates import DatedTrace, trace_layer
from stockrnn.forecasts.keras_file import UnknownLayerError
from stockrnn.forecasts.numpy_network import load_numpy_layers
from stockrnn.forecasts.table import Floats
from stockrnn.prices.table import Prices, row_spans
from stockrnn.reports.explain_importance import ImportanceReport
from stockrnn.runs.content import read_config_of, read_encoding_of, read_heads_of, read_prices_of, read_split_of
from stockrnn.runs.folder import load_run_with_networks
from stockrnn.samples.samples import WindowLayout, make_windows, origins_for
from stockrnn.samples.windows import Float32s
from stockrnn.workflows.predictors import predictors_of

Notify = Callable[[str], None]


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
    name = _ticker(prices, ticker)
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


def _ticker(prices: Prices, asked: str | None) -> str:
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


def explain_importance(
    run_folder: Path, ticker: str | None, repeats: int, seed: int, notify: Notify
) -> ImportanceReport:
    """Permute what a run's networks read over the test sessions, part by part.

    Args:
        run_folder: The run.
        ticker: Whose forecasts; None is the run's first.
        repeats: Permutations a part.
        seed: Draws the permutations.
        notify: Hears what Keras has to say when it has to start.

    Raises:
        RunFolderError: The run folder is missing or damaged.
        PriceDataError: No such ticker, or fewer than two windows to permute.
    """
    run = load_run_with_networks(run_folder)
    config, prices, split, encoding = (
        read_config_of(run),
        read_prices_of(run),
        read_split_of(run),
        read_encoding_of(run),
    )
    name = _ticker(prices, ticker)
    rows = row_spans(prices)[name]
    horizon, target, lookback = config.window.horizon, config.target.column, config.window.lookback
    origins = rows.start + origins_for(prices.iloc[rows], split.test, lookback, horizon, read_from=None)
    if len(origins) < 2:
        raise PriceDataError(f"{name} has {len(origins)} windows on the test sessions; permuting needs at least 2")
    # Laid over all tickers: some features are means over them.
    windows = make_windows(prices, encoding, origins, WindowLayout(lookback))
    network = NetworkForecaster(predictors_of(run, notify), encoding, config, read_heads_of(run))

    def forecast(inputs: Float32s) -> Floats:
        return encoding.undo(prices, origins, network.points(inputs, horizon))

    actual = prices[target].to_numpy()[np.add.outer(origins, np.arange(1, horizon + 1))]
    parts = input_parts((*encoding.columns, *encoding.features), lookback)
    rmse, found = permutation_importance(forecast, windows.inputs(), actual, parts, repeats, seed)
    days = prices.index.get_level_values("session")
    test = (f"{days[origins[0] + 1]:%Y-%m-%d}", f"{days[origins[-1] + horizon]:%Y-%m-%d}")
    return ImportanceReport(name, target, horizon, test, len(origins), repeats, rmse, found)
