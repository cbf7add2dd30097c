from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stockrnn.prices.table import Prices, sessions_of


@pytest.fixture
def prices(make_prices) -> Prices:
    return make_prices(300)


@pytest.fixture
def files(prices: Prices, tmp_path: Path) -> tuple[Path, Path]:
    """Forecasts that are the last close in cents, and the prices."""
    last = prices["close"].to_numpy()[199:299].round(2)
    table = pd.DataFrame({"date": sessions_of(prices)[200:], "prediction": last})
    table.to_csv(tmp_path / "f.csv", index=False)
    prices.droplevel("ticker").rename_axis("date").to_csv(tmp_path / "AAA.csv")
    return tmp_path / "f.csv", tmp_path / "AAA.csv"


@pytest.mark.slow
def test_judge_gives_a_runs_forecasts_its_scores(run_cli, trained_smoke, tmp_path) -> None:
    evaluated = json.loads(run_cli("evaluate", trained_smoke, "--json").stdout)
    result = run_cli("judge", trained_smoke / "forecasts.parquet", "data/googl.csv", "--json")
    document = json.loads(result.stdout)
    assert {name: document[name] for name in evaluated} == evaluated
    assert document["suspicions"] == []
    assert [note["code"] for note in document["notes"]] == ["years_from_file"]
    assert result.stderr == ""


@pytest.mark.slow
def test_judge_gives_a_run_of_several_tickers_its_scores(run_cli, make_prices, tmp_path) -> None:
    prices = make_prices(400, ("AAA", "BBB", "CCC"))
    prices.reset_index().rename(columns={"session": "date"}).to_csv(tmp_path / "p.csv", index=False)
    options = ("--runs", tmp_path, "--name", "many", "--set", "window.horizon=3", "--set", "data.validation=0.2")
    run_cli("train", tmp_path / "p.csv", "--config", "smoke", "--set", "train.epochs=1", *options)
    evaluated = json.loads(run_cli("evaluate", tmp_path / "many", "--json").stdout)
    document = json.loads(run_cli("judge", tmp_path / "many/forecasts.parquet", tmp_path / "p.csv", "--json").stdout)
    assert {name: document[name] for name in evaluated} == evaluated


def test_judge_prints_scores_and_what_looks_wrong(run_cli, files) -> None:
    result = run_cli("judge", *files)
    assert "last close" in result.stdout
    assert "[shifted_copy]" in result.stdout
    assert "a naive forecast" in result.stdout
    assert "--horizon" in result.stderr
    assert "--target" in result.stderr


def test_a_question_ends_as_one(run_cli, files, prices) -> None:
    table = pd.read_csv(files[0])
    table["prediction"] = prices["close"].to_numpy()[200:] + [0.2, -0.2] * 50
    table.to_csv(files[0], index=False)
    assert "does it see the session's own prices?\n" in run_cli("judge", *files).stdout


def test_judge_json_is_one_document_on_stdout(run_cli, files) -> None:
    result = run_cli("judge", *files, "--json", "--target", "close", "--horizon", "1")
    document = json.loads(result.stdout)
    assert {each["code"] for each in document["suspicions"]} == {"shifted_copy"}
    assert set(document["suspicions"][0]) == {"code", "forecaster", "ticker", "horizon", "rows", "text", "sees_future"}
    assert {note["code"] for note in document["notes"]} == {"assumed_horizon"}
    assert result.stderr == ""


def test_clean_forecasts_get_no_suspicion(run_cli, files, prices) -> None:
    table = pd.read_csv(files[0])
    table["prediction"] += [0.4, -0.4, -0.4, 0.4] * 25
    table.to_csv(files[0], index=False)
    assert "Nothing about these forecasts looks wrong." in run_cli("judge", *files).stdout


def test_the_options_reach_the_judge(run_cli, files, prices) -> None:
    days = sessions_of(prices)
    dates = f"{days[0]:%Y-%m-%d}..{days[150]:%Y-%m-%d}"
    options = ("--train", dates, "--target", "open", "--horizon", "2", "--ticker", "aaa", "--json")
    terms = json.loads(run_cli("judge", *files, *options).stdout)["terms"]
    assert terms["train"] == dates.split("..")
    assert (terms["target"], terms["horizon"]) == ("open", 2)


def test_an_interval_is_said_in_words(run_cli, files) -> None:
    table = pd.read_csv(files[0])
    table.assign(lower=table["prediction"] - 50, upper=table["prediction"] + 50).to_csv(files[0], index=False)
    assert "The 95 % interval of f held 100.0 % of what came true" in run_cli("judge", *files, "--level", 95).stdout


def test_the_intervals_of_the_first_the_middle_and_the_last_horizon_are_said(run_cli, files, prices) -> None:
    days, last = sessions_of(prices), prices["close"].to_numpy()
    rows = [
        (days[row], days[row + h], h, last[row], last[row] - 9, last[row] + 9)
        for row in range(200, 280)
        for h in range(1, 8)
    ]
    table = pd.DataFrame(rows, columns=["origin", "session", "horizon", "forecast", "lower", "upper"])
    table.to_csv(files[0], index=False)
    some, all_ = (run_cli("judge", *files, "--level", 95, *more).stdout for more in ((), ("--all",)))
    assert [some.count("% interval of f"), all_.count("% interval of f")] == [3, 7]
    assert "4 sessions ahead held" in some


@pytest.mark.parametrize("years", ["2012", "2012-01-01", "2012-01-01..", "..", "a..b", "2016-01-01..2012-01-01"])
def test_training_years_that_are_none_are_a_usage_error(run_cli, files, years) -> None:
    result = run_cli("judge", *files, "--train", years, code=2)
    assert "FROM..TO" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_file_that_is_no_table_ends_with_3_and_one_line(run_cli, files, tmp_path) -> None:
    for content in (b"", b"hello", b"a,b\n1,2\n", b"date,forecast\n", b"PAR1"):
        files[0].write_bytes(content)
        result = run_cli("judge", *files, code=3)
        assert result.stderr.startswith(f"Error: {files[0]}: ")
        assert result.stderr.count("\n") == 1
    assert "no such file" in run_cli("judge", tmp_path / "none.csv", files[1], code=3).stderr
    assert "no such file" in run_cli("judge", files[0], tmp_path / "none.csv", code=3).stderr


def test_judge_can_require_skill_and_says_what_trading_would_have_brought(run_cli, files) -> None:
    result = run_cli("judge", *files, "--require-skill", 0.02, "--cost-bps", 5, code=9)
    assert "buy and hold" in result.stdout.lower()
    document = json.loads(run_cli("judge", *files, "--json", "--cost-bps", 5).stdout)
    assert {each["cost_bps"] for each in document["trading"]} == {5}


@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_skill_that_was_seen_is_none(run_cli, files, prices, noise: float) -> None:
    table = pd.read_csv(files[0])
    table["prediction"] = prices["close"].to_numpy()[200:] + np.tile([noise, -noise, -noise, noise], 25)
    table.to_csv(files[0], index=False)
    result = run_cli("judge", *files, "--require-skill", 0.02, code=9)
    (error,) = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert error.startswith("Error: --require-skill 0.02 (point) is not met, because of [")
    assert ("known when they were made" if noise == 0 else "too good to be a forecast") in error


def test_the_title_names_only_the_horizon_that_the_file_has(run_cli, files, prices) -> None:
    assert run_cli("judge", *files, "--horizon", 5).stdout.startswith("Close, 5 sessions ahead: trained on ")
