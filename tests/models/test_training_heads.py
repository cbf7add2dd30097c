"""Training of networks with a head, windows with a target at every step, schedules and decay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockrnn.models.objectives import LEVELS, make_objective
from stockrnn.models.saving import load_state, save_state
from stockrnn.models.steps import StepLayout, rows_of, validation_steps
from stockrnn.models.training import TrainingState, _order
from stockrnn.samples.windows import Windows
from tests.models.head_training import ROWS, STRIDE, WARM_UP, config_of, fit, network_of, samples_of

# Real networks are trained here.
pytestmark = pytest.mark.slow


def assert_same(first: list[np.ndarray], second: list[np.ndarray]) -> None:
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("head", ["quantiles", "student_t"])
def test_the_network_and_its_head_are_both_trained(head: str) -> None:
    config = config_of({"head": head})
    samples, network = samples_of(config), network_of(config)
    untrained = make_objective(samples.encoding.layout, "huber")
    seen = np.unique(np.add.outer(samples.windows.origins, samples.windows.target_steps()))
    untrained.start(samples.windows.row_targets[seen].astype(np.float64))
    before, start = network.get_weights(), [np.array(each) for each in untrained.variables]
    outcome = fit(config, network)
    assert len(outcome.state.weights) == len(before) + len(start)
    assert_same(network.get_weights(), outcome.state.weights[: len(before)])
    for old, new in zip([*before, *start], outcome.state.weights, strict=True):
        assert np.abs(old - new).max() > 1e-4
    assert outcome.head.quantiles.shape == (1, 1, len(LEVELS))
    assert (np.diff(outcome.head.quantiles) > 0).all()
    assert outcome.history[-1]["loss"] < outcome.history[0]["loss"]


@pytest.mark.parametrize("head", ["quantiles", "student_t"])
def test_two_epochs_saved_and_gone_on_with_end_at_the_bytes_of_four(tmp_path: Path, head: str) -> None:
    config = config_of({"head": head}, schedule="cosine", weight_decay=0.01, clip_norm=1.0)
    states: list[TrainingState] = []
    network = network_of(config)
    whole = fit(config, network, on_epoch=states.append)
    save_state(tmp_path / "state.npz", states[1])
    again = network_of(config, seed=99)
    rest = fit(config, again, load_state(tmp_path / "state.npz"))
    assert_same(rest.state.weights, whole.state.weights)
    assert_same(rest.state.optimizer, whole.state.optimizer)
    assert_same(again.get_weights(), network.get_weights())
    np.testing.assert_array_equal(rest.head.quantiles, whole.head.quantiles)
    assert rest.history == whole.history


def test_early_stopping_keeps_the_head_of_the_best_epoch_too() -> None:
    config = config_of(epochs=30, learning_rate=0.4, early_stopping=3)
    states: list[TrainingState] = []
    network = network_of(config)
    outcome = fit(config, network, on_epoch=states.append)
    losses = [epoch["val_loss"] for epoch in outcome.history]
    best = int(np.argmin(losses))
    assert len(losses) == best + 1 + 3 < 30
    own = len(network.get_weights())
    assert_same(network.get_weights(), states[best].weights[:own])
    np.testing.assert_array_equal(outcome.head.quantiles[0, 0], np.sort(states[best].weights[own + 2][0, 0]))
    assert np.abs(states[best].weights[own + 2] - states[-1].weights[own + 2]).max() > 1e-4


def test_the_validation_loss_is_that_of_the_newest_windows_a_stride_apart() -> None:
    config = config_of(epochs=1)
    samples, network = samples_of(config), network_of(config)
    outcome = fit(config, network, samples=samples)
    objective = make_objective(samples.encoding.layout, "huber")
    for variable, value in zip(objective.variables, outcome.state.weights[len(network.get_weights()) :], strict=True):
        variable.assign(value)
    origins = np.arange(ROWS - 1, 89, -STRIDE)[::-1]
    assert len(origins) == 8
    look = validation_steps(network, StepLayout.of(samples.validation), objective)
    loss = float(look(origins[None], *rows_of(samples.validation))[0])
    assert outcome.history[0]["val_loss"] == pytest.approx(loss, rel=1e-5)


def test_the_first_steps_of_a_window_count_nothing() -> None:
    config = config_of({"dropout": 0.0}, stride=64, epochs=1, batch_size=100)
    samples = samples_of(config, watched=False)
    one = replace(samples.windows, origins=np.array([40]))
    weights = []
    for changed in (slice(0), slice(33, 33 + WARM_UP), slice(36, 37)):
        targets = one.row_targets.copy()
        targets[changed] += 5
        objective = make_objective(samples.encoding.layout, "huber")
        objective.start(samples.windows.row_targets.astype(np.float64))
        look = validation_steps(network_of(config), StepLayout.of(one), objective)
        weights.append(float(look(one.origins[None], *rows_of(replace(one, row_targets=targets)))[0]))
    assert weights[0] == weights[1] != weights[2]


@settings(max_examples=30, deadline=None)
@given(windows=st.integers(1, 40), stride=st.integers(1, 12), seed=st.integers(0, 5))
def test_an_epoch_takes_each_window_of_its_offset_once(windows: int, stride: int, seed: int) -> None:
    origins = np.arange(7, 7 + windows)
    laid = Windows(np.zeros((60, 1), np.float32), np.zeros((60, 1), np.float32), origins, 5, stride=stride)
    for epoch in range(3):
        order = np.sort(_order(laid, seed, epoch))
        offset = order[0] - 7
        assert 0 <= offset < min(stride, windows)
        np.testing.assert_array_equal(order, origins[offset::stride])


def test_epochs_draw_offsets_of_their_own_and_come_to_every_window() -> None:
    origins = np.arange(7, 47)
    laid = Windows(np.zeros((60, 1), np.float32), np.zeros((60, 1), np.float32), origins, 5, stride=4)
    orders = [_order(laid, 1, epoch).tolist() for epoch in range(24)]
    assert {min(order) - 7 for order in orders} == {0, 1, 2, 3}
    assert set().union(*orders) == set(origins.tolist())
    assert orders == [_order(laid, 1, epoch).tolist() for epoch in range(24)]
    assert orders != [_order(laid, 2, epoch).tolist() for epoch in range(24)]


def test_a_state_with_a_head_comes_back_from_its_file(tmp_path: Path) -> None:
    config = config_of(epochs=2, early_stopping=1)
    state = fit(config).state
    save_state(tmp_path / "state.npz", state)
    again = load_state(tmp_path / "state.npz")
    assert again.history == state.history
    for kind in ("weights", "optimizer", "best_weights"):
        assert_same(getattr(again, kind), getattr(state, kind))
    assert [path.name for path in tmp_path.iterdir()] == ["state.npz"]


def test_a_network_learns_what_scale_follows_from_what_it_reads() -> None:
    config = config_of({"dropout": 0.0}, epochs=25, stride=1, batch_size=16)
    network = network_of(config)
    samples = samples_of(config, watched=False)
    fit(config, network, samples=samples)
    outputs = np.asarray(network(samples.windows.inputs()))[:, -1]
    log_scale = samples.encoding.layout.log_scale(outputs, "close")[:, 0]
    read = samples.windows.inputs()[:, -1, 0]
    assert np.corrcoef(log_scale, read)[0, 1] > 0.8
