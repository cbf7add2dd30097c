"""What the inner layers of a recurrent cell did with one window: gates, states, and the same cell without its gates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockrnn.arrays import Float32s
from stockrnn.errors import ConfigError
from stockrnn.forecasts.numpy_cells import CELLS, Floats, plain_step
from stockrnn.forecasts.numpy_network import BidirectionalLayer, NumpyLayer, RecurrentLayer


@dataclass(frozen=True)
class CellTrace:
    """One recurrent layer over one window; every array has the shape (sessions, units).

    Attributes:
        cell: SimpleRNN, LSTM or GRU.
        layer: Its number, from 1.
        layers: How many recurrent layers read the window.
        is_forward_direction: It is the forward half of a layer that reads in both directions.
        gates: Values by name: forget, input, candidate and output of an LSTM; update, reset and candidate of a GRU.
        memory: The cell state of an LSTM after each session; None for other cells.
        output: The hidden state after each session.
        plain: The state of the plain cell: one tanh with the candidate's weights and no gates. The output of a SimpleRNN.
    """

    cell: str
    layer: int
    layers: int
    is_forward_direction: bool
    gates: dict[str, Floats]
    memory: Floats | None
    output: Floats
    plain: Floats


def trace_layer(layers: Sequence[NumpyLayer], window: Float32s, number: int) -> CellTrace:
    """Run a network over one window up to one recurrent layer, and record what happened in it.

    Args:
        layers: The layers of the network.
        window: Scaled features, of shape (lookback, features).
        number: Which recurrent layer, from 1.

    Raises:
        ConfigError: The network has no such layer, or its steps are not the sessions of the window.
    """
    recurrent = [
        place for place, (_, layer) in enumerate(layers) if isinstance(layer, RecurrentLayer | BidirectionalLayer)
    ]
    names = [name for name, _ in layers]
    decoder = names.index("RepeatVector") if "RepeatVector" in names else len(layers)
    readers = [place for place in recurrent if place < decoder]
    if not recurrent:
        raise ConfigError(
            "this network is feed-forward: it has no recurrent cell, so there are no gates and no state to show"
        )
    if not 1 <= number <= len(readers):
        rest = (
            "; the decoder after them steps over the forecast, not over sessions"
            if len(recurrent) > len(readers)
            else ""
        )
        raise ConfigError(
            f"--layer {number}: this network reads the window with recurrent layers 1 to {len(readers)}{rest}"
        )
    values: Floats = window[None]
    for _, layer in layers[: readers[number - 1]]:
        values = layer(values)
    chosen = layers[readers[number - 1]][1]
    is_half = isinstance(chosen, BidirectionalLayer)
    cell = chosen.forward if isinstance(chosen, BidirectionalLayer) else chosen
    assert isinstance(cell, RecurrentLayer)
    return _trace(cell, values, number, len(readers), is_half)


def _trace(layer: RecurrentLayer, values: Floats, number: int, count: int, is_half: bool) -> CellTrace:
    steps = list(layer.steps(values))
    states = [np.concatenate(each) for each in zip(*(states for states, _ in steps), strict=True)]
    gates = [np.concatenate(each) for each in zip(*(gates for _, gates in steps), strict=True)]
    return CellTrace(
        cell=layer.cell,
        layer=number,
        layers=count,
        is_forward_direction=is_half,
        gates=dict(zip(CELLS[layer.cell].gates, gates, strict=True)),
        memory=states[1] if layer.cell == "LSTM" else None,
        output=states[0],
        plain=_without_gates(layer, values),
    )


def _without_gates(layer: RecurrentLayer, values: Floats) -> Floats:
    """Run the plain cell that is left when a cell's gates are taken away: its candidate fed with its own last state."""
    place = CELLS[layer.cell].gates.index("candidate") if CELLS[layer.cell].gates else 0
    mine = slice(place * layer.units, (place + 1) * layer.units)
    projected, kernel, bias = layer.project(values)[..., mine], layer.weights[1][:, mine], layer.weights[-1]
    state: Floats = np.zeros((len(values), layer.units), dtype=values.dtype)
    states = []
    for time in range(values.shape[1]):
        state = plain_step(projected[:, time], state, kernel, bias[1][mine] if bias.ndim == 2 else 0.0)
        states.append(state)
    return np.concatenate(states)


@dataclass(frozen=True)
class DatedTrace:
    """A traced layer beside the prices of its window.

    Attributes:
        ticker: Whose prices.
        target: The price column that is forecast.
        sessions: The sessions of the window, oldest first; the last one is the origin.
        prices: The target column, in price units, of shape (sessions,).
        trace: What the layer did.
        seed: Of the network.
    """

    ticker: str
    target: str
    sessions: pd.DatetimeIndex
    prices: npt.NDArray[np.float64]
    trace: CellTrace
    seed: int
