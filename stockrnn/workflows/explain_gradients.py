"""The gradients of a run's network, or of untrained cells of its size, by lag and layer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stockrnn.arrays import Float32s
from stockrnn.config import Config
from stockrnn.errors import ConfigError
from stockrnn.messages import Notify
from stockrnn.reports.explain_gradients import GradientReport
from stockrnn.runs.content import read_config_of, read_encoding_of, read_prices_of, read_split_of
from stockrnn.runs.folder import Run, load_run_with_networks
from stockrnn.samples.samples import WindowLayout, make_windows, origins_for

# Training windows, evenly spread, that gradients are averaged over: a batch of the tutorial.
_WINDOWS = 32
# Untrained networks a cell.
COMPARED_SEEDS = (1, 2, 3)


def explain_gradients(run_folder: Path, compare_cells: bool, notify: Notify) -> GradientReport:
    """Measure the gradients of a run's first network on its training windows.

    Args:
        run_folder: The run.
        compare_cells: Of untrained simple RNN, LSTM and GRU of the run's size in its place.
        notify: Hears what Keras has to say.

    Raises:
        RunFolderError: The run folder is missing or damaged.
        ConfigError: The network reads one session only.
    """
    run = load_run_with_networks(run_folder)
    config = read_config_of(run)
    _check(config, compare_cells)
    inputs, targets = _samples(run, config)
    from stockrnn.models.runtime import start_keras

    start_keras(notify)
    from stockrnn.models import gradients

    if compare_cells:
        seeds: Sequence[int] = COMPARED_SEEDS
        flows = gradients.compare_cells(config.model, config.window, (inputs, targets), config.train, seeds)
    else:
        from stockrnn.models.saving import load_network

        seeds = [int(run.document["seeds"][0])]
        network = load_network(run.model_files[0])
        flows = [gradients.gradient_flow("trained network", network, inputs, targets, config.train)]
    return GradientReport(
        run_folder.resolve().name,
        config.train.loss,
        len(inputs),
        flows,
        seeds,
        not compare_cells,
        _notes(config, compare_cells),
    )


def _check(config: Config, compare_cells: bool) -> None:
    if config.model.skip or config.model.head != "point":
        raise ConfigError(
            "gradients are shown of plain stacks with a point forecast; this run's network has model.skip or a model.head"
        )
    if config.window.lookback == 1:
        raise ConfigError(
            "this run reads one session (window.lookback 1): there is no earlier one for a gradient to go back to"
        )
    if compare_cells and config.model.cell == "feed_forward":
        raise ConfigError("--compare-cells: this run's network is feed-forward, it has no recurrent cell to replace")


def _samples(run: Run, config: Config) -> tuple[Float32s, Float32s]:
    """Return scaled windows of the fitted sessions, evenly spread, and the targets after their origins."""
    prices, split = read_prices_of(run), read_split_of(run)
    lookback = config.window.lookback
    origins = origins_for(prices, split.fit, lookback, config.outputs, read_from=split.fit[0])
    chosen = origins[np.unique(np.linspace(0, len(origins) - 1, _WINDOWS).round().astype(int))]
    windows = make_windows(prices, read_encoding_of(run), chosen, WindowLayout(lookback))
    return windows.inputs(), windows.targets()


def _notes(config: Config, compare_cells: bool) -> list[str]:
    notes = []
    if config.train.truncate_steps:
        notes.append(
            f"Training cuts the gradient after {config.train.truncate_steps} sessions (train.truncate_steps); shown is the whole one."
        )
    if config.targets_every_step:
        notes.append("Every session of a window has targets in training; shown is the loss after the newest one.")
    if config.window.strategy == "sequence_to_sequence":
        notes.append("Lags are those of the layers that read the window; the decoder's steps are sessions to come.")
    if config.model.bidirectional and not compare_cells:
        notes.append("Layers read both ways: each end of the window is near the output, and its middle is far.")
    if compare_cells:
        notes.append("simple_rnn, too large: the same cell with twice the recurrent weights, made to explode.")
        if config.model.bidirectional:
            notes.append("The cells compared read forwards only.")
    return notes
