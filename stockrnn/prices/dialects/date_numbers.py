"""Dates that are bare numbers: YYYYMMDD, epochs, and the serial numbers of spreadsheets."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stockrnn.prices.dialects.date_cells import read_date_cell
from stockrnn.prices.dialects.date_fields import KNOWN, DateCell, full_year
from stockrnn.prices.dialects.date_stamps import DateColumn, Stamps, are_plausible, stamps_of
from stockrnn.prices.dialects.number_formats import is_missing

_NUMBER = re.compile(r"-?\d+(\.\d*)?")
_EXCEL_EPOCH = np.datetime64("1899-12-30", "us")
_EXCEL_RANGE = (7_000, 80_000)  # 1919 to 2119
_EXCEL_1970 = 25_569
# From where on an epoch counts in this unit, as nanoseconds: the smallest is 1973 in seconds.
_EPOCHS = ((1e17, 1), (1e14, 1_000), (1e11, 1_000_000), (1e8, 1_000_000_000))


def read_serial(cell: str) -> DateCell | None:
    """Read a spreadsheet's day number that stands among written dates."""
    text = cell.strip()
    if not _NUMBER.fullmatch(text) or not _EXCEL_RANGE[0] <= float(text) <= _EXCEL_RANGE[1]:
        return None
    day = (_EXCEL_EPOCH + np.timedelta64(int(float(text)), "D")).astype("datetime64[D]").item()
    return DateCell((day.year, day.month, day.day))


def read_numeric_column(cells: Sequence[str]) -> DateColumn | None:
    """Read a column of bare numbers: YYYYMMDD, an epoch, or a spreadsheet's serial numbers; None for any other.

    A few words among them are footers.
    """
    texts = [cell.strip().strip("\"'") for cell in cells]
    numeric = np.array([bool(_NUMBER.fullmatch(text)) for text in texts], dtype=bool)
    others = [cell for cell, known in zip(cells, numeric, strict=True) if not known and not is_missing(cell)]
    if not numeric.any() or len(others) > max(3, len(cells) // 10) or any(map(read_date_cell, others)):
        return None
    numbers = [text for text, known in zip(texts, numeric, strict=True) if known]
    digits = [text.removesuffix(".0").removesuffix(".") for text in numbers]
    stamps, utc = _stamps_of_digits(digits), False
    if stamps is None and all(len(text) == 8 for text in digits):
        return None  # DDMMYYYY or MMDDYYYY: an order to be decided
    if stamps is None:
        stamps, utc = _stamps_of_counts(np.array(numbers, dtype="float64"), digits)
    everywhere = np.full(len(cells), np.datetime64("NaT", "us"))
    everywhere[numeric] = stamps
    missing = np.array([is_missing(cell) for cell in cells], dtype=bool)
    return DateColumn(everywhere, np.zeros(len(cells), dtype=bool), ~missing & np.isnat(everywhere), utc)


def _stamps_of_digits(texts: list[str]) -> Stamps | None:
    """Read YYYYMMDD, YYYYMMDDHHMM, YYYYMMDDHHMMSS or YYMMDD; None where the digits are no such dates."""
    widths = {len(text) for text in texts}
    if not (widths == {6} or widths <= {8, 12, 14}) or not all(text.isdigit() for text in texts):
        return None
    stamps = stamps_of([_cut(text, 2 if widths == {6} else 4) for text in texts], {})
    return stamps if are_plausible(stamps) else None


def _cut(text: str, year_digits: int) -> DateCell:
    date, clock = text[: year_digits + 4], text[year_digits + 4 :].ljust(6, "0")
    seconds = int(clock[:2]) * 3600.0 + int(clock[2:4]) * 60 + int(clock[4:])
    fields = full_year(int(date[:year_digits])), int(date[-4:-2]), int(date[-2:])
    return DateCell(fields, KNOWN, seconds)


def _has_two_units(values: npt.NDArray[np.float64]) -> bool:
    """Tell whether some epochs are a thousand times others with nothing between: seconds among milliseconds."""
    known = np.unique(values[values > 0])
    return bool((known[1:] > 100 * known[:-1]).any())


def _stamps_of_counts(values: npt.NDArray[np.float64], texts: list[str]) -> tuple[Stamps, bool]:
    """Read epochs (the largest one tells the unit) or a spreadsheet's serial numbers."""
    largest = float(np.abs(values).max())
    for least, nanoseconds in _EPOCHS:
        if least <= largest < least * 1e3 and not _has_two_units(values):
            exact = np.array([int(text) for text in texts]) if all(t.lstrip("-").isdigit() for t in texts) else values
            microseconds = exact // 1_000 if nanoseconds == 1 else exact * (nanoseconds // 1_000)
            return microseconds.astype("int64").astype("datetime64[us]"), True
    low, high = _EXCEL_RANGE
    # Days since 1970 are no serial numbers: those of a spreadsheet passed 25,569 in that year.
    if low <= values.min() and _EXCEL_1970 <= largest <= high:
        seconds = np.round(values * 86_400.0).astype("int64")
        return _EXCEL_EPOCH + seconds.astype("timedelta64[s]").astype("timedelta64[us]"), False
    return np.full(len(values), np.datetime64("NaT", "us")), False
