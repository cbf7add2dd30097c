"""Tables without a header: what the columns mean is told by how many there are and checked against the numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stockrnn.arrays import Floats
from stockrnn.errors import NoPriceTableError, PriceDataError
from stockrnn.prices.dialects.grid import Column, Grid, TextColumn
from stockrnn.prices.dialects.number_formats import decimal_sign, is_missing, parse_number

# Open, high, low and close: rows of fewer numbers, without a header, may be anything.
_PRICES_OF_A_BAR = 4
_ORDERS = {
    1: ("close",),
    4: ("open", "high", "low", "close"),
    5: ("open", "high", "low", "close", "volume"),
    6: ("open", "high", "low", "close", "adj_close", "volume"),
}
_SAMPLE = 500


def headless_roles(grid: Grid, places: Sequence[int]) -> dict[str, int]:
    """Return role to place for a table without a header.

    One number a row is a close; four are open, high, low, close; a fifth is the volume; a sixth makes the fifth an
    adjusted close where it looks like one, and what follows is not used. The high must be the highest and the low the
    lowest in nearly all rows.

    Raises:
        PriceDataError: The numbers do not bear it out.
    """
    numbers = {
        place: values
        for place in places
        if (values := _sample(grid.columns[place])) is not None and not np.isnan(values).all()
    }
    roles = dict(zip(_ORDERS.get(min(len(numbers), 6), ()), numbers, strict=False))
    if not roles or not _is_consistent(roles, numbers):
        kind = PriceDataError if len(numbers) >= _PRICES_OF_A_BAR else NoPriceTableError
        raise kind(
            f"{grid.source}: no header, and the {len(numbers)} columns of numbers are not open, high, low, close (and volume); "
            f"name them by their place, such as --columns date=1,close=5"
        )
    if "adj_close" in roles and not _is_adjusted_close(numbers[roles["adj_close"]], numbers[roles["close"]]):
        roles["volume"] = roles.pop("adj_close")  # the sixth is then an open interest or the like
    elif len(numbers) > 6:
        roles.pop("adj_close", None)  # an average price: who writes more than six numbers has one
    return roles


def _sample(column: Column) -> Floats | None:
    if not isinstance(column, TextColumn):
        return None if np.issubdtype(column.dtype, np.datetime64) else np.asarray(column[:_SAMPLE], dtype="float64")
    cells = [column.cells[code] for code in column.codes[:_SAMPLE]]
    sign = decimal_sign([cells]) or "."
    numbers = [parse_number(cell, sign) for cell in cells if not is_missing(cell)]
    read = sum(number is not None for number in numbers)
    if not numbers or read < 0.9 * len(numbers):
        return None
    values = iter(numbers)
    return np.array([np.nan if is_missing(cell) else _number(next(values)) for cell in cells])


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _is_consistent(roles: dict[str, int], numbers: dict[int, Floats]) -> bool:
    if "high" not in roles:
        return True
    bars = np.array([numbers[roles[role]] for role in ("open", "high", "low", "close")])
    bars = bars[:, ~np.isnan(bars).any(axis=0)]
    if bars.shape[1] == 0:
        return False
    good = (bars[1] >= bars.max(axis=0)) & (bars[2] <= bars.min(axis=0))
    return bool(good.mean() >= 0.9)


def _is_adjusted_close(values: Floats, close: Floats) -> bool:
    with np.errstate(invalid="ignore"):
        return bool(np.nanmean((values > 0.01 * close) & (values <= 1.01 * close)) > 0.9)
