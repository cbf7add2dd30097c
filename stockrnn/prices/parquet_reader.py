"""Read one Parquet file into long rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from stockrnn.errors import PriceDataError
from stockrnn.prices.dialects.grid import Column, Grid, text_column
from stockrnn.prices.dialects.layouts import long_rows
from stockrnn.prices.read_options import ReadOptions, RowsRead

_UTC = ("UTC", "Etc/UTC", "GMT", "+00:00", "UTC+00:00")


def read_parquet_rows(path: Path, name: str, options: ReadOptions) -> RowsRead:
    """Read the rows of a Parquet file with dates, in a column or in the index, and at least one price column.

    Args:
        path: The file.
        name: The ticker where the file names none.
        options: What the user says about the file.

    Raises:
        PriceDataError: It is damaged, empty, without dates or without prices.
    """
    try:
        with path.open("rb") as file:
            table = pq.ParquetFile(file).read()
        frame = table.to_pandas(date_as_object=False, strings_to_categorical=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise PriceDataError(f"{path}: a Parquet file that cannot be read ({str(error).splitlines()[0]})") from error
    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    if frame.empty:
        raise PriceDataError(f"{path}: the file has no rows; expected dates and prices")
    columns = tuple(_column(frame.iloc[:, place]) for place in range(frame.shape[1]))
    utc = frozenset(place for place, kind in enumerate(frame.dtypes) if str(getattr(kind, "tz", "")) in _UTC)
    return long_rows(Grid(str(path), _header(frame.columns), columns, utc=utc), name, options)


def _header(columns: pd.Index) -> tuple[tuple[str, ...], ...]:
    if isinstance(columns, pd.MultiIndex):
        return tuple(tuple(str(part) for part in columns.get_level_values(level)) for level in range(columns.nlevels))
    return (tuple("" if str(name) in {"index", "level_0", "None"} else str(name) for name in columns),)


def _column(values: pd.Series) -> Column:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        values = values.dt.tz_localize(None)  # a session is the local date
    if pd.api.types.is_datetime64_dtype(values.dtype):
        stamps: npt.NDArray[np.datetime64] = values.to_numpy()
        return stamps
    if pd.api.types.is_bool_dtype(values.dtype):
        return text_column([str(value) for value in values])
    if pd.api.types.is_numeric_dtype(values.dtype):
        return _numbers(values)
    texts = values.astype(object).where(values.notna(), "")
    decimals = (
        pd.to_numeric(texts, errors="coerce") if not all(isinstance(text, str) for text in texts.head(50)) else None
    )
    return (
        text_column([str(text) for text in texts]) if decimals is None or decimals.isna().all() else _numbers(decimals)
    )


def _numbers(values: pd.Series) -> Column:
    numbers = values.to_numpy(dtype="float64", na_value=np.nan)
    return np.where(np.isinf(numbers), np.nan, numbers)
