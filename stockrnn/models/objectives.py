"""What training makes small: a plain loss, or the losses of heads that forecast a distribution."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import Any, cast

import keras
import numpy as np
import tensorflow as tf

from stockrnn.arrays import Floats
from stockrnn.samples.outputs import LOCATION_STEP, MOST_LOG_SCALE, RANGE, HeadValues, OutputLayout

Tensor = Any  # tf.Tensor

_PLAIN = {
    "mean_squared_error": keras.losses.MeanSquaredError,
    "mean_absolute_error": keras.losses.MeanAbsoluteError,
    "huber": keras.losses.Huber,
}
LEVELS = np.round(np.arange(1, 20) * 0.05, 2)
_MEDIAN = 9
# What the further losses count beside that of the target that is forecast.
_BESIDE, _LIKELIHOOD, _RANGE_MISS, _SMALL_LOCATION = 0.5, 0.15, 0.3, 0.02
# Log of the degrees of freedom over 2 at the start: 2 + e^1.6 is about 7.
_START_FREEDOM = 1.6
# Upper quartile of the Student-t with so many degrees of freedom and scale 1.
_UPPER_QUARTILE = 0.711


class PlainObjective:
    """One of Keras' losses of all outputs alike."""

    def __init__(self, loss: str) -> None:
        self.loss = _PLAIN[loss]()
        self.variables: list[keras.Variable] = []

    def __call__(self, targets: Tensor, outputs: Tensor, weights: Tensor | None) -> Tensor:
        """Return the mean loss of a batch.

        Args:
            targets: Of shape (batch, ..., outputs).
            outputs: Of the same shape.
            weights: Of shape (batch, ...); None counts all the same.
        """
        if weights is None:
            return self.loss(targets, outputs)
        known = tf.reduce_all(tf.math.is_finite(targets), axis=-1)
        weights = tf.where(known, weights, 0.0)
        targets = tf.where(known[..., None], targets, 0.0)
        # Keras divides by the number of all rows, those without weight included.
        count = tf.cast(tf.size(weights), tf.float32) / tf.maximum(tf.reduce_sum(weights), 1e-6)
        return self.loss(targets, outputs, sample_weight=weights) * count

    def start(self, targets: Floats) -> None:
        """Take nothing from the training rows."""


class DistributionObjective:
    """The loss of a head that gives a location and a scale to each price target.

    For `quantiles`, the pinball loss of 19 trainable quantiles that start at the training rows' own, and a Student-t
    likelihood that counts little; for `student_t` that likelihood alone. A range beside them is learnt by its squared miss.
    Losses are weighted by the volatility of the row, so that they count what they are worth in log price.

    Source: Koenker and Bassett, "Regression Quantiles" (1978); Lange, Little and Taylor, "Robust Statistical Modeling Using
        the t Distribution" (1989).
    """

    def __init__(self, layout: OutputLayout) -> None:
        shape = (len(layout.distributions), layout.horizon)
        self.layout = layout
        self.quantiles = keras.Variable(np.zeros((*shape, len(LEVELS)), np.float32), name="quantiles")
        self.freedom = keras.Variable(np.full(shape, _START_FREEDOM, np.float32), name="freedom")
        self.spread = keras.Variable(np.zeros(shape, np.float32), name="spread")
        self.variables: list[keras.Variable] = [self.freedom, self.spread]
        if layout.head == "quantiles":
            self.variables.append(self.quantiles)

    def start(self, targets: Floats) -> None:
        """Begin at the empirical quantiles of the training rows' targets, of shape (rows, targets x horizon)."""
        own = [_quantiles(self.layout.values(targets, name)) for name in self.layout.distributions]
        self.quantiles.assign(_without_drift(np.stack(own)))
        # A Student-t as wide as the middle half of what there is: its scale is not the standard deviation.
        half = (self.quantiles[..., 14] - self.quantiles[..., 4]) / 2
        self.spread.assign(np.log(np.maximum(np.asarray(half), 1e-6) / _UPPER_QUARTILE))

    def __call__(self, targets: Tensor, outputs: Tensor, weights: Tensor | None) -> Tensor:
        """Return the mean loss of a batch; arguments as those of `PlainObjective`, with outputs of the layout's width."""
        known = tf.math.is_finite(targets)
        targets = tf.where(known, targets, 0.0)
        weights = tf.ones(tf.shape(targets)[:-1]) if weights is None else weights
        counts = tf.cast(known, tf.float32) * tf.cast(weights > 0, tf.float32)[..., None]
        total, mean = tf.constant(0.0), _mean_by(counts, self.layout)
        for place, name in enumerate(self.layout.distributions):
            share = 1.0 if place == 0 else _BESIDE
            total += share * mean(weights[..., None] * self._price_loss(place, name, targets, outputs), name)
            location = self.layout.location(outputs, name)
            total += _SMALL_LOCATION * mean(location**2, name)
        if RANGE in self.layout.targets:
            miss = self.layout.values(targets, RANGE) - self.layout.location(outputs, RANGE)
            total += _RANGE_MISS * mean(miss**2, RANGE)
        return total

    def _price_loss(self, place: int, name: str, targets: Tensor, outputs: Tensor) -> Tensor:
        actual = self.layout.values(targets, name)
        location = LOCATION_STEP * self.layout.location(outputs, name)
        log_scale = tf.clip_by_value(self.layout.log_scale(outputs, name), -MOST_LOG_SCALE, MOST_LOG_SCALE)
        freedom = 2 + tf.exp(self.freedom[place])
        likelihood = _student_t_loss(actual - location, log_scale + self.spread[place], freedom)
        if self.layout.head == "student_t":
            return likelihood
        fan = _without_drift(tf.convert_to_tensor(self.quantiles)[place])
        quantiles = location[..., None] + tf.exp(log_scale)[..., None] * fan
        pinball = _pinball_loss(actual, quantiles)
        return pinball + _LIKELIHOOD * likelihood if place == 0 else pinball

    def values(self) -> HeadValues:
        """Return what the head has learnt."""
        if self.layout.head == "quantiles":
            return HeadValues(_without_drift(np.sort(np.asarray(self.quantiles, dtype=np.float64), axis=-1)))
        from scipy.stats import t

        freedom, spread = (np.asarray(each, dtype=np.float64)[..., None] for each in (self.freedom, self.spread))
        return HeadValues(np.exp(spread) * np.asarray(t.ppf(LEVELS, 2 + np.exp(freedom))))


Objective = PlainObjective | DistributionObjective


def make_objective(layout: OutputLayout, loss: str) -> Objective:
    """Return what training makes small for a head."""
    return PlainObjective(loss) if layout.head == "point" else DistributionObjective(layout)


def _quantiles(targets: Floats) -> Floats:
    """Return the quantiles of what is known, of shape (horizon, levels); a normal distribution's where nothing is."""
    nothing = np.asarray(np.isnan(targets).all(axis=0))
    own = np.nanquantile(np.where(nothing, 0.0, targets), LEVELS, axis=0).T
    normal = [NormalDist().inv_cdf(level) for level in LEVELS]
    return cast("Floats", np.where(nothing[:, None], normal, own))


def _mean_by(counts: Tensor, layout: OutputLayout) -> Callable[[Tensor, str], Tensor]:
    """Return a function that averages a loss of one target over what is known of it."""

    def mean(loss: Tensor, name: str) -> Tensor:
        known = layout.values(counts, name)
        return tf.reduce_sum(loss * known) / tf.maximum(tf.reduce_sum(known), 1.0)

    return mean


def _without_drift(quantiles: Any) -> Any:
    """Return quantiles, of shape (..., horizon, levels), with the median of one session ahead at each horizon.

    How far good or bad years drifted in a month says little of the next month; a drift there is, is for the location to learn.
    """
    if quantiles.shape[-2] == 1:
        return quantiles
    middle = quantiles[..., _MEDIAN : _MEDIAN + 1]
    return quantiles - middle + middle[..., :1, :]


def _pinball_loss(actual: Tensor, quantiles: Tensor) -> Tensor:
    over = actual[..., None] - quantiles
    levels = tf.constant(LEVELS, tf.float32)
    return tf.reduce_mean(tf.maximum(levels * over, (levels - 1) * over), axis=-1)


def _student_t_loss(residual: Tensor, log_scale: Tensor, freedom: Tensor) -> Tensor:
    """Return minus the log density of a Student-t, of the shape of the residual."""
    squared = (residual * tf.exp(-log_scale)) ** 2
    norm = tf.math.lgamma(freedom / 2) - tf.math.lgamma((freedom + 1) / 2) + tf.math.log(freedom * np.pi) / 2
    return norm + log_scale + (freedom + 1) / 2 * tf.math.log1p(squared / freedom)


def as_arrays(variables: Sequence[keras.Variable]) -> list[np.ndarray]:
    """Return the values of variables."""
    return [np.array(variable) for variable in variables]
