"""The text of a CSV as a frame of named columns: its delimiter, its header of one or several rows, its decimal sign."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pandas as pd

from stockrnn.forecasts.foreign.cells import is_dated
from stockrnn.prices.dialects.csv_rows import kinds_of
from stockrnn.prices.dialects.number_formats import Sign, decimal_sign, parse_number

# The comma is last: beside another delimiter it is in numbers.
_DELIMITERS = (";", "\t", "|", ",")
# A frame of pandas has a row a level of its columns, and one more for the name of its index.
_MOST_HEADER_ROWS = 5


class NoTableError(ValueError):
    """A text that is no table; says why."""


def parse_csv(text: str, decimal: Sign | None = None) -> pd.DataFrame:
    """Return the rows of a CSV as text under its headers, numbers with a decimal point.

    Args:
        text: The whole file.
        decimal: The decimal sign where the user says it; None leaves it to the file.

    Raises:
        NoTableError: The text is no table.
    """
    lines, delimiter = _without_preface(text.lstrip().splitlines(keepends=True))
    first = lines[0].strip() if lines else ""
    sample = [line for line in lines[: _MOST_HEADER_ROWS + 1] if line.strip()]
    delimiter = delimiter or max(_DELIMITERS, key=lambda sign: min((line.count(sign) for line in sample), default=0))
    delimiter = delimiter if delimiter in first else max(_DELIMITERS, key=first.count)
    if delimiter not in first:
        raise NoTableError(f"its first line is {first[:60]!r}")
    head = [
        row for row in csv.reader(lines[: _MOST_HEADER_ROWS + 1], delimiter=delimiter, skipinitialspace=True) if row
    ]
    above = _header_rows(head)
    names = None if above == 1 else _headers(head[:above], len(head[min(above, len(head) - 1)]))
    try:
        frame = pd.read_csv(
            io.StringIO("".join(lines[above:] if names else lines)),
            sep=delimiter,
            dtype=str,
            keep_default_na=False,
            skipinitialspace=True,
            header=None if names else 0,
            names=names,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise NoTableError(" ".join(str(error).split())) from None
    return _with_decimal_points(frame, decimal, delimiter)


def _without_preface(lines: list[str]) -> tuple[list[str], str]:
    """Return the lines below comments and Excel's `sep=;`, and the delimiter that it names."""
    delimiter = ""
    start = 0
    for line in lines:
        bare = line.strip()
        if bare.lower().startswith("sep=") and len(bare) <= len("sep=") + 1:
            delimiter = bare[len("sep=") :]
        elif bare and not bare.startswith("#"):
            break
        start += 1
    return lines[start:], delimiter


def _header_rows(head: Sequence[Sequence[str]]) -> int:
    """Return how many rows are above the first one with a date: 1 where that does not tell."""
    kinds = [kinds_of([cell.strip() for cell in row]) for row in head]
    first = next((place for place, kind in enumerate(kinds) if "d" in kind), 1)
    if first == 0:
        return 0 if "n" in kinds[0] else 1
    return first if all(_is_header(row) for row in head[1:first]) else 1


def _is_header(row: Sequence[str]) -> bool:
    """Tell whether all cells of a row are words or levels of quantiles."""
    kinds = kinds_of([cell.strip() for cell in row])
    return all(
        kind != "n" or 0 < float(parse_number(cell, ".") or 0) < 1 for kind, cell in zip(kinds, row, strict=True)
    )


def _headers(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return a name a column: the words above each other; of the dates, the lowest."""
    if not rows:
        return ["date", "forecast", *(f"column {place}" for place in range(3, width + 1))][:width]
    columns = [[row[place].strip() if place < len(row) else "" for row in rows] for place in range(width)]
    names = ["_".join(dict.fromkeys(word for word in words if word)) for words in columns]
    names[0] = columns[0][-1] or "Unnamed: 0"
    return [name if names.index(name) == place else f"{name}.{place}" for place, name in enumerate(names)]


def _with_decimal_points(frame: pd.DataFrame, decimal: Sign | None, delimiter: str) -> pd.DataFrame:
    numbers = [name for place, name in enumerate(frame.columns) if not is_dated(frame.iloc[:, place])]
    columns = [[str(cell) for cell in pd.unique(frame[name])] for name in numbers]
    # Who separates cells by semicolons does so because the comma is taken.
    undecided: Sign = "," if delimiter == ";" and any("," in cell for cells in columns for cell in cells) else "."
    if (decimal or decimal_sign(columns) or undecided) == ".":
        return frame
    return frame.assign(**{name: frame[name].map(_with_point) for name in numbers})


def _with_point(cell: str) -> str:
    number = parse_number(cell, ",") if "%" not in cell else None
    return cell if number is None or number != number else repr(number)  # noqa: PLR0124
