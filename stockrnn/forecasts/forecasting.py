"""Forecasts of a fitted network, in price units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from stockrnn.config import Config
from stockrnn.errors import StockrnnError
from stockrnn.forecasts.table import Floats, Forecast
from stockrnn.prices.table import Prices
from stockrnn.samples.samples import Scalings, WindowLayout, make_windows
from stockrnn.samples.windows import Float32s, Positions, Windows

# From inputs (windows, lookback, features) to outputs (windows, outputs), both scaled.
Predictor = Callable[[Float32s], Float32s]

# Windows gathered at a time: keeps memory at the size of the data.
_CHUNK = 4096


@dataclass(frozen=True)
class NetworkForecaster:
    """A fitted network, or several whose forecasts are averaged.

    Attributes:
        predictors: One a seed.
        scalings: The fitted scaling of each ticker.
        config: The config that it was fitted with.
    """

    predictors: Sequence[Predictor]
    scalings: Scalings
    config: Config

    def forecast(self, prices: Prices, origins: Positions, horizon: int) -> Forecast:
        """Forecast 1 to `horizon` sessions after each origin.

        Args:
            prices: The prices table; no row after an origin is read.
            origins: Rows of the origins, each with a whole lookback before it.
            horizon: Sessions ahead.

        Raises:
            StockrnnError: The network gives something else than numbers.
        """
        target = self.config.target.column
        layout = WindowLayout(self.config.feature_columns, target, self.config.window.lookback)
        windows = make_windows(prices, self.scalings, origins, layout)
        scaled = np.mean(
            [_scaled_forecasts(predict, windows, self.config, horizon) for predict in self.predictors], axis=0
        )
        if not np.isfinite(scaled).all():
            raise StockrnnError(
                "the network's forecasts are not numbers: its training went astray; lower train.learning_rate or set "
                "train.clip_norm, such as 1, and train again"
            )
        tickers = prices.index.get_level_values("ticker").to_numpy()[origins]
        values = np.empty(scaled.shape)
        for ticker in dict.fromkeys(tickers):
            mine = tickers == ticker
            values[mine] = self.scalings[ticker].undo(scaled[mine], target)
        return Forecast("network", values)


def _scaled_forecasts(predict: Predictor, windows: Windows, config: Config, horizon: int) -> Floats:
    forecasts = np.empty((len(windows), horizon))
    for start in range(0, len(windows), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        forecasts[chunk] = scaled_forecasts(predict, windows.inputs(chunk), config, horizon)
    return forecasts


def scaled_forecasts(predict: Predictor, inputs: Float32s, config: Config, horizon: int) -> Floats:
    """Forecast from windows that are gathered and scaled already.

    Args:
        predict: The network.
        inputs: Scaled windows, of shape (windows, lookback, features).
        config: The config that the network was fitted with.
        horizon: Sessions ahead.

    Returns:
        Scaled forecasts, of shape (windows, horizon).
    """
    if config.window.strategy == "recursive":
        return _recursive(predict, inputs, config, horizon)
    return _after_origin(predict(inputs), config)[:, :horizon].astype(np.float64)


def _recursive(predict: Predictor, inputs: Float32s, config: Config, horizon: int) -> Floats:
    """Forecast one session ahead, move the window on over the forecast, and again."""
    forecasts = np.empty((len(inputs), horizon))
    for step in range(horizon):
        output = _after_origin(predict(inputs), config)
        forecasts[:, step] = output[:, 0]
        if step + 1 < horizon:
            inputs = np.concatenate([inputs[:, 1:], output[:, :, None]], axis=1)
    return forecasts


def _after_origin(outputs: Float32s, config: Config) -> Float32s:
    """Return what a network says of the sessions after the origin, of shape (windows, outputs)."""
    if config.targets_every_step:
        return outputs[:, -1]
    return outputs.reshape(len(outputs), -1)
