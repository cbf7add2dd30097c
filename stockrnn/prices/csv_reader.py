"""Read one CSV of any dialect into long rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from stockrnn.prices.dialects.csv_cells import read_grid
from stockrnn.prices.dialects.csv_dialect import find_dialect
from stockrnn.prices.dialects.layouts import long_rows
from stockrnn.prices.dialects.text_decoding import open_text
from stockrnn.prices.read_options import ReadOptions, RowsRead
from stockrnn.prices.table import PriceNote


def read_csv_rows(path: Path, name: str, options: ReadOptions) -> RowsRead:
    """Read the rows of a CSV with dates and at least one price column.

    Args:
        path: The file; compressed by gzip or not.
        name: The ticker where the file names none.
        options: What the user says about the file.

    Raises:
        PriceDataError: It is empty, no table, without dates or without prices, or reads in two ways.
    """
    text = open_text(path)
    dialect = find_dialect(text.head, path)
    read = long_rows(read_grid(text, dialect, options.decimal), name, options)
    if not dialect.titles:
        return read
    note = f"{path}: lines above the table, left out: {len(dialect.titles)}, first {dialect.titles[0][:60]!r}"
    return replace(read, notes=(PriceNote("lines_left_out", len(dialect.titles), note), *read.notes))
