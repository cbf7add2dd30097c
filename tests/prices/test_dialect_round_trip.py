"""One table written in the dialects of the world reads back as itself."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stockrnn.prices.reader import read_prices
from tests.prices.dialect_words import HEADERS
from tests.prices.dialect_writer import DATES, DIALECTS, NUMBERS, Dialect, prices, write

# Hundreds of files; the layouts and the dialects' own tests are the fast part.
pytestmark = pytest.mark.slow

PRICES = prices(26)


def check(tmp_path: Path, text: str | bytes, expected: pd.DataFrame = PRICES, ticker: str = "AAPL") -> None:
    path = tmp_path / "AAPL.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    found = read_prices(path)
    assert list(found.index.unique("ticker")) == [ticker]
    found = found.loc[ticker]
    assert found.index.equals(expected.index.as_unit(found.index.unit))
    pd.testing.assert_frame_equal(found, expected, check_freq=False, check_index_type=False, rtol=1e-12)


@pytest.mark.parametrize("name", DATES)
@pytest.mark.parametrize("newest_first", [False, True], ids=["oldest first", "newest first"])
def test_dates_in_every_format_read_the_same(tmp_path: Path, name: str, newest_first: bool) -> None:
    number, delimiter = ("german", ";") if newest_first else ("plain", ",")
    check(tmp_path, write(PRICES, Dialect(delimiter, NUMBERS[number], DATES[name], newest_first=newest_first)))


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("delimiter", [",", ";"], ids=["comma", "semicolon"])
def test_numbers_in_every_format_read_the_same(tmp_path: Path, name: str, delimiter: str) -> None:
    for date, quote_all in (("iso", True), ("mdy bare", False), ("dmy dots", delimiter == ",")):
        check(tmp_path, write(PRICES, Dialect(delimiter, NUMBERS[name], DATES[date], quote_all=quote_all)))


_LEGACY = {
    "de": ["cp1252"], "de2": ["cp1252"], "fr": ["cp1252"], "es": ["cp1252"], "es2": ["cp1252"], "pt": ["cp1252"], "sv": ["cp1252"],
    "pl": ["cp1250"], "cs": ["cp1250"], "ru": ["cp1251", "koi8-r"], "ru2": ["cp1251"], "tr": ["cp1254"],
    "zh": ["gbk", "gb18030"], "ja": ["shift_jis"], "ko": ["euc_kr"],
}  # fmt: skip


@pytest.mark.parametrize("language", HEADERS)
def test_headers_in_every_language_and_encoding_read_the_same(tmp_path: Path, language: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", *_LEGACY.get(language, ())):
        delimiter = "," if encoding.startswith("utf") else ";"
        text = write(PRICES, Dialect(delimiter, NUMBERS["plain"], header=HEADERS[language], line_end="\r\n"))
        check(tmp_path, text.encode(encoding))


_ABOVE = {
    "nothing": "",
    "a title": "Apple Inc. (AAPL)\n",
    "a title and a blank line": "Historical prices\n\n",
    "an address": "https://www.example.org/data\n",
    "a padded title": "Apple Inc.,,,,,\n",
    "several lines": "Symbol: AAPL\nCurrency: USD\nFrom 2019-11-05 to 2020-01-27\n\n",
    "a separator line": "sep=,\n",
    "a comment": "# made by a program, do not edit\n",
}
_BELOW = {
    "nothing": "",
    "a blank line": "\n\n",
    "a source": "Source: the exchange\n",
    "prose with commas": "\nAll data, as is, without warranty, of any kind, for your use, only, please\n",
    "empty cells": ",,,,,\n",
    "a date of retrieval": "Downloaded on 2020-02-03\n",
    "an average": "Average,1,2,3,4,5\n",
}


@pytest.mark.parametrize("above", _ABOVE)
@pytest.mark.parametrize("below", _BELOW)
def test_titles_and_footers_are_left_out(tmp_path: Path, above: str, below: str) -> None:
    dialect = Dialect(number=NUMBERS["english"], date=DATES["mdy"])
    check(tmp_path, write(PRICES, replace(dialect, above=_ABOVE[above], below=_BELOW[below])))


@pytest.mark.parametrize("name", DIALECTS)
def test_extra_empty_columns_and_line_ends_do_not_matter(tmp_path: Path, name: str) -> None:
    for trailing, line_end in itertools.product((1, 5), ("\r\n", "\r")):
        text = write(PRICES, replace(DIALECTS[name], trailing=trailing, line_end=line_end))
        check(tmp_path, text if trailing == 1 else text.rstrip())


@pytest.mark.parametrize("name", DIALECTS)
def test_a_nameless_index_column_does_not_matter(tmp_path: Path, name: str) -> None:
    dialect = DIALECTS[name]
    lines = write(PRICES, dialect).splitlines()
    rows = [f"{number}{dialect.delimiter}{line}" for number, line in enumerate(lines[1:])]
    check(tmp_path, "\n".join([dialect.delimiter + lines[0], *rows]))
    check(tmp_path, "\n".join([lines[0], *rows]))  # R writes no name above the names of its rows


@pytest.mark.parametrize("date", ["iso", "compact", "mdy", "dmy dots", "named yy"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_tables_without_a_header_are_read_by_their_numbers(tmp_path: Path, date: str, delimiter: str) -> None:
    check(tmp_path, write(PRICES, Dialect(delimiter, NUMBERS["plain"], DATES[date], header=None)))
    check(
        tmp_path,
        write(PRICES[["close"]], Dialect(delimiter, NUMBERS["plain"], DATES[date], header=None)),
        PRICES[["close"]],
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", " "], ids=["comma", "semicolon", "tab", "blank"])
def test_a_close_alone_is_enough(tmp_path: Path, delimiter: str) -> None:
    table = PRICES[["close"]]
    text = write(table, Dialect(delimiter, NUMBERS["plain"], header=("Date", "Close")))
    check(tmp_path, text, table)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_combination_of_dialects_reads_the_same(tmp_path: Path, data: st.DataObject) -> None:
    language = data.draw(st.sampled_from([*HEADERS, None]))
    table = PRICES if data.draw(st.booleans()) else PRICES[["close"]]
    header = None if language is None else HEADERS[language]
    if header is not None and table.shape[1] == 1:
        header = (header[0], header[4])
    dialect = Dialect(
        delimiter=data.draw(st.sampled_from(",;\t|")),
        number=NUMBERS[data.draw(st.sampled_from(sorted(NUMBERS)))],
        # Day numbers without a name above them could be anything.
        date=DATES[data.draw(st.sampled_from([name for name in DATES if header or not name.startswith("excel")]))],
        header=header,
        newest_first=data.draw(st.booleans()),
        quote_all=data.draw(st.booleans()),
        line_end=data.draw(st.sampled_from(["\n", "\r\n"])),
        above=data.draw(st.sampled_from(["", "Apple Inc.\n", "Prices\n\n", "# note\n"])) if header else "",
        below=data.draw(st.sampled_from(["", "\n", "Source: x\n", _BELOW["prose with commas"]])),
        trailing=data.draw(st.sampled_from([0, 1, 3])) if header else 0,
    )
    text = write(table, dialect).encode(data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])))
    check(tmp_path, text, table)
