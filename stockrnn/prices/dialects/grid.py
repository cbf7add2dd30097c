"""The cells of a table as they stand in its file, before anybody knows what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockrnn.arrays import Floats


@dataclass(frozen=True)
class TextColumn:
    """A column of texts: its distinct cells, and for each row the place of its cell among them."""

    cells: list[str]
    codes: npt.NDArray[np.integer]


Column = TextColumn | Floats | npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class Grid:
    """A table as its file has it.

    Attributes:
        source: What the table came from, for messages.
        header: The header rows from top to bottom; each has a name a column, which can be empty.
        columns: The columns; all are equally long.
        first_line: How many lines stand before the first row, so that messages can name lines.
        utc: The places of the columns whose stamps are in UTC.
    """

    source: str
    header: tuple[tuple[str, ...], ...]
    columns: tuple[Column, ...]
    first_line: int = 0
    utc: frozenset[int] = frozenset()

    def rows(self) -> int:
        """Return how many rows there are."""
        return column_length(self.columns[0]) if self.columns else 0


def column_length(column: Column) -> int:
    """Return how many rows a column has."""
    return len(column.codes) if isinstance(column, TextColumn) else len(column)


def text_column(cells: Sequence[str]) -> TextColumn:
    """Make a text column of the cells of all rows."""
    codes, distinct = pd.factorize(np.array(cells, dtype=object))
    return TextColumn([str(cell) for cell in distinct], codes.astype("int64"))


def same_cells(one: Column, other: Column) -> bool:
    """Return whether two columns hold the same in every row."""
    if isinstance(one, TextColumn) and isinstance(other, TextColumn):
        return one.cells == other.cells and bool(np.array_equal(one.codes, other.codes))
    both_numbers = not isinstance(one, TextColumn) and not isinstance(other, TextColumn)
    return both_numbers and bool(np.array_equal(np.asarray(one), np.asarray(other), equal_nan=True))
