"""Tables with several header rows: which row names the columns and which one the tickers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stockrnn.prices.dialects.grid import Grid
from stockrnn.prices.dialects.header_synonyms import CURRENCY_NAMES
from stockrnn.prices.dialects.headers import PRICE_ROLES, Header, plain_name, read_header


def names_and_tickers(grid: Grid) -> tuple[list[str], list[str]]:
    """Return a name a column, and a ticker a column where one of two header rows names them."""
    count = len(grid.columns)
    if not grid.header:
        return [str(place + 1) for place in range(count)], [""] * count
    if len(grid.header) == 1:
        return list(grid.header[0]), [""] * count
    headers = [[read_header(re.sub(r"\.\d+$", "", name)) for name in row] for row in grid.header]
    known = [sum(header.role in {*PRICE_ROLES, "price"} and not header.affix for header in row[1:]) for row in headers]
    best = max(range(len(known)), key=lambda row: (known[row], sum(map(bool, grid.header[row]))))
    priced = [place for place, header in enumerate(headers[best]) if header.role in {*PRICE_ROLES, "price"} and place]
    for other in (best - 1, best + 1):
        if known[best] and 0 <= other < len(grid.header):
            tickers = _tickers_of_row(grid.header[other], headers[best], priced)
            if tickers:
                return [re.sub(r"\.\d+$", "", name) for name in grid.header[best]], tickers
    names = [
        next((row[place] for row in (grid.header[best], *grid.header[::-1]) if row[place]), "")
        for place in range(count)
    ]
    return names, [""] * count


def _tickers_of_row(row: Sequence[str], roles: Sequence[Header], priced: Sequence[int]) -> list[str]:
    """Return the tickers that a header row names, a name a column; nothing where it names units or titles."""
    cells = [row[place] for place in priced]
    repeated = len({roles[place].role for place in priced}) < len(priced)
    if repeated:
        for place in range(1, len(cells)):
            cells[place] = cells[place] or cells[place - 1]  # merged cells name their first column only
    distinct = set(cells)
    is_unit = all(plain_name(cell) in CURRENCY_NAMES or not plain_name(cell) or cell[0] in "([" for cell in distinct)
    if "" in distinct or is_unit or (not repeated and len(distinct) > 1):
        return []
    if repeated and _all_copies(cells):
        cells = [re.sub(r"\.\d+$", "", cell) for cell in cells]
    tickers = [""] * len(row)
    for place, cell in zip(priced, cells, strict=True):
        tickers[place] = cell
    return tickers


def _all_copies(cells: Sequence[str]) -> bool:
    """Tell whether the tickers were numbered because they are repeated: AAPL, AAPL.1, AAPL.2."""
    bases = {re.sub(r"\.\d+$", "", cell) for cell in cells}
    return bases < set(cells) and len(set(cells)) == len(cells)
