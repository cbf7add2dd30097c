"""The records of a CSV and which of them are rows of prices, told by their cells."""

from __future__ import annotations

import collections
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from stockrnn.prices.dialects.date_cells import looks_like_date
from stockrnn.prices.dialects.headers import is_known_name
from stockrnn.prices.dialects.number_formats import is_missing, looks_like_number


@dataclass(frozen=True)
class Record:
    """The cells of one row and the number of lines before it."""

    cells: tuple[str, ...]
    line: int


def records_of(lines: Sequence[str], delimiter: str, quote: str) -> list[Record]:
    """Split lines into records; blanks after a delimiter do not belong to a cell."""
    reader = csv.reader(lines, delimiter=delimiter, quotechar=quote, skipinitialspace=True)
    records, line = [], 0
    try:
        for cells in reader:
            records.append(Record(tuple(cell.strip() for cell in cells), line))
            line = reader.line_num
    except csv.Error:
        return records  # a stray quote ran past the limit of a cell
    return records


def kinds_of(cells: Sequence[str]) -> str:
    """Return a letter a cell: `d` date, `n` number, `m` missing, `t` text."""
    return "".join(map(_kind, cells))


@lru_cache(maxsize=4096)
def _kind(cell: str) -> str:
    return "d" if looks_like_date(cell) else "m" if is_missing(cell) else "n" if looks_like_number(cell) else "t"


def is_dated_row(kinds: str) -> bool:
    """Tell whether a row of these kinds has a date and a place for a number."""
    return "d" in kinds and ("n" in kinds or "m" in kinds) and len(kinds) > 1


def is_number_row(kinds: str) -> bool:
    """Tell whether a row of these kinds is mostly numbers."""
    return kinds.count("n") >= 2 and kinds.count("n") >= kinds.count("t")


def data_places(records: Sequence[Record]) -> list[int]:
    """Return where the rows are: records with a date and a number, or else records of numbers."""
    kinds = [kinds_of(record.cells) for record in records]
    dated = [place for place, kind in enumerate(kinds) if is_dated_row(kind)]
    if any("n" in kinds[place] for place in dated):
        # A title can hold a date and a number too, but not as many cells as most rows.
        widths = collections.Counter(len(kinds[place]) for place in dated).most_common(1)[0][0]
        return [place for place in dated if abs(len(kinds[place]) - widths) <= 1]
    rows = [place for place, kind in enumerate(kinds) if is_number_row(kind)]
    return rows or _rows_below_header(records, kinds)


def _rows_below_header(records: Sequence[Record], kinds: Sequence[str]) -> list[int]:
    """Return the rows below known names, whatever is in them: what is wrong with them can then be said."""
    header = next((place for place, record in enumerate(records) if names_known(record.cells)), len(records))
    width = len(records[header].cells) if header < len(records) else 0
    return [
        place
        for place in range(header + 1, len(records))
        if len(kinds[place]) == width > 1 and ("n" in kinds[place] or "d" in kinds[place])
    ]


def names_known(cells: Sequence[str]) -> int:
    """Count the cells that are known names of columns."""
    return sum(is_known_name(cell) for cell in cells if cell)
