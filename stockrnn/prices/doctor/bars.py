"""The bars of one ticker as arrays, before anything is known to be right about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockrnn.arrays import Bools, Floats
from stockrnn.prices.intervals import interval_of_gaps, is_intraday
from stockrnn.prices.table import COLUMNS, PRICE_COLUMNS

Rows = npt.NDArray[np.intp]
Sessions = npt.NDArray[np.datetime64]

# A cent on a price of ten.
_ROUNDING = 1e-3


@dataclass(frozen=True)
class Bars:
    """The bars of one ticker in order of time; a session may come twice until duplicates are taken out.

    Attributes:
        ticker: The ticker.
        interval: `1d`, `1wk`, `1mo` or an intraday step.
        sessions: When each bar was, shape (rows,).
        columns: The columns that the source has, each of shape (rows,), in quote currency and shares.
    """

    ticker: str
    interval: str
    sessions: Sessions
    columns: Mapping[str, Floats]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.sessions)

    @property
    def prices(self) -> dict[str, Floats]:
        """The price columns: all but the volume."""
        return {name: values for name, values in self.columns.items() if name in PRICE_COLUMNS}

    @property
    def intraday(self) -> bool:
        """Whether a bar is shorter than a day."""
        return is_intraday(self.interval)

    @property
    def main_column(self) -> str:
        """The column that speaks for the ticker: close, or the first price column where there is no close."""
        return "close" if "close" in self.columns else next(iter(self.prices))

    def take(self, rows: Rows | Bools) -> Bars:
        """Return some of the rows."""
        columns = {name: values[rows] for name, values in self.columns.items()}
        return Bars(self.ticker, self.interval, self.sessions[rows], columns)

    def rescaled(self, rows: Rows | Bools, factors: Mapping[str, float]) -> Bars:
        """Return the bars with some rows of some columns multiplied.

        An open or close that is scaled alone is put on the day's high or low where only rounding places it outside.
        """
        columns = dict(self.columns)
        for name, factor in factors.items():
            scaled = columns[name][rows] * factor
            if len(factors) == 1 and name in {"open", "close"} and {"high", "low"} <= set(columns):
                held = np.clip(scaled, columns["low"][rows], columns["high"][rows])
                scaled = np.where(np.abs(held - scaled) < _ROUNDING * np.abs(scaled), held, scaled)
            columns[name] = columns[name].copy()
            columns[name][rows] = scaled
        return Bars(self.ticker, self.interval, self.sessions, columns)

    def without(self, column: str) -> Bars:
        """Return the bars without one column."""
        columns = {name: values for name, values in self.columns.items() if name != column}
        return Bars(self.ticker, self.interval, self.sessions, columns)


def bars_by_ticker(rows: pd.DataFrame) -> Iterator[Bars]:
    """Yield the bars of each ticker of a long frame.

    Args:
        rows: Columns `ticker`, `session` and any of open, high, low, close, volume; in any order, duplicates allowed.
    """
    codes, tickers = pd.factorize(rows["ticker"], sort=True)
    sessions = pd.to_datetime(rows["session"]).to_numpy().astype("datetime64[ns]")
    # Stable, so that of two rows for one session the later one in the file stays the later one.
    order = np.lexsort((sessions, codes))
    edges = np.searchsorted(codes[order], np.arange(len(tickers) + 1))
    columns = {name: rows[name].to_numpy(dtype=np.float64)[order] for name in COLUMNS if name in rows.columns}
    sessions = sessions[order]
    for ticker, start, stop in zip(tickers, edges[:-1], edges[1:], strict=True):
        own = {name: values[start:stop] for name, values in columns.items()}
        # A column that another ticker of the source has is no column of this one.
        filled = {name: values for name, values in own.items() if not np.isnan(values).all()}
        own = filled if set(filled) & set(PRICE_COLUMNS) else own
        yield Bars(str(ticker), _interval(sessions[start:stop]), sessions[start:stop], own)


def _interval(sessions: Sessions) -> str:
    return interval_of_gaps(np.diff(sessions) / np.timedelta64(1, "s"))


def usable(values: Floats) -> Bools:
    """Say which prices are numbers above zero."""
    return np.isfinite(values) & (values > 0)


def runs_of(flags: Bools) -> list[tuple[int, int]]:
    """Return where each unbroken run of True starts and stops (the row after the last)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
