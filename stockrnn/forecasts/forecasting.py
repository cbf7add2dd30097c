"""Forecasts of fitted networks, in price units."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from stockrnn.arrays import Float32s, Floats, Positions
from stockrnn.config import Config
from stockrnn.errors import StockrnnError
from stockrnn.forecasts.fans import never_narrower, wider_by_a_session
from stockrnn.forecasts.table import Forecast
from stockrnn.prices.table import Prices
from stockrnn.samples.encoding import Encoding
from stockrnn.samples.outputs import HeadValues, decode
from stockrnn.samples.samples import WindowLayout, make_windows
from stockrnn.samples.windows import Windows

# From inputs (windows, lookback, features) to outputs (windows, outputs), both scaled.
Predictor = Callable[[Float32s], Float32s]

# Windows gathered at a time: keeps memory at the size of the data.
_CHUNK = 4096


@dataclass(frozen=True)
class NetworkForecaster:
    """A fitted network, or several whose forecasts are averaged.

    Attributes:
        predictors: One a seed.
        encoding: How prices become what they read, and their outputs prices.
        config: The config that they were fitted with.
        heads: What each one's head has learnt; empty where they forecast points.
    """

    predictors: Sequence[Predictor]
    encoding: Encoding
    config: Config
    heads: Sequence[HeadValues] = ()

    def forecast(self, prices: Prices, origins: Positions, horizon: int) -> Forecast:
        """Forecast 1 to `horizon` sessions after each origin.

        Args:
            prices: The prices table; no row after an origin is read.
            origins: Rows of the origins, each with a whole lookback before it.
            horizon: Sessions ahead; what the networks do not forecast themselves is drawn on from the last that they do.

        Raises:
            StockrnnError: The network gives something else than numbers.
        """
        layout = WindowLayout(self.config.window.lookback)
        windows = make_windows(prices, self.encoding, origins, layout)
        if self.heads:
            outputs = [self._outputs(predict, _chunks(windows)) for predict in self.predictors]
            location, quantiles = self._distribution(outputs, windows.features[origins], horizon)
            _check_numbers(location)
            return Forecast(
                "network",
                self.encoding.undo(prices, origins, location),
                self.encoding.undo(prices, origins, quantiles),
            )
        scaled = np.concatenate([self._points(inputs, horizon) for inputs in _chunks(windows)])
        _check_numbers(scaled)
        return Forecast("network", self.encoding.undo(prices, origins, scaled))

    def of_windows(
        self, prices: Prices, origins: Positions, inputs: Float32s, horizon: int
    ) -> tuple[Floats, Floats | None]:
        """Forecast from windows that are gathered and encoded already, and perhaps changed.

        Args:
            prices: The prices table.
            origins: Rows of the origins.
            inputs: Their windows, of shape (windows, lookback, features).
            horizon: Sessions ahead.

        Returns:
            Points of shape (windows, horizon) and quantiles of shape (windows, horizon, 19), or None without a head, in
            price units.
        """
        if not self.heads:
            return self.encoding.undo(prices, origins, self._points(inputs, horizon)), None
        outputs = [self._outputs(predict, [inputs]) for predict in self.predictors]
        location, quantiles = self._distribution(outputs, inputs[:, -1], horizon)
        both = self.encoding.undo(prices, origins, np.concatenate([location[..., None], quantiles], axis=-1))
        return both[..., 0], both[..., 1:]

    def _points(self, inputs: Float32s, horizon: int) -> Floats:
        each = [scaled_forecasts(predict, inputs, self.config, horizon) for predict in self.predictors]
        said = cast("Floats", np.mean(each, axis=0))
        # A level is forecast as it is; of moves the network knows what is left of them.
        expects = self.encoding.expected is not None
        return said + draw_on(self.encoding.expected_moves(inputs[:, -1]), horizon) if expects else said

    def _outputs(self, predict: Predictor, chunks: Iterable[Float32s]) -> Float32s:
        return np.concatenate([_after_origin(predict(inputs), self.config) for inputs in chunks])

    def _distribution(self, outputs: Sequence[Float32s], newest: Float32s, horizon: int) -> tuple[Floats, Floats]:
        """Return location (windows, horizon) and quantiles (windows, horizon, levels), averaged over the networks.

        Args:
            outputs: Of each network, of shape (windows, width of the layout).
            newest: What they read of the origins, of shape (windows, features).
            horizon: Sessions ahead.
        """
        expected = self.encoding.expected_moves(newest)
        pairs = [decode(self.encoding.layout, each, head) for each, head in zip(outputs, self.heads, strict=True)]
        location = expected + np.mean([location for location, _ in pairs], axis=0)
        quantiles = expected[..., None] + np.mean([quantiles for _, quantiles in pairs], axis=0)
        return draw_on(location, horizon), _fan(quantiles, horizon)


def draw_on(values: Floats, horizon: int) -> Floats:
    """Return values of shape (origins, known horizon) for `horizon` sessions: later ones repeat the last that is known."""
    known = min(horizon, values.shape[1])
    return np.concatenate([values[:, :known], np.repeat(values[:, known - 1 : known], horizon - known, axis=1)], axis=1)


def _fan(quantiles: Floats, horizon: int) -> Floats:
    """Draw quantiles on: beyond the last session that is known, each one adds the variance of a usual session.

    An opening price has but a night behind it; the sessions after it are whole ones.
    """
    known = never_narrower(quantiles)
    ahead = [known[:, step] for step in range(min(horizon, known.shape[1]))]
    while len(ahead) < horizon:
        ahead.append(wider_by_a_session(ahead[-1]))
    return np.stack(ahead, axis=1)


def _check_numbers(values: Floats) -> None:
    if not np.isfinite(values).all():
        raise StockrnnError(
            "the network's forecasts are not numbers: its training went astray; lower train.learning_rate or set "
            "train.clip_norm, such as 1, and train again"
        )


def _chunks(windows: Windows) -> Iterator[Float32s]:
    # At least one, so that no windows give no forecasts of the right shape.
    starts = range(0, max(len(windows.origins), 1), _CHUNK)
    return (windows.inputs(slice(start, start + _CHUNK)) for start in starts)


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
    if config.can_go_on:
        return _recursive(predict, inputs, config, horizon)
    ahead = _after_origin(predict(inputs), config).astype(np.float64)[:, : config.outputs]
    return ahead[:, :horizon] if config.target.kind == "level" else draw_on(ahead, horizon)


def _recursive(predict: Predictor, inputs: Float32s, config: Config, horizon: int) -> Floats:
    """Forecast one session ahead, move the window on over the forecast, and again."""
    forecasts = np.empty((len(inputs), horizon))
    for step in range(horizon):
        output = _after_origin(predict(inputs), config)
        forecasts[:, step] = output[:, 0]
        if step + 1 < horizon:
            inputs = np.concatenate([inputs[:, 1:], output[:, :1, None]], axis=1)
    return forecasts


def _after_origin(outputs: Float32s, config: Config) -> Float32s:
    """Return what a network says of the sessions after the origin, of shape (windows, outputs)."""
    if config.targets_every_step:
        return outputs[:, -1]
    return outputs.reshape(len(outputs), math.prod(outputs.shape[1:]))
