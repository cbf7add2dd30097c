"""The forward pass of a saved network in NumPy: forecasts without the seconds that TensorFlow takes to start.

Covers what our recipes are made of, with the arithmetic
of Keras 3: Dense, Flatten, RepeatVector, SimpleRNN, LSTM, GRU (reset after) and Bidirectional; Dropout passes everything;
Cropping1D and Concatenate where the newest session leads past the recurrent layers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from stockrnn.arrays import Float32s
from stockrnn.forecasts.forecasting import Predictor
from stockrnn.forecasts.keras_file import INPUT, KerasFile, UnknownLayerError, read_keras_file
from stockrnn.forecasts.numpy_cells import CELLS, Floats, Weights, sigmoid


@dataclass(frozen=True)
class RecurrentLayer:
    """A recurrent layer with its weights; called, it gives what the layer of Keras gives.

    Attributes:
        cell: Its class in Keras: SimpleRNN, LSTM or GRU.
        units: Width of its states.
        weights: Kernel, recurrent kernel, bias.
        return_sequences: It gives its output of every step, not only of the last.
    """

    cell: str
    units: int
    weights: Weights
    return_sequences: bool

    def __call__(self, values: Floats) -> Floats:
        """Return outputs of shape (windows, units), or (windows, steps, units) with `return_sequences`."""
        outputs = [states[0] for states, _ in self.steps(values)]
        return np.stack(outputs, axis=1) if self.return_sequences else outputs[-1]

    def project(self, values: Floats) -> Floats:
        """Return the inputs of all steps times the kernel; a GRU keeps its recurrent bias for the steps."""
        bias = self.weights[-1]
        projected: Floats = values @ self.weights[0] + (bias[0] if bias.ndim == 2 else bias)
        return projected

    def steps(self, values: Floats) -> Iterator[tuple[list[Floats], tuple[Floats, ...]]]:
        """Yield the states and the gates after each step of values of shape (windows, steps, features)."""
        projected, cell = self.project(values), CELLS[self.cell]
        states = [np.zeros((len(values), self.units), dtype=values.dtype) for _ in range(cell.states)]
        for time in range(values.shape[1]):
            states, gates = cell.step(projected[:, time], states, self.weights[1:])
            yield states, gates


@dataclass(frozen=True)
class BidirectionalLayer:
    """Two recurrent layers, one of which reads backwards, with their outputs side by side."""

    forward: RecurrentLayer
    backward: RecurrentLayer

    def __call__(self, values: Floats) -> Floats:
        """Return outputs of shape (windows, 2 units), or (windows, steps, 2 units)."""
        later = self.backward(values[:, ::-1])
        # Outputs of every step are turned back so that both directions speak of the same session.
        if self.backward.return_sequences:
            later = later[:, ::-1]
        return np.concatenate([self.forward(values), later], axis=-1)


# The class of a layer in Keras, and what computes it.
NumpyLayer = tuple[str, Callable[[Floats], Floats]]


def load_numpy_network(path: Path) -> Predictor:
    """Load a saved network as a function from (windows, lookback, features) to its outputs.

    Raises:
        UnknownLayerError: It has a layer, an activation or an option that is not computed here.
        RunFolderError: The file is no Keras network.
    """
    archive = read_keras_file(path)
    layers, sources = _layers(archive), archive.sources()

    def predict(inputs: Float32s) -> Float32s:
        values: dict[str, Floats] = {INPUT: inputs}
        for layer in layers:
            read = [values[name] for name in sources[layer.name]]
            values[layer.name] = layer.compute(read[0]) if len(read) == 1 else np.concatenate(read, axis=-1)
        return values[layers[-1].name].astype(np.float32, copy=False)

    return predict


def load_numpy_layers(path: Path) -> list[NumpyLayer]:
    """Load the layers of a saved stack, from the first to the last; of a network with a head those under the head.

    Raises:
        UnknownLayerError: As in `load_numpy_network`.
        RunFolderError: The file is no Keras network.
    """
    archive = read_keras_file(path)
    layers = [(layer.kind, layer.compute) for layer in _layers(archive)]
    if archive.kind == "Sequential":
        return layers
    return [(kind, compute) for kind, compute in layers if kind in (*CELLS, "Bidirectional", "Dropout")]


@dataclass(frozen=True)
class _Layer:
    name: str
    kind: str
    compute: Callable[[Floats], Floats]


def _layers(archive: KerasFile) -> list[_Layer]:
    seen: Counter[str] = Counter()
    layers = []
    for layer in archive.configs:
        kind, config = layer["class_name"], layer["config"]
        if kind == "InputLayer":
            continue
        # Keras names the groups of weights by class and count, not by the layer's own name.
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind).lower()
        group = archive.weights.get(f"layers/{snake}" + (f"_{seen[snake]}" if seen[snake] else ""))
        seen[snake] += 1
        layers.append(_Layer(config["name"], kind, _layer(kind, config, group)))
    return layers


def _layer(name: str, config: dict[str, Any], group: h5py.Group) -> Callable[[Floats], Floats]:
    if name == "Concatenate" and config["axis"] != -1:
        raise UnknownLayerError(f"Concatenate with axis={config['axis']}")
    if name in _WITHOUT_WEIGHTS:
        return _WITHOUT_WEIGHTS[name](config)
    if name == "Dense":
        activate = _ACTIVATIONS[_known(config["activation"], _ACTIVATIONS)]
        if not config["use_bias"]:
            raise UnknownLayerError("Dense with use_bias=False")
        kernel, bias = _weights(group["vars"])
        return lambda values: activate(values @ kernel + bias)
    if name == "Bidirectional" and config["merge_mode"] == "concat":
        return _bidirectional(config["layer"], config.get("backward_layer", config["layer"]), group)
    return _recurrent(_known(name, CELLS), config, group["cell/vars"])


def _unchanged(config: dict[str, Any]) -> Callable[[Floats], Floats]:
    del config
    return lambda values: values


def _flatten(config: dict[str, Any]) -> Callable[[Floats], Floats]:
    del config
    return lambda values: values.reshape(len(values), -1)


def _repeat(config: dict[str, Any]) -> Callable[[Floats], Floats]:
    return lambda values: np.repeat(values[:, None], config["n"], axis=1)


def _crop(config: dict[str, Any]) -> Callable[[Floats], Floats]:
    first, last = config["cropping"]
    return lambda values: values[:, first : values.shape[1] - last]


# What is concatenated is put side by side before the layer is called.
_WITHOUT_WEIGHTS = {
    "Dropout": _unchanged,
    "Concatenate": _unchanged,
    "Flatten": _flatten,
    "RepeatVector": _repeat,
    "Cropping1D": _crop,
}


def _weights(group: h5py.Group) -> Weights:
    return [np.asarray(group[str(number)]) for number in range(len(group))]


def _bidirectional(layer: dict[str, Any], mirrored: dict[str, Any], group: h5py.Group) -> BidirectionalLayer:
    forward = _recurrent(layer["class_name"], layer["config"], group["forward_layer/cell/vars"])
    turned = {**mirrored["config"], "go_backwards": False}
    backward = _recurrent(mirrored["class_name"], turned, group["backward_layer/cell/vars"])
    return BidirectionalLayer(forward, backward)


def _recurrent(name: str, config: dict[str, Any], group: h5py.Group) -> RecurrentLayer:
    _check_options(name, config)
    return RecurrentLayer(name, config["units"], _weights(group), config["return_sequences"])


def _check_options(name: str, config: dict[str, Any]) -> None:
    _known(name, CELLS)
    plain = {"activation": "tanh", "use_bias": True, "stateful": False, "go_backwards": False, "return_state": False}
    if name != "SimpleRNN":
        plain["recurrent_activation"] = "sigmoid"
    if name == "GRU":
        plain["reset_after"] = True
    for option, value in plain.items():
        if config.get(option, value) != value:
            raise UnknownLayerError(f"{name} with {option}={config[option]}")


def _known(name: Any, table: dict[str, Any]) -> str:
    if not isinstance(name, str) or name not in table:
        raise UnknownLayerError(str(name))
    return name


_ACTIVATIONS: dict[str, Callable[[Floats], Floats]] = {
    "linear": lambda values: values,
    "relu": lambda values: np.maximum(values, 0),
    "tanh": np.tanh,
    "sigmoid": sigmoid,
}
