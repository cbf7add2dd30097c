"""What is inside a .keras file, read without Keras: the configs of the layers, their weights, and which reads which."""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py

from stockrnn.errors import RunFolderError

# The name under which layers read the input of the network.
INPUT = ""


class UnknownLayerError(Exception):
    """A layer, or an order of layers, that is not computed here; Keras knows it."""


@dataclass(frozen=True)
class KerasFile:
    """A saved network of one input and one output, each of whose layers is called once.

    Attributes:
        kind: Its class: Sequential or Functional.
        configs: The layers, each after those that it reads.
        weights: Their weights, by class and count.
    """

    kind: str
    configs: list[dict[str, Any]]
    weights: h5py.File

    def sources(self) -> dict[str, list[str]]:
        """Return which layers each layer reads; the input is nameless."""
        configs = [layer for layer in self.configs if layer["class_name"] != "InputLayer"]
        names = [layer["config"]["name"] for layer in configs]
        if self.kind == "Sequential":
            return {name: [before] for before, name in itertools.pairwise([INPUT, *names])}
        inputs = {layer["config"]["name"] for layer in self.configs if layer["class_name"] == "InputLayer"}
        sources = {}
        for layer in configs:
            read = layer["inbound_nodes"][0]["args"][0]
            tensors = read if isinstance(read, list) else [read]
            histories = [tensor["config"]["keras_history"][0] for tensor in tensors]
            sources[layer["config"]["name"]] = [INPUT if name in inputs else name for name in histories]
        return sources


def read_keras_file(path: Path) -> KerasFile:
    """Read the `config.json` and `model.weights.h5` of a saved network; nothing in it is executed.

    Raises:
        UnknownLayerError: Its layers are neither a stack nor a graph with one way in and one way out.
        RunFolderError: The file is no Keras network.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            document = json.loads(archive.read("config.json"))
            weights = io.BytesIO(archive.read("model.weights.h5"))
        kind, config = document["class_name"], document["config"]
        _check_graph(kind, config)
        return KerasFile(kind, config["layers"], h5py.File(weights))
    except (zipfile.BadZipFile, KeyError, json.JSONDecodeError, OSError) as error:
        raise RunFolderError(f"{path}: not a Keras network ({error})") from error


def _check_graph(kind: str, config: dict[str, Any]) -> None:
    if kind == "Sequential":
        return
    if kind != "Functional":
        raise UnknownLayerError(kind)
    layers, output = config["layers"], config["output_layers"]
    inputs = sum(layer["class_name"] == "InputLayer" for layer in layers)
    if inputs != 1 or output[:1] != [layers[-1]["config"]["name"]]:
        raise UnknownLayerError("several inputs or outputs")
    if any(len(layer["inbound_nodes"]) > 1 for layer in layers):
        raise UnknownLayerError("a layer that is called twice")
