from __future__ import annotations

import pytest

from stockrnn.evaluation.metrics import Score
from stockrnn.reports.terminal import plain_table, score_table


def score(forecaster: str = "network", ticker: str | None = "AAA", **values: object) -> Score:
    nothing = dict.fromkeys(["mase", "skill", "direction", "crps", "crps_pct", "coverage90"])
    plain = {"horizon": 1, "rows": 251, "rmse": 9.254, "mae": 7.5, "mape": 0.812}
    return Score(ticker, forecaster, **{**plain, **nothing, **values})  # type: ignore[arg-type]


def cells(table: str) -> list[list[str]]:
    """Split the rows under the line at two spaces or more."""
    rows = table.splitlines()
    under = next(number for number, row in enumerate(rows) if set(row) <= {" ", "-"})
    return [[cell.strip() for cell in row.split("  ") if cell.strip()] for row in rows[under + 1 :]]


def test_the_default_table_has_few_columns_in_plain_words() -> None:
    table = score_table([score(skill=-0.695), score("last_value", skill=None, direction=0.5)])
    assert cells(table) == [
        ["network", "9.25", "7.50", "0.81 %", "-69.5 %"],
        ["last value", "9.25", "7.50", "0.81 %", "-"],
    ]
    for words in ("typical miss", "average miss", "in per cent", "gain on best"):
        assert words in table
    assert "direction" not in table


def test_all_shows_every_metric_that_any_forecaster_has() -> None:
    table = score_table([score(skill=0.1, direction=0.512, mase=1.25, crps=0.004)], everything=True)
    assert cells(table) == [["network", "9.25", "7.50", "0.81 %", "10.0 %", "1.25", "51.2 %", "0.004", "251"]]
    assert "in 90 %" not in table


def test_small_prices_keep_their_digits() -> None:
    assert cells(score_table([score(rmse=0.005432, mae=0.00001)]))[0][1:3] == ["0.005432", "1e-05"]


def test_several_tickers_have_a_column_and_a_pooled_row() -> None:
    rows = cells(score_table([score(ticker=None), score(), score(ticker="BBB")]))
    assert [row[0] for row in rows] == ["all, in log %", "AAA", "BBB"]


def test_many_tickers_are_summed_up_unless_all_are_asked_for() -> None:
    scores = [score(ticker=None), *(score(ticker=f"T{number}") for number in range(6))]
    assert len(cells(score_table(scores))) == 1
    assert len(cells(score_table(scores, everything=True))) == 7


def test_several_horizons_have_a_column() -> None:
    rows = cells(score_table([score(), score(horizon=2)]))
    assert [row[1] for row in rows] == ["1", "2"]


@pytest.mark.parametrize("ticker", ["[red]", "BRK[/b]", "[A]", ":apple:", "^GSPC", "600519.SS"])
def test_a_ticker_is_shown_letter_by_letter(ticker: str) -> None:
    assert cells(score_table([score(), score(ticker=ticker)]))[1][0] == ticker
    assert cells(plain_table(["ticker", "price"], [[ticker, "1.5"]])) == [[ticker, "1.5"]]


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "TTY_COMPATIBLE", "CLICOLOR_FORCE"])
def test_a_table_is_plain_text_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    plain = score_table([score()])
    monkeypatch.setenv(variable, "1")
    monkeypatch.setenv("COLUMNS", "20")
    assert score_table([score()]) == plain
    assert plain.isascii()
    assert "\x1b" not in plain


def test_numbers_stand_to_the_right_and_words_to_the_left() -> None:
    lines = plain_table(["session", "price"], [["Thu 2018-08-30", "5.00"], ["Fri 2018-08-31", "1250.00"]]).splitlines()
    assert lines[-2].endswith("   5.00")
    assert lines[-1].endswith("1250.00")
    assert len(lines[-2]) == len(lines[-1])
    assert lines[-1].strip().startswith("Fri")


def test_a_table_without_rows_is_its_header() -> None:
    assert plain_table(["session", "price"], []).split()[:2] == ["session", "price"]
