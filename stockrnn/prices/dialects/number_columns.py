"""The numbers of a table's columns, read with one decimal sign for the whole table."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stockrnn.arrays import Floats
from stockrnn.errors import PriceDataError
from stockrnn.prices.dialects.column_roles import Layout
from stockrnn.prices.dialects.grid import Grid, TextColumn
from stockrnn.prices.dialects.number_formats import (
    Sign,
    decimal_sign,
    evidence_of,
    is_missing,
    parse_number,
    split_number,
    suggests_point,
)
from stockrnn.prices.dialects.session_dates import RowDates
from stockrnn.prices.table import PriceNote

Mask = npt.NDArray[np.bool_]


class NumberReader:
    """Reads the columns of one table once each.

    Args:
        grid: The table.
        layout: What its columns mean.
        dates: Which rows have dates.
        decimal: The decimal sign where the user says it.
    """

    def __init__(self, grid: Grid, layout: Layout, dates: RowDates, decimal: Sign | None) -> None:
        self._grid = grid
        self._layout = layout
        self._dates = dates
        self._asked = decimal
        self._sign: Sign | None = decimal
        self._read: dict[int, Floats] = {}
        self.notes: list[PriceNote] = []

    def filled(self, places: Sequence[int]) -> Mask:
        """Tell for each row whether any of the columns holds something."""
        mask: Mask = np.logical_or.reduce([self._holds(place) for place in places])
        return mask

    def full(self, places: Sequence[int]) -> Mask:
        """Tell for each row whether all of the columns hold something."""
        mask: Mask = np.logical_and.reduce([self._holds(place) for place in places])
        return mask

    def _holds(self, place: int) -> Mask:
        column = self._grid.columns[place]
        if isinstance(column, TextColumn):
            known: Mask = np.array([split_number(cell) is not None for cell in column.cells], dtype=bool)
            holds: Mask = known[column.codes]
            return holds
        missing: Mask = np.isnan(np.asarray(column, dtype="float64"))
        return ~missing

    def values(self, place: int) -> Floats:
        """Return the numbers of a column, NaN where a cell says that there is none.

        Raises:
            PriceDataError: Cells that are no numbers, or numbers that read both ways.
        """
        if place not in self._read:
            self._read[place] = self._values(place)
        return self._read[place]

    def _values(self, place: int) -> Floats:
        column = self._grid.columns[place]
        if not isinstance(column, TextColumn):
            return np.asarray(column, dtype="float64")
        sign = self._decimal()
        read = [parse_number(cell, sign) for cell in column.cells]
        numbers: Floats = np.array([np.nan if number is None else number for number in read], dtype="float64")
        bad = np.array([number is None for number in read], dtype=bool)
        if bad.any():
            self._refuse(place, column, np.flatnonzero(bad[column.codes] & self._dates.valid), sign)
        values: Floats = numbers[column.codes]
        return values

    def _refuse(self, place: int, column: TextColumn, rows: npt.NDArray[np.intp], sign: Sign) -> None:
        if len(rows) == 0:
            return
        cells = [f"row {self._grid.first_line + 1 + row}: {column.cells[column.codes[row]]!r}" for row in rows[:3]]
        more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
        word = "point" if sign == "." else "comma"
        advice = "correct these cells" if self._asked else "correct these cells, or say the decimal sign with --decimal"
        raise PriceDataError(
            f"{self._grid.source}: column {self._layout.names[place]!r} holds cells that are no numbers with a decimal {word} "
            f"({', '.join(cells)}{more}); {advice}"
        )

    def _decimal(self) -> Sign:
        if self._sign is None:
            used = sorted({place for one in self._layout.series for place in one.columns.values()})
            witnesses = [*used, *(place for place in range(len(self._grid.columns)) if place not in used)]
            columns = self._columns(witnesses)
            self._sign = decimal_sign(columns)
            if self._sign is None and suggests_point(itertools.chain.from_iterable(columns)):
                self._sign = "."
                text = (
                    f"{self._grid.source}: numbers such as {self._open_number()} are read with a decimal point, "
                    f"because others are not grouped; if they are thousands, say --decimal ,"
                )
                self.notes.append(PriceNote("decimal_point_assumed", self._grid.rows(), text))
        if self._sign is None:
            raise self._question()
        return self._sign

    def _columns(self, places: Sequence[int]) -> list[list[str]]:
        """Return the distinct cells of the columns that can hold numbers and are text."""
        others = {*self._layout.dates.columns, self._layout.ticker_column}
        columns = [self._grid.columns[place] for place in places if place not in others]
        return [column.cells for column in columns if isinstance(column, TextColumn)]

    def _question(self) -> PriceDataError:
        cell = self._open_number()
        return PriceDataError(
            f"{self._grid.source}: numbers such as {cell} read with a decimal {'point' if '.' in cell else 'comma'} and as thousands, "
            f"and no other number in the file tells which; say the decimal sign with --decimal . or --decimal ,"
        )

    def _open_number(self) -> str:
        """Return a number that reads both ways."""
        used = [place for one in self._layout.series for place in one.columns.values()]
        for cell in itertools.chain.from_iterable(self._columns([*used, *range(len(self._grid.columns))])):
            split = None if is_missing(cell) else split_number(cell)
            if split and evidence_of(split[1]) == "none" and ("." in split[1] or "," in split[1]):
                return cell
        return ""
