"""The forward pass of a saved network in NumPy: forecasts without the seconds that TensorFlow takes to start.

Reads the `config.json` and `model.weights.h5` inside a .keras file. Covers what our recipes are made of, with the arithmetic
of Keras 3: Dense, Flatten, RepeatVector, SimpleRNN, LSTM, GRU (reset after) and Bidirectional; Dropout passes everything.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from stockrnn.errors import RunFolderError
from stockrnn.forecasts.forecasting import Predictor
from stockrnn.samples.windows import Float32s

Floats = npt.NDArray[np.floating[Any]]
Weights = list[Floats]
# One step of a cell: inputs already multiplied by the kernel, the states, the recurrent weights; gives the new states, output first.
Step = Callable[[Floats, list[Floats], Weights], list[Floats]]


class UnknownLayerError(Exception):
    """A layer that is not computed here; Keras knows it."""


def load_numpy_network(path: Path) -> Predictor:
    """Load a saved network as a function from (windows, lookback, features) to its outputs.

    Raises:
        UnknownLayerError: It has a layer, an activation or an option that is not computed here.
        RunFolderError: The file is no Keras network.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read("config.json"))
            weights = io.BytesIO(archive.read("model.weights.h5"))
        if config["class_name"] != "Sequential":
            raise UnknownLayerError(config["class_name"])
        with h5py.File(weights) as file:
            layers = _layers(config["config"]["layers"], file)
    except (zipfile.BadZipFile, KeyError, json.JSONDecodeError, OSError) as error:
        raise RunFolderError(f"{path}: not a Keras network ({error})") from error

    def predict(inputs: Float32s) -> Float32s:
        values: Floats = inputs
        for layer in layers:
            values = layer(values)
        return values.astype(np.float32, copy=False)

    return predict


def _layers(configs: list[dict[str, Any]], file: h5py.File) -> list[Callable[[Floats], Floats]]:
    seen: Counter[str] = Counter()
    layers = []
    for layer in configs:
        name, config = layer["class_name"], layer["config"]
        if name == "InputLayer":
            continue
        # Keras names the groups of weights by class and count, not by the layer's own name.
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
        group = file.get(f"layers/{snake}" + (f"_{seen[snake]}" if seen[snake] else ""))
        seen[snake] += 1
        layers.append(_layer(name, config, group))
    return layers


def _layer(name: str, config: dict[str, Any], group: h5py.Group) -> Callable[[Floats], Floats]:
    if name == "Dropout":
        return lambda values: values
    if name == "Flatten":
        return lambda values: values.reshape(len(values), -1)
    if name == "RepeatVector":
        return lambda values: np.repeat(values[:, None], config["n"], axis=1)
    if name == "Dense":
        activate = _ACTIVATIONS[_known(config["activation"], _ACTIVATIONS)]
        if not config["use_bias"]:
            raise UnknownLayerError("Dense with use_bias=False")
        kernel, bias = _weights(group["vars"])
        return lambda values: activate(values @ kernel + bias)
    if name == "Bidirectional" and config["merge_mode"] == "concat":
        return _bidirectional(config["layer"], config.get("backward_layer", config["layer"]), group)
    return _recurrent(_known(name, _CELLS), config, group["cell/vars"])


def _weights(group: h5py.Group) -> Weights:
    return [np.asarray(group[str(number)]) for number in range(len(group))]


def _bidirectional(layer: dict[str, Any], mirrored: dict[str, Any], group: h5py.Group) -> Callable[[Floats], Floats]:
    name, config = layer["class_name"], layer["config"]
    forward = _recurrent(name, config, group["forward_layer/cell/vars"])
    backward = _recurrent(
        mirrored["class_name"], {**mirrored["config"], "go_backwards": False}, group["backward_layer/cell/vars"]
    )

    def both(values: Floats) -> Floats:
        later = backward(values[:, ::-1])
        # Outputs of every step are turned back so that both directions speak of the same session.
        return np.concatenate([forward(values), later[:, ::-1] if config["return_sequences"] else later], axis=-1)

    return both


def _recurrent(name: str, config: dict[str, Any], group: h5py.Group) -> Callable[[Floats], Floats]:
    _check_options(name, config)
    step, states = _CELLS[name]
    kernel, *recurrent = _weights(group)
    bias = recurrent[-1]

    def run(values: Floats) -> Floats:
        # The inputs of all steps at once; the GRU keeps its recurrent bias for the steps.
        projected = values @ kernel + (bias[0] if bias.ndim == 2 else bias)
        state = [np.zeros((len(values), config["units"]), dtype=values.dtype) for _ in range(states)]
        outputs = []
        for time in range(values.shape[1]):
            state = step(projected[:, time], state, recurrent)
            outputs.append(state[0])
        return np.stack(outputs, axis=1) if config["return_sequences"] else state[0]

    return run


def _check_options(name: str, config: dict[str, Any]) -> None:
    _known(name, _CELLS)
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


def _simple_step(projected: Floats, states: list[Floats], recurrent: Weights) -> list[Floats]:
    return [np.tanh(projected + states[0] @ recurrent[0])]


def _lstm_step(projected: Floats, states: list[Floats], recurrent: Weights) -> list[Floats]:
    output, memory = states
    entry, forget, candidate, leave = np.split(projected + output @ recurrent[0], 4, axis=1)
    memory = _sigmoid(forget) * memory + _sigmoid(entry) * np.tanh(candidate)
    return [_sigmoid(leave) * np.tanh(memory), memory]


def _gru_step(projected: Floats, states: list[Floats], recurrent: Weights) -> list[Floats]:
    (output,) = states
    kernel, bias = recurrent
    update, reset, candidate = np.split(projected, 3, axis=1)
    update_h, reset_h, candidate_h = np.split(output @ kernel + bias[1], 3, axis=1)
    gate = _sigmoid(update + update_h)
    new = np.tanh(candidate + _sigmoid(reset + reset_h) * candidate_h)
    return [gate * output + (1 - gate) * new]


def _sigmoid(values: Floats) -> Floats:
    # The tanh form cannot overflow.
    half = values.dtype.type(0.5)
    result: Floats = half * np.tanh(half * values) + half
    return result


_CELLS: dict[str, tuple[Step, int]] = {"SimpleRNN": (_simple_step, 1), "LSTM": (_lstm_step, 2), "GRU": (_gru_step, 1)}
_ACTIVATIONS: dict[str, Callable[[Floats], Floats]] = {
    "linear": lambda values: values,
    "relu": lambda values: np.maximum(values, 0),
    "tanh": np.tanh,
    "sigmoid": _sigmoid,
}
