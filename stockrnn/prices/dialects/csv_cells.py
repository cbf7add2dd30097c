"""The cells of a CSV whose dialect is known: by Arrow where the rows are regular, cell by cell where they are not."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from stockrnn.errors import PriceDataError
from stockrnn.prices.dialects.csv_dialect import Dialect
from stockrnn.prices.dialects.csv_rows import is_dated_row, kinds_of
from stockrnn.prices.dialects.date_cells import looks_like_date
from stockrnn.prices.dialects.grid import Column, Grid, TextColumn, text_column
from stockrnn.prices.dialects.headers import PRICE_ROLES, read_header
from stockrnn.prices.dialects.number_formats import is_missing, proven_sign
from stockrnn.prices.dialects.number_words import MISSING
from stockrnn.prices.dialects.text_decoding import PriceText, load_text

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_BLOCK = 1 << 20


def read_grid(text: PriceText, dialect: Dialect, decimal: str | None) -> Grid:
    """Read the cells of a CSV.

    Args:
        text: The file.
        dialect: How its rows are written.
        decimal: The decimal sign, where the user says it.

    Raises:
        PriceDataError: A row has more cells than the others.
    """
    plain = _plain_columns(dialect) if decimal != "," else frozenset()
    columns = _read_by_arrow(text, dialect, plain)
    if columns is None:
        text = text if text.content is not None else load_text(text.path)
        columns = _read_by_arrow(text, dialect, frozenset()) or _read_by_cell(text, dialect)
    return Grid(str(text.path), dialect.header, columns, dialect.first_line)


def _plain_columns(dialect: Dialect) -> frozenset[int]:
    """Return the columns of numbers whose cells need no interpretation: prices by name, or fractions beside a date.

    Other numbers stay text until it is known what they are: a code has zeros to lose, an epoch digits.
    """
    cells = {place: [row[place] for row in dialect.sample] for place in range(dialect.width)}
    plain = {place for place, column in cells.items() if all(_PLAIN.fullmatch(c) or is_missing(c) for c in column)}
    dated = any(all(map(looks_like_date, cells[place])) for place in set(cells) - plain)
    fractions = {place for place in plain if dated and any("." in cell for cell in cells[place])}
    named = {place for place in plain if any(read_header(row[place]).role in PRICE_ROLES for row in dialect.header)}
    chosen = (fractions | named) if dialect.header else frozenset()
    return frozenset(chosen) if proven_sign(cell for place in chosen for cell in cells[place]) == "." else frozenset()


def _read_by_arrow(text: PriceText, dialect: Dialect, plain: frozenset[int]) -> tuple[Column, ...] | None:
    """Read regular rows fast: plain numbers as such, any other cell as a place in the list of its column's cells."""
    if not dialect.simple:
        return None
    names = [str(place) for place in range(dialect.width)]
    words = pa.dictionary(pa.int32(), pa.string())
    types = {name: pa.float64() if place in plain else words for place, name in enumerate(names)}
    missing = sorted({form for word in MISSING for form in (word, word.upper(), word.title())})
    try:
        table = arrow_csv.read_csv(
            str(text.path) if text.content is None else pa.BufferReader(text.content),
            read_options=arrow_csv.ReadOptions(column_names=names, skip_rows=dialect.first_line, block_size=_BLOCK),
            parse_options=arrow_csv.ParseOptions(delimiter=dialect.delimiter, quote_char=dialect.quote),
            convert_options=arrow_csv.ConvertOptions(
                column_types=types, null_values=missing, strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    if any(_has_line_ends(column) for column in table.columns):
        return None  # notes of several lines, or a quote that is not closed
    columns = table.unify_dictionaries().columns[::-1]
    del table
    # One after the other, each given back before the next is copied: the file is in memory once, not twice.
    return tuple(_from_arrow(columns.pop()) for _ in names)


def _has_line_ends(column: pa.ChunkedArray) -> bool:
    words = (chunk.dictionary for chunk in column.chunks if pa.types.is_dictionary(column.type))
    return any(pc.any(pc.match_substring(cells, "\n")).as_py() for cells in words)


def _from_arrow(column: pa.ChunkedArray) -> Column:
    if pa.types.is_floating(column.type):
        numbers = column.to_numpy()
        return np.where(np.isinf(numbers), np.nan, numbers) if np.isinf(numbers).any() else numbers
    if column.num_chunks == 0:
        return TextColumn([], np.zeros(0, dtype="int64"))
    codes = np.concatenate([chunk.indices.to_numpy() for chunk in column.chunks])
    return TextColumn([cell.strip() for cell in column.chunk(0).dictionary.to_pylist()], codes)


def _read_by_cell(text: PriceText, dialect: Dialect) -> tuple[Column, ...]:
    rows = list(_rows(text.content or b"", dialect, text.path))
    return tuple(text_column(cells) for cells in zip(*rows, strict=True))


def _rows(text: bytes, dialect: Dialect, path: Path) -> Iterator[Sequence[str]]:
    lines = io.StringIO(text.decode("utf-8", errors="replace"), newline="")
    for _ in range(dialect.first_line):
        lines.readline()
    reader = csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.quote, skipinitialspace=True)
    filled = max(place + 1 for row in dialect.sample for place, cell in enumerate(row) if cell)
    line = 0
    try:
        for row in reader:
            first, line = line + 1, reader.line_num
            cells = [cell.strip() for cell in row]
            while len(cells) > dialect.width and not cells[-1]:
                cells.pop()
            _check_row(cells, dialect, filled, f"{path} row {dialect.first_line + first}")
            if any(cells):
                yield (cells + [""] * dialect.width)[: dialect.width]
    except csv.Error as error:
        raise PriceDataError(
            f"{path} row {dialect.first_line + line + 1}: {error}; a quote in it is probably not closed"
        ) from error


def _check_row(cells: Sequence[str], dialect: Dialect, filled: int, where: str) -> None:
    """Refuse a row with more cells than the others or fewer than they fill, and a cell that has swallowed other rows."""
    for cell in cells:
        if "\n" in cell and any(_is_priced(line.split(dialect.delimiter)) for line in cell.splitlines()[1:]):
            raise PriceDataError(f"{where}: a quote that is not closed, or only in a later row; correct this row")
    if len(cells) > dialect.width and any(map(looks_like_date, cells)):
        advice = f"quote the cells that hold the delimiter {dialect.delimiter!r}"
    elif len(cells) < filled and _is_priced(cells):
        advice = "complete or delete this row"
    else:
        return
    raise PriceDataError(f"{where}: {len(cells)} cells where the other rows have {dialect.width}; {advice}")


def _is_priced(cells: Sequence[str]) -> bool:
    """Tell whether cells are a date and several numbers."""
    kinds = kinds_of(cells)
    return is_dated_row(kinds) and kinds.count("n") > 1
