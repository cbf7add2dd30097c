from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from stockrnn.cli.judged import judged_text
from stockrnn.errors import ConfigError, PriceDataError
from stockrnn.evaluation.terms import Terms
from stockrnn.forecasts.baselines import BASELINES
from stockrnn.prices.table import sessions_of
from tests.workflows.judged_files import judge_file


def test_the_training_years_end_with_the_first_origin_unless_they_are_named(make_prices, tmp_path) -> None:
    prices = make_prices(120)
    days = sessions_of(prices)
    table = pd.DataFrame({"date": days[100:], "forecast": prices["close"].to_numpy()[99:119] + 0.5})
    assert judge_file(table, prices, tmp_path).terms.train == (days[0], days[99])
    assert judge_file(table, prices, tmp_path, horizon=10).terms == Terms("close", 10, (days[0], days[90]))
    assert judge_file(table, prices, tmp_path, train=(days[5], days[50])).terms.train == (days[5], days[50])


def test_training_years_that_reach_into_the_forecasts_are_refused(make_prices, tmp_path) -> None:
    prices = make_prices(120)
    days = sessions_of(prices)
    table = pd.DataFrame({"date": days[100:], "forecast": 1.0})
    with pytest.raises(ConfigError, match="--train ends on"):
        judge_file(table, prices, tmp_path, train=(days[5], days[100]))


def test_prices_that_begin_with_the_forecasts_are_too_few(make_prices, tmp_path) -> None:
    prices = make_prices(20)
    table = pd.DataFrame({"date": sessions_of(prices)[1:], "forecast": 1.0})
    with pytest.raises(PriceDataError, match="give prices that begin earlier"):
        judge_file(table, prices, tmp_path)


def test_every_naive_forecaster_has_the_rows_of_the_forecasts_and_no_others(make_prices, tmp_path) -> None:
    # The last origins reach only as far as there are prices.
    prices = make_prices(120, ("AAA", "BBB"))
    days = sessions_of(prices)
    rows = [
        {"unique_id": ticker, "ds": days[row + ahead], "cutoff": days[row], "LSTM": 100.0}
        for ticker in ("AAA", "BBB")
        for row in range(100, 119)
        for ahead in (1, 3, 7)
        if row + ahead < 120
    ]
    scores = judge_file(pd.DataFrame(rows), prices, tmp_path).judgement.scores
    by_forecaster = {
        name: [(each.ticker, each.horizon, each.rows) for each in scores if each.forecaster == name]
        for name in dict.fromkeys(each.forecaster for each in scores)
    }
    assert [row for row in by_forecaster["LSTM"] if row[0]] == [
        (ticker, ahead, 20 - ahead) for ticker in ("AAA", "BBB") for ahead in (1, 3, 7)
    ]
    assert set(by_forecaster) == {"LSTM", *BASELINES} - {"last_value"}
    assert all(rows == by_forecaster["LSTM"] for rows in by_forecaster.values())


def test_a_naive_forecast_of_another_tool_gets_the_scores_of_ours(make_prices, tmp_path) -> None:
    prices = make_prices(120)
    days, close = sessions_of(prices), prices["close"].to_numpy()
    table = pd.DataFrame({"ds": days[100:], "cutoff": days[99:119], "theirs": close[99:119]})
    scores = {each.forecaster: each for each in judge_file(table, prices, tmp_path).judgement.scores}
    assert replace(scores["theirs"], forecaster="last_close") == scores["last_close"]


def test_forecasters_are_compared_on_the_sessions_that_all_have(make_prices, tmp_path) -> None:
    prices = make_prices(120)
    days = sessions_of(prices)
    table = pd.DataFrame({"ds": days[100:], "A": 100.0, "B": [np.nan] * 5 + [100.0] * 15})
    judged = judge_file(table, prices, tmp_path)
    assert {each.rows for each in judged.judgement.scores} == {15}
    assert next(note.rows for note in judged.notes if note.code == "not_in_common") == 5
    table["A"] = [100.0] * 5 + [np.nan] * 15
    with pytest.raises(PriceDataError, match=r"no session that all forecasters have \(A, B\)"):
        judge_file(table, prices, tmp_path)


def test_the_document_is_json_without_nan_even_where_there_is_nothing(make_prices, tmp_path) -> None:
    prices = make_prices(120, ("AAA", "BBB")).drop(columns=["open", "high", "low", "volume"])
    days = sessions_of(prices)
    table = pd.DataFrame({"time": days[100:], "aaa": 1.0, "bbb": 0.0})
    document = judge_file(table, prices, tmp_path).to_json()
    assert set(document) >= {"terms", "scores", "verdicts", "intervals", "suspicions", "notes"}
    json.dumps(document, allow_nan=False)


def test_intraday_prices_are_refused(make_prices, tmp_path) -> None:
    prices = make_prices(50).reset_index()
    prices["session"] = pd.date_range("2020-01-02 10:00", periods=50, freq="h")
    table = pd.DataFrame({"date": ["2020-01-03"], "forecast": [1.0]})
    with pytest.raises(PriceDataError, match="intraday"):
        judge_file(table, prices.set_index(["ticker", "session"]), tmp_path)


def test_every_forecaster_gets_a_verdict_a_horizon(make_prices, tmp_path) -> None:
    prices = make_prices(200)
    days, close = sessions_of(prices), prices["close"].to_numpy()
    rows = [
        {"ds": days[row + ahead], "cutoff": days[row], "Good": close[row + ahead] - 0.01, "Bad": 3 * close[row]}
        for row in range(100, 198)
        for ahead in (1, 2)
    ]
    verdicts = judge_file(pd.DataFrame(rows), prices, tmp_path).judgement.verdicts
    outcomes = {(each.forecaster, each.horizon): each.outcome for each in verdicts if each.part == "point"}
    assert outcomes == {("Good", 1): "better", ("Good", 2): "better", ("Bad", 1): "worse", ("Bad", 2): "worse"}
    assert all(each.forecaster in each.text for each in verdicts)


def test_weekly_forecasts_are_judged_in_weeks(make_prices, tmp_path) -> None:
    prices = make_prices(200)
    weeks = pd.date_range("2015-01-02", periods=200, freq="W-FRI", name="session")
    prices = prices.set_index(pd.MultiIndex.from_product([["AAA"], weeks], names=["ticker", "session"]))
    close = prices["close"].to_numpy()
    judged = judge_file(pd.DataFrame({"date": weeks[150:], "forecast": close[148:198]}), prices, tmp_path)
    assert "but 50 weeks prove little" in judged.judgement.verdicts[0].text
    (copy,) = judged.suspicions
    assert copy.text.endswith("the close 2 weeks before the week that is forecast")
    assert "week" in judged_text(judged, everything=False).splitlines()[0]
