"""Which column is used for a role: the best name, filled, and asked about where two have the same claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from stockrnn.errors import PriceDataError
from stockrnn.prices.dialects.date_places import probe
from stockrnn.prices.dialects.grid import Column, Grid, TextColumn, same_cells
from stockrnn.prices.dialects.headers import PRICE_ROLES, Header, copied_name, listed
from stockrnn.prices.dialects.number_formats import looks_like_number
from stockrnn.prices.table import PriceNote

_FIRST_WINS = ("open", "high", "low", "adj_close", "volume")
_DECORATED = 1_000  # added to the rank of a name that says more than its role: after every plain name


@dataclass
class Finder:
    """The search for the columns of one table."""

    grid: Grid
    names: list[str]
    headers: list[Header]
    tickers: list[str]  # a ticker a column where a header row names them, else empty
    mapped: dict[str, int]
    every_column: bool = False
    notes: list[PriceNote] = field(default_factory=list)


def roles_of(finder: Finder, places: Sequence[int]) -> dict[str, int]:
    """Return role to place for the columns of one ticker; the close is chosen by rule or asked for."""
    taken = set(finder.mapped.values())
    candidates: dict[str, list[tuple[int, int]]] = {}
    for place in places:
        header = finder.headers[place]
        if header.role and place not in taken:
            rank = header.rank + _DECORATED * (header.decorated or bool(header.affix))
            candidates.setdefault(header.role, []).append((rank, place))
    found = {role: _first_of(finder, role, candidates[role]) for role in _FIRST_WINS if role in candidates}
    found |= {role: place for role, place in finder.mapped.items() if role in PRICE_ROLES}
    if "close" not in found:
        close = _close_of(finder, candidates, found)
        found |= {} if close is None else {"close": close}
    return {role: found[role] for role in PRICE_ROLES if role in found}


def _first_of(finder: Finder, role: str, ranked: Sequence[tuple[int, int]]) -> int:
    """Return the first column of a role that holds more than zeros; two of one name that differ are asked about."""
    full = [one for one in ranked if not _is_zero(finder.grid.columns[one[1]])] or ranked
    _, first = min(full)
    for _, place in full:
        if copied_name(finder.names[place]) == copied_name(finder.names[first]):
            _check_same(finder, role, [first, place])
    return first


def _is_zero(column: Column) -> bool:
    if isinstance(column, TextColumn):
        return not any(cell.strip("0.,") for cell in column.cells)
    return not np.nan_to_num(np.asarray(column, dtype="float64")).any()


def _check_same(finder: Finder, role: str, places: Sequence[int]) -> None:
    columns = [finder.grid.columns[place] for place in places]
    if all(same_cells(columns[0], column) for column in columns[1:]):
        return
    names = [finder.names[place] for place in places]
    raise PriceDataError(
        f"{finder.grid.source}: columns {' and '.join(map(repr, names))} could each be the {role.replace('_', ' ')}; "
        f"say which with --columns {role}={names[0]!r}"
    )


def _close_of(
    finder: Finder, candidates: Mapping[str, Sequence[tuple[int, int]]], found: Mapping[str, int]
) -> int | None:
    ranges = len({"open", "high", "low"} & set(found))
    for role in ("close", "price", "value"):
        ranked = sorted(candidates.get(role, ()))
        plain = [place for rank, place in ranked if rank < _DECORATED]
        places = plain or [place for _, place in ranked]
        if not places or (role == "value" and ranges >= 2):
            continue
        _check_same(finder, "close", places)
        return places[0]
    if "adj_close" in found and not ranges:
        finder.notes.append(
            PriceNote(
                "only_adjusted_close",
                finder.grid.rows(),
                f"{finder.grid.source}: the only close is adjusted; it is read as the close",
            )
        )
        return found["adj_close"]
    return None


def note_missing_close(finder: Finder, columns: Mapping[str, int]) -> None:
    """Note that a table of opens, highs and lows has no close that is known as one, and which columns could be it."""
    if "close" in columns or len({"open", "high", "low"} & set(columns)) < 2:
        return
    unused = [place for place, header in enumerate(finder.headers) if not header.role and finder.names[place]]
    names = [finder.names[place] for place in unused if is_numeric(finder.grid.columns[place])]
    names = [finder.names[columns["adj_close"]]] if "adj_close" in columns else names
    found = f"; there is {listed(names)}" if names else ""
    text = f"{finder.grid.source}: no column is known as the close{found}; name it with --columns close=NAME"
    finder.notes.append(PriceNote("no_close", finder.grid.rows(), text))


def is_numeric(column: Column) -> bool:
    """Tell whether nearly all cells of a column are numbers."""
    if not isinstance(column, TextColumn):
        return not np.issubdtype(column.dtype, np.datetime64)
    cells = probe(column)
    return bool(cells) and sum(map(looks_like_number, cells)) >= 0.9 * len(cells)
