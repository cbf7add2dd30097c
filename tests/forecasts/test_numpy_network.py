"""The NumPy forward pass against Keras, which is the oracle throughout."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from stockrnn.bundled import bundled_folder
from stockrnn.errors import RunFolderError
from stockrnn.forecasts.keras_file import UnknownLayerError
from stockrnn.forecasts.numpy_network import load_numpy_network
from stockrnn.models.architectures import build_network
from stockrnn.recipes import load_recipe
from stockrnn.runs.folder import hash_files, load_run, write_run_file
from stockrnn.samples.encoding import output_layout

# Keras is the oracle, and takes its time to start.
pytestmark = pytest.mark.slow

L = keras.layers
RECIPES = sorted(path.stem for path in bundled_folder("configs").glob("*.toml"))
RNNS = {"lstm": L.LSTM, "gru": L.GRU, "simple_rnn": L.SimpleRNN}
SLOW = pytest.mark.slow


def randomised(network: keras.Sequential) -> keras.Sequential:
    """Give every weight, biases too, another value, so that a wrong order shows."""
    random = np.random.default_rng(2)
    # Small enough that no recurrence is chaotic: there, the last bit of a float32 grows with every step.
    network.set_weights(
        [random.normal(scale=0.8 / len(array) ** 0.5, size=array.shape) for array in network.get_weights()]
    )
    return network


def assert_as_keras(network: keras.Sequential, folder: Path) -> None:
    network.save(folder / "x.keras")
    shape = (9, *network.input_shape[1:])
    inputs = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    found = load_numpy_network(folder / "x.keras")(inputs)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, network(inputs), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", [pytest.param(name, marks=() if name == "gru" else SLOW) for name in RECIPES])
def test_every_recipe_forecasts_as_keras_does(tmp_path: Path, name: str) -> None:
    config = load_recipe(name).config
    layout, features = output_layout(config), len(config.feature_columns) + len(config.feature_names)
    network = build_network(config.model, config.window, features, layout.width)
    assert_as_keras(randomised(network), tmp_path)


@pytest.mark.parametrize(
    ("cell", "every_step", "bidirectional"),
    [
        pytest.param(*keys, marks=() if keys[1] == keys[2] else SLOW)
        for keys in itertools.product(RNNS, (False, True), (False, True))
    ],
)
def test_recurrent_layers_give_what_keras_gives(
    tmp_path: Path, cell: str, every_step: bool, bidirectional: bool
) -> None:
    layers = [RNNS[cell](3, return_sequences=True), RNNS[cell](2, return_sequences=every_step)]
    wrapped = [L.Bidirectional(layer) if bidirectional else layer for layer in layers]
    assert_as_keras(randomised(keras.Sequential([keras.Input((5, 2)), *wrapped])), tmp_path)


@pytest.mark.parametrize("activation", ["linear", "relu", "tanh", "sigmoid"])
def test_dense_layers_give_what_keras_gives(tmp_path: Path, activation: str) -> None:
    layers = [L.Flatten(), L.Dense(4, activation), L.Dropout(0.5), L.Dense(3), L.RepeatVector(2), L.Dense(1)]
    assert_as_keras(randomised(keras.Sequential([keras.Input((5, 2)), *layers])), tmp_path)


def test_large_values_do_not_overflow(tmp_path: Path) -> None:
    network = keras.Sequential([keras.Input((2,)), L.Dense(2, "sigmoid")])
    network.set_weights([np.full((2, 2), 1e4), np.zeros(2)])
    network.save(tmp_path / "x.keras")
    found = load_numpy_network(tmp_path / "x.keras")(np.array([[9, 9], [-9, -9]], np.float32))
    np.testing.assert_array_equal(found, [[1, 1], [0, 0]])


UNKNOWN = {
    "activation": lambda: [L.Flatten(), L.Dense(2, "gelu")],
    "no bias": lambda: [L.Flatten(), L.Dense(2, use_bias=False)],
    "layer with weights": lambda: [L.Conv1D(2, 2), L.Flatten(), L.Dense(1)],
    "layer without weights": lambda: [L.GlobalAveragePooling1D(), L.Dense(1)],
    "recurrent activation": lambda: [L.LSTM(2, activation="relu")],
    "recurrent without bias": lambda: [L.SimpleRNN(2, use_bias=False)],
    "reset before": lambda: [L.GRU(2, reset_after=False)],
    "backwards": lambda: [L.LSTM(2, go_backwards=True)],
    "merged by sum": lambda: [L.Bidirectional(L.LSTM(2), merge_mode="sum")],
    "other backward layer": lambda: [
        L.Bidirectional(L.LSTM(2), backward_layer=L.LSTM(2, activation="relu", go_backwards=True))
    ],
    "masking": lambda: [L.Masking(), L.LSTM(2)],
}


@pytest.mark.parametrize("kind", UNKNOWN)
def test_what_is_not_computed_here_is_an_unknown_layer(tmp_path: Path, kind: str) -> None:
    keras.Sequential([keras.Input((5, 2)), *UNKNOWN[kind]()]).save(tmp_path / "x.keras")
    with pytest.raises(UnknownLayerError):
        load_numpy_network(tmp_path / "x.keras")


def graphs() -> dict[str, keras.Model]:
    """Give networks that are neither a stack nor a graph with one way in and one way out."""
    one, other, twice = keras.Input((3,)), keras.Input((3,)), L.Dense(3)
    steps = keras.Input((4, 3))
    return {
        "two inputs": keras.Model([one, other], L.Concatenate()([one, other])),
        "two outputs": keras.Model(one, [L.Dense(2)(one), L.Dense(1)(one)]),
        "an output on the way": keras.Model(one, [twice(one), L.Dense(1)(twice.output)]),
        "called twice": keras.Model(one, twice(twice(one))),
        "added": keras.Model(one, L.Add()([L.Dense(3)(one), one])),
        "joined in time": keras.Model(steps, L.Concatenate(axis=1)([L.LSTM(3, return_sequences=True)(steps), steps])),
    }


@pytest.mark.parametrize(
    "kind", ["two inputs", "two outputs", "an output on the way", "called twice", "added", "joined in time"]
)
def test_a_network_with_several_ways_is_unknown(tmp_path: Path, kind: str) -> None:
    graphs()[kind].save(tmp_path / "x.keras")
    with pytest.raises(UnknownLayerError):
        load_numpy_network(tmp_path / "x.keras")


def test_a_graph_with_one_way_in_and_one_out_is_computed(tmp_path: Path) -> None:
    inputs = keras.Input((4, 3))
    seen = L.Dropout(0.2)(L.LSTM(5)(inputs))
    newest = L.Flatten()(L.Cropping1D((3, 0))(inputs))
    assert_as_keras(randomised(keras.Model(inputs, L.Dense(2)(L.Concatenate()([seen, newest])))), tmp_path)


@pytest.mark.parametrize("damage", ["empty", "text", "half", "no config", "no json"])
def test_a_damaged_file_is_told_as_such(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "x.keras"
    keras.Sequential([keras.Input((2,)), L.Dense(3)]).save(path)
    content = path.read_bytes()
    contents = {"empty": b"", "text": b"hello", "half": content[: len(content) // 2]}
    if damage in contents:
        path.write_bytes(contents[damage])
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json" if damage == "no json" else "other", "{")
            archive.writestr("model.weights.h5", "")
    with pytest.raises(RunFolderError, match=r"x\.keras: not a Keras network"):
        load_numpy_network(path)


def test_predict_leaves_to_keras_what_numpy_does_not_know(run_cli: Any, smoke_run: Path) -> None:
    path = smoke_run / "model.keras"
    network = keras.saving.load_model(path, compile=False)
    network.layers[-1].activation = keras.activations.gelu
    network.save(path)
    document = json.loads((smoke_run / "run.json").read_text())
    write_run_file(smoke_run, {**document, "files": hash_files(smoke_run)})
    assert load_run(smoke_run).model_files == [path]
    found = json.loads(run_cli("predict", smoke_run, "--json").stdout)
    config, ticker = document["config"], next(iter(document["scaler"]))
    from stockrnn.runs.content import read_encoding_of, read_prices_of

    run = load_run(smoke_run)
    prices, scaling = read_prices_of(run), read_encoding_of(run).scalings[ticker]
    newest = scaling.apply(prices.iloc[-config["window"]["lookback"] :], ["open"])[None]
    expected = scaling.undo(np.asarray(network(newest), np.float64), "open").item()
    assert found["forecasts"][0]["forecast"] == pytest.approx(expected, rel=1e-5)


def test_predict_with_known_layers_does_not_load_tensorflow(trained_smoke: Path) -> None:
    script = (
        "import sys; from click.testing import CliRunner; from stockrnn.cli.main import cli;"
        "result = CliRunner().invoke(cli, ['predict', sys.argv[1]]); assert result.exit_code == 0, result.output;"
        "assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script, trained_smoke], check=True, timeout=120)
