"""The stamps of date cells whose order is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stockrnn.prices.dialects.date_fields import COMPACT, DateCell, full_year

Stamps = npt.NDArray[np.datetime64]

_OLDEST, _LATEST = np.datetime64("1700-01-01"), np.datetime64("2200-01-01")


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


def are_plausible(stamps: Stamps) -> bool:
    """Tell whether stamps are all there and in the centuries of exchanges."""
    return not np.isnat(stamps).any() and stamps.min() >= _OLDEST and stamps.max() < _LATEST


def stamps_of(read: Sequence[DateCell | None], orders: Mapping[str, str]) -> Stamps:
    """Return the stamps of cells whose orders are decided; NaT where the fields are no date."""
    years, months, days, seconds = (np.zeros(len(read)) for _ in range(4))
    for place, cell in enumerate(read):
        if cell is not None:
            order = orders.get(cell.style, "ymd")
            fields = dict(
                zip(order, cut_again(cell) if cell.style == COMPACT and order != "ymd" else cell.fields, strict=True)
            )
            years[place], months[place], days[place] = full_year(fields["y"]), fields["m"], fields["d"]
            seconds[place] = cell.seconds
    good = (months >= 1) & (months <= 12) & (days >= 1) & (days <= 31) & (years >= 1700) & (years < 2200)
    starts = (np.where(good, years, 1970) - 1970) * 12 + np.where(good, months, 1) - 1
    month = starts.astype("int64").astype("datetime64[M]")
    day = month.astype("datetime64[D]") + (np.where(good, days, 1) - 1).astype("int64").astype("timedelta64[D]")
    good &= day.astype("datetime64[M]") == month  # 30 February would slip into March
    stamps: Stamps = day.astype("datetime64[us]") + np.round(seconds * 1e6).astype("int64").astype("timedelta64[us]")
    stamps[~good] = np.datetime64("NaT", "us")
    return stamps


def cut_again(cell: DateCell) -> tuple[int, int, int]:
    """Return the fields of eight digits that end with the year."""
    digits = "{:04d}{:02d}{:02d}".format(*cell.fields)
    return int(digits[:2]), int(digits[2:4]), int(digits[4:])
