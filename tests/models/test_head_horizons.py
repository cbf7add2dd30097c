from __future__ import annotations

import numpy as np
import pytest

from stockrnn.models.objectives import LEVELS, DistributionObjective
from stockrnn.samples.outputs import LOCATION_STEP, OutputLayout, decode

SESSIONS = 6


def drifting_moves(drift: float, rows: int = 4000) -> np.ndarray:
    """Return the sums of 1 to 6 moves to come of a walk with a drift, of shape (rows, 6)."""
    steps = drift + np.random.default_rng(4).standard_normal((rows, SESSIONS))
    return np.cumsum(steps, axis=1)


def started(layout: OutputLayout, targets: np.ndarray) -> DistributionObjective:
    objective = DistributionObjective(layout)
    objective.start(targets)
    return objective


def test_one_session_ahead_a_head_starts_at_the_quantiles_of_the_training_rows() -> None:
    moves = drifting_moves(0.2)[:, :1]
    quantiles = started(OutputLayout(("close",), 1, "quantiles"), moves).values().quantiles
    np.testing.assert_allclose(quantiles[0, 0], np.quantile(moves, LEVELS), rtol=1e-6)


def test_further_ahead_a_head_starts_as_wide_as_the_training_rows_and_without_their_drift() -> None:
    moves = drifting_moves(0.2)
    quantiles = started(OutputLayout(("close",), SESSIONS, "quantiles"), moves).values().quantiles[0]
    np.testing.assert_allclose(quantiles[:, 9], np.full(SESSIONS, np.median(moves[:, 0])), atol=1e-6)
    own = np.quantile(moves, LEVELS, axis=0).T
    np.testing.assert_allclose(quantiles - quantiles[:, 9:10], own - own[:, 9:10], atol=1e-5)


def test_a_head_that_was_pushed_about_keeps_one_median_for_all_horizons_and_never_crosses() -> None:
    objective = started(OutputLayout(("close",), SESSIONS, "quantiles"), drifting_moves(0.0))
    objective.quantiles.assign(np.random.default_rng(1).standard_normal(objective.quantiles.shape))
    quantiles = objective.values().quantiles
    assert (np.diff(quantiles, axis=-1) >= 0).all()
    np.testing.assert_allclose(quantiles[..., 9], np.repeat(quantiles[:, :1, 9], SESSIONS, axis=1), atol=1e-12)


def test_the_loss_is_the_pinball_loss_of_what_is_decoded_and_a_small_likelihood() -> None:
    layout = OutputLayout(("close",), SESSIONS, "quantiles")
    targets = drifting_moves(0.3, 50).astype(np.float32)
    objective = started(layout, targets)
    outputs = np.random.default_rng(2).normal(0, 0.3, (50, layout.width)).astype(np.float32)
    _, quantiles = decode(layout, outputs, objective.values())
    over = targets[..., None] - quantiles
    pinball = np.maximum(LEVELS * over, (LEVELS - 1) * over).mean()
    location, log_scale = outputs[:, :SESSIONS], outputs[:, SESSIONS:]
    scale = np.exp(log_scale + np.asarray(objective.spread)[0])
    from scipy.stats import t

    freedom = 2 + np.exp(np.asarray(objective.freedom)[0])
    likelihood = -t.logpdf(targets, freedom, LOCATION_STEP * location, scale).mean()
    expected = pinball + 0.15 * likelihood + 0.02 * (location**2).mean()
    assert float(objective(targets, outputs, None)) == pytest.approx(expected, rel=1e-5)
