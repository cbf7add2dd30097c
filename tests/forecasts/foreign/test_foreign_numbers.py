"""What numbers of foreign forecasts are read, and which are no prices."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stockrnn.errors import PriceDataError
from stockrnn.forecasts.foreign.layouts import ForeignOptions
from stockrnn.forecasts.foreign.reader import read_foreign_forecasts
from tests.forecasts.foreign.foreign_reading import codes, read, written


def test_negative_prices_are_set_to_nothing_and_counted(prices, days, tmp_path) -> None:
    frame = pd.DataFrame({"ds": days[20:23], "cutoff": days[19:22], "yhat": [-1.0, 1.0, 2.0], "q0.5": [1.0, -3.0, 2.0]})
    found = read(frame, prices, tmp_path)
    assert [note.rows for note in found.notes if note.code == "negative_forecasts"] == [2]
    assert list(found.forecasts["forecast"]) == [0.0, 1.0, 2.0]


def test_numbers_of_other_countries_are_read(prices, days, tmp_path) -> None:
    lines = [f"{day:%Y-%m-%d};{text}" for day, text in zip(days[5:8], ("1.234,5", "999,25", "7"), strict=True)]
    (tmp_path / "f.csv").write_text("\n".join(["date;forecast", *lines]))
    found = read_foreign_forecasts(tmp_path / "f.csv", prices, ForeignOptions())
    assert list(found.forecasts["forecast"]) == [1234.5, 999.25, 7.0]
    lines = [f'{day:%Y-%m-%d},"{text}"' for day, text in zip(days[5:8], ("1,234.5", "999.25", "7"), strict=True)]
    (tmp_path / "f.csv").write_text("\n".join(["date,forecast", *lines]))
    assert list(read_foreign_forecasts(tmp_path / "f.csv", prices, ForeignOptions()).forecasts["forecast"]) == [1234.5, 999.25, 7.0]  # fmt: skip


def test_a_forecast_below_zero_is_zero(prices, days, tmp_path) -> None:
    assert (
        read(pd.DataFrame({"date": days[5:8], "forecast": -1.0}), prices, tmp_path).forecasts["forecast"] == 0
    ).all()


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (("$1,750.20", "$751.00"), (1750.2, 751.0)),
        (("1'750.20", "751.00"), (1750.2, 751.0)),
        (("1 750.20", "751.00 USD"), (1750.2, 751.0)),
        (("1.5e2", "7.51E+02"), (150.0, 751.0)),
    ],
)
def test_numbers_are_read_as_people_write_them(prices, days, tmp_path, cells, numbers) -> None:
    lines = [f"{day:%Y-%m-%d}\t{cell}" for day, cell in zip(days[5:7], cells, strict=True)]
    found = written(prices, tmp_path, "\n".join(["date\tforecast", *lines]))
    assert tuple(found.forecasts["forecast"]) == numbers


@pytest.mark.parametrize(
    ("preface", "header"),
    [
        ("sep=;\r\n", "Date;Prediction"),
        ("# by hand\r\n#\r\n", "Date;Prediction"),
        ("\ufeff", "Date;Prediction"),
        ("", ""),
    ],
)
def test_a_spreadsheet_with_decimal_commas_is_read_whatever_stands_above(
    prices, days, tmp_path, preface, header
) -> None:
    lines = [f"{day:%d.%m.%Y};{100 + place},250" for place, day in enumerate(days[5:30])]
    found = written(prices, tmp_path, preface + "\r\n".join([*([header] if header else []), *lines]) + "\r\n")
    assert list(found.forecasts["forecast"]) == [100.25 + place for place in range(25)]
    assert list(found.forecasts["session"]) == list(days[5:30])
    assert set(found.forecasts["forecaster"]) == {"f"}


def test_the_user_says_what_a_comma_is(prices, days, tmp_path) -> None:
    text = f'date,forecast\n{days[5]:%Y-%m-%d},"101,250"\n'
    assert list(written(prices, tmp_path, text, decimal=",").forecasts["forecast"]) == [101.25]
    assert list(written(prices, tmp_path, text, decimal=".").forecasts["forecast"]) == [101250.0]


def test_numbers_beyond_all_prices_are_no_forecasts(prices, days, tmp_path) -> None:
    found = read(pd.DataFrame({"date": days[5:9], "forecast": [1.5, 2.0, 1e300, np.inf]}), prices, tmp_path)
    assert list(found.forecasts["forecast"]) == [1.5, 2.0]


def test_per_cent_are_no_prices(prices, days, tmp_path) -> None:
    with pytest.raises(PriceDataError, match=r"Prediction is in per cent.*1 \+ return"):
        read(pd.DataFrame({"date": days[5:8], "Prediction": ["1.5%", "-0.2%", "0.1 %"]}), prices, tmp_path)
    found = read(pd.DataFrame({"date": days[5:8], "LSTM": 1.0, "Error": ["1.5%", "-0.2%", "0.1 %"]}), prices, tmp_path)
    assert set(found.forecasts["forecaster"]) == {"LSTM"}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.tile([0.01, -0.02], 10), "returns or differences"),
        (np.tile([1.2, -0.7], 10), "returns or differences"),
        (np.tile([1.0, -1.0], 10), "directions"),
        (np.full(20, -100.0), "is their sign wrong"),
    ],
)
def test_what_has_a_sign_is_no_price(prices, days, tmp_path, values, words: str) -> None:
    with pytest.raises(PriceDataError, match=f"the forecasts of f are no prices: .*{words}"):
        read(pd.DataFrame({"date": days[5:25], "Prediction": values}), prices, tmp_path)


def test_a_bad_forecast_of_a_price_may_be_below_zero(prices, days, tmp_path) -> None:
    # As a straight line is that goes on falling.
    found = read(pd.DataFrame({"date": days[5:25], "Prediction": np.linspace(100, -50, 20)}), prices, tmp_path)
    assert "negative_forecasts" in codes(found)
