from __future__ import annotations

import keras
import numpy as np
import pytest

from stockrnn.config_sections import TrainConfig
from stockrnn.models.gradients import clip_gradients, gradient_flow

# Keras networks are traced here.
pytestmark = pytest.mark.slow

LOOKBACK, UNITS = 12, 4
TRAIN = TrainConfig()


def simple_rnn(units=UNITS, lookback=LOOKBACK):
    return keras.Sequential(
        [keras.layers.Input((lookback, 1)), keras.layers.SimpleRNN(units), keras.layers.Dense(1)], name="plain"
    )


@pytest.mark.parametrize(("gain", "verdict"), [(0.5, "vanishes"), (1.0, "holds"), (2.0, "explodes")])
def test_an_orthogonal_recurrence_multiplies_the_gradient_by_its_gain_at_each_step(gain, verdict):
    network = simple_rnn()
    recurrent = network.layers[0].cell.recurrent_kernel
    recurrent.assign(gain * np.linalg.qr(np.random.default_rng(0).standard_normal((UNITS, UNITS)))[0])
    # At zero input every state is 0, where tanh has the slope 1: each step back is the recurrent matrix alone.
    flow = gradient_flow("n", network, np.zeros((3, LOOKBACK, 1), np.float32), np.ones((3, 1), np.float32), TRAIN)
    hidden = flow.by_lag[1]
    np.testing.assert_allclose(hidden.norms[1:] / hidden.norms[:-1], gain, rtol=1e-4)
    assert hidden.factor == pytest.approx(gain, rel=1e-4)
    assert hidden.verdict == verdict


@pytest.mark.parametrize("layer", [keras.layers.SimpleRNN, keras.layers.LSTM, keras.layers.GRU])
def test_the_gradient_to_the_input_is_the_difference_quotient_of_the_loss(layer):
    stack = [layer(UNITS, return_sequences=True), keras.layers.Bidirectional(layer(UNITS)), keras.layers.Dense(2)]
    network = keras.Sequential([keras.layers.Input((5, 1)), *stack])
    random = np.random.default_rng(5)
    network.set_weights([0.5 * random.standard_normal(weight.shape) for weight in network.get_weights()])
    window, target = random.standard_normal((1, 5, 1)).astype(np.float32), np.array([[0.3, -2.0]], np.float32)

    def loss(inputs):
        return float(np.mean((np.asarray(network(inputs), np.float64) - target) ** 2))

    step = 1e-2
    nudges = [step * np.eye(5, dtype=np.float32)[lag][None, :, None] for lag in range(5)]
    quotients = [abs(loss(window + nudge) - loss(window - nudge)) / (2 * step) for nudge in nudges]
    flow = gradient_flow("n", network, window, target, TRAIN)
    np.testing.assert_allclose(flow.by_lag[0].norms, quotients[::-1], rtol=2e-2, atol=2e-4)
    names = [each.name for each in flow.by_lag[1:]]
    assert names[0] == "layer 1 hidden"
    assert "layer 2 backward hidden" in names
    assert [each.backwards for each in flow.by_lag] == ["backward" in each.name for each in flow.by_lag]


def test_a_window_with_a_target_at_every_step_is_judged_by_its_newest():
    network = keras.Sequential(
        [keras.layers.Input((5, 1)), keras.layers.LSTM(UNITS, return_sequences=True), keras.layers.Dense(1)]
    )
    inputs = np.ones((2, 5, 1), np.float32)
    newest = np.asarray(network(inputs))[:, -1]
    flow = gradient_flow("n", network, inputs, newest, TRAIN)
    assert max(each.norms.max() for each in flow.by_lag) < 1e-6


def test_each_weight_array_is_clipped_by_itself():
    gradients = [np.array([3.0, 4.0]), np.array([0.6])]
    clip = clip_gradients(gradients, TRAIN)
    assert (clip.rule, clip.limit, clip.is_of_run, clip.largest) == ("norm", 1.0, False, 5.0)
    assert clip.before == pytest.approx(np.sqrt(25.36))
    assert clip.after == pytest.approx(1.0)
    by_value = clip_gradients(gradients, TrainConfig(clip_value=0.5))
    assert (by_value.rule, by_value.is_of_run) == ("value", True)
    assert by_value.after == pytest.approx(np.sqrt(0.75))
