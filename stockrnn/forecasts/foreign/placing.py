"""Foreign forecasts laid on the prices: which rows they were made at and for, and what came true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockrnn.errors import PriceDataError
from stockrnn.forecasts.foreign.headers import listed
from stockrnn.forecasts.foreign.layouts import ForeignOptions, LongRows
from stockrnn.forecasts.foreign.periods import dated_as_prices, moved_rows
from stockrnn.forecasts.foreign.price_rows import Rows, named_as_prices, origin_rows, rows_on
from stockrnn.forecasts.foreign.quantiles import to_our_levels
from stockrnn.forecasts.foreign.signs import check_are_prices
from stockrnn.forecasts.table import FORECAST_COLUMNS, QUANTILE_COLUMNS, Forecasts
from stockrnn.prices.table import PriceNote, Prices, row_spans, sessions_of


@dataclass(frozen=True)
class ForeignForecasts:
    """Foreign forecasts as rows of the forecasts table, and what the file said beside.

    Attributes:
        forecasts: The forecasts table, by forecaster, ticker, origin and horizon; `actual` is from the prices.
        quantiles: The quantiles as given, a column a level; the same rows.
        said_actual: What the file gives as come true, of shape (rows,), NaN where it gives nothing.
        notes: What was decided or left out.
    """

    forecasts: Forecasts
    quantiles: pd.DataFrame
    said_actual: npt.NDArray[np.float64]
    notes: tuple[PriceNote, ...]


@dataclass
class _Sieve:
    """Rows that go on, and notes on those that do not."""

    source: str
    rows: pd.DataFrame
    notes: list[PriceNote] = field(default_factory=list)

    def keep(self, kept: npt.NDArray[np.bool_], code: str, describe: Callable[[pd.DataFrame], str]) -> None:
        left = self.rows[~kept]
        if len(left):
            self.notes.append(PriceNote(code, len(left), f"{self.source}: {describe(left)}"))
            self.rows = self.rows[kept]
        if self.rows.empty:
            raise PriceDataError(f"{self.source}: nothing left to judge: {describe(left)}")


def place_forecasts(read: LongRows, source: str, prices: Prices, options: ForeignOptions) -> ForeignForecasts:
    """Lay forecasts on the prices.

    Args:
        read: The forecasts of a file.
        source: The file, for messages.
        prices: The prices that they are judged by; the target is one of their columns.
        options: What the user says about the file; `target` is decided.

    Raises:
        PriceDataError: Nothing is left to judge, or two forecasts by one forecaster for the same session and origin.
    """
    sieve = _Sieve(source, read.rows)
    sieve.keep(
        np.isfinite(read.rows["forecast"].to_numpy()),
        "no_forecast",
        lambda left: f"rows without a forecast, left out: {len(left)}",
    )
    _name_tickers(sieve, read.rows["ticker"], prices, options.ticker)
    _date_as_prices(sieve, prices)
    spans = row_spans(prices)
    days = prices.index.get_level_values("session").to_numpy().astype("datetime64[us]")
    session_row = rows_on(sieve.rows["ticker"], sieve.rows["session"], spans, days, exactly=True)
    sieve.rows = sieve.rows.assign(session_row=session_row)
    sieve.keep(session_row >= 0, "sessions_without_prices", lambda left: _missing_sessions(left, prices))
    origin_row, guessed = origin_rows(sieve.rows, spans, days, options.horizon)
    if guessed:
        sieve.notes.append(PriceNote("assumed_horizon", guessed, f"{source}: {_assumed(options.horizon)}"))
    _keep_made_before(sieve, origin_row)
    return _placed(sieve, read.quantiles, prices, str(options.target))


def _name_tickers(sieve: _Sieve, written: pd.Series, prices: Prices, asked: str | None) -> None:
    """Give the rows the prices' names of their tickers; those of other tickers are left out."""
    sieve.rows = sieve.rows.assign(ticker=named_as_prices(sieve.rows["ticker"], prices, sieve.source, asked))
    sieve.keep(
        sieve.rows["ticker"].notna().to_numpy(),
        "unknown_tickers",
        lambda left: f"rows of tickers that are not judged, left out: {len(left)} ({listed(written.loc[left.index])})",
    )


def _date_as_prices(sieve: _Sieve, prices: Prices) -> None:
    """Date rows of weeks, months or years as the prices date theirs."""
    moved = dated_as_prices(sieve.rows, prices)
    if moved is None:
        return
    count = moved_rows(sieve.rows, moved)
    text = f"{sieve.source}: rows dated by other days than the prices, taken for the same week, month or year: {count}"
    sieve.notes.append(PriceNote("other_dates", count, text))
    sieve.rows = moved


def _keep_made_before(sieve: _Sieve, origin_row: Rows) -> None:
    """Keep the rows whose origin is a session of the prices and lies before their own."""
    sieve.rows = sieve.rows.assign(origin_row=origin_row)
    sieve.keep(
        origin_row >= 0,
        "no_price_before",
        lambda left: f"rows whose origin lies before the first price, left out: {len(left)}",
    )
    sieve.keep(
        (sieve.rows["origin_row"] < sieve.rows["session_row"]).to_numpy(),
        "made_afterwards",
        lambda left: f"rows whose origin is not before their session, left out: {len(left)}",
    )


def _placed(sieve: _Sieve, quantiles: pd.DataFrame, prices: Prices, target: str) -> ForeignForecasts:
    rows = sieve.rows.assign(ahead=sieve.rows["session_row"] - sieve.rows["origin_row"], target=target)
    rows = _without_repetitions(rows, quantiles, sieve)
    names = {name: place for place, name in enumerate(rows["forecaster"].unique())}
    rows = rows.assign(order=rows["forecaster"].map(names)).sort_values(["order", "origin_row", "ahead"], kind="stable")
    given = quantiles.loc[rows.index].reset_index(drop=True)
    sieve.notes.extend(_changed(rows, given, sieve.source))
    check_are_prices(rows, prices[target].to_numpy()[rows["origin_row"]], sieve.source)
    days = prices.index.get_level_values("session").to_numpy()
    table = pd.DataFrame(
        {
            "ticker": rows["ticker"].to_numpy(),
            "origin": days[rows["origin_row"]],
            "session": days[rows["session_row"]],
            "horizon": rows["ahead"].to_numpy(dtype=np.int64),
            "forecaster": rows["forecaster"].to_numpy(),
            "target": target,
            "forecast": np.maximum(rows["forecast"].to_numpy(), 0.0),
            "actual": prices[target].to_numpy()[rows["session_row"]],
        }
    )
    table[list(QUANTILE_COLUMNS)] = np.maximum(to_our_levels(given), 0.0)
    said = rows["actual"].to_numpy(dtype=np.float64)
    return ForeignForecasts(table[list(FORECAST_COLUMNS)], given, said, tuple(sieve.notes))


def _changed(rows: pd.DataFrame, quantiles: pd.DataFrame, source: str) -> list[PriceNote]:
    """Tell of negative prices, which are set to 0, and of horizons that origin and session contradict."""
    below = int(((rows["forecast"].to_numpy() < 0) | (quantiles.to_numpy(dtype=np.float64) < 0).any(axis=1)).sum())
    said = rows["horizon"].to_numpy(dtype=np.float64)
    other = int((np.isfinite(said) & (said != rows["ahead"].to_numpy())).sum())
    notes = []
    if below:
        notes.append(PriceNote("negative_forecasts", below, f"{source}: rows with negative prices, set to 0: {below}"))
    if other:
        text = (
            f"{source}: rows whose horizon is not the sessions from their origin to their session, which count: {other}"
        )
        notes.append(PriceNote("other_horizon", other, text))
    return notes


def _without_repetitions(rows: pd.DataFrame, quantiles: pd.DataFrame, sieve: _Sieve) -> pd.DataFrame:
    keys = ["forecaster", "session_row", "origin_row"]
    again = rows.duplicated(keys)
    if not again.any():
        return rows
    content = rows[[*keys, "forecast"]].join(quantiles.rename(columns=str))
    conflict = rows[rows.duplicated(keys, keep=False) & ~content.duplicated(keep=False)]
    if len(conflict):
        first = conflict.iloc[0]
        raise PriceDataError(
            f"{sieve.source}: {len(conflict)} rows give different forecasts by {listed([first['forecaster']])} for one session and origin, "
            f"first for {first['ticker']} on {first['session']:%Y-%m-%d}; where they were made at different times, add a column "
            "origin or horizon"
        )
    text = f"{sieve.source}: rows that repeat another one, left out: {int(again.sum())}"
    sieve.notes.append(PriceNote("repeated_rows", int(again.sum()), text))
    return rows[~again]


def _missing_sessions(left: pd.DataFrame, prices: Prices) -> str:
    last = sessions_of(prices)[-1]
    ahead = int((left["session"] > last).sum())
    sessions = pd.to_datetime(left["session"].dropna().unique())
    examples = ", ".join(f"{day:%Y-%m-%d}" for day in sessions[:3])
    later = f", {ahead} of them after the last price ({last:%Y-%m-%d})" if ahead else ""
    return f"rows for days without a price, left out: {len(left)}{later} ({examples})"


def _assumed(horizon: int | None) -> str:
    if horizon is not None:
        sessions = "1 session" if horizon == 1 else f"{horizon} sessions"
        return f"no origin in the file: each forecast was made {sessions} ahead, as --horizon says"
    return "no origin in the file: each forecast is taken as made 1 session ahead; else say --horizon or --origin"
