"""Dates of a whole column: the order of day and month, epochs and serial numbers, decided by all cells together."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stockrnn.errors import PriceDataError
from stockrnn.prices.date_cells import COMPACT, KNOWN, MONTH, DateCell, full_year, read_date_cell
from stockrnn.prices.number_formats import is_missing

Stamps = npt.NDArray[np.datetime64]
Codes = npt.NDArray[np.integer]

_ISO_LENGTHS = frozenset({10, 16, 19, 23, 26})
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?")
_NUMBER = re.compile(r"-?\d+(\.\d*)?")
_EXCEL_EPOCH = np.datetime64("1899-12-30", "us")
_EXCEL_RANGE = (7_000, 80_000)  # 1919 to 2119
# From where on an epoch counts in this unit, as nanoseconds: the smallest is 1973 in seconds.
_EPOCHS = ((1e17, 1), (1e14, 1_000), (1e11, 1_000_000), (1e8, 1_000_000_000))


@dataclass(frozen=True)
class DateColumn:
    """The dates of the distinct cells of a column.

    Attributes:
        stamps: One a distinct cell, NaT where it holds no date.
        wrong: Cells that are written as dates but are none, or not in the order of the others.
        unreadable: Cells that hold something else than a date.
        utc: The times are in UTC, not local.
    """

    stamps: Stamps
    wrong: npt.NDArray[np.bool_]
    unreadable: npt.NDArray[np.bool_]
    utc: bool = False


def read_dates(cells: Sequence[str], codes: Codes, groups: Codes, order: str | None, where: str) -> DateColumn:
    """Read the dates of a column.

    Args:
        cells: The distinct cells of the column.
        codes: For each row the place of its cell, in the order of the file.
        groups: For each row a number that is the same for the rows of one ticker.
        order: `dmy`, `mdy` or `ymd` where the user says it.
        where: The file and column, for error messages.

    Raises:
        PriceDataError: The cells read in two orders and neither they nor the order of the rows tell which.
    """
    quick = _read_iso(cells)
    if quick is not None:
        return quick
    numeric = _read_numeric_column(cells)
    if numeric is not None:
        return numeric
    read = [read_date_cell(cell) or _read_serial(cell) for cell in cells]
    styles = sorted({cell.style for cell in read if cell is not None and cell.style not in {KNOWN, MONTH}})
    orders = _decide_orders(read, styles, order, (codes, groups, where)) if styles else {}
    stamps = _stamps(read, orders)
    if any(cell is not None and cell.style == MONTH for cell in read):
        _check_months(
            stamps,
            (codes, groups, where),
            next(text for text, cell in zip(cells, read, strict=True) if cell and cell.style == MONTH),
        )
    missing = np.array([is_missing(cell) for cell in cells], dtype=bool)
    found = np.array([cell is not None for cell in read], dtype=bool)
    utc = bool(found.any()) and all(cell.utc for cell in read if cell is not None)
    return DateColumn(stamps, found & np.isnat(stamps), ~found & ~missing, utc)


def _read_iso(cells: Sequence[str]) -> DateColumn | None:
    """Read a column that is all ISO without offsets, fast: intraday files have a million distinct cells."""
    if (
        not cells
        or {len(cell) for cell in cells} - _ISO_LENGTHS
        or not all(map(_ISO.fullmatch, cells[:: len(cells) // 50 + 1]))
    ):
        return None
    try:
        stamps = np.array(cells, dtype="datetime64[us]")
    except ValueError:
        return None
    nothing = np.isnat(stamps)
    return None if nothing.any() else DateColumn(stamps, nothing, nothing)


def _read_serial(cell: str) -> DateCell | None:
    """Read a spreadsheet's day number that stands among written dates."""
    text = cell.strip()
    if not _NUMBER.fullmatch(text) or not _EXCEL_RANGE[0] <= float(text) <= _EXCEL_RANGE[1]:
        return None
    day = (_EXCEL_EPOCH + np.timedelta64(int(float(text)), "D")).astype("datetime64[D]").item()
    return DateCell((day.year, day.month, day.day))


def _read_numeric_column(cells: Sequence[str]) -> DateColumn | None:
    """Read a column of bare numbers: YYYYMMDD, an epoch, or a spreadsheet's serial numbers; None for any other."""
    missing = np.array([is_missing(cell) for cell in cells], dtype=bool)
    texts = [cell.strip().strip("\"'") for cell, gone in zip(cells, missing, strict=True) if not gone]
    if not texts or not all(map(_NUMBER.fullmatch, texts)):
        return None
    digits = [text.removesuffix(".0").removesuffix(".") for text in texts]
    stamps, utc = _stamps_of_digits(digits), False
    if stamps is None and all(len(text) == 8 for text in digits):
        return None  # DDMMYYYY or MMDDYYYY: an order to be decided
    if stamps is None:
        stamps, utc = _stamps_of_counts(np.array(texts, dtype="float64"), texts)
    everywhere = np.full(len(cells), np.datetime64("NaT", "us"))
    everywhere[~missing] = stamps
    return DateColumn(everywhere, np.zeros(len(cells), dtype=bool), ~missing & np.isnat(everywhere), utc)


def _stamps_of_digits(texts: list[str]) -> Stamps | None:
    """Read YYYYMMDD, YYYYMMDDHHMM, YYYYMMDDHHMMSS or YYMMDD; None where the digits are no such dates."""
    widths = {len(text) for text in texts}
    if not (widths == {6} or widths <= {8, 12, 14}) or not all(text.isdigit() for text in texts):
        return None
    stamps = _stamps([_cut(text, 2 if widths == {6} else 4) for text in texts], {})
    plausible = not np.isnat(stamps).any() and stamps.min() >= _OLDEST and stamps.max() < _LATEST
    return stamps if plausible else None


_OLDEST, _LATEST = np.datetime64("1800-01-01"), np.datetime64("2200-01-01")


def _cut(text: str, year_digits: int) -> DateCell:
    date, clock = text[: year_digits + 4], text[year_digits + 4 :].ljust(6, "0")
    seconds = int(clock[:2]) * 3600.0 + int(clock[2:4]) * 60 + int(clock[4:])
    fields = full_year(int(date[:year_digits])), int(date[-4:-2]), int(date[-2:])
    return DateCell(fields, KNOWN, seconds)


def _stamps_of_counts(values: npt.NDArray[np.float64], texts: list[str]) -> tuple[Stamps, bool]:
    """Read epochs (the largest one tells the unit) or a spreadsheet's serial numbers."""
    largest = float(np.abs(values).max())
    for least, nanoseconds in _EPOCHS:
        if least <= largest < least * 1e3:
            exact = np.array([int(text) for text in texts]) if all(t.lstrip("-").isdigit() for t in texts) else values
            microseconds = exact // 1_000 if nanoseconds == 1 else exact * (nanoseconds // 1_000)
            return microseconds.astype("int64").astype("datetime64[us]"), True
    low, high = _EXCEL_RANGE
    if low <= values.min() and largest <= high:
        seconds = np.round(values * 86_400.0).astype("int64")
        return _EXCEL_EPOCH + seconds.astype("timedelta64[s]").astype("timedelta64[us]"), False
    return np.full(len(values), np.datetime64("NaT", "us")), False


def _stamps(read: Sequence[DateCell | None], orders: dict[str, str]) -> Stamps:
    """Return the stamps of cells whose orders are decided; NaT where the fields are no date."""
    years, months, days, seconds = (np.zeros(len(read)) for _ in range(4))
    for place, cell in enumerate(read):
        if cell is not None:
            order = orders.get(cell.style, "ymd")
            fields = dict(
                zip(order, _cut_again(cell) if cell.style == COMPACT and order != "ymd" else cell.fields, strict=True)
            )
            years[place], months[place], days[place] = full_year(fields["y"]), fields["m"], fields["d"]
            seconds[place] = cell.seconds
    good = (months >= 1) & (months <= 12) & (days >= 1) & (days <= 31) & (years >= 1700) & (years < 2200)
    starts = (np.where(good, years, 1970) - 1970) * 12 + np.where(good, months, 1) - 1
    month = starts.astype("int64").astype("datetime64[M]")
    day = month.astype("datetime64[D]") + (np.where(good, days, 1) - 1).astype("int64").astype("timedelta64[D]")
    good &= day.astype("datetime64[M]") == month  # 30 February would slip into March
    stamps: Stamps = day.astype("datetime64[us]") + np.round(seconds * 1e6).astype("int64").astype("timedelta64[us]")
    stamps[~good] = np.datetime64("NaT")
    return stamps


def _cut_again(cell: DateCell) -> tuple[int, int, int]:
    """Return the fields of eight digits that end with the year."""
    digits = "{:04d}{:02d}{:02d}".format(*cell.fields)
    return int(digits[:2]), int(digits[2:4]), int(digits[4:])


def _candidates(style: str) -> tuple[str, ...]:
    if style == COMPACT:
        return "ymd", "dmy", "mdy"
    if style.startswith("9999"):
        return "ymd", "ydm"
    return ("dmy", "mdy") if style.endswith("9999") else ("dmy", "mdy", "ymd")


def _decide_orders(
    read: Sequence[DateCell | None], styles: list[str], order: str | None, rows: tuple[Codes, Codes, str]
) -> dict[str, str]:
    """Decide the order of the fields for each style of writing in the column."""
    codes, groups, where = rows
    choices = [(order,) if order in _candidates(style) else _candidates(style) for style in styles]
    readings = [dict(zip(styles, choice, strict=True)) for choice in itertools.islice(itertools.product(*choices), 243)]
    stamps = [_stamps(read, reading) for reading in readings]
    holes = [int(np.isnat(reading).sum()) for reading in stamps]
    best = [place for place, count in enumerate(holes) if count == min(holes)]
    best = [place for place in best if "ydm" not in readings[place].values()] or best
    best = [place for place in best if readings[place].get(COMPACT, "ymd") == "ymd"] or best
    distinct = [
        place
        for i, place in enumerate(best)
        if not any(np.array_equal(stamps[place], stamps[p], True) for p in best[:i])
    ]
    if len(distinct) == 1:
        return readings[distinct[0]]
    breaks = {place: _breaks(stamps[place], codes, groups) for place in distinct}
    first, second = sorted(distinct, key=breaks.__getitem__)[:2]
    if breaks[first] * 10 < breaks[second]:
        return readings[first]
    raise PriceDataError(_question(read, readings[first], readings[second], where))


def _check_months(stamps: Stamps, rows: tuple[Codes, Codes, str], example: str) -> None:
    """Refuse dates such as `Mar 21` that are no run of months: they are days without their year."""
    codes, groups, where = rows
    gaps = np.abs(np.diff(stamps[codes]).astype("timedelta64[D]").astype("int64")) if len(codes) > 1 else np.array([31])
    if _breaks(stamps, codes, groups) or np.median(gaps) > 100:
        raise PriceDataError(f"{where}: dates such as {example!r} have no year; write it out")


def _breaks(stamps: Stamps, codes: Codes, groups: Codes) -> int:
    """Count the rows that go against the direction of their ticker's rows."""
    order = np.argsort(groups, kind="stable")
    ordered, tickers = stamps[codes[order]], groups[order]
    steps = np.diff(ordered.astype("int64"))
    inside = (tickers[1:] == tickers[:-1]) & ~np.isnat(ordered[1:]) & ~np.isnat(ordered[:-1])
    if not inside.any():
        return 0
    count = int(tickers.max()) + 1
    up = np.bincount(tickers[1:][inside & (steps > 0)], minlength=count)
    down = np.bincount(tickers[1:][inside & (steps < 0)], minlength=count)
    return int(np.minimum(up, down).sum())


def _question(read: Sequence[DateCell | None], one: dict[str, str], other: dict[str, str], where: str) -> str:
    style = next(style for style in one if one[style] != other[style])
    cell = next(cell for cell in read if cell is not None and cell.style == style and len(set(cell.fields[:2])) > 1)
    sign = style.strip("9")
    example = sign.join(str(field).zfill(2) for field in (_cut_again(cell) if style == COMPACT else cell.fields))
    return (
        f"{where}: dates such as {example} read as {one[style]} and as {other[style]}, and neither the other dates nor the "
        f"order of the rows tell which; say it with --date-order {one[style]} or --date-order {other[style]}"
    )
