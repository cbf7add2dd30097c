from __future__ import annotations

import numpy as np
import pandas as pd

from stockrnn.prices.doctor.diagnosis import diagnose
from stockrnn.reports.price_figure import draw_prices, save_price_figure


def rows(ticker: str = "A") -> pd.DataFrame:
    closes = 50 + 10 * np.sin(np.arange(200) / 9)
    closes[:80] *= 3
    frame = pd.DataFrame({"ticker": ticker, "session": pd.bdate_range("2020-03-02", periods=200), "close": closes})
    reference = np.where(np.arange(200) < 80, closes / 3, closes)
    return frame.assign(open=reference, high=reference * 1.01, low=reference * 0.99)


def test_what_was_found_stands_in_the_legend_with_its_rows():
    figure = draw_prices(diagnose(rows(), "24/5"))
    (axis,) = figure.axes
    assert {text.get_text() for text in axis.get_legend().get_texts()} == {
        "low to high",
        "close",
        "adjustment_mismatch (80)",
    }
    assert axis.get_title() == "A: 2020-03-02 to 2020-12-04"


def test_more_tickers_than_panels_show_those_with_findings_first():
    clean = rows("B").iloc[80:]
    many = pd.concat([clean.assign(ticker=f"B{number}") for number in range(8)] + [rows("ZZ")])
    figure = draw_prices(diagnose(many, "24/5"))
    assert figure.axes[0].get_title().startswith("ZZ")
    assert "6 of 9 tickers" in figure.get_suptitle()


def test_a_png_is_1200_by_700(tmp_path):
    save_price_figure(diagnose(rows(), "24/5"), tmp_path / "a.png")
    header = (tmp_path / "a.png").read_bytes()[16:24]
    assert (int.from_bytes(header[:4], "big"), int.from_bytes(header[4:], "big")) == (1200, 700)
