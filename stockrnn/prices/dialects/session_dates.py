"""The session of each row: a local date, or for intraday bars a local time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockrnn.errors import PriceDataError
from stockrnn.prices.dialects.date_columns import read_dates
from stockrnn.prices.dialects.date_fields import clock_seconds
from stockrnn.prices.dialects.date_places import DatePlace, joined_year
from stockrnn.prices.dialects.grid import Grid, TextColumn, text_column
from stockrnn.prices.dialects.number_formats import is_missing
from stockrnn.prices.table import PriceNote

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.integer]
Stamps = npt.NDArray[np.datetime64]

# With fewer than one day in twenty that has several bars, the bars are daily and some are there twice.
_BARS_A_DAY = 1.05
_NOON, _NIGHT = np.timedelta64(12, "h"), np.timedelta64(21, "h")
_SUNDAY, _FRIDAY, _SATURDAY = 3, 1, 2  # days since Thursday, 1 January 1970, modulo 7


@dataclass(frozen=True)
class RowDates:
    """The dates of a table's rows.

    Attributes:
        stamps: A session a row; NaT where there is none.
        valid: Which rows have a session.
        texts: The date cells, to name them in messages.
        wrong: Rows whose cell is written as a date but is none.
        unreadable: Rows whose cell holds something else.
        name: What the date column is called.
        notes: What was left out.
    """

    stamps: Stamps
    valid: Mask
    texts: TextColumn
    wrong: Mask
    unreadable: Mask
    name: str
    notes: tuple[PriceNote, ...] = ()

    def checked(self, grid: Grid, filled: Mask, full: Mask) -> RowDates:
        """Leave out rows that are titles or footers, and refuse rows with prices whose dates cannot be read.

        Args:
            grid: The table, for messages.
            filled: Which rows have a number in any price column.
            full: Which rows have one in every price column.

        Raises:
            PriceDataError: Such rows, by number.
        """
        if not (self.valid & filled).any() and self.unreadable.any():
            raise PriceDataError(
                f"{grid.source}: the dates in column {self.name!r} cannot be read, such as {self._text(int(np.argmax(self.unreadable)))!r}; "
                f"expected dates such as 2017-01-31, 1/31/2017 or 31 Jan 2017"
            )
        digits = np.array([any(map(str.isdigit, cell)) for cell in self.texts.cells], dtype=bool)[self.texts.codes]
        inside = _inside(self.valid)
        # A footer is a line after (a title one before) the last date that says something in words, or has no full set of prices.
        footer = self.unreadable & ~inside & (~digits | ~full)
        bad = (self.wrong & filled) | (~self.valid & filled & ~footer)
        if bad.any():
            rows = np.flatnonzero(bad)
            named = [f"row {grid.first_line + 1 + row}: {self._text(int(row)) or 'empty'!r}" for row in rows[:3]]
            more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
            raise PriceDataError(
                f"{grid.source}: dates in column {self.name!r} that cannot be read: {len(rows)} ({', '.join(named)}{more}); "
                f"correct or delete these rows, or say the order with --date-order"
            )
        skipped = np.flatnonzero(self.unreadable)
        if len(skipped) == 0:
            return self
        text = f"{grid.source}: lines that are no prices, left out: {len(skipped)}, first {self._text(int(skipped[0]))[:60]!r}"
        return replace(self, notes=(*self.notes, PriceNote("lines_left_out", len(skipped), text)))

    def _text(self, row: int) -> str:
        return self.texts.cells[int(self.texts.codes[row])]


def _inside(valid: Mask) -> Mask:
    inside = np.zeros(len(valid), dtype=bool)
    places = np.flatnonzero(valid)
    if len(places):
        inside[places[0] : places[-1] + 1] = True
    return inside


def row_dates(grid: Grid, place: DatePlace, names: Sequence[str], groups: Codes, order: str | None) -> RowDates:
    """Read the session of each row.

    Args:
        grid: The table.
        place: The columns that make the date.
        names: A name a column.
        groups: For each row the number of its ticker.
        order: `dmy`, `mdy` or `ymd` where the user says it.

    Raises:
        PriceDataError: The dates read in two orders.
    """
    first = grid.columns[place.columns[0]]
    name = names[place.columns[0]] or "1"
    if not isinstance(first, TextColumn) and np.issubdtype(first.dtype, np.datetime64):
        stamps = np.asarray(first).astype("datetime64[us]")
        nothing = np.zeros(len(stamps), dtype=bool)
        texts = TextColumn([""], np.zeros(len(stamps), dtype="int64"))
        utc = place.columns[0] in grid.utc
        return RowDates(local_sessions(stamps, groups, utc), ~np.isnat(stamps), texts, nothing, nothing, name)
    texts, clock = _date_texts(grid, place)
    column = read_dates(texts.cells, texts.codes, np.maximum(groups, 0), order, f"{grid.source} column {name!r}")
    stamps = column.stamps[texts.codes]
    if clock is not None:
        stamps = stamps + clock
    valid = ~np.isnat(stamps)
    sessions = local_sessions(stamps, groups, column.utc)
    return RowDates(sessions, valid, texts, column.wrong[texts.codes], column.unreadable[texts.codes], name)


def _date_texts(grid: Grid, place: DatePlace) -> tuple[TextColumn, npt.NDArray[np.timedelta64] | None]:
    """Return the date cells as text, put together where the date stands in several columns, and the times beside them."""
    columns = [_as_text(grid, one) for one in place.columns]
    if place.kind == "clock":
        seconds = [clock_seconds(cell) if not is_missing(cell) else (0.0, False) for cell in columns[1].cells]
        times = np.array([round((found or (0.0, False))[0] * 1e6) for found in seconds], dtype="int64").astype(
            "timedelta64[us]"
        )
        return columns[0], times[columns[1].codes]
    if place.kind == "date":
        return columns[0], None
    cells = [[column.cells[code] for code in column.codes] for column in columns]
    if place.kind == "year":
        return text_column(
            [joined_year(day, year) if day and year else "" for day, year in zip(*cells, strict=True)]
        ), None
    return text_column([_joined_parts(parts) for parts in zip(*cells, strict=True)]), None


def _joined_parts(parts: Sequence[str]) -> str:
    year, month, *day = (part.removesuffix(".0") for part in parts)
    if not year or not month:
        return ""
    return f"{year}-{month}-{day[0] if day else 1}" if month.isdigit() else f"{day[0] if day else 1} {month} {year}"


def _as_text(grid: Grid, place: int) -> TextColumn:
    column = grid.columns[place]
    if isinstance(column, TextColumn):
        return column
    codes, values = pd.factorize(np.asarray(column, dtype="float64"), use_na_sentinel=False)
    return TextColumn(
        ["" if np.isnan(value) else f"{value:.10f}".rstrip("0").rstrip(".") for value in values], codes.astype("int64")
    )


def local_sessions(stamps: Stamps, groups: Codes, utc: bool) -> Stamps:
    """Return the sessions of bars: local dates where there is one bar a day, local times where there are more.

    Bars dated in UTC are moved to the date of their exchange where the weekdays tell: the days of an exchange east of
    Greenwich begin late on the day before in UTC, so that its late bars lie on Sundays and none on Fridays. Times that do
    not say that they are UTC can be those of an exchange that trades on Sundays, but not at night.
    """
    days = stamps.astype("datetime64[D]")
    if bool(((stamps == days) | np.isnat(stamps)).all()):
        return stamps
    valid = ~np.isnat(stamps)
    rows = pd.DataFrame(
        {"group": groups[valid], "day": days[valid].astype("int64"), "stamp": stamps[valid].astype("int64")}
    )
    bars = int((~rows.duplicated(["group", "stamp"])).sum())
    if bars > _BARS_A_DAY * int((~rows.duplicated(["group", "day"])).sum()):
        return stamps
    late = stamps - days >= (_NOON if utc else _NIGHT)
    weekdays = set((days[late & valid].astype("int64") % 7).tolist())
    if _SUNDAY in weekdays and not weekdays & {_FRIDAY, _SATURDAY}:
        days = days + late.astype("timedelta64[D]")
    return days.astype("datetime64[us]")
