from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stockrnn.errors import PriceDataError
from stockrnn.prices.table import (
    check_columns,
    join_prices,
    prices_digest,
    prices_table,
    row_spans,
    sessions_of,
    tickers_of,
)


def long(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["ticker", "session", "close"])


def test_rows_are_sorted_by_ticker_and_session_and_are_floats() -> None:
    prices = prices_table(long(("B", "2020-01-02", 3), ("A", "2020-01-03", 2), ("A", "2020-01-02", 1)), "x.csv")
    assert prices.index.to_list() == [
        ("A", pd.Timestamp("2020-01-02")),
        ("A", pd.Timestamp("2020-01-03")),
        ("B", pd.Timestamp("2020-01-02")),
    ]
    assert prices["close"].to_list() == [1.0, 2.0, 3.0]
    assert prices["close"].dtype == np.float64


def test_only_price_columns_are_kept_in_their_order() -> None:
    frame = long(("A", "2020-01-02", 1)).assign(volume=5, open=2, note="x")
    assert list(prices_table(frame, "x.csv").columns) == ["open", "close", "volume"]


def test_a_table_without_a_price_column_is_an_error_that_says_what_there_is() -> None:
    frame = long(("A", "2020-01-02", 1)).rename(columns={"close": "volume"})
    with pytest.raises(PriceDataError, match=r"x\.csv: no price column; .*'volume'"):
        prices_table(frame, "x.csv")


def test_the_same_row_twice_is_one_row() -> None:
    assert len(prices_table(long(("A", "2020-01-02", 1), ("A", "2020-01-02", 1)), "x.csv")) == 1
    assert len(prices_table(long(("A", "2020-01-02", np.nan), ("A", "2020-01-02", np.nan)), "x.csv")) == 1


def test_two_prices_for_one_session_are_an_error_that_names_it() -> None:
    with pytest.raises(PriceDataError, match=r"x\.csv: 2 rows .*A on 2020-01-02"):
        prices_table(long(("A", "2020-01-02", 1), ("A", "2020-01-02", 2), ("A", "2020-01-03", 2)), "x.csv")


def test_joined_files_go_on_where_the_first_ended() -> None:
    parts = [prices_table(long(("A", day, price)), "x.csv") for day, price in (("2020-01-03", 2), ("2020-01-02", 1))]
    assert join_prices(parts, "both")["close"].to_list() == [1.0, 2.0]


def test_row_spans_cover_each_tickers_rows(make_ramp) -> None:
    prices = make_ramp(7, ("B", "A", "C"))
    assert tickers_of(prices) == ["A", "B", "C"]
    assert row_spans(prices) == {"A": slice(0, 7), "B": slice(7, 14), "C": slice(14, 21)}


def test_row_spans_of_a_part_name_only_the_tickers_in_it(make_ramp) -> None:
    prices = make_ramp(3, ("A", "B", "C"))
    part = prices[prices.index.get_level_values("ticker") != "B"]
    assert row_spans(part) == {"A": slice(0, 3), "C": slice(3, 6)}
    assert row_spans(prices.iloc[:0]) == {}


def test_sessions_are_those_of_any_ticker() -> None:
    prices = prices_table(long(("B", "2020-01-02", 1), ("A", "2020-01-03", 2), ("B", "2020-01-03", 3)), "x.csv")
    assert sessions_of(prices).to_list() == [pd.Timestamp("2020-01-02"), pd.Timestamp("2020-01-03")]


@pytest.mark.parametrize("value", [np.nan, 0.0, -1.0, np.inf, -np.inf])
def test_a_price_that_is_no_positive_number_is_an_error_that_names_its_row(make_ramp, value: float) -> None:
    prices = make_ramp(5)
    prices.iloc[2, 0] = value
    with pytest.raises(PriceDataError, match=r"x\.csv: open is .* in 1 row: 2020-01-03"):
        check_columns(prices, ["open"], "x.csv")
    check_columns(prices, ["close"], "x.csv")


def test_only_the_first_three_bad_rows_are_named(make_ramp) -> None:
    prices = make_ramp(5)
    prices["open"] = -1.0
    with pytest.raises(PriceDataError, match=r"5 rows: 2020-01-01 \(-1\), 2020-01-02 .*, 2020-01-03 .* and 2 more;"):
        check_columns(prices, ["open"], "x.csv")


def test_a_day_without_trade_is_no_fault(make_prices) -> None:
    prices = make_prices(5).assign(volume=0.0)
    check_columns(prices, ["volume"], "x.csv")


def test_a_missing_column_is_an_error_that_says_what_there_is(make_ramp) -> None:
    with pytest.raises(PriceDataError, match=r"x\.csv: no column 'high' with prices; there are open, close"):
        check_columns(make_ramp(5), ["high"], "x.csv")


def test_the_digest_is_of_the_content_alone(make_ramp) -> None:
    prices = make_ramp(4, ("A", "B"))
    seconds = prices.index.set_levels(prices.index.levels[1].astype("datetime64[s]"), level="session")
    assert prices_digest(prices) == prices_digest(prices.copy().set_index(seconds))


@pytest.mark.parametrize("change", ["value", "session", "column", "ticker", "border between tickers"])
def test_any_change_of_the_content_changes_the_digest(make_ramp, change: str) -> None:
    prices = make_ramp(4, ("A", "B"))
    rows = prices.reset_index()
    # Sessions ascend over both tickers, so that the border between them can move and all stays sorted.
    rows["session"] = pd.bdate_range("2020-01-01", periods=8)
    before = prices_table(rows, "x.csv")
    if change == "value":
        rows.loc[3, "open"] += 1e-9
    elif change == "session":
        rows.loc[7, "session"] += pd.Timedelta(days=1)
    elif change == "column":
        rows = rows.rename(columns={"open": "high"})
    elif change == "ticker":
        rows["ticker"] = rows["ticker"].replace("B", "C")
    else:
        rows.loc[4, "ticker"] = "A"
    assert prices_digest(prices_table(rows, "x.csv")) != prices_digest(before)
