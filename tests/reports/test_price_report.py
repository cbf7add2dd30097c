from __future__ import annotations

import numpy as np
import pandas as pd

from stockrnn.prices.doctor.diagnosis import diagnose
from stockrnn.prices.table import PriceNote
from stockrnn.reports.price_report import inspection_document, inspection_lines


def rows(ticker: str, **values: float) -> pd.DataFrame:
    frame = pd.DataFrame({"ticker": ticker, "session": pd.bdate_range("2020-03-02", periods=30), "close": 50.0})
    frame["close"] += np.arange(30)
    for name, value in values.items():
        frame.loc[3, name] = value
    return frame


def test_the_document_has_the_keys_of_the_contract():
    (ticker,) = inspection_document(diagnose(rows("A", close=np.nan), "24/5"), ())["tickers"]
    (warning,) = ticker.pop("warnings")
    assert ticker == {
        "ticker": "A",
        "interval": "1d",
        "sessions": 30,
        "first": "2020-03-02",
        "last": "2020-04-10",
        "first_close": 50.0,
        "last_close": 79.0,
        "columns": ["close"],
    }
    assert (warning["code"], warning["rows"], set(warning)) == ("missing_prices", 1, {"code", "rows", "text"})


def test_a_file_without_close_gives_the_figures_of_its_first_price_column():
    (ticker,) = inspection_document(diagnose(rows("A").rename(columns={"close": "low"}), "24/5"), ())["tickers"]
    assert (ticker["columns"], ticker["first_close"], ticker["last_close"]) == (["low"], 50.0, 79.0)


def test_a_note_of_the_reader_stands_with_its_ticker_and_one_on_the_file_with_all():
    diagnoses = diagnose(pd.concat([rows("A"), rows("B")]), "24/5")
    notes = (PriceNote("footer", 1, "x"), PriceNote("odd", 2, "y", "B"))
    first, second = inspection_document(diagnoses, notes)["tickers"]
    assert [warning["code"] for warning in first["warnings"]] == ["footer"]
    assert [warning["code"] for warning in second["warnings"]] == ["footer", "odd"]
    assert sum("footer" in line for line in inspection_lines(diagnoses, notes) if line.startswith("warning")) == 1


def test_many_tickers_are_a_summary_and_those_with_warnings():
    frames = [rows(f"T{number:02d}") for number in range(40)] + [rows("ODD", close=np.nan)]
    lines = list(inspection_lines(diagnose(pd.concat(frames), "24/5"), ()))
    assert lines[0].startswith("41 tickers, 1d, 2020-03-02 to 2020-04-10, 1230 rows; 1 of them with warnings")
    assert "missing_prices: 1 ticker, 1 row" in lines
    assert len(lines) < 10


def test_clean_prices_say_so():
    assert list(inspection_lines(diagnose(rows("A"), "24/5"), ()))[-1] == "No warnings."
