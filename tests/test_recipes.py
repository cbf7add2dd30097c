"""The contract of every network: trains, its loss falls, saves, reloads to the same forecasts, is scored; or is refused."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from stockrnn.bundled import bundled_folder
from stockrnn.config import parse_config
from stockrnn.errors import ConfigError
from stockrnn.forecasts.forecasting import NetworkForecaster
from stockrnn.forecasts.numpy_network import load_numpy_network
from stockrnn.forecasts.table import tabulate
from stockrnn.recipes import load_recipe
from stockrnn.runs.content import read_config_of, read_encoding_of, read_forecasts_of, read_heads_of, read_prices_of
from stockrnn.runs.folder import load_run

LOOKBACK, HORIZON, TRUNCATE = 8, 3, 3
RECIPES = sorted(bundled_folder("configs").glob("*.toml"))
FAST_RECIPES = {"no_memory"}


class Network(NamedTuple):
    """One combination of the keys that choose a network."""

    cell: str
    shape: str
    bidirectional: bool
    strategy: str
    truncate_steps: int
    lookback: int
    horizon: int

    def document(self) -> dict[str, dict[str, object]]:
        return {
            "window": {"lookback": self.lookback, "horizon": self.horizon, "strategy": self.strategy},
            "model": {"cell": self.cell, "shape": self.shape, "bidirectional": self.bidirectional},
            "train": {"truncate_steps": self.truncate_steps},
        }

    def options(self) -> Iterator[str]:
        for section, keys in self.document().items():
            for key, value in keys.items():
                yield f"{section}.{key}={json.dumps(value)}"

    def __str__(self) -> str:
        return "-".join(str(value) for value in self)


CELLS = ("lstm", "gru", "simple_rnn", "feed_forward")
SHAPES = ("one_to_one", "one_to_many", "many_to_one", "many_to_many")
STRATEGIES = ("recursive", "direct", "sequence_to_sequence")
EVERY_NETWORK = [
    Network(*keys)
    for keys in itertools.product(
        CELLS, SHAPES, (False, True), STRATEGIES, (0, TRUNCATE, LOOKBACK), (1, LOOKBACK), (1, HORIZON)
    )
]


def sensible(network: Network) -> bool:
    """Say what makes sense, shape by shape; everything else must be refused."""
    forwards = not network.bidirectional
    recurrent = network.cell != "feed_forward"
    truncated = network.truncate_steps > 0
    one_by_one = network.strategy in ("recursive", "direct")
    if network.truncate_steps >= LOOKBACK:
        return False
    match network.shape:
        case "one_to_one":
            return network.lookback == 1 and one_by_one and forwards and not truncated
        case "one_to_many":
            path = network.strategy == "sequence_to_sequence" and network.horizon > 1
            return network.lookback == 1 and path and recurrent and forwards and not truncated
        case "many_to_one":
            plain = forwards and not truncated
            return network.lookback > 1 and one_by_one and (plain or (recurrent and not (truncated and not forwards)))
        case _:
            decoded = not one_by_one and not truncated
            return network.lookback > 1 and recurrent and (decoded or (one_by_one and forwards))


TRAINED = [network for network in EVERY_NETWORK if sensible(network) and network.horizon == HORIZON]
FAST_NETWORKS: set[tuple[str, str, str, int]] = set()


@pytest.fixture(scope="module")
def price_file(make_prices, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("prices") / "AAA.csv"
    make_prices(110, first="2020-01-01").droplevel("ticker").to_csv(path)
    return path


@pytest.fixture(autouse=True)
def without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what takes longer than the training: pictures have their own tests."""
    monkeypatch.setattr("stockrnn.workflows.train.save_forecast_figures", lambda *_: None)


def tiny(*options: str) -> list[str]:
    days = pd.bdate_range("2020-01-01", periods=110).strftime("%Y-%m-%d")
    chosen = [
        f"data.train=['{days[0]}', '{days[89]}']",
        f"data.test=['{days[90]}', '{days[-1]}']",
        "model.units=4",
        "model.layers=1",
        "train.epochs=4",
        "train.learning_rate=0.01",
        *options,
    ]
    return [word for option in chosen for word in ("--set", option)]


def assert_contract(run_cli, price_file: Path, runs: Path, *arguments: str) -> None:
    """Train through the command line and hold what is in the run folder against Keras and NumPy."""
    from stockrnn.models.saving import load_network, predict_windows

    document = json.loads(run_cli("train", price_file, "--runs", runs, "--name", "x", "--json", *arguments).stdout)
    losses = pd.read_csv(runs / "x/history.csv")["loss"]
    assert losses.iloc[-1] < losses.iloc[0]
    run = load_run(runs / "x")
    config, prices = read_config_of(run), read_prices_of(run)
    stored = read_forecasts_of(run)
    stored = stored[stored["forecaster"] == "network"].reset_index(drop=True)
    rows = prices.index.get_level_values("session").get_indexer(stored["origin"].drop_duplicates())
    assert len(stored) == len(rows) * config.window.horizon
    (path,) = run.model_files
    keras_network, numpy_network = partial(predict_windows, load_network(path)), load_numpy_network(path)
    forecaster = NetworkForecaster([keras_network], read_encoding_of(run), config, read_heads_of(run))
    again = tabulate(
        forecaster.forecast(prices, rows, config.window.horizon), prices, rows, config.target.column
    ).reset_index(drop=True)
    pd.testing.assert_frame_equal(again, stored, check_exact=True)
    shape = (40, config.window.lookback, read_encoding_of(run).width)
    inputs = np.random.default_rng(1).uniform(-0.5, 1.5, shape).astype(np.float32)
    np.testing.assert_allclose(numpy_network(inputs), keras_network(inputs), rtol=0, atol=1e-5)
    scored = [score for score in document["scores"] if score["forecaster"] == "network"]
    assert [score["horizon"] for score in scored] == list(range(1, config.window.horizon + 1))
    assert all(score["rmse"] > 0 for score in scored)
    assert len(document["verdicts"]) >= 1


def slow_unless(fast: bool) -> tuple[pytest.MarkDecorator, ...]:
    return () if fast else (pytest.mark.slow,)


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=path.stem, marks=slow_unless(path.stem in FAST_RECIPES)) for path in RECIPES],
)
def test_a_recipe_trains_saves_reloads_to_the_same_forecasts_and_is_scored(run_cli, price_file, tmp_path, path) -> None:
    shorter = ["window.lookback=10"] if load_recipe(path.stem).config.window.lookback > 1 else []
    if path.stem == "truncated":
        shorter.append("train.truncate_steps=4")
    if path.stem == "recommended":
        # One network as it was saved: neither averaged, nor trained anew, nor led back by the gate.
        shorter += [
            "train.warm_up=2",
            "train.stride=2",
            "train.seeds=1",
            "train.refit_epochs=0",
            "evaluation.gate=false",
        ]
    assert_contract(run_cli, price_file, tmp_path, "--config", path.stem, *tiny(*shorter))


@pytest.mark.parametrize(
    "network",
    [
        pytest.param(
            network,
            id=str(network),
            marks=slow_unless((network.cell, network.shape, network.strategy, network.truncate_steps) in FAST_NETWORKS),
        )
        for network in TRAINED
    ],
)
def test_a_network_that_makes_sense_trains_saves_reloads_to_the_same_forecasts_and_is_scored(
    run_cli, price_file, tmp_path, network
) -> None:
    assert_contract(run_cli, price_file, tmp_path, *tiny(*network.options(), "model.dropout=0.0"))


def refusal(network: Network) -> str:
    try:
        parse_config(network.document(), "my.toml")
    except ConfigError as error:
        return str(error)
    return ""


def test_every_combination_loads_or_is_refused_with_the_keys_and_the_reason() -> None:
    for network in EVERY_NETWORK:
        message = refusal(network)
        assert sensible(network) == (message == ""), f"{network}: {message or 'not refused'}"
        assert "\n" not in message
        assert not message or re.match(r"my\.toml: .*(model|window|train)\.\w+", message)


def test_every_cell_shape_direction_strategy_and_truncation_makes_sense_somewhere() -> None:
    for values, possible in zip(zip(*TRAINED, strict=True), (CELLS, SHAPES, (False, True), STRATEGIES), strict=False):
        assert set(values) == set(possible)
    assert {network.truncate_steps for network in TRAINED} == {0, TRUNCATE}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["model.shape=one_to_one"], ["model.shape one_to_one reads one step", "window.lookback is 60"]),
        (["window.lookback=1"], ["model.shape many_to_one reads many steps", "window.lookback is 1"]),
        (["model.shape=one_to_many", "window.lookback=1"], ["gives a path", "window.strategy", "window.horizon"]),
        (["window.strategy=sequence_to_sequence"], ["window.strategy", "needs model.shape many_to_many"]),
        (["model.cell=feed_forward", "model.bidirectional=true"], ["model.cell feed_forward", "has no steps"]),
        (["model.cell=feed_forward", "train.truncate_steps=5"], ["model.cell feed_forward", "train.truncate_steps"]),
        (["model.shape=one_to_one", "window.lookback=1", "model.bidirectional=true"], ["model.bidirectional", "one"]),
        (["model.shape=many_to_many", "model.bidirectional=true"], ["model.bidirectional", "the very target"]),
        (["model.bidirectional=true", "train.truncate_steps=5"], ["train.truncate_steps", "model.bidirectional"]),
        (["train.truncate_steps=60"], ["train.truncate_steps 60 truncates nothing", "window.lookback 60"]),
    ],
    ids=lambda value: " ".join(value) if "=" in value[0] else "",
)
def test_what_makes_no_sense_is_refused_before_anything_is_done(run_cli, tmp_path, options, words) -> None:
    settings = [word for option in options for word in ("--set", option)]
    result = run_cli("train", "--runs", tmp_path / "runs", *settings, code=2)
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    for word in words:
        assert word in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_begins_with_one_line_that_says_what_it_is(path) -> None:
    first, second, *_ = path.read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"# [A-Z].{20,}\.", first)
    assert second == ""
