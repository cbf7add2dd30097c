"""Networks and the states of their training on disk: plain Keras files, and arrays without pickle."""

from __future__ import annotations

import gc
import itertools
import json
import zipfile
from pathlib import Path

import keras
import numpy as np

from stockrnn.arrays import Float32s
from stockrnn.errors import RunFolderError
from stockrnn.models.training import TrainingState

_KINDS = ("weights", "optimizer", "best_weights")


def load_network(path: Path) -> keras.Model:
    """Load a saved network; nothing in the file is executed.

    Raises:
        RunFolderError: Keras cannot read the file.
    """
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except (ValueError, TypeError, OSError, KeyError) as error:
        raise RunFolderError(f"{path}: Keras cannot read this network ({str(error).splitlines()[0]})") from error


def predict_windows(network: keras.Model, inputs: Float32s) -> Float32s:
    """Return the network's outputs for inputs of shape (windows, lookback, features)."""
    # Keras runs a loop of small operations a batch: many windows are worth large ones.
    size = 32 if len(inputs) < 32 * 32 else 1024
    batches = (inputs[start : start + size] for start in itertools.count(0, size))
    return np.concatenate([network.predict_on_batch(batch) for batch in itertools.takewhile(len, batches)])


def save_state(path: Path, state: TrainingState) -> None:
    """Write a training state as `.npz`, whole or not at all."""
    arrays = {f"{kind}-{number}": array for kind in _KINDS for number, array in enumerate(getattr(state, kind))}
    unfinished = path.with_name(f".{path.name}.partial")
    with unfinished.open("wb") as file:
        np.savez(file, history=np.frombuffer(json.dumps(state.history).encode(), np.uint8), **arrays)
    unfinished.replace(path)


def load_state(path: Path) -> TrainingState:
    """Read a training state.

    Raises:
        RunFolderError: The file is missing or damaged.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            history = json.loads(file["history"].tobytes())
            arrays = {
                kind: [file[f"{kind}-{number}"] for number in range(sum(key.startswith(f"{kind}-") for key in file))]
                for kind in _KINDS
            }
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise RunFolderError(f"{path}: damaged ({error}); train again") from error
    return TrainingState(**arrays, history=history)


def forget_networks() -> None:
    """Let go of what Keras and TensorFlow keep of networks; none may be in use any more."""
    from tensorflow.python.framework import ops

    keras.backend.clear_session()
    # TensorFlow keeps the gradient of a custom operation for ever, and with it the graph of its network.
    gradients = getattr(ops.gradient_registry, "_registry", {})
    for name in [name for name in gradients if name.startswith("CustomGradient-")]:
        del gradients[name]
    gc.collect()
