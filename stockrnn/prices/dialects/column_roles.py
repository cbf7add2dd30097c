"""Which columns of a table hold whose prices: one ticker, several side by side, or one below the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stockrnn.errors import PriceDataError
from stockrnn.prices.dialects.column_choice import Finder, is_numeric, note_missing_close, roles_of
from stockrnn.prices.dialects.date_places import DatePlace, find_dates, probe
from stockrnn.prices.dialects.grid import Column, Grid, TextColumn
from stockrnn.prices.dialects.header_rows import names_and_tickers
from stockrnn.prices.dialects.header_synonyms import CURRENCY_NAMES
from stockrnn.prices.dialects.headers import (
    PRICE_ROLES,
    Header,
    axis_of,
    listed,
    looks_like_ticker,
    plain_name,
    read_header,
)
from stockrnn.prices.dialects.headless import headless_roles
from stockrnn.prices.dialects.number_formats import is_missing, looks_like_number
from stockrnn.prices.table import PriceNote

EVERY_COLUMN = "*"
_MANY_CURRENCIES = 5
_BAR_LETTERS = frozenset("ohlc")


@dataclass(frozen=True)
class Series:
    """The columns of one ticker: role to place. An empty ticker is named by a column of the table or by its file."""

    ticker: str
    columns: Mapping[str, int]


@dataclass(frozen=True)
class Layout:
    """What the columns of a table mean."""

    dates: DatePlace
    series: tuple[Series, ...]
    names: tuple[str, ...]
    ticker_column: int | None = None
    notes: tuple[PriceNote, ...] = ()


def find_layout(grid: Grid, columns: Mapping[str, str]) -> Layout:
    """Find out what the columns of a table mean.

    Args:
        grid: The table.
        columns: Roles to the header in the file, where the user says it; `close` to `*` makes each column a ticker.

    Raises:
        PriceDataError: No date column, no price column, or two columns that could be the close.
    """
    names, tickers = names_and_tickers(grid)
    every = columns.get("close") == EVERY_COLUMN
    mapped = {role: _place_of(name, names, grid.source) for role, name in columns.items() if name != EVERY_COLUMN}
    finder = Finder(grid, names, _read_headers(names), tickers, mapped, every)
    dates = find_dates(grid, names, finder.mapped)
    rest = [place for place in range(len(names)) if place not in dates.columns]
    ticker_column = None if any(tickers) else _ticker_column(finder, rest)
    rest = [place for place in rest if place != ticker_column]
    series = _find_series(finder, rest, dates)
    return Layout(dates, tuple(series), tuple(names), ticker_column, tuple(finder.notes))


def _read_headers(names: Sequence[str]) -> list[Header]:
    """Read the names of columns; a single letter is a price only among its sisters, else it may be a ticker."""
    letters = {name.strip().lower() for name in names} & _BAR_LETTERS
    if len(letters) >= len(_BAR_LETTERS) - 1:
        return list(map(read_header, names))
    return [Header() if len(name.strip()) == 1 and name.isascii() else read_header(name) for name in names]


def _place_of(name: str, names: Sequence[str], source: str) -> int:
    for same in (lambda other: other == name, lambda other: plain_name(other) == plain_name(name)):
        places = [place for place, other in enumerate(names) if same(other)]
        if places:
            return places[0]
    raise PriceDataError(f"{source}: no column {name!r}; found {listed(names)}")


def _ticker_column(finder: Finder, rest: Sequence[int]) -> int | None:
    if "ticker" in finder.mapped:
        return finder.mapped["ticker"]
    mapped = set(finder.mapped.values())
    named = [(finder.headers[place], place) for place in rest if place not in mapped]
    found = sorted((header.rank, place) for header, place in named if header.role == "ticker" and not header.affix)
    filled = [place for _, place in found if _names_tickers(finder.grid.columns[place])]
    if filled:
        return filled[0]
    if not finder.grid.header:
        texts = [
            place
            for place in rest
            if (cells := probe(finder.grid.columns[place])) and not any(map(looks_like_number, cells))
        ]
        return texts[0] if texts else None
    return None


def _names_tickers(column: Column) -> bool:
    if isinstance(column, TextColumn):
        return not all(map(is_no_ticker, column.cells))
    numbers = np.asarray(column)
    return np.issubdtype(numbers.dtype, np.floating) and bool((numbers == np.floor(numbers)).all())


def is_no_ticker(cell: str) -> bool:
    """Tell whether a cell of a column of tickers names none; `NA` and `X` are words for missing numbers, and tickers."""
    return is_missing(cell) and not (cell.isalpha() and cell.isupper())


def _find_series(finder: Finder, rest: Sequence[int], dates: DatePlace) -> list[Series]:
    if any(finder.tickers):
        return _by_ticker(finder, [(finder.tickers[place], place) for place in rest if finder.tickers[place]])
    if not finder.grid.header and not finder.mapped:
        return [Series("", headless_roles(finder.grid, rest))]
    headers = {place: finder.headers[place] for place in rest}
    if finder.every_column:
        return _some(_wide_series(finder, headers, dates), finder)
    # `Volume BTC` is the volume of a plain close; `VIX Close` beside a plain close is somebody else's.
    plain = [place for place in rest if not headers[place].affix or headers[place].role == "volume"]
    plain += [place for place in finder.mapped.values() if place in rest and place not in plain]
    columns = roles_of(finder, plain)
    lone = set(columns) - {"volume"} in ({"open"}, {"high"}, {"low"}) and not finder.mapped
    if lone and len(series := _wide_series(finder, headers, dates)) > 1:
        return series  # Lowe's is LOW: a price column alone among tickers is a ticker
    if set(columns) - {"volume"}:
        note_missing_close(finder, columns)
        return [Series("", columns)]
    affixed = [
        (header.affix, place)
        for place, header in headers.items()
        if header.affix and header.role in {*PRICE_ROLES, "price"}
    ]
    series = [one for one in _by_ticker(finder, affixed) if set(one.columns) - {"volume"}]
    return series or _some(_wide_series(finder, headers, dates), finder)


def _some(series: list[Series], finder: Finder) -> list[Series]:
    if not series:
        raise _no_prices(finder)
    return series


def _by_ticker(finder: Finder, places: Sequence[tuple[str, int]]) -> list[Series]:
    groups: dict[str, list[int]] = {}
    for ticker, place in places:
        groups.setdefault(ticker, []).append(place)
    found = [Series(ticker.strip().lstrip("'"), roles_of(finder, group)) for ticker, group in groups.items()]
    if any(finder.tickers) and not any(set(one.columns) - {"volume"} for one in found):
        raise _no_prices(finder)
    return found


def _wide_series(finder: Finder, headers: Mapping[int, Header], dates: DatePlace) -> list[Series]:
    """Read a table with one column a ticker, or one instrument in several currencies."""
    numeric = [
        place
        for place in headers
        if is_numeric(finder.grid.columns[place]) and headers[place].role not in {"ignored", "volume"}
    ]
    named = {place: _series_name(finder.names[place], finder.names[dates.columns[0]]) for place in numeric}
    currencies = [place for place in numeric if plain_name(finder.names[place]).replace(" ", "") in CURRENCY_NAMES]
    distinct = {plain_name(finder.names[place])[:3] for place in currencies}
    if currencies and len(currencies) == len(numeric) and len(distinct) < _MANY_CURRENCIES:
        first = finder.names[currencies[0]]
        text = (
            f"{finder.grid.source}: the price in {first} is read as the close; choose another with --columns close=NAME"
        )
        if len(currencies) > 1:
            finder.notes.append(PriceNote("currency_chosen", finder.grid.rows(), text, columns=("close",)))
        return [Series("", {"close": currencies[0]})]
    return [
        Series(name, {"close": place})
        for place, name in named.items()
        if finder.every_column or looks_like_ticker(name)
    ]


def _series_name(name: str, date_name: str) -> str:
    axis, date_axis = axis_of(name), axis_of(date_name)
    return axis[0] if axis and date_axis and axis[0] == date_axis[0] else name.strip()


def _no_prices(finder: Finder) -> PriceDataError:
    return PriceDataError(
        f"{finder.grid.source}: no price column; found {listed(finder.names)}; name one with --columns close=NAME, "
        f"or say --columns close=* where each column is a ticker"
    )
