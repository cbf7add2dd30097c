"""Write price CSVs in the one format that the package writes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pandas as pd

from stockrnn.prices.table import COLUMNS


def write_prices_csv(rows: pd.DataFrame, path: Path) -> None:
    """Write price rows: header `date,open,high,low,close,volume`, and `ticker` first when there are several.

    Args:
        rows: A long frame with columns `ticker`, `session` and any of the price columns.
        path: A `.csv` or `.csv.gz` file; its folder is made. It is there whole or not at all.
    """
    columns = [name for name in COLUMNS if name in rows.columns]
    several = len(rows) > 0 and bool((rows["ticker"] != rows["ticker"].iloc[0]).any())
    table = rows[["ticker", "session", *columns]] if several else rows[["session", *columns]]
    write_csv(table.rename(columns={"session": "date"}), path)


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table with dates and numbers as a CSV, whole or not at all; whole numbers without a decimal point."""
    text = pd.DataFrame({name: _cells(table[name]) for name in table.columns})
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        text.to_csv(partial, index=False, lineterminator="\n", compression="gzip" if path.suffix == ".gz" else None)
        os.replace(partial, path)  # noqa: PTH105 - the one call that replaces a file on every platform
    finally:
        partial.unlink(missing_ok=True)


def _cells(column: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_datetime64_any_dtype(column):
        daily = (column == column.dt.normalize()).all()
        text: pd.Series[Any] = column.dt.strftime("%Y-%m-%d" if daily else "%Y-%m-%d %H:%M:%S")
        return text
    if column.name == "volume" and (column.dropna() % 1 == 0).all():
        return column.astype("Int64")
    return column
