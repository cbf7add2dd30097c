"""From the cells of a table to long rows: ticker, session, prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockrnn.arrays import Floats
from stockrnn.errors import PriceDataError
from stockrnn.prices.dialects.column_roles import Layout, Series, find_layout, is_no_ticker
from stockrnn.prices.dialects.grid import Grid, TextColumn
from stockrnn.prices.dialects.headers import PRICE_ROLES
from stockrnn.prices.dialects.number_columns import NumberReader
from stockrnn.prices.dialects.session_dates import RowDates, row_dates
from stockrnn.prices.read_options import ReadOptions, RowsRead
from stockrnn.prices.table import PriceNote

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.integer]


@dataclass(frozen=True)
class _Tickers:
    """The ticker of each row: names in the order of the file, and a code a row (-1 where there is none)."""

    names: list[str]
    codes: Codes


@dataclass(frozen=True)
class _Bars:
    """Bars of one or more tickers: the code of the ticker, the session and the numbers of each."""

    codes: Codes
    sessions: npt.NDArray[np.datetime64]
    values: dict[str, Floats]


def long_rows(grid: Grid, name: str, options: ReadOptions) -> RowsRead:
    """Return the rows of a table, one a ticker and session, in the order of the file.

    Args:
        grid: The table.
        name: The ticker where the table names none.
        options: What the user says about the file.

    Raises:
        PriceDataError: Dates or prices are missing or cannot be read.
    """
    layout = find_layout(grid, options.columns)
    tickers = _tickers(grid, layout, name)
    dates = row_dates(grid, layout.dates, layout.names, tickers.codes, options.date_order)
    numbers = NumberReader(grid, layout, dates, options.decimal)
    dates = _checked_dates(grid, layout, dates, numbers)
    parts = [_bars(grid, layout, one, (dates, tickers, numbers)) for one in layout.series]
    priced = [_with_prices(part) for part in parts]
    dropped = len(parts[0].codes) - len(priced[0].codes)
    bars = priced[0] if len(priced) == 1 else _stacked(priced)
    notes = [*layout.notes, *dates.notes, *numbers.notes]
    if dropped and len(parts) == 1:
        text = f"{grid.source}: rows without any price, left out: {dropped}"
        notes.append(PriceNote("rows_without_prices", dropped, text))
    named = layout.ticker_column is not None or any(one.ticker for one in layout.series)
    return RowsRead(_frame(bars, tickers.names), tuple(notes), named)


def _tickers(grid: Grid, layout: Layout, name: str) -> _Tickers:
    named = list(dict.fromkeys(one.ticker for one in layout.series if one.ticker))
    if layout.ticker_column is None or named:
        return _Tickers(named or [name], np.zeros(grid.rows(), dtype="int32"))
    column = grid.columns[layout.ticker_column]
    cells = (
        column.cells
        if isinstance(column, TextColumn)
        else [f"{value:.0f}" for value in np.unique(np.asarray(column, dtype="float64"))]
    )
    codes = (
        column.codes
        if isinstance(column, TextColumn)
        else np.unique(np.asarray(column, dtype="float64"), return_inverse=True)[1]
    )
    clean = ["" if is_no_ticker(cell) else _clean_ticker(cell) for cell in cells]
    names = [text for text in dict.fromkeys(clean) if text]
    place = {text: position for position, text in enumerate(names)} | {"": -1}
    return _Tickers(names, np.array([place[text] for text in clean], dtype="int32")[codes])


def _clean_ticker(cell: str) -> str:
    """Take off what spreadsheets put around a code to keep its zeros: `'600519` and `="600519"`."""
    return cell.strip().removeprefix("=").strip("\"'‘’` ").strip()


def _checked_dates(grid: Grid, layout: Layout, dates: RowDates, numbers: NumberReader) -> RowDates:
    """Leave out titles and footers among the rows, and refuse rows with prices whose dates cannot be read."""
    if dates.valid.all():
        return dates
    places = [place for one in layout.series for place in one.columns.values()]
    return dates.checked(grid, numbers.filled(places), numbers.full(places))


def _bars(grid: Grid, layout: Layout, one: Series, read: tuple[RowDates, _Tickers, NumberReader]) -> _Bars:
    """Return the bars of one series, where there is a date."""
    dates, tickers, numbers = read
    keep = slice(None) if dates.valid.all() else dates.valid
    values = {role: numbers.values(place)[keep] for role, place in _ordered(one.columns)}
    sessions = dates.stamps[keep]
    if one.ticker:
        return _Bars(np.full(len(sessions), tickers.names.index(one.ticker), dtype="int32"), sessions, values)
    codes = tickers.codes[keep]
    if (codes < 0).any():
        line = grid.first_line + 1 + int(np.flatnonzero(dates.valid)[np.argmax(codes < 0)])
        column = layout.names[layout.ticker_column or 0]
        raise PriceDataError(f"{grid.source} row {line}: no ticker in column {column!r}, but prices")
    return _Bars(codes, sessions, values)


def _ordered(columns: Mapping[str, int]) -> list[tuple[str, int]]:
    order = [*(role for role in PRICE_ROLES if role != "adj_close"), "adj_close"]
    return [(role, columns[role]) for role in order if role in columns]


def _stacked(parts: Sequence[_Bars]) -> _Bars:
    """Put the bars of several series one below the other; a column that one of them lacks is missing there."""
    roles = [role for role, _ in _ordered(dict.fromkeys(PRICE_ROLES, 0)) if any(role in part.values for part in parts)]
    values = {
        role: np.concatenate([part.values.get(role, np.full(len(part.codes), np.nan)) for part in parts])
        for role in roles
    }
    codes = np.concatenate([part.codes for part in parts])
    return _Bars(codes, np.concatenate([part.sessions for part in parts]), values)


def _with_prices(bars: _Bars) -> _Bars:
    """Leave out bars without any price."""
    empty: Mask = np.ones(len(bars.codes), dtype=bool)
    for role in ("open", "high", "low", "close"):
        if role in bars.values:
            empty &= np.isnan(bars.values[role])
    if not empty.any():
        return bars
    values = {role: numbers[~empty] for role, numbers in bars.values.items()}
    return _Bars(bars.codes[~empty], bars.sessions[~empty], values)


def _frame(bars: _Bars, names: list[str]) -> pd.DataFrame:
    """Return bars as long rows, without the columns that hold no number."""
    ticker = pd.Categorical.from_codes(bars.codes, dtype=pd.CategoricalDtype(names)).remove_unused_categories()
    filled = {role: numbers for role, numbers in bars.values.items() if not len(numbers) or not np.isnan(numbers).all()}
    return pd.DataFrame({"ticker": ticker, "session": bars.sessions, **filled}, copy=False)
