"""Intervals of the days to come: of a run's networks, and of the best bands beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from stockrnn.config import Config
from stockrnn.errors import ConfigError
from stockrnn.forecasts.bands import fit_bands
from stockrnn.forecasts.calibrated import future_intervals
from stockrnn.forecasts.table import LEVELS, QUANTILE_COLUMNS, Forecast, Forecasts
from stockrnn.prices.table import Prices
from stockrnn.runs.content import read_forecasts_of, read_prices_of, read_split_of
from stockrnn.runs.folder import Run
from stockrnn.samples.windows import Positions

# What is shown beside a distribution when nobody asks.
USUAL_LEVEL = 0.9
# The bands of a run whose own networks have no distribution to compare with them.
_USUAL_BANDS = "ewma_bands"


def check_levels(levels: Sequence[float]) -> None:
    """Check that each level has its two quantiles among ours.

    Raises:
        ConfigError: One that lies between them.
    """
    for level in levels:
        if not any(np.isclose((1 - level) / 2, known) for known in LEVELS if known < 0.5):
            raise ConfigError(f"--level {100 * level:g}: expected one of 10, 20, ... 90 per cent")


def quantile_columns(level: float) -> tuple[str, str]:
    """Return the columns of the lower and the upper end of an interval."""
    low = int(np.argmin(np.abs(np.array(LEVELS) - (1 - level) / 2)))
    return QUANTILE_COLUMNS[low], QUANTILE_COLUMNS[-1 - low]


def with_fan(run: Run, config: Config, forecasts: Forecasts, prices: Prices) -> Forecasts:
    """Return the networks' forecasts of the days to come with quantiles: their own, or what their misses on the test years teach.

    Args:
        run: The run.
        config: Its config.
        forecasts: Rows of its networks for sessions to come.
        prices: The prices table in which their origins are rows.
    """
    has_quantiles = bool(forecasts[list(QUANTILE_COLUMNS)].notna().to_numpy().all())
    if has_quantiles and config.evaluation.intervals == "head":
        return forecasts
    past = read_forecasts_of(run)
    past = past[(past["forecaster"] == "network") & past["actual"].notna()]
    # The past's quantiles were corrected when the run was judged; those of the days to come never were.
    return future_intervals(past, read_prices_of(run), forecasts, prices, own_quantiles=False)


def best_bands(
    run: Run, config: Config, verdicts: Sequence[dict[str, Any]], prices: Prices, origins: Positions, days: int
) -> Forecast:
    """Return what the best bands say of the days to come, fitted to the training years of the run."""
    named = [verdict["against"] for verdict in verdicts if verdict["part"] == "distribution"]
    (bands,) = fit_bands(
        read_prices_of(run), config.target.column, [named[0] if named else _USUAL_BANDS], read_split_of(run).train, days
    )
    return bands.forecast(prices, config.target.column, origins, days)
