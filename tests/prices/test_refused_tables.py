"""What is no table of prices is refused in one line that says why."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from stockrnn.errors import PriceDataError
from tests.prices.csv_texts import read

REFUSED = {
    "the file is empty": "",
    "empty; expected": " \n\n \n",
    "a header \\(Date, Open, Close\\) and no rows": "Date,Open,Close\n",
    "it is a web page": "<!DOCTYPE html><html><body>Too many requests</body></html>",
    "not a price table: no line": "Rate limit exceeded, please try again later\n",
    "not a price table: it is JSON": '{"chart": {"result": null}}\n',
    "no date column; found close, high, low": "close,high,low\n1.5,2,1\n1.6,2,1\n",
    "no date column; found Foo, Close": "Foo,Close\na,1.5\nb,1.6\n",
    "no price column; found Date, Volume": "Date,Volume\n2017-01-02,1\n2017-01-03,2\n",
    "no price column; found date, foo, bar": "date,foo,bar\n2017-01-02,1,2\n2017-01-03,2,3\n",
    "dates in column 'Date' cannot be read, such as 'foo'": "Date,Close\nfoo,1.5\nbar,1.6\nbaz,1.7\n",
    "row 3: '2017-13-45'": "Date,Close\n2017-01-02,1.5\n2017-13-45,1.6\n2017-01-04,1.7\n",
    "row 4: '2017-02-30'": "Date,Close\n2017-01-02,1.5\n2017-01-03,1.6\n2017-02-30,1.7\n",
    "row 3: 'oops'": "Date,Close\n2017-01-02,1.5\noops,1.6\n2017-01-04,1.7\n",
    "row 3: 'empty'": "Date,Close\n2017-01-02,1.5\n,1.6\n2017-01-04,1.7\n",
    "row 3: 'abc'": "Date,Close\n2017-01-02,1.5\n2017-01-03,abc\n2017-01-04,1.7\n",
    "only 1 session": "Date,Close\n2017-01-02,1.5\n",
    "different prices for the same session": "Date,Close\n2017-01-02,1.5\n2017-01-02,1.6\n2017-01-03,1.6\n",
    "quote the cells that hold the delimiter": "Date,Close,Volume\n2017-01-02,1.5,7,380,500\n2017-01-03,1.5,7,380,501\n",
    "rows of 4 cells below a header of 3": "Date,Close,Volume\n2017-01-02,1.5,7,380\n2017-01-03,1.5,7,381\n",
    "row 3: 4 cells where the other rows have 3": "Date,Close,Volume\n2017-01-02,1.5,70\n2017-01-03,1.5,7,381\n2017-01-04,1.5,71\n",
    "row 3: 3 cells where the other rows have 4; complete": "Date,Open,Close,Volume\n2017-01-02,1.5,1.6,70\n2017-01-03,1.5,70\n2017-01-04,1.5,1.6,71\n",
    "row 4: 3 cells where the other rows have 4": "Date,Open,Close,Volume\n2017-01-02,1.5,1.6,70\n2017-01-03,1.5,1.6,71\n2017-01-04,1.5,1.",
    "row 3: a quote that is not closed": 'Date,Open,Close\n2017-01-02,1.5,1.6\n"2017-01-03,1.5,1.6\n2017-01-04,1.5,1.6\n2017-01-05,1.5,1.6\n',
    "row 3: '0217-01-03'": "Date,Close\n2017-01-02,1.5\n0217-01-03,1.6\n2017-01-04,1.7\n",
    "no date column; found time, close": "time,close\n1577923200,1.5\n1578009600000,1.6\n",
    "have no year": "Date,Close\nMar 03,100.1\nMar 04,99.3\nMar 05,98.3\n",
    "no ticker in column 'Symbol'": "Symbol,Date,Close\nA,2017-01-02,1.5\n,2017-01-03,1.6\n",
    "no header, and the 2 columns of numbers": "2017-01-02,1.5,1.6\n2017-01-03,1.7,1.8\n",
}  # fmt: skip


@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_no_price_table_is_refused_with_its_reason(tmp_path: Path, reason: str) -> None:
    with pytest.raises(PriceDataError, match=reason) as caught:
        read(tmp_path, REFUSED[reason])
    assert str(tmp_path / "X.csv") in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_quote_that_swallows_the_rows_beyond_the_sample_is_refused(tmp_path: Path) -> None:
    days = pd.bdate_range("1990-01-01", periods=5000)
    lines = [f"{day:%Y-%m-%d},1.5,2.5" for day in days]
    lines[4990] = '"' + lines[4990]
    with pytest.raises(PriceDataError, match="row 4992: a quote that is not closed"):
        read(tmp_path, "\n".join(["Date,Open,Close", *lines]))
    lines[10] = '"' + lines[10]
    with pytest.raises(PriceDataError, match=r"row 12: .*a quote"):
        read(tmp_path, "\n".join(["Date,Open,Close", *lines]))


@pytest.mark.parametrize(
    "content",
    [bytes(range(256)) * 40, b"PK\x03\x04" + bytes(400), b"%PDF-1.7 ...", b"\x1f\x8b\x08\x00broken", b"PAR1broken"],
)
def test_binary_files_are_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(PriceDataError) as caught:
        read(tmp_path, content)
    assert "\n" not in str(caught.value)
