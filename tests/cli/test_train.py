from __future__ import annotations

import json

import pandas as pd
import pytest

from stockrnn.bundled import bundled_prices


def test_training_prints_scores_a_verdict_and_where_the_run_is(smoke_output, trained_smoke):
    for words in ("network", "last value", "last close", "drift", "moving average", "naive forecast", "forecast.png"):
        assert words in smoke_output
    assert (trained_smoke / "figures/forecast.png").stat().st_size > 10_000
    assert (trained_smoke / "figures/forecast.svg").read_text().startswith("<?xml")


def test_training_json_follows_the_contract(run_cli, tmp_path):
    result = run_cli("train", "--config", "smoke", "--runs", tmp_path, "--json", "--set", "train.epochs=1")
    document = json.loads(result.stdout)
    assert {"run", "seconds", "epochs", "windows", "engine", "scores", "verdicts"} <= set(document)
    assert document["epochs"] == 1
    assert document["windows"] == 252 - 10
    assert [s["forecaster"] for s in document["scores"]] == [
        "network",
        "last_value",
        "last_close",
        "drift",
        "moving_average",
    ]
    assert set(document["scores"][0]) == {
        "ticker", "forecaster", "horizon", "rows", "rmse", "mae", "mape", "mase", "skill", "direction", "crps", "crps_pct", "coverage90",
        "r2", "majority", "direction_p", "lag", "pinball", "width90", "pit",
    }  # fmt: skip
    assert set(document["verdicts"][0]) == {
        "part", "forecaster", "against", "metric", "horizon", "gain", "p_value", "lag", "outcome", "text",
    }  # fmt: skip


@pytest.mark.slow
def test_the_same_seed_gives_the_same_forecasts_to_the_byte_and_another_seed_others(run_cli, trained_smoke, tmp_path):
    run_cli("train", "--config", "smoke", "--runs", tmp_path)
    run_cli("train", "--config", "smoke", "--runs", tmp_path, "--name", "other", "--set", "train.seeds=[2]")
    first = (trained_smoke / "forecasts.parquet").read_bytes()
    assert (tmp_path / "smoke/forecasts.parquet").read_bytes() == first
    assert (tmp_path / "other/forecasts.parquet").read_bytes() != first


@pytest.mark.slow
def test_seeds_give_one_network_each_and_the_mean_of_their_forecasts(run_cli, tmp_path):
    for name, seeds in (("one", "[1]"), ("two", "[2]"), ("both", "[1, 2]")):
        run_cli("train", "--config", "smoke", "--runs", tmp_path, "--name", name, "--set", f"train.seeds={seeds}")
    tables = {name: pd.read_parquet(tmp_path / name / "forecasts.parquet") for name in ("one", "two", "both")}
    network = {name: table[table["forecaster"] == "network"]["forecast"] for name, table in tables.items()}
    pd.testing.assert_series_equal(network["both"], (network["one"] + network["two"]) / 2)
    assert (tmp_path / "both/model.keras").is_file()
    assert (tmp_path / "both/model-2.keras").is_file()


@pytest.mark.slow
def test_runs_without_a_name_are_numbered_and_a_given_name_is_not_overwritten(run_cli, tmp_path):
    train = ("train", "--config", "smoke", "--runs", tmp_path, "--set", "train.epochs=1")
    run_cli(*train)
    run_cli(*train)
    run_cli(*train, "--name", "smoke", code=2)
    before = (tmp_path / "smoke/run.json").read_text()
    run_cli(*train, "--name", "smoke", "--force")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["smoke", "smoke-2"]
    assert (tmp_path / "smoke/run.json").read_text() != before


@pytest.mark.slow
def test_prices_without_the_recipes_years_are_tested_on_their_last_sessions(run_cli, tmp_path):
    prices = pd.read_csv(bundled_prices("googl"))
    prices.tail(400).to_csv(tmp_path / "late.csv", index=False)
    result = run_cli("train", tmp_path / "late.csv", "--config", "smoke", "--runs", tmp_path / "runs")
    expected = prices["date"].iloc[[-400, -81, -80, -1]].tolist()
    assert "the last 80 sessions" in result.stderr
    for day in expected:
        assert day in result.stdout


@pytest.mark.slow
def test_a_long_file_is_tested_on_its_last_year(run_cli, tmp_path):
    days = pd.bdate_range("2018-01-01", periods=1260)
    pd.DataFrame({"date": days, "close": 100.0 + (pd.Series(range(1260)) % 7)}).to_csv(tmp_path / "a.csv", index=False)
    options = ("--set", "target.column=close", "--set", "train.epochs=1", "--runs", tmp_path / "runs")
    result = run_cli("train", tmp_path / "a.csv", "--config", "smoke", *options)
    assert "the last 252 sessions" in result.stderr
    assert f"tested on {days[-252]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}" in result.stdout


def test_a_split_that_the_user_wrote_and_the_data_lack_is_an_error(run_cli, tmp_path):
    split = ("--set", 'data.train=["1990-01-01","1995-12-31"]', "--set", 'data.test=["1996-01-01","1996-12-31"]')
    result = run_cli("train", "--config", "smoke", "--runs", tmp_path / "runs", *split, code=3)
    assert "the data cover 2009-05-22 to 2018-08-29" in result.stderr
    assert not (tmp_path / "runs").exists()


def two_files(tmp_path):
    prices = pd.read_csv(bundled_prices("googl"))
    prices[prices["date"].str[:4] == "2016"].to_csv(tmp_path / "Stock_Train.csv", index=False)
    prices[prices["date"].str[:7] == "2017-01"].to_csv(tmp_path / "Stock_Test.csv", index=False)
    return tmp_path / "Stock_Train.csv", tmp_path / "Stock_Test.csv"


@pytest.mark.slow
def test_a_training_and_a_test_file_are_one_ticker_split_at_the_border(run_cli, tmp_path):
    train, test = two_files(tmp_path)
    result = run_cli("train", train, "--test", test, "--config", "smoke", "--runs", tmp_path / "runs", "--json")
    document = json.loads(result.stdout)
    assert document["split"]["fit"] == ["2016-01-04", "2016-12-30"]
    assert document["split"]["test"] == ["2017-01-03", "2017-01-31"]
    assert {score["ticker"] for score in document["scores"]} == {"Stock_Train"}
    assert {score["rows"] for score in document["scores"]} == {20}
    assert "20 days prove little" in document["verdicts"][0]["text"]


def test_an_unknown_calendar_is_refused_before_anything_is_trained(run_cli, tmp_path):
    train = ("train", "--config", "smoke", "--runs", tmp_path)
    assert "XNYS" in run_cli(*train, "--calendar", "XNYZ", code=2).stderr
    assert "XNYS" in run_cli(*train, "--set", "data.calendar=XNYZ", code=2).stderr
    assert list(tmp_path.iterdir()) == []


def test_a_test_file_before_the_training_file_is_refused(run_cli, tmp_path):
    train, test = two_files(tmp_path)
    result = run_cli("train", test, "--test", train, "--config", "smoke", "--runs", tmp_path / "runs", code=3)
    assert "must come after" in result.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "empty"),
        ("hello\n", ""),
        ("a,b\n1,2\n3,4\n", "date"),
        ("date,colour\n2016-01-04,red\n2016-01-05,blue\n", "colour"),
        ("date,open\nsoon,1\nlater,2\nnever,3\n", "date"),
        ("date,open\n2016-01-04,1\n2016-01-05,2\n", "too few sessions: 2"),
    ],
)
def test_a_file_without_usable_prices_is_one_line_and_exit_code_3(run_cli, tmp_path, content, words):
    (tmp_path / "p.csv").write_text(content)
    result = run_cli("train", tmp_path / "p.csv", "--config", "smoke", "--runs", tmp_path / "runs", code=3)
    assert result.stderr.count("\n") == 1
    assert words in result.stderr
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("value", ["-4", "0", ""])
def test_rows_with_unusable_prices_are_named(run_cli, tmp_path, value):
    lines = bundled_prices("googl").read_text().splitlines()
    row = next(number for number, line in enumerate(lines) if line.startswith("2016-05-03"))
    cells = lines[row].split(",")
    lines[row] = ",".join([cells[0], value, *cells[2:]])
    (tmp_path / "p.csv").write_text("\n".join(lines))
    result = run_cli("train", tmp_path / "p.csv", "--config", "smoke", "--runs", tmp_path / "runs", code=3)
    assert "2016-05-03" in result.stderr


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["nowhere.csv"], 3, "no such file"),
        (["--config", "nowhere"], 2, "google"),
        (["--config", "nowhere.toml"], 2, "nowhere.toml"),
        (["--set", "train.epoch=3"], 2, "train.epochs"),
        (["--set", "train.epochs=none"], 2, "train.epochs"),
        (["--set", "train.epochs"], 2, "section.key=value"),
        (["--nonsense"], 2, "--nonsense"),
        (["--name", "../elsewhere"], 2, "../elsewhere"),
    ],
)
def test_wrong_input_is_one_line_with_its_exit_code_and_leaves_nothing(
    run_cli, tmp_path, monkeypatch, args, code, words
):
    monkeypatch.chdir(tmp_path)
    result = run_cli("train", *args, code=code)
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert words in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_one_line_and_exit_code_1(run_cli, tmp_path):
    (tmp_path / "runs").write_text("a file, not a folder")
    result = run_cli("train", "--config", "smoke", "--runs", tmp_path / "runs", code=1)
    assert result.stderr.count("\n") == 1


@pytest.mark.slow
def test_early_stopping_watches_the_tail_of_the_training_years(run_cli, tmp_path):
    options = ("--set", "data.validation=0.2", "--set", "train.early_stopping=1", "--set", "train.learning_rate=0.3")
    result = run_cli("train", "--config", "smoke", "--runs", tmp_path, *options, "--set", "train.epochs=60", "--json")
    document = json.loads(result.stdout)
    history = pd.read_csv(tmp_path / "smoke/history.csv")
    assert document["epochs"] == len(history) < 60
    assert history["val_loss"].iloc[-1] >= history["val_loss"].iloc[:-1].min()
    assert document["windows"] == 252 - 50 - 10


@pytest.mark.slow
def test_a_recipe_of_points_has_ranges_that_adapt_to_its_misses_and_cover_what_they_promise(run_cli, tmp_path):
    options = ("--set", "evaluation.intervals=adaptive", "--set", "data.validation=0.2", "--runs", tmp_path)
    document = json.loads(run_cli("train", "--config", "smoke", *options, "--json").stdout)
    scores = {score["forecaster"]: score for score in document["scores"]}
    assert 0.75 < scores["network"]["coverage90"] <= 1
    assert [verdict["part"] for verdict in document["verdicts"]] == ["point", "distribution"]
    rows = json.loads(run_cli("predict", tmp_path / "smoke", "--days", 2, "--json").stdout)["forecasts"]
    assert [row["level"] for row in rows] == [0.9, 0.9]
    assert rows[0]["upper"] - rows[0]["lower"] < rows[1]["upper"] - rows[1]["lower"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ("evaluation.intervals=adaptive", "evaluation.gate=true", "data.validation=0.004"),
            "evaluation.intervals has none",
        ),
        (
            ("train.early_stopping=2", "data.validation=0.004", "window.horizon=2", "window.strategy=direct"),
            "train.early_stopping has none",
        ),
    ],
)
def test_validation_too_short_for_its_uses_is_refused_before_anything_is_trained(run_cli, tmp_path, options, words):
    sets = [part for option in options for part in ("--set", option)]
    message = run_cli("train", "--config", "smoke", "--runs", tmp_path / "runs", *sets, code=3).stderr
    assert words in message
    assert message.count("\n") == 1
    assert not (tmp_path / "runs").exists()
