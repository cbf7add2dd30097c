"""The dialect of a CSV: its delimiter, its quotes, where its header and its rows begin. Decided on a sample.

The seam for new kinds of CSV: whatever a file does beside its rows (titles, several header lines, `sep=;`) is described
by a `Dialect`, and the rest of the reader knows only that.
"""

from __future__ import annotations

import collections
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stockrnn.errors import NoPriceTableError, PriceDataError
from stockrnn.prices.dialects.csv_rows import (
    Record,
    data_places,
    is_dated_row,
    is_number_row,
    kinds_of,
    names_known,
    records_of,
)
from stockrnn.prices.dialects.date_cells import looks_like_date
from stockrnn.prices.dialects.headers import listed, read_header

_DELIMITERS = (",", ";", "\t", "|", " ", "^", "~")
_SEPARATOR_LINE = re.compile(r'\s*"?sep=(.)"?\s*', re.IGNORECASE)
_YEAR = re.compile(r"(1[89]|2[01])\d{2}")
_SINGLE_QUOTED = re.compile(r"\s*'[^']*'\s*[,;\t|]")
_SAMPLE_LINES = 120
_SCORED = 30
_HEADER_ROWS = 4


@dataclass(frozen=True)
class Dialect:
    """How the rows of a CSV are written.

    Attributes:
        delimiter: The sign between cells; a blank stands for any number of blanks.
        quote: The sign around cells.
        header: The header rows from top to bottom, each as wide as the rows; empty where there is no header.
        titles: The lines above the header.
        first_line: How many lines stand before the first row.
        width: How many cells a row has.
        sample: The first rows.
        simple: No cell has blanks before its quotes, and none has lines in it: any parser reads it.
    """

    delimiter: str
    quote: str
    header: tuple[tuple[str, ...], ...]
    titles: tuple[str, ...]
    first_line: int
    width: int
    sample: tuple[tuple[str, ...], ...]
    simple: bool


def find_dialect(text: str, path: Path) -> Dialect:
    """Find the dialect of a CSV.

    Args:
        text: The beginning of the file, in whole lines.
        path: The file, for error messages.

    Raises:
        PriceDataError: There are no rows, or it is no table.
    """
    lines = text.splitlines(keepends=True)[:_SAMPLE_LINES]
    asked = _SEPARATOR_LINE.fullmatch(lines[0]) if lines else None
    single = sum(map(bool, map(_SINGLE_QUOTED.match, lines)))
    quotes = ("'",) if 2 * single > len(lines) else ('"',)
    delimiters = (asked[1],) if asked else _DELIMITERS
    readings = [(delimiter, quote, records_of(lines, delimiter, quote)) for quote in quotes for delimiter in delimiters]
    delimiter, quote, records = max(readings, key=lambda reading: _score(reading[2][-_SCORED:]))
    rows = data_places(records)
    if not rows:
        raise _no_rows(readings, path)
    width = collections.Counter(len(records[place].cells) for place in rows).most_common(1)[0][0]
    first = next(place for place in rows if len(records[place].cells) == width)
    sample = tuple(records[place].cells for place in rows if len(records[place].cells) == width)
    header, titles = _above(records[:first], width)
    _check_widths(header, sample, delimiter, path)
    simple = delimiter != " " and quote == '"' and not _has_odd_quotes(lines, delimiter, len(records))
    return Dialect(
        delimiter=delimiter,
        quote=quote,
        header=tuple(_fit(cells, width, sample) for cells in header),
        titles=tuple(title for title in titles if not title.lower().startswith("sep=")),
        first_line=records[first].line,
        width=width,
        sample=sample,
        simple=simple,
    )


def _check_widths(header: Sequence[Sequence[str]], sample: Sequence[Sequence[str]], delimiter: str, path: Path) -> None:
    """Refuse rows with more cells than names, which is what `7,380,500` without quotes makes."""
    names = max((len(cells) for cells in header), default=len(sample[0]))
    spare = len(sample[0]) - names
    if spare <= 0 or not any(any(row[names:]) for row in sample):
        return
    dated = any(read_header(name).role == "date" for cells in header for name in cells)
    is_index = not (dated and looks_like_date(sample[0][0])) or _split_date(header[-1], sample) is not None
    if spare > 1 or not is_index:
        raise PriceDataError(
            f"{path}: rows of {len(sample[0])} cells below a header of {names}; quote the cells that hold the delimiter {delimiter!r}"
        )


def _has_odd_quotes(lines: Sequence[str], delimiter: str, count: int) -> bool:
    blank_quote = re.compile(rf'{re.escape(delimiter)}[ \t]+"') if delimiter != "\t" else re.compile(r"\t +\"")
    return any(blank_quote.search(line) or line.count('"') % 2 for line in lines[: count + 1])


def _score(records: Sequence[Record]) -> tuple[float, float, float]:
    """Rate a reading of the sample: rows with a date and numbers, rows of numbers, then columns."""
    filled = [record for record in records if any(record.cells)]
    kinds = [kinds_of(record.cells) for record in filled]
    dated = [kind for kind in kinds if is_dated_row(kind) and "n" in kind]
    numbers = [kind for kind in kinds if is_number_row(kind)]
    texts = sum(kind.count("t") for kind in dated or numbers) / max(1, len(dated or numbers))
    widths = collections.Counter(len(kind) for kind in dated or numbers or kinds)
    usual = widths.most_common(1)[0] if widths else (0, 0)
    share = len(dated) / max(1, len(filled))
    return (
        round(share, 1),
        len(numbers) / max(1, len(filled)) - 0.05 * texts,
        float(usual[0] if usual[1] > 1 or len(filled) < 4 else 0),
    )


def _above(records: Sequence[Record], width: int) -> tuple[list[tuple[str, ...]], list[str]]:
    """Split the records above the first row into header rows and titles."""
    header: list[tuple[str, ...]] = []
    titles: list[str] = []
    rest = list(records)
    while rest and len(header) < _HEADER_ROWS:
        cells = rest[-1].cells
        filled = sum(map(bool, cells))
        if not filled:
            if header:
                break
            rest.pop()
            continue
        if len(rest) > 1 and _is_bar(cells) and names_known(rest[-2].cells):
            titles.append(" ".join(filter(None, cells)))  # a line of prices without a date, such as today's
            rest.pop()
            continue
        # `Date,,,,` right above the rows names the index of a table whose columns are named further up.
        names_index = filled == 1 and not header and width > 1 and len(rest) > 1 and _is_wide(rest[-2].cells, width)
        is_title = filled == 1 and bool(header) and bool(cells[0])
        if is_title or not (names_index or _is_wide(cells, width)):
            break
        header.insert(0, cells)
        rest.pop()
    return header, [" ".join(filter(None, record.cells)) for record in rest if any(record.cells)] + titles


def _is_bar(cells: Sequence[str]) -> bool:
    return kinds_of(cells).count("n") >= 2 and not names_known(cells)


def _is_wide(cells: Sequence[str], width: int) -> bool:
    filled = sum(map(bool, cells))
    return len(cells) >= min(width - 1, max(2, width // 2)) and (filled >= 2 or width <= 2 or not cells[0])


def _fit(cells: tuple[str, ...], width: int, sample: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Make a header row as wide as the rows."""
    if len(cells) == width - 1 and any(row[-1] for row in sample):
        split = _split_date(cells, sample)
        # R writes no name above the names of its rows.
        return ("", *cells) if split is None else (*cells[: split + 1], "", *cells[split + 1 :])
    return (*cells[:width], *[""] * (width - len(cells)))


def _split_date(cells: Sequence[str], sample: Sequence[Sequence[str]]) -> int | None:
    """Return the column whose date was torn in two by the comma in `Mar 11, 2021`."""
    row = sample[0]
    for place in range(len(cells)):
        if _YEAR.fullmatch(row[place + 1]) and looks_like_date(f"{row[place]}, {row[place + 1]}"):
            return place
    return None


def _no_rows(readings: Sequence[tuple[str, str, list[Record]]], path: Path) -> PriceDataError:
    best = max((record.cells for _, _, records in readings for record in records[:10]), key=names_known, default=())
    if names_known(best) >= 2:
        return PriceDataError(f"{path}: a header ({listed(best)}) and no rows of prices below it")
    return NoPriceTableError(f"{path}: not a price table: no line holds a date and a price between delimiters")
