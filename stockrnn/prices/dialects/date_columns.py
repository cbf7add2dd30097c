"""Dates of a whole column: the order of day and month, epochs and serial numbers, decided by all cells together."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stockrnn.errors import PriceDataError
from stockrnn.prices.dialects.date_cells import read_date_cell
from stockrnn.prices.dialects.date_fields import COMPACT, KNOWN, MONTH, DateCell
from stockrnn.prices.dialects.date_numbers import read_numeric_column, read_serial
from stockrnn.prices.dialects.date_stamps import DateColumn, Stamps, are_plausible, cut_again, stamps_of
from stockrnn.prices.dialects.number_formats import is_missing

Codes = npt.NDArray[np.integer]

_ISO_LENGTHS = frozenset({10, 16, 19, 23, 26})
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?")


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
    numeric = read_numeric_column(cells)
    if numeric is not None:
        return numeric
    read = [read_date_cell(cell) or read_serial(cell) for cell in cells]
    styles = sorted({cell.style for cell in read if cell is not None and cell.style not in {KNOWN, MONTH}})
    orders = _decide_orders(read, styles, order, (codes, groups, where)) if styles else {}
    stamps = stamps_of(read, orders)
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
    return DateColumn(stamps, nothing, nothing) if are_plausible(stamps) else None


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
    stamps = [stamps_of(read, reading) for reading in readings]
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
    # One price a year is no reading of dates that another reading takes for one a day: 02/01/17 as 17 January 2002.
    gaps = {place: _usual_gap(stamps[place], codes, groups) for place in distinct}
    distinct = [place for place in distinct if gaps[place] < 300 or min(gaps.values()) > 100]
    if len(distinct) == 1:
        return readings[distinct[0]]
    breaks = {place: _breaks(stamps[place], codes, groups) for place in distinct}
    first, second = sorted(distinct, key=breaks.__getitem__)[:2]
    if breaks[first] * 10 < breaks[second]:
        return readings[first]
    raise PriceDataError(_question(read, readings[first], readings[second], where))


def _usual_gap(stamps: Stamps, codes: Codes, groups: Codes) -> float:
    """Return the median number of days between neighbouring rows of a ticker that differ."""
    order = np.argsort(groups, kind="stable")
    days, tickers = stamps[codes[order]].astype("datetime64[D]"), groups[order]
    steps = np.abs(np.diff(days).astype("int64"))
    inside = (tickers[1:] == tickers[:-1]) & (steps > 0) & ~np.isnat(days[1:]) & ~np.isnat(days[:-1])
    return float(np.median(steps[inside])) if inside.any() else 0.0


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
    example = sign.join(str(field).zfill(2) for field in (cut_again(cell) if style == COMPACT else cell.fields))
    return (
        f"{where}: dates such as {example} read as {one[style]} and as {other[style]}, and neither the other dates nor the "
        f"order of the rows tell which; say it with --date-order {one[style]} or --date-order {other[style]}"
    )
