"""What there is to look at: the forecasts of one forecaster for one ticker, beside the ticker's prices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stockrnn.arrays import Floats, Positions
from stockrnn.forecasts.table import Forecasts
from stockrnn.prices.intervals import session_unit
from stockrnn.prices.table import Prices, row_spans


@dataclass(frozen=True)
class Suspicion:
    """Something about forecasts that makes their scores doubtful.

    Attributes:
        code: A stable name in snake case, such as `shifted_copy`.
        forecaster: Whose forecasts; None where it is about the file.
        ticker: Of which ticker.
        horizon: Sessions ahead; None where it is about all of them.
        rows: How many forecasts it touches.
        text: One sentence.
        sees_future: Whether it says that the forecasts know prices which were not known when they are said to be made.
    """

    code: str
    forecaster: str | None
    ticker: str
    horizon: int | None
    rows: int
    text: str
    sees_future: bool = False


@dataclass(frozen=True)
class Evidence:
    """Forecasts and what they are looked at with.

    Attributes:
        forecasts: The forecasts table.
        quantiles: The quantiles as given, a column a level, ascending; the same rows.
        said_actual: What the forecasts' source gives as come true, of shape (rows,), NaN where nothing.
        prices: The prices table; origins and sessions are rows of it.
    """

    forecasts: Forecasts
    quantiles: pd.DataFrame
    said_actual: Floats
    prices: Prices


@dataclass(frozen=True)
class Case:
    """The forecasts of one forecaster for one ticker, in the order of their sessions.

    Attributes:
        forecaster: Its name.
        ticker: The ticker.
        horizons: Sessions ahead, of shape (rows,).
        rows: Places of the sessions in the ticker's prices, of shape (rows,).
        forecast: Of shape (rows,).
        quantiles: As given, of shape (rows, levels).
        levels: Of shape (levels,).
        said_actual: What the source gives as come true, of shape (rows,).
        prices: The ticker's prices, a row a session.
        target: The price column that is forecast.
        unit: What a session is called.
    """

    forecaster: str
    ticker: str
    horizons: Positions
    rows: Positions
    forecast: Floats
    quantiles: Floats
    levels: Floats
    said_actual: Floats
    prices: pd.DataFrame
    target: str
    unit: str = "session"

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def path(self) -> Floats:
        """The target at all sessions of the prices."""
        return self.prices[self.target].to_numpy()

    @property
    def actual(self) -> Floats:
        """What came true."""
        actual: Floats = self.path[self.rows]
        return actual

    @property
    def newest(self) -> Floats:
        """The newest price at all sessions: the close, or the target where there is no close."""
        return self.prices["close" if "close" in self.prices.columns else self.target].to_numpy()

    @property
    def known(self) -> Floats:
        """The newest price at each origin."""
        known: Floats = self.newest[self.rows - self.horizons]
        return known

    def at_horizon(self, horizon: int) -> Case:
        """Return the forecasts so many sessions ahead."""
        return self._where(self.horizons == horizon)

    def without_overlap(self) -> Case:
        """Return every h-th forecast of a horizon h, so that no two of them share a session of their future."""
        return self._where(np.arange(len(self)) % self.horizons.max() == 0)

    def _where(self, kept: np.ndarray) -> Case:
        return Case(
            self.forecaster,
            self.ticker,
            self.horizons[kept],
            self.rows[kept],
            self.forecast[kept],
            self.quantiles[kept],
            self.levels,
            self.said_actual[kept],
            self.prices,
            self.target,
            self.unit,
        )


def cases_of(evidence: Evidence) -> Iterator[Case]:
    """Yield a case a forecaster and ticker, in the order of the forecasts."""
    forecasts, prices = evidence.forecasts, evidence.prices
    spans, unit = row_spans(prices), session_unit(prices)
    places = prices.index.get_indexer(pd.MultiIndex.from_frame(forecasts[["ticker", "session"]])).astype(np.int64)
    numbered = forecasts[["forecaster", "ticker"]].assign(place=np.arange(len(forecasts)))
    levels = evidence.quantiles.columns.to_numpy(dtype=np.float64)
    quantiles = evidence.quantiles.to_numpy(dtype=np.float64)
    for (forecaster, ticker), rows in numbered.groupby(["forecaster", "ticker"], sort=False, observed=True):
        mine = rows["place"].to_numpy()
        mine = mine[np.argsort(places[mine], kind="stable")]
        span = spans[str(ticker)]
        yield Case(
            str(forecaster),
            str(ticker),
            forecasts["horizon"].to_numpy()[mine],
            places[mine] - span.start,
            forecasts["forecast"].to_numpy()[mine],
            quantiles[mine],
            levels,
            evidence.said_actual[mine],
            prices.iloc[span],
            str(forecasts["target"].iloc[0]),
            unit,
        )
