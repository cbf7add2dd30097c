"""What several features are made of, each computed once for a prices table and only when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockrnn.arrays import Floats
from stockrnn.prices.table import Prices
from stockrnn.samples.trailing import earlier, rows_before, trailing_mean
from stockrnn.samples.volatility import log_prices, moves_from, reference_column, returns_and_volatility

# A session's range estimate lies between these shares of the EWMA variance: zero has no logarithm, and a wrong high must not blind a quarter.
_LEAST_SHARE, _MOST_SHARE = 1e-3, 64.0
# A weekday on which fewer of a ticker's rows lie is not one of its trading days; a wrong date does not make it one.
_LEAST_WEEKDAY_SHARE = 0.05
# Rows of a ticker through which Monday to Friday are taken for trading days whatever was seen.
_FIRST_ROWS = 20


@dataclass(frozen=True)
class Measures:
    """A prices table and what is measured of each of its rows; every array has shape (rows,), and row t reads no row after t."""

    prices: Prices

    @cached_property
    def before(self) -> npt.NDArray[np.int64]:
        """How many rows of the same ticker lie before the row."""
        return rows_before(self.prices)

    @cached_property
    def returns(self) -> Floats:
        """Bounded log returns."""
        return self._returns_and_volatility[0]

    @cached_property
    def volatility(self) -> Floats:
        """EWMA volatility through the row."""
        return self._returns_and_volatility[1]

    @cached_property
    def moves(self) -> Floats:
        """Variance of the session by its gap and its range."""
        return moves_from(self.prices, self.returns, self.volatility)

    @cached_property
    def logs(self) -> Floats:
        """Logarithm of the newest price of the session."""
        return log_prices(self.prices, reference_column(self.prices))

    @cached_property
    def parkinson(self) -> Floats:
        """Variance of the session by its range.

        Source: Parkinson, "The extreme value method for estimating the variance of the rate of return" (1980).
        """
        return self._bounded(self._range**2 / (4 * np.log(2)))

    @cached_property
    def garman_klass(self) -> Floats:
        """Variance of the session by its four prices.

        Source: Garman and Klass, "On the estimation of security price volatilities from historical data" (1980).
        """
        body = self.log("close") - self.log("open")
        return self._bounded(0.5 * self._range**2 - (2 * np.log(2) - 1) * body**2)

    @cached_property
    def next_weekday(self) -> npt.NDArray[np.int64]:
        """Weekday of the session after the row, Monday 0: the next day of the week on which the ticker trades."""
        sessions = cast("pd.DatetimeIndex", self.prices.index.get_level_values("session"))
        days = sessions.day_of_week.to_numpy().astype(np.int64)
        trades = np.column_stack([self._trades_on(days, day) for day in range(7)])  # (rows, 7)
        following, rows = (days + 1) % 7, np.arange(len(days))
        for _ in range(6):
            following = np.where(trades[rows, following], following, (following + 1) % 7)
        return cast("npt.NDArray[np.int64]", following)

    def log(self, column: str) -> Floats:
        """Return the logarithm of a price column; NaN where it holds no positive number."""
        return log_prices(self.prices, column)

    def earlier(self, values: Floats, sessions: int = 1) -> Floats:
        """Return the values of so many rows earlier of the same ticker; NaN where there is no such row."""
        return earlier(values, self.before, sessions)

    def mean(self, values: Floats, sessions: int) -> Floats:
        """Return the mean of the known values of the last so many rows (fewer at a ticker's start)."""
        return trailing_mean(values, self.before, sessions)

    def pool_mean(self, values: Floats) -> Floats:
        """Return the mean of the known values of all tickers in the same session."""
        sessions = np.asarray(cast("pd.MultiIndex", self.prices.index).codes[1])
        known = np.isfinite(values)
        sums = np.bincount(sessions[known], weights=values[known], minlength=sessions.max(initial=-1) + 1)
        counts = np.bincount(sessions[known], minlength=len(sums))
        means = np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)
        return cast("Floats", means[sessions])

    @cached_property
    def _returns_and_volatility(self) -> tuple[Floats, Floats]:
        return returns_and_volatility(self.prices)

    @cached_property
    def _range(self) -> Floats:
        return self.log("high") - self.log("low")

    def _bounded(self, variances: Floats) -> Floats:
        usual = self.volatility**2
        return np.clip(variances, _LEAST_SHARE * usual, _MOST_SHARE * usual)

    def _trades_on(self, days: npt.NDArray[np.int64], day: int) -> npt.NDArray[np.bool_]:
        running = np.cumsum(days == day)
        # What ran up before the ticker's first row is taken off; counts are whole numbers, exact in any order.
        first = np.arange(len(days)) - self.before
        seen = running - running[first] + (days[first] == day)
        usual = seen >= _LEAST_WEEKDAY_SHARE * (self.before + 1)
        return cast("npt.NDArray[np.bool_]", usual | ((self.before < _FIRST_ROWS) & (day < 5)))
