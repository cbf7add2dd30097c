"""From the cells of a table to long rows: ticker, session, prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockrnn.errors import PriceDataError
from stockrnn.prices.dialects.column_roles import Layout, Series, find_layout
from stockrnn.prices.dialects.grid import Floats, Grid, TextColumn
from stockrnn.prices.dialects.headers import PRICE_ROLES
from stockrnn.prices.dialects.number_columns import NumberReader
from stockrnn.prices.dialects.number_formats import is_missing
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
    parts = [_part(grid, layout, one, (dates, tickers, numbers)) for one in layout.series]
    rows = parts[0] if len(parts) == 1 else _stacked(parts)
    notes = [*layout.notes, *dates.notes, *numbers.notes]
    kept, dropped = _with_prices(rows)
    if dropped and len(parts) == 1:
        text = f"{grid.source}: rows without any price, left out: {dropped}"
        notes.append(PriceNote("rows_without_prices", dropped, text))
    named = layout.ticker_column is not None or any(one.ticker for one in layout.series)
    return RowsRead(kept, tuple(notes), named)


def _tickers(grid: Grid, layout: Layout, name: str) -> _Tickers:
    if layout.ticker_column is None:
        return _Tickers([name], np.zeros(grid.rows(), dtype="int32"))
    column = grid.columns[layout.ticker_column]
    cells = (
        column.cells
        if isinstance(column, TextColumn)
        else [f"{value:g}" for value in np.unique(np.asarray(column, dtype="float64"))]
    )
    codes = (
        column.codes
        if isinstance(column, TextColumn)
        else np.unique(np.asarray(column, dtype="float64"), return_inverse=True)[1]
    )
    clean = ["" if is_missing(cell) else _clean_ticker(cell) for cell in cells]
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


def _part(grid: Grid, layout: Layout, one: Series, read: tuple[RowDates, _Tickers, NumberReader]) -> pd.DataFrame:
    """Return the long rows of one series."""
    dates, tickers, numbers = read
    keep = slice(None) if dates.valid.all() else dates.valid
    values = {role: numbers.values(place)[keep] for role, place in _ordered(one.columns)}
    if one.ticker:
        ticker = pd.Categorical.from_codes(
            np.zeros(len(dates.stamps[keep]), dtype="int8"), dtype=pd.CategoricalDtype([one.ticker])
        )
    else:
        codes = tickers.codes[keep]
        if (codes < 0).any():
            line = grid.first_line + 1 + int(np.flatnonzero(dates.valid)[np.argmax(codes < 0)])
            raise PriceDataError(
                f"{grid.source} row {line}: no ticker in column {layout.names[layout.ticker_column or 0]!r}, but prices"
            )
        ticker = pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(tickers.names))
    return pd.DataFrame({"ticker": ticker, "session": dates.stamps[keep], **values}, copy=False)


def _ordered(columns: Mapping[str, int]) -> list[tuple[str, int]]:
    order = [*(role for role in PRICE_ROLES if role != "adj_close"), "adj_close"]
    return [(role, columns[role]) for role in order if role in columns]


def _stacked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    parts = [_with_prices(part)[0] for part in parts]
    names = list(dict.fromkeys(str(part["ticker"].cat.categories[0]) for part in parts))
    tickers = pd.Categorical(np.concatenate([part["ticker"].astype(str) for part in parts]), categories=names)
    columns = [
        name
        for name in ("session", *(role for role, _ in _ordered(dict.fromkeys(PRICE_ROLES, 0))))
        if any(name in part for part in parts)
    ]
    filled = {
        name: np.concatenate([part[name].to_numpy() if name in part else np.full(len(part), np.nan) for part in parts])
        for name in columns
    }
    return pd.DataFrame({"ticker": tickers, **filled})


def _with_prices(rows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Leave out rows without any price, and columns without any number; say how many rows went."""
    prices = [name for name in rows.columns if name in {"open", "high", "low", "close"}]
    empty: Mask = np.ones(len(rows), dtype=bool)
    for name in prices:
        empty &= np.isnan(_floats(rows, name))
    kept = rows.loc[~empty].reset_index(drop=True) if empty.any() else rows
    hollow = [name for name in kept.columns if name in PRICE_ROLES and np.isnan(_floats(kept, name)).all()]
    return kept.drop(columns=hollow) if hollow and len(kept) else kept, int(empty.sum())


def _floats(rows: pd.DataFrame, name: str) -> Floats:
    return rows[name].to_numpy()
