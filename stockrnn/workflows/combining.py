"""From the forecasts of several seeds to the forecast of a run: averaged, passed through the gate, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stockrnn.arrays import Floats, Positions
from stockrnn.forecasts.baselines import last_close, last_value
from stockrnn.forecasts.calibrated import Method, with_intervals
from stockrnn.forecasts.gate import choose_gate, pass_gate
from stockrnn.forecasts.standstill import holding_still
from stockrnn.forecasts.table import Forecast, Forecasts, tabulate
from stockrnn.prices.table import Prices
from stockrnn.workflows.held_out import CALIBRATION, GATE, held_out_origins, origins_tested, origins_used_for
from stockrnn.workflows.job import TrainJob
from stockrnn.workflows.trained_seed import TrainedSeed


@dataclass(frozen=True)
class Combined:
    """The forecasts of the test sessions.

    Attributes:
        forecasts: As a forecasts table.
        gate: The share of the way from the naive forecast that they keep; None without a gate.
    """

    forecasts: Forecasts
    gate: float | None = None


def combine_seeds(job: TrainJob, trained: Sequence[TrainedSeed]) -> Combined:
    """Average the forecasts of seeds, pass them through the gate, and put intervals around them, as the config says."""
    forecast, origins = average([each.test for each in trained]), origins_tested(job)
    held_out = [each.held_out for each in trained if each.held_out]
    if not held_out:
        return Combined(_tabulated(job, forecast, origins))
    earlier, gate = average(held_out), None
    if job.config.evaluation.gate:
        gate = _chosen_gate(job, earlier, proven=any(each.proven for each in trained))
        forecast = pass_gate(forecast, _naive_points(job, origins), gate)
        earlier = pass_gate(earlier, _naive_points(job, held_out_origins(job)), gate)
    table = _tabulated(job, forecast, origins)
    if job.config.evaluation.intervals != "head":
        rows, places = _within(job, CALIBRATION)
        method: Method = "adaptive" if job.config.evaluation.intervals == "adaptive" else "split"
        table = with_intervals(table, _tabulated(job, _rows_of(earlier, rows), places), job.prices, method)
    return Combined(table, gate)


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


def naive_forecast(prices: Prices, target: str, origins: Positions, horizon: int) -> Forecast:
    """Return the forecast that the gate leads back to: the last close, or the target's last value where there is none."""
    naive = last_close if "close" in prices.columns else last_value
    return naive(prices, target, origins, horizon)


def _naive_points(job: TrainJob, origins: Positions) -> Floats:
    return naive_forecast(job.prices, job.config.target.column, origins, job.config.window.horizon).values


def _chosen_gate(job: TrainJob, held_out: Forecast, *, proven: bool) -> float:
    rows, origins = _within(job, GATE)
    ahead = origins[:, None] + np.arange(1, job.config.window.horizon + 1)
    days = list(job.prices.index.get_level_values("session").to_numpy()[origins])
    actual = job.prices[job.config.target.column].to_numpy()[ahead]
    return choose_gate(held_out.values[rows], _naive_points(job, origins), actual, days, proven=proven)


def _within(job: TrainJob, use: str) -> tuple[Positions, Positions]:
    """Return which of the held-out forecasts lie in the part of one use, and the rows of their origins."""
    everything = held_out_origins(job)
    rows = np.flatnonzero(np.isin(everything, origins_used_for(job, use)))
    return rows, everything[rows]


def _rows_of(forecast: Forecast, rows: Positions) -> Forecast:
    quantiles = None if forecast.quantiles is None else forecast.quantiles[rows]
    return Forecast(forecast.forecaster, forecast.values[rows], quantiles)


def _tabulated(job: TrainJob, forecast: Forecast, origins: Positions) -> Forecasts:
    target = job.config.target.column
    return tabulate(holding_still(forecast, job.prices, origins, target), job.prices, origins, target)
