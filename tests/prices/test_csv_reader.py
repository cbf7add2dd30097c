"""Quirks of single files: what is read, what is refused and what is said about it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stockrnn.errors import PriceDataError
from tests.prices.csv_texts import read


def closes(tmp_path: Path, text: str | bytes, encoding: str = "utf-8", **options: object) -> dict[str, float]:
    prices = read(tmp_path, text, encoding, **options).prices
    return {f"{session:%Y-%m-%d}": float(value) for (_, session), value in prices["close"].items()}


TWO_DAYS = {"2017-01-03": 1234.5, "2017-01-13": 1240.0}


@pytest.mark.parametrize(
    "text",
    [
        'sep=;\nDatum;Schlusskurs\n03.01.2017;1.234,50\n13.01.2017;1.240,00\n',
        '"Date,Close"\n"1/3/2017,""1,234.50"""\n"1/13/2017,""1,240.00"""\n',
        'Date,Close\n"1/3/2017,""1,234.50"""\n"1/13/2017,""1,240.00"""\n',
        "'Date','Close'\n'2017-01-03','1,234.50'\n'2017-01-13','1,240.00'\n",
        "“Date”,“Close”\n“2017-01-03”,“1,234.50”\n“2017-01-13”,“1,240.00”\n",
        "| Date | Close |\n|---|---|\n| 2017-01-03 | 1234.5 |\n| 2017-01-13 | 1240 |\n",
        "        Date   Close\n  2017-01-03  1234.5\n  2017-01-13  1240.0\n",
        '"Date" "Close"\n"2017-01-03" 1234.5\n"2017-01-13" 1240\n',
        "Datum;Schlusskurs\n2017-01-03;1234,5\n2017-01-13;1240,0\n",
        "날짜\t종가\n2017년 01월 03일\t1234,5\n2017년 01월 13일\t1240,0\n",
        "Datum;Schlusskurs\n20170103;1234,50\n20170113;1240,00\n",
        'Date, Close\n01/03/17, "1,234.50"\n01/13/17, "1,240.00"\n',
        '"Date","Adj Close\n(USD)","Close\n(USD)"\n2017-01-03,7,1234.5\n2017-01-13,7,1240\n',
        "Date,Close\n\n2017-01-03,1234.5\n\n\n2017-01-13,1240\n\n",
        "Date,Close\n2017-01-03,1234.5\nDate,Close\n2017-01-13,1240\n",
        "Date,Close\n2017-01-03,1234.5\n13/01/2017,1240\n",
        "Date,Close\n3 Jan 2017,1234.5\n20170113,1240\n",
        "Date,Close\nTue 01/03/2017,1234.5\nFri 01/13/2017,1240\n",
        '日付,終値\n2017/1/3(火),"1,234.50"\n2017/1/13(金),"1,240.00"\n',
        "时间,收盘\n\"2017-01-03,二\",1234.5\n\"2017-01-13,五\",1240\n",
        "Date,Close\n16:00,1250\n2017-01-13,1240\n2017-01-03,1234.5\n",
        "Date,Close\n2017-01-03,1.2345E+03\n2017-01-13,1.24e3\n",
        "Date,Close\n2017-01-03,1.2345K\n2017-01-13,1.24K\n",
        "Date,Close\n2017-01-03,USD 1234.50\n2017-01-13,1240.00 EUR\n",
        "Date,Close\n2017-01-03,0.012345 lakh\n2017-01-13,0.000124 Crore\n",
        'Date,Close\n42738,"1,234.50"\n42748,"1,240.00"\n',
        "Date,Close\n42738.6458333333,1234.5\n42748.6458333333,1240.0\n",
    ],
)  # fmt: skip
def test_the_same_two_days_are_read_from_every_oddity(tmp_path: Path, text: str) -> None:
    assert closes(tmp_path, text) == pytest.approx(TWO_DAYS)


@pytest.mark.parametrize(
    "word",
    [
        "",
        "null",
        "NULL",
        "-",
        "--",
        "*",
        "N/A",
        "#N/A",
        "n.a.",
        "NaN",
        "nan",
        "None",
        ".",
        "inf",
        "-inf",
        "Infinity",
        "1.#INF",
        "–",
        "нет",
        "0.57 Dividend",
    ],
)
def test_a_row_whose_prices_are_missing_is_left_out_and_noted(tmp_path: Path, word: str) -> None:
    for date in ("2017-01-0{}", "1/1{}/2017"):
        lines = [f"{date.format(day)},{1234.5 + day}," for day in (1, 2, 3, 5, 6)]
        found = read(tmp_path, "\n".join(["Date,Close,Volume", *lines, f"{date.format(7)},{word},"]))
        assert len(found.prices) == 5
        assert [note.code for note in found.notes] == ["rows_without_prices"]


def test_missing_cells_stay_missing_and_negative_ones_negative(tmp_path: Path) -> None:
    prices = read(
        tmp_path, "Date,Open,Close\n2020-04-17,18.5,18.27\n2020-04-20,-inf,-37.63\n2020-04-21,,10.01\n"
    ).prices
    assert list(prices["close"]) == [18.27, -37.63, 10.01]
    assert list(prices["open"].isna()) == [False, True, True]


@pytest.mark.parametrize("cell", ["-37.5", "37.5-", "(37.5)", "$ (37.5)", "($37.5)", "\u221237.5"])
def test_a_negative_number_is_negative_however_it_is_written(tmp_path: Path, cell: str) -> None:
    assert list(closes(tmp_path, f"Date,Close\n2020-04-17,18.5\n2020-04-20,{cell}\n").values()) == [18.5, -37.5]


@pytest.mark.parametrize(
    ("text", "said", "answers"),
    [
        ("Date,Close\n01/02/2017,1.5\n02/02/2017,1.6\n03/02/2017,1.7\n", "--date-order dmy", {"date_order": "dmy"}),
        ("Date,Close\n03-02-17,1.5\n02-02-17,1.6\n", "--date-order", {"date_order": "dmy"}),
        ("Date,Close\n2017-01-02,1.234\n2017-01-03,1.235\n", "--decimal", {"decimal": "."}),
        ("Date;Close\n2017-01-02;1,234\n2017-01-03;1,235\n", "--decimal", {"decimal": ","}),
        ('Date,Close,Volume\n2017-01-02,"1,234",1000\n2017-01-03,"1,235",1000\n', "--decimal", {"decimal": "."}),
        ("Date,Last,Settle\n2017-01-02,1.5,2.5\n2017-01-03,1.6,2.6\n", "--columns close=", {"columns": {"close": "Last"}}),
        ("Date,Close,Close\n2017-01-02,1.5,2.5\n2017-01-03,1.6,2.6\n", "could each be the close", {"columns": {"close": "Close"}}),
        ("Date,Apple,Google\n2017-01-02,1.5,2.5\n2017-01-03,1.6,2.6\n", "--columns close=*", {"columns": {"close": "*"}}),
    ],
)  # fmt: skip
def test_what_reads_in_two_ways_is_asked_and_read_when_answered(
    tmp_path: Path, text: str, said: str, answers: dict[str, object]
) -> None:
    with pytest.raises(PriceDataError) as caught:
        read(tmp_path, text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(read(tmp_path, text, **answers).prices) >= 2


def test_the_decimal_sign_that_the_user_says_decides(tmp_path: Path) -> None:
    text = "Date;Close\n2017-01-02;1,234\n2017-01-03;1,235\n"
    assert list(closes(tmp_path, text, decimal=",").values()) == [1.234, 1.235]
    assert list(closes(tmp_path, text, decimal=".").values()) == [1234.0, 1235.0]


@pytest.mark.parametrize(
    "witness",
    [
        "Volume\n2017-01-02,131.908,1995282\n2017-01-03,131.912,1995283\n",
        "Chg %\n2017-01-02,131.908,0.5%\n2017-01-03,131.912,0.1%\n",
    ],
)
def test_another_column_can_witness_the_decimal_point(tmp_path: Path, witness: str) -> None:
    assert list(closes(tmp_path, f"Date,Close,{witness}").values()) == [131.908, 131.912]


def test_a_decimal_point_that_is_only_likely_is_noted(tmp_path: Path) -> None:
    likely = read(tmp_path, "Date,Close,Volume\n2017-01-02,131.908,1995282\n2017-01-03,131.912,1995283\n")
    assert [note.code for note in likely.notes] == ["decimal_point_assumed"]
    assert "131.908" in likely.notes[0].text
    proven = read(tmp_path, "Date,Close,Volume\n2017-01-02,131.908,1995282\n2017-01-03,131.9,1995283\n")
    assert proven.notes == ()


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("998;1995282\n2017-01-03;1.004;1995283\n", [998, 1004]),
        ("998;1\n2017-01-03;1,004;2\n", [998, 1004]),
        ("109;1\n2017-01-03;109,004;2\n", [109, 109.004]),
        ("1.004;\n2017-01-03;1;\n", [1.004, 1]),
    ],
)
def test_prices_of_one_column_are_of_one_order_of_magnitude(tmp_path: Path, rows: str, expected: list[float]) -> None:
    assert list(closes(tmp_path, f"Date;Close;Volume\n2017-01-02;{rows}").values()) == expected


def test_thousands_beyond_the_sample_are_no_decimals(tmp_path: Path) -> None:
    days = pd.bdate_range("2000-01-03", periods=400)
    lines = [f"{day:%Y-%m-%d},{number}" for day, number in zip(days, range(500, 900), strict=True)]
    found = closes(tmp_path, "\n".join(["Date,Close", *lines, "2016-01-04,1.002"]))
    assert found["2016-01-04"] == 1002


def test_the_order_of_the_rows_decides_between_day_and_month(tmp_path: Path) -> None:
    days = pd.bdate_range("2018-01-02", "2018-02-12")
    days = days[days.day <= 12]
    for order in ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y"):
        for rows in (days, days[::-1]):
            text = "\n".join(["Date,Close", *(f"{day:{order}},1.5" for day in rows)])
            assert list(closes(tmp_path, text)) == [f"{day:%Y-%m-%d}" for day in days]


def test_an_order_that_does_not_fit_the_dates_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PriceDataError, match=r"row 2: '13/02/2017'"):
        read(tmp_path, "Date,Close\n13/02/2017,1.5\n14/02/2017,1.6\n15/02/2017,1.7\n", date_order="mdy")


@pytest.mark.parametrize(
    "zone", ["America/New_York", "Europe/London", "Europe/Paris", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney"]
)
def test_a_session_is_the_local_date_whatever_the_offset(tmp_path: Path, zone: str) -> None:
    days = pd.bdate_range("2023-03-01", "2023-11-30")
    local = days.tz_localize(zone)
    expected = [f"{day:%Y-%m-%d}" for day in days]
    offsets = "\n".join(["Date,Close", *(f"{stamp},1.5" for stamp in local)])
    assert list(closes(tmp_path, offsets)) == expected
    epochs = "\n".join(["Date,Close", *(f"{int(stamp.timestamp())},1.5" for stamp in local)])
    assert list(closes(tmp_path, epochs)) == expected
    in_utc = "\n".join(["Date,Close", *(f"{stamp.tz_convert('UTC'):%Y-%m-%dT%H:%M:%SZ},1.5" for stamp in local)])
    assert list(closes(tmp_path, in_utc)) == expected


def test_nights_that_begin_on_sundays_are_the_days_after_them(tmp_path: Path) -> None:
    days = pd.bdate_range("2023-03-01", "2023-11-30")
    nights = days.tz_localize("Europe/Berlin").tz_convert("UTC").tz_localize(None)
    found = closes(tmp_path, "\n".join(["Date,Close", *(f"{night},1.5" for night in nights)]))
    assert list(found) == [f"{day:%Y-%m-%d}" for day in days]
    afternoons = pd.bdate_range("2023-03-05", periods=90, freq="C", weekmask="Sun Mon Tue Wed Thu")
    found = closes(tmp_path, "\n".join(["Date,Close", *(f"{day:%Y-%m-%d} 15:00:00,1.5" for day in afternoons)]))
    assert list(found) == [f"{day:%Y-%m-%d}" for day in afternoons]


def test_intraday_bars_keep_their_local_time(tmp_path: Path) -> None:
    text = (
        "Datetime,Close\n2022-03-11 09:30:00-05:00,1.5\n2022-03-11 09:35:00-05:00,1.6\n2022-03-14 09:30:00-04:00,1.6\n"
    )
    sessions = read(tmp_path, text).prices.index.get_level_values("session")
    assert [f"{one:%d %H:%M}" for one in sessions] == ["11 09:30", "11 09:35", "14 09:30"]


def test_a_last_row_without_its_trailing_delimiters_is_whole(tmp_path: Path) -> None:
    assert closes(tmp_path, "Date,Open,Close,,\n2017-01-02,1.5,1.6,,\n2017-01-03,1.5,1.7") == {
        "2017-01-02": 1.6,
        "2017-01-03": 1.7,
    }


def test_what_is_left_out_is_noted(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "Prices of X\nDate,Close\n2017-01-02,1.5\n2017-01-02,1.5\n2017-01-03,\n2017-01-04,1.6\nSource: nobody\n",
    )
    assert [(note.code, note.rows) for note in found.notes] == [
        ("lines_left_out", 1),
        ("lines_left_out", 1),
        ("rows_without_prices", 1),
        ("identical_duplicates", 1),
    ]


def test_a_cell_beyond_the_sample_that_needs_interpretation_is_read(tmp_path: Path) -> None:
    days = pd.bdate_range("2000-01-03", periods=4000)
    lines = [f"{day:%Y-%m-%d},{value}" for day, value in zip(days, np.arange(4000) / 8, strict=True)]
    found = closes(tmp_path, "\n".join(["Date,Close", *lines, '2016-01-04,"1,234.5"']))
    assert found["2016-01-04"] == 1234.5
    assert len(found) == 4001


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("贵州茅台", "gbk"), ("Газпром", "cp1251"), ("Société Générale", "cp1252"), ("Kurç", "utf-8"), ("日産", "utf-16")],
)
def test_names_in_legacy_encodings_are_read_below_english_headers(tmp_path: Path, name: str, encoding: str) -> None:
    found = read(tmp_path, f"date,name,close\n2017-01-02,{name},1.5\n2017-01-03,{name},1.6\n", encoding)
    assert list(found.prices.index.unique("ticker")) == [name]


def test_a_file_cut_off_in_the_middle_of_a_letter_is_read(tmp_path: Path) -> None:
    whole = "Datum;Schlusskurs\n2017-01-02;1,5 €\n2017-01-03;1,6 €".encode()
    assert list(closes(tmp_path, whole[:-1]).values()) == [1.5, 1.6]
