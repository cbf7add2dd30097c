from __future__ import annotations

import pytest

from stockrnn.evaluation.metrics import Score, YearScore
from stockrnn.reports.terminal import plain_table, score_table, year_table


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
    for words in ("typical", "average", "miss", "per cent", "gain on", "best naive"):
        assert words in table
    assert "direction" not in table


def test_the_default_table_of_a_distribution_fits_a_terminal_of_80_columns() -> None:
    table = score_table([score("moving_average", skill=-6.105, crps=12.72, coverage90=0.964)])
    assert max(map(len, table.splitlines())) <= 80


EVERYTHING = {
    "skill": 0.1, "mase": 1.25, "r2": -0.5, "direction": 0.512, "majority": 0.6, "direction_p": 0.0312, "lag": 1,
    "crps": 0.004, "crps_pct": 0.54, "pinball": 0.002, "coverage90": 0.91, "width90": 12.0, "pit": (1,) * 20,
}  # fmt: skip


def test_all_shows_every_metric_in_three_tables() -> None:
    misses, direction, ranges = score_table([score(**EVERYTHING)], everything=True).split("\n\n")
    assert cells(misses) == [["network", "9.25", "7.50", "0.81 %", "10.0 %"]]
    assert cells(direction) == [["network", "1.25", "-50.0 %", "51.2 %", "60.0 %", "0.0312", "1", "251"]]
    assert cells(ranges) == [["network", "0.004", "0.54", "0.002", "91.0 %", "12.00"]]


def test_all_leaves_out_metrics_that_no_forecaster_has() -> None:
    table = score_table([score(skill=0.1)], everything=True)
    assert "in 90 %" not in table
    assert "right" not in table


def test_a_point_forecast_is_left_out_of_the_table_of_ranges() -> None:
    tables = score_table([score(**EVERYTHING), score("last_close")], everything=True).split("\n\n")
    assert [len(cells(table)) for table in tables] == [2, 2, 1]


def test_a_loss_too_small_to_show_is_none() -> None:
    assert cells(score_table([score(skill=-0.0001)]))[0][-1] == "0.0 %"
    assert cells(score_table([score(skill=-0.0006)]))[0][-1] == "-0.1 %"


def test_all_fits_a_line_with_tickers_and_horizons() -> None:
    scores = [
        score(
            "moving_average",
            ticker,
            horizon=ahead,
            **{**EVERYTHING, "rmse": 123456.789, "r2": -1838.34, "skill": -41.89},
        )
        for ticker in (None, "BRK-B.US")
        for ahead in (1, 20)
    ]
    table = score_table(scores, everything=True)
    assert max(map(len, table.splitlines())) <= 120
    assert "..." not in table
    assert [[len(row) for row in cells(part)] for part in table.split("\n\n")] == [[7] * 4, [10] * 4, [8] * 4]


def test_the_years_stand_in_a_column_and_show_the_pooled_scores() -> None:
    nothing = dict.fromkeys(["mase", "skill", "direction", "crps", "crps_pct", "coverage90"])
    scores = [
        YearScore(ticker, "network", 1, 251, float(year), 7.5, 0.8, **nothing, year=year)
        for year in (2016, 2017)
        for ticker in (None, "AAA")
    ]
    assert cells(year_table(scores)) == [["2016", "network", "2016.00", "7.50"], ["2017", "network", "2017.00", "7.50"]]


def test_small_prices_keep_their_digits() -> None:
    assert cells(score_table([score(rmse=0.005432, mae=0.00001)]))[0][1:3] == ["0.005432", "1e-05"]


def test_several_tickers_have_a_column_and_a_pooled_row() -> None:
    rows = cells(score_table([score(ticker=None), score(), score(ticker="BBB")]))
    assert [row[0] for row in rows] == ["all, in log %", "AAA", "BBB"]


def test_many_tickers_are_summed_up_unless_all_are_asked_for() -> None:
    scores = [score(ticker=None), *(score(ticker=f"T{number}") for number in range(6))]
    assert len(cells(score_table(scores))) == 1
    assert len(cells(score_table(scores, everything=True).split("\n\n")[0])) == 7


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


def test_shares_are_numbers_too() -> None:
    lines = plain_table(["name", "share"], [["one", "-7.0 %"], ["two", "16.5 %"]]).splitlines()
    assert [line.endswith(" %") for line in lines[-2:]] == [True, True]
    assert len(lines[-2]) == len(lines[-1])


def test_a_table_without_rows_is_its_header() -> None:
    assert plain_table(["session", "price"], []).split()[:2] == ["session", "price"]
