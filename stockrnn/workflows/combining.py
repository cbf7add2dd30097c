"""From the forecasts of several seeds to the forecast of a run: averaged, passed through the gate, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stockrnn.forecasts.baselines import last_close, last_value
from stockrnn.forecasts.gate import choose_gate, pass_gate
from stockrnn.forecasts.table import Floats, Forecast
from stockrnn.prices.table import Prices
from stockrnn.samples.samples import origins_for
from stockrnn.samples.windows import Positions
from stockrnn.workflows.ensemble import TrainedSeed
from stockrnn.workflows.held_out import GATE, held_out_origins, test_origins, validation_parts
from stockrnn.workflows.job import TrainJob


@dataclass(frozen=True)
class Combined:
    """The forecast of the test sessions.

    Attributes:
        forecast: Averaged over the seeds, passed through the gate.
        gate: The share of the way from the naive forecast that it keeps; None without a gate.
    """

    forecast: Forecast
    gate: float | None = None


def combine_seeds(job: TrainJob, trained: Sequence[TrainedSeed]) -> Combined:
    """Average the forecasts of seeds and pass them through the gate."""
    test = average([each.test for each in trained])
    if not job.config.evaluation.gate or trained[0].held_out is None:
        return Combined(test)
    held_out = average([each.held_out for each in trained if each.held_out])
    share = _chosen_gate(job, held_out)
    return Combined(pass_gate(test, naive_points(job.prices, job, test_origins(job)), share), share)


def average(forecasts: Sequence[Forecast]) -> Forecast:
    """Average points and quantiles.

    Source: Lichtendahl, Grushka-Cockayne and Winkler, "Is it better to average probabilities or quantiles?" (2013).
    """
    if len(forecasts) == 1:
        return forecasts[0]
    quantiles = [each.quantiles for each in forecasts if each.quantiles is not None]
    return Forecast(
        forecasts[0].forecaster,
        np.mean([each.values for each in forecasts], axis=0),
        np.mean(quantiles, axis=0) if quantiles else None,
    )


def naive_points(prices: Prices, job: TrainJob, origins: Positions) -> Floats:
    """Return the last close, or the target's last value where there is no close, of shape (origins, horizon)."""
    naive = last_close if "close" in prices.columns else last_value
    return naive(prices, job.config.target.column, origins, job.config.window.horizon).values


def _chosen_gate(job: TrainJob, held_out: Forecast) -> float:
    window, part = job.config.window, validation_parts(job.prices, job.config, job.split)[GATE]
    everything = held_out_origins(job)
    origins = origins_for(job.prices, part, window.lookback, window.horizon, read_from=job.split.fit[0])
    rows = np.flatnonzero(np.isin(everything, origins))
    ahead = everything[rows][:, None] + np.arange(1, window.horizon + 1)
    days = list(job.prices.index.get_level_values("session").to_numpy()[everything[rows]])
    return choose_gate(
        held_out.values[rows],
        naive_points(job.prices, job, everything[rows]),
        job.prices[job.config.target.column].to_numpy()[ahead],
        days,
    )
