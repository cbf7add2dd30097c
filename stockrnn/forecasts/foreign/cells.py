"""Columns of a table of forecasts as numbers and as dates."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockrnn.arrays import Floats
from stockrnn.errors import PriceDataError
from stockrnn.prices.dialects.date_cells import looks_like_date
from stockrnn.prices.dialects.date_columns import read_dates
from stockrnn.prices.dialects.grid import text_column
from stockrnn.prices.dialects.number_formats import parse_number

_TOO_MUCH = 1e100

Stamps = npt.NDArray[np.datetime64]


def numbers_of(cells: pd.Series) -> Floats:
    """Return a column as numbers of shape (rows,), NaN where there is none; exactly what was written, to the last digit."""
    if pd.api.types.is_bool_dtype(cells.dtype):
        return np.full(len(cells), np.nan)
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return _finite(cells.to_numpy(dtype=np.float64, na_value=np.nan))
    return _finite(np.array([_number(cell) for cell in cells], dtype=np.float64))


def _number(cell: object) -> float:
    """Return the number in a cell; per cent are none: what they are of is not said."""
    text = str(cell).strip()
    number = None if "%" in text else parse_number(text, ".")
    return np.nan if number is None else number


def is_per_cent(cells: pd.Series) -> bool:
    """Tell whether a column holds numbers with a per-cent sign: at least half of its cells that hold anything."""
    if pd.api.types.is_numeric_dtype(cells.dtype) or pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return False
    texts = [str(cell).strip() for cell in cells if str(cell).strip()]
    return 2 * sum(text.endswith("%") and parse_number(text, ".") is not None for text in texts) >= max(len(texts), 1)


def _finite(numbers: Floats) -> Floats:
    # Nothing that is forecast is worth so much, and its square could not be taken.
    return np.where(np.abs(numbers) < _TOO_MUCH, numbers, np.nan)


def is_numeric(cells: pd.Series) -> bool:
    """Tell whether a column holds numbers: at least half of the cells that hold anything."""
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return False
    filled = int(cells.notna().sum() if pd.api.types.is_numeric_dtype(cells.dtype) else (cells.astype(str) != "").sum())
    return 2 * int(np.isfinite(numbers_of(cells)).sum()) >= max(filled, 1)


def is_dated(cells: pd.Series) -> bool:
    """Tell whether a column holds dates that nobody would take for numbers."""
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return True
    texts = [str(cell) for cell in cells.head(20)]
    return not pd.api.types.is_numeric_dtype(cells.dtype) and sum(map(looks_like_date, texts)) > len(texts) / 2


def dates_of(cells: pd.Series, groups: npt.NDArray[np.int64], order: str | None, where: str) -> Stamps:
    """Return a column as dates of shape (rows,), NaT where there is none; of a time with a zone, the date as written.

    Args:
        cells: The column.
        groups: For each row a number that is the same for the rows of one ticker.
        order: `dmy`, `mdy` or `ymd` where the user says it.
        where: The file and column, for error messages.

    Raises:
        PriceDataError: Dates that cannot be read, or that read in two orders.
    """
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        cells = cells.dt.tz_localize(None)
    if pd.api.types.is_datetime64_dtype(cells.dtype):
        stamps: Stamps = cells.to_numpy()
        return _days(stamps)
    texts = text_column([_date_text(cell) for cell in cells])
    column = read_dates(texts.cells, texts.codes, groups, order, where)
    bad = (column.wrong | column.unreadable)[texts.codes]
    if bad.any():
        row = int(np.argmax(bad))
        raise PriceDataError(
            f"{where}: {int(bad.sum())} {'cell' if bad.sum() == 1 else 'cells'} that cannot be read as a date, first in row "
            f"{row + 1} below the header: {texts.cells[int(texts.codes[row])][:40]!r}; expected dates such as 2017-01-31"
        )
    return _days(column.stamps[texts.codes])


def _date_text(cell: object) -> str:
    if pd.isna(cell):  # type: ignore[call-overload]
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _days(stamps: Stamps) -> Stamps:
    days: Stamps = stamps.astype("datetime64[D]").astype("datetime64[us]")
    return days
