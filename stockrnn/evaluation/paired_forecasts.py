"""Two forecasters side by side, on the rows that both have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stockrnn.arrays import Floats
from stockrnn.evaluation.judged_rows import distribution_rows, log_percent
from stockrnn.forecasts.table import QUANTILE_COLUMNS, Forecasts

_KEYS = ["ticker", "origin", "session"]


@dataclass(frozen=True)
class PairedForecasts:
    """A forecaster and its opponent at one horizon, in price units or, of several tickers, on 100 x log price.

    Attributes:
        sessions: The days that were forecast, of shape (rows,).
        actual: What came true, of shape (rows,).
        forecast: The forecaster's points, of shape (rows,).
        opponent: The opponent's points, of shape (rows,).
        quantiles: The forecaster's, of shape (rows, 19); NaN for a point forecaster.
        opponent_quantiles: The opponent's.
        pooled: There are several tickers.
    """

    sessions: npt.NDArray[np.datetime64]
    actual: Floats
    forecast: Floats
    opponent: Floats
    quantiles: Floats
    opponent_quantiles: Floats
    pooled: bool

    def distributions(self) -> PairedForecasts | None:
        """Return the rows where both are distributions; None where they are too few of all to speak for them."""
        both = distribution_rows(self.quantiles + self.opponent_quantiles)
        if not len(both):
            return None
        return PairedForecasts(
            self.sessions[both],
            self.actual[both],
            self.forecast[both],
            self.opponent[both],
            self.quantiles[both],
            self.opponent_quantiles[both],
            self.pooled,
        )


def paired_forecasts(forecasts: Forecasts, forecaster: str, opponent: str, horizon: int) -> PairedForecasts | None:
    """Return the rows with known actual values that both forecasters have; None where there are none.

    Args:
        forecasts: The forecasts table.
        forecaster: The one that is judged.
        opponent: What it is compared with.
        horizon: Sessions ahead.
    """
    known = forecasts[(forecasts["horizon"] == horizon) & forecasts["actual"].notna()]
    columns = ["forecast", *QUANTILE_COLUMNS]
    own = known.loc[known["forecaster"] == forecaster, [*_KEYS, "actual", *columns]]
    other = known.loc[known["forecaster"] == opponent, [*_KEYS, *columns]]
    both = own.merge(other, on=_KEYS, suffixes=("", "_opponent"))
    if both.empty:
        return None
    pooled = both["ticker"].nunique() > 1

    def prices(*names: str) -> Floats:
        values = both[list(names)].to_numpy(dtype=np.float64)
        return log_percent(values) if pooled else values

    return PairedForecasts(
        sessions=both["session"].to_numpy(),
        actual=prices("actual")[:, 0],
        forecast=prices("forecast")[:, 0],
        opponent=prices("forecast_opponent")[:, 0],
        quantiles=prices(*QUANTILE_COLUMNS),
        opponent_quantiles=prices(*(f"{name}_opponent" for name in QUANTILE_COLUMNS)),
        pooled=pooled,
    )
