from __future__ import annotations

import csv
import io
import json

import pandas as pd
import pytest

from stockrnn.bundled import bundled_prices
from stockrnn.config import Config, WindowConfig
from stockrnn.errors import ConfigError
from stockrnn.workflows.predict import check_days


def test_the_days_to_come_are_sessions_of_the_exchange(run_cli, trained_smoke):
    document = json.loads(run_cli("predict", trained_smoke, "--days", 3, "--json").stdout)
    assert [row["session"] for row in document["forecasts"]] == ["2018-08-30", "2018-08-31", "2018-09-04"]
    assert {row["origin"] for row in document["forecasts"]} == {"2018-08-29"}
    assert [row["horizon"] for row in document["forecasts"]] == [1, 2, 3]
    assert {row["forecast"] for row in document["beside"]} == {1264.650024}
    assert document["verdicts"][0]["outcome"] == "worse"


def test_the_table_shows_the_last_close_the_verdict_and_that_it_is_recursive(run_cli, trained_smoke):
    output = run_cli("predict", trained_smoke, "--days", 3).stdout
    assert "Tue 2018-09-04" in output
    assert "1264.65" in output
    assert "recursive" in output
    assert "naive forecast" in output
    assert "recursive" not in run_cli("predict", trained_smoke).stdout


def test_a_network_of_points_gets_ranges_from_its_misses_when_they_are_asked_for(run_cli, trained_smoke):
    document = json.loads(run_cli("predict", trained_smoke, "--days", 3, "--level", "50,90", "--json").stdout)
    rows = document["forecasts"]
    assert [(row["horizon"], row["level"]) for row in rows] == [(h, level) for h in (1, 2, 3) for level in (0.5, 0.9)]
    assert all(row["lower"] < row["upper"] for row in rows)
    widths = [row["upper"] - row["lower"] for row in rows]
    assert all(wide > narrow for narrow, wide in zip(widths[::2], widths[1::2], strict=True))
    assert widths[1] < widths[3] < widths[5]
    # The smoke network is far below the price, and its ranges know it.
    assert rows[1]["forecast"] < rows[1]["lower"]
    told = run_cli("predict", trained_smoke, "--level", "50,90").stderr
    assert "the 50 % and 90 % ranges lie beside the forecast" in told
    assert "the network was too low" in told
    beside = {row["forecaster"] for row in document["beside"]}
    assert beside == {"last_close", "ewma_bands"}
    assert all(
        row["level"] is None for row in json.loads(run_cli("predict", trained_smoke, "--json").stdout)["forecasts"]
    )


def test_csv_has_the_same_rows_as_json(run_cli, trained_smoke):
    rows = list(csv.DictReader(io.StringIO(run_cli("predict", trained_smoke, "--days", 2, "--csv").stdout)))
    document = json.loads(run_cli("predict", trained_smoke, "--days", 2, "--json").stdout)
    expected = document["forecasts"] + document["beside"]
    assert [float(row["forecast"]) for row in rows] == pytest.approx([row["forecast"] for row in expected])


def test_newer_prices_move_the_origin(run_cli, trained_smoke, tmp_path):
    prices = pd.read_csv(bundled_prices("googl"))
    prices[prices["date"] <= "2017-06-30"].tail(10).to_csv(tmp_path / "newest.csv", index=False)
    document = json.loads(run_cli("predict", trained_smoke, tmp_path / "newest.csv", "--json").stdout)
    assert document["forecasts"][0]["origin"] == "2017-06-30"
    assert document["forecasts"][0]["session"] == "2017-07-03"


def test_prices_of_another_ticker_are_told(run_cli, trained_smoke, tmp_path):
    pd.read_csv(bundled_prices("googl")).tail(40).to_csv(tmp_path / "AAPL.csv", index=False)
    assert (
        "prices of AAPL; the network was trained and scaled on GOOGL"
        in run_cli("predict", trained_smoke, tmp_path / "AAPL.csv").stderr
    )


def write_days(path, days, price=700.0):
    pd.DataFrame({"date": days, "open": price, "close": price * 1.01}).to_csv(path, index=False)
    return path


def test_a_network_that_was_trained_long_ago_is_told_with_how_to_train_anew(run_cli, trained_smoke, tmp_path):
    later = write_days(tmp_path / "GOOGL.csv", pd.bdate_range("2024-01-01", "2025-06-02"))
    notes = run_cli("predict", trained_smoke, later, "--calendar", "24/7").stderr
    assert "trained on sessions up to 2016-12-30, 8.4 years before the newest of these prices" in notes
    assert """--set 'data.train=["2024-01-01","2024-06-02"]' --set 'data.test=["2024-06-03","2025-06-02"]'""" in notes
    # Years that these prices do not have are no advice.
    short = write_days(tmp_path / "GOOGL.csv", pd.bdate_range("2024-06-10", "2025-06-02"))
    notes = run_cli("predict", trained_smoke, short, "--calendar", "24/7").stderr
    assert "train one that knows later ones.\n" in notes
    # A year after the last session that it was tested on, it is still young.
    soon = write_days(tmp_path / "GOOGL.csv", pd.bdate_range("2018-01-02", "2018-03-30"))
    assert "trained on sessions up to" not in run_cli("predict", trained_smoke, soon).stderr


def test_prices_that_go_on_from_those_of_the_run_are_counted(run_cli, trained_smoke, tmp_path):
    known = pd.read_csv(bundled_prices("googl"))[["date", "open", "close"]]
    later = pd.bdate_range("2018-08-30", "2019-08-29").strftime("%Y-%m-%d")
    more = pd.DataFrame({"date": later, "open": 700.0, "close": 707.0})
    pd.concat([known, more]).to_csv(tmp_path / "GOOGL.csv", index=False)
    count = int((known["date"] > "2016-12-30").sum()) + len(later)
    notes = run_cli("predict", trained_smoke, tmp_path / "GOOGL.csv", "--calendar", "24/7").stderr
    assert f"up to 2016-12-30, {count} sessions before the newest" in notes


def test_prices_of_another_interval_are_told_and_intraday_ones_refused(run_cli, trained_smoke, tmp_path):
    weekly = write_days(tmp_path / "GOOGL.csv", pd.date_range("2017-01-06", "2017-12-29", freq="7D"))
    assert "trained on a price each 1d, and these come each 1wk" in run_cli("predict", trained_smoke, weekly).stderr
    hours = write_days(tmp_path / "hours.csv", pd.date_range("2017-01-06 09:00", periods=200, freq="h"))
    message = run_cli("predict", trained_smoke, hours, code=3).stderr
    assert "intraday" in message
    assert message.count("\n") == 1


@pytest.mark.parametrize(("shares", "warned"), [(-0.3, True), (-0.2, False), (0.5, False), (1.2, False), (1.3, True)])
def test_prices_far_outside_of_those_trained_on_are_told_of_a_network_of_levels(
    run_cli, trained_smoke, tmp_path, shares, warned
):
    known = pd.read_csv(bundled_prices("googl"))
    opens = known[known["date"].str.startswith("2016")]["open"]
    price = opens.min() + shares * (opens.max() - opens.min())
    near = write_days(tmp_path / "GOOGL.csv", pd.bdate_range("2018-01-02", "2018-02-28"), price)
    assert ("cannot follow the price there" in run_cli("predict", trained_smoke, near).stderr) == warned


def test_the_forecast_of_a_tested_day_is_the_one_in_the_run(run_cli, trained_smoke, tmp_path):
    prices = pd.read_csv(bundled_prices("googl"))
    prices[prices["date"] <= "2017-02-14"].to_csv(tmp_path / "then.csv", index=False)
    document = json.loads(run_cli("predict", trained_smoke, tmp_path / "then.csv", "--json").stdout)
    table = pd.read_parquet(trained_smoke / "forecasts.parquet")
    saved = table[(table["forecaster"] == "network") & (table["origin"] == "2017-02-14")]["forecast"].item()
    assert document["forecasts"][0]["forecast"] == pytest.approx(saved, abs=1e-3)


def test_the_whole_week_is_dated_for_crypto(run_cli, trained_smoke):
    document = json.loads(run_cli("predict", trained_smoke, "--days", 4, "--calendar", "24/7", "--json").stdout)
    assert [row["session"] for row in document["forecasts"]] == ["2018-08-30", "2018-08-31", "2018-09-01", "2018-09-02"]


def test_prices_that_trade_on_weekends_are_dated_so_without_being_told(run_cli, trained_smoke, tmp_path):
    days = pd.date_range("2021-01-01", "2021-03-05")
    pd.DataFrame({"date": days, "open": 700.0, "close": 710.0}).to_csv(tmp_path / "coin.csv", index=False)
    document = json.loads(run_cli("predict", trained_smoke, tmp_path / "coin.csv", "--json").stdout)
    assert document["forecasts"][0]["session"] == "2021-03-06"


@pytest.mark.parametrize(("rows", "words"), [(9, "needs 10"), (0, "")])
def test_too_few_newer_prices_are_refused(run_cli, trained_smoke, tmp_path, rows, words):
    pd.read_csv(bundled_prices("googl")).tail(rows).to_csv(tmp_path / "few.csv", index=False)
    result = run_cli("predict", trained_smoke, tmp_path / "few.csv", code=3)
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_unknown_calendar_is_a_usage_error(run_cli, trained_smoke):
    assert "XNYS" in run_cli("predict", trained_smoke, "--calendar", "NYSE2", code=2).stderr


@pytest.mark.slow
def test_a_network_that_reads_other_columns_forecasts_one_day_only(run_cli, tmp_path):
    features = ("--set", 'features.names=["open", "close"]', "--set", "train.epochs=1")
    told = run_cli("train", "--config", "smoke", "--runs", tmp_path, *features).stdout
    assert f"stockrnn predict {tmp_path / 'smoke'} --days 1\n" in told
    assert len(json.loads(run_cli("predict", tmp_path / "smoke", "--json").stdout)["forecasts"]) == 1
    assert "1 day" in run_cli("predict", tmp_path / "smoke", "--days", 2, code=2).stderr


@pytest.mark.parametrize(("horizon", "ahead"), [(1, "1 session"), (2, "2 sessions")])
def test_more_days_than_a_direct_network_was_trained_for_are_refused_with_what_to_do(horizon, ahead):
    config = Config(window=WindowConfig(strategy="direct", horizon=horizon))
    with pytest.raises(ConfigError, match=rf"--days 3: .* {ahead} ahead; ask for .*--set window\.horizon=3"):
        check_days(config, 3)
    check_days(config, horizon)
