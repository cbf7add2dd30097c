"""Where the dates stand in a table: one column, a date and a time, or a date torn over several columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from stockrnn.errors import NoPriceTableError, PriceDataError
from stockrnn.prices.dialects.date_cells import looks_like_date
from stockrnn.prices.dialects.date_columns import read_dates
from stockrnn.prices.dialects.date_fields import clock_seconds
from stockrnn.prices.dialects.grid import Column, Grid, TextColumn
from stockrnn.prices.dialects.headers import Header, date_part, listed, read_header
from stockrnn.prices.dialects.number_formats import is_missing

_PROBE = 60
# A text without so many known names above its columns, and without dates, is no table that lacks a name.
_NAMES_OF_A_TABLE = 2
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?(\.\d+)?( ?[ap]m)?", re.IGNORECASE)
_DATE_DIGITS = re.compile(r"(\d{8}|\d{10}|\d{12,14}|\d{16}|\d{19})(\.0)?")  # YYYYMMDD with or without a time, epochs
_DAY = re.compile(r"\D*\d{1,2}\D*|\d{1,2}[/.-]\d{1,2}[/.-]?")  # no year in it
_YEAR = re.compile(r"(1[89]|2[01])\d{2}(\.0)?")


@dataclass(frozen=True)
class DatePlace:
    """The columns that make the date.

    Attributes:
        columns: Their places; for `parts` year, month and, where there is one, day.
        kind: `date` is one column; `clock` a date and a time; `year` a date without its year and the year; `parts` numbers.
    """

    columns: tuple[int, ...]
    kind: Literal["date", "clock", "year", "parts"] = "date"


def probe(column: Column) -> list[str]:
    """Return some distinct cells of a column that hold something."""
    if not isinstance(column, TextColumn):
        return []
    step = max(1, len(column.cells) // (4 * _PROBE))
    return [cell for cell in column.cells[::step] if not is_missing(cell)][:_PROBE]


def find_dates(grid: Grid, names: Sequence[str], mapped: dict[str, int]) -> DatePlace:
    """Find the columns that make the date, by their cells first and their names second.

    Args:
        grid: The table.
        names: A name a column.
        mapped: Roles to the columns that the user named.

    Raises:
        PriceDataError: There is none.
    """
    headers = [read_header(name) for name in names]
    if "date" in mapped:
        return _with_clock(grid, headers, mapped["date"], mapped)
    apart = _year_apart(grid)
    if apart is not None:
        return apart
    written = [place for place, column in enumerate(grid.columns) if _is_date_column(column)]
    if written:
        return _with_clock(grid, headers, min(written, key=lambda place: _preference(headers[place], place)), mapped)
    place = _numeric_dates(grid, headers) or _torn_dates(grid, names)
    if place is None:
        raise _no_dates(grid, names, headers)
    return place if place.kind != "date" else _with_clock(grid, headers, place.columns[0], mapped)


def _is_date_column(column: Column) -> bool:
    if not isinstance(column, TextColumn):
        return np.issubdtype(column.dtype, np.datetime64)
    cells = probe(column)
    return bool(cells) and sum(map(looks_like_date, cells)) >= 0.5 * len(cells)


def _preference(header: Header, place: int) -> tuple[int, int, int]:
    order = {"date": 0, "time": 1, "ignored": 4}
    return order.get(header.role, 3 if header.role else 2), header.rank, place


def _numeric_dates(grid: Grid, headers: Sequence[Header]) -> DatePlace | None:
    """Find a date column of bare numbers: YYYYMMDD, epochs or serial numbers. Only a name or its place makes it one."""
    named = [place for place, header in enumerate(headers) if header.role in {"date", "time"}]
    nameless = [place for place in range(len(grid.columns)) if not grid.header or not grid.header[-1][place]]
    for place in sorted(named, key=lambda place: _preference(headers[place], place)):
        if _reads_as_dates(grid.columns[place], serial=True):
            return DatePlace((place,))
    return next((DatePlace((place,)) for place in nameless if _reads_as_dates(grid.columns[place], serial=False)), None)


def _reads_as_dates(column: Column, serial: bool) -> bool:
    cells = probe(column) or _whole_numbers(column)
    plain = sum(map(bool, map(_DATE_DIGITS.fullmatch, cells)))
    if not cells or (not serial and plain < 0.8 * len(cells)):
        return False
    try:
        read = read_dates(cells, np.arange(len(cells)), np.zeros(len(cells), dtype="int64"), None, "")
    except PriceDataError:
        return True  # dates, only their order is open
    return int(np.isnat(read.stamps).sum()) * 2 < len(cells)


def _whole_numbers(column: Column) -> list[str]:
    """Return some numbers of a column as digits; nothing where they have fractions."""
    if isinstance(column, TextColumn) or not np.issubdtype(column.dtype, np.floating):
        return []
    numbers = np.unique(np.asarray(column, dtype="float64"))[:_PROBE]
    return [f"{number:.0f}" for number in numbers] if np.isfinite(numbers).all() and not (numbers % 1).any() else []


def _with_clock(grid: Grid, headers: Sequence[Header], date: int, mapped: dict[str, int]) -> DatePlace:
    """Add the time column, where the date column has no times itself."""
    if "time" in mapped:
        return DatePlace((date, mapped["time"]), "clock")
    if any(":" in cell for cell in probe(grid.columns[date])):
        return DatePlace((date,))
    for place, column in enumerate(grid.columns):
        cells = probe(column) if place != date else []
        named = headers[place].role in {"time", "date"} and all(clock_seconds(cell) is not None for cell in cells)
        if cells and (named or all(map(_CLOCK.fullmatch, cells))):
            return DatePlace((date, place), "clock")
    headless_next = date + 1 if not grid.header and date + 2 < len(grid.columns) else None
    if headless_next is not None and all(
        re.fullmatch(r"\d{6}", cell) for cell in probe(grid.columns[headless_next]) or ["-"]
    ):
        return DatePlace((date, headless_next), "clock")
    return DatePlace((date,))


def _torn_dates(grid: Grid, names: Sequence[str]) -> DatePlace | None:
    """Find a date in year, month and day columns."""
    parts = {date_part(name): place for place, name in reversed(list(enumerate(names)))}
    if "year" in parts and "month" in parts:
        return DatePlace(tuple(parts[part] for part in ("year", "month", "day") if part in parts), "parts")
    return None


def _year_apart(grid: Grid) -> DatePlace | None:
    """Find a date without its year beside a column of years: `Mar 11, 2021` torn at its comma."""
    years = [
        p for p, column in enumerate(grid.columns) if (cells := probe(column)) and all(map(_YEAR.fullmatch, cells))
    ]
    for year in years:
        for place in (year - 1, year + 1):
            cells = probe(grid.columns[place]) if 0 <= place < len(grid.columns) else []
            if cells and all(_DAY.fullmatch(cell) and looks_like_date(joined_year(cell, "2000")) for cell in cells):
                return DatePlace((place, year), "year")
    return None


def joined_year(day: str, year: str) -> str:
    """Return the date of a day such as `Mar 11` or `11.03.` and its year."""
    sign = next((letter for letter in "/.-" if letter in day), " ")
    return f"{day.rstrip(sign + ' ')}{sign}{year.removesuffix('.0')}"


def _no_dates(grid: Grid, names: Sequence[str], headers: Sequence[Header]) -> PriceDataError:
    named = next((place for place, header in enumerate(headers) if header.role == "date"), None)
    cells = probe(grid.columns[named]) if named is not None else []
    if named is not None and cells:
        return PriceDataError(
            f"{grid.source}: the dates in column {names[named]!r} cannot be read, such as {cells[0]!r}; "
            f"expected dates such as 2017-01-31, 1/31/2017 or 31 Jan 2017"
        )
    is_table = sum(bool(header.role) for header in headers) >= _NAMES_OF_A_TABLE
    kind = PriceDataError if is_table else NoPriceTableError
    return kind(f"{grid.source}: no date column; found {listed(names)}; name it with --columns date=NAME")
