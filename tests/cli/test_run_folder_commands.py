"""`evaluate` and `plot`, and every command that reads a run folder, on whole and damaged ones."""

from __future__ import annotations

import json
import shutil

import pytest

from stockrnn.runs.folder import write_run_file

COMMANDS = ("evaluate", "predict", "plot")


def test_evaluate_repeats_the_scores_of_training(run_cli, trained_smoke):
    document = json.loads(run_cli("evaluate", trained_smoke, "--json").stdout)
    assert document == json.loads((trained_smoke / "scores.json").read_text())


def test_evaluate_shows_few_columns_and_all_of_them_on_demand(run_cli, trained_smoke):
    assert "MASE" not in run_cli("evaluate", trained_smoke).stdout
    assert "MASE" in run_cli("evaluate", trained_smoke, "--all").stdout


def test_evaluate_shows_what_trading_would_have_brought_at_which_costs(run_cli, trained_smoke):
    shown = run_cli("evaluate", trained_smoke).stdout
    assert "No advice" in shown
    assert "buy and hold" in shown
    returns = []
    for cost in (0, 100):
        document = json.loads(run_cli("evaluate", trained_smoke, "--cost-bps", cost, "--json").stdout)
        assert [result["strategy"] for result in document["trading"]] == ["sign", "buy_and_hold"]
        assert {result["cost_bps"] for result in document["trading"]} == {cost}
        returns.append([result["return"] for result in document["trading"]])
    assert all(with_costs < without for without, with_costs in zip(*returns, strict=True))


def test_evaluate_shows_the_years_on_demand(run_cli, trained_smoke):
    assert " year " in run_cli("evaluate", trained_smoke, "--all").stdout
    document = json.loads(run_cli("evaluate", trained_smoke, "--json").stdout)
    assert [score["year"] for score in document["by_year"]] == [2017] * len(document["scores"])
    assert [score["rmse"] for score in document["by_year"]] == [score["rmse"] for score in document["scores"]]


def test_the_verdict_of_evaluate_has_a_gain_a_p_and_a_lag(run_cli, trained_smoke):
    document = json.loads(run_cli("evaluate", trained_smoke, "--json").stdout)
    (verdict,) = document["verdicts"]
    network = document["scores"][0]
    assert (verdict["gain"], verdict["lag"]) == (network["skill"], network["lag"])
    assert verdict["outcome"] == "worse"
    assert 0 <= verdict["p_value"] < 0.05


def test_a_skill_that_is_not_met_exits_with_9_after_the_result(run_cli, trained_smoke):
    result = run_cli("evaluate", trained_smoke, "--require-skill", "0.02", code=9)
    assert "RMSE" in result.stdout
    assert result.stderr.count("\n") == 1
    for words in ("0.02", "(point)", "GOOGL", "1 session ahead"):
        assert words in result.stderr
    run_cli("evaluate", trained_smoke, "--require-skill", "-1000")
    document = run_cli("evaluate", trained_smoke, "--require-skill", "0.02", "--json", code=9)
    assert json.loads(document.stdout)["scores"]


def test_the_distribution_of_a_point_forecaster_has_no_skill(run_cli, trained_smoke):
    result = run_cli("evaluate", trained_smoke, "--require-skill", "-5", "--part", "distribution", code=9)
    assert "no skill to measure" in result.stderr


def test_a_required_skill_is_a_number_and_a_part_needs_one(run_cli, trained_smoke):
    for value in ("nan", "inf", "much"):
        assert "--require-skill" in run_cli("evaluate", trained_smoke, "--require-skill", value, code=2).stderr
    assert "--require-skill" in run_cli("evaluate", trained_smoke, "--part", "point", code=2).stderr
    assert "--part" in run_cli("train", "--part", "point", code=2).stderr


@pytest.mark.slow
def test_training_checks_the_required_skill_and_keeps_the_run(run_cli, tmp_path):
    train = ("train", "--config", "smoke", "--runs", tmp_path, "--set", "train.epochs=1")
    assert "is not met" in run_cli(*train, "--require-skill", "0.5", code=9).stderr
    assert (tmp_path / "smoke/run.json").is_file()


def test_plot_draws_into_the_file_that_is_named(run_cli, trained_smoke, tmp_path):
    picture = tmp_path / "a.svg"
    assert run_cli("plot", trained_smoke, "--out", picture).stdout == f"Picture: {picture}\n"
    assert picture.read_bytes().startswith(b"<?xml")


def test_every_picture_is_told_in_the_same_words_below_the_result(run_cli, trained_smoke, tmp_path):
    shutil.copytree(trained_smoke, tmp_path / "other")
    commands = {
        "inspect": ("inspect", "bundled:googl", "--plot"),
        "explain": ("explain", trained_smoke, "gradients", "--out"),
        "compare": ("compare", trained_smoke, tmp_path / "other", "--out"),
    }
    for name, command in commands.items():
        picture = tmp_path / f"{name}.png"
        result = run_cli(*command, picture)
        assert result.stdout.splitlines()[-1] == f"Picture: {picture}"
        assert str(picture) not in result.stderr
        assert picture.is_file()


def test_that_a_training_was_interrupted_is_said_wherever_its_run_is_judged(run_cli, smoke_run, trained_smoke):
    assert "interrupted" not in run_cli("evaluate", smoke_run).stderr
    document = json.loads((smoke_run / "run.json").read_text())
    write_run_file(smoke_run, {**document, "interrupted": True})
    told = (
        "Note: the training of this run was interrupted; go on with: "
        f"stockrnn train --resume smoke --runs {smoke_run.parent}\n"
    )
    assert run_cli("evaluate", smoke_run).stderr == told
    assert told in run_cli("predict", smoke_run).stderr
    assert json.loads(run_cli("evaluate", smoke_run, "--json").stdout)["scores"]
    notes = json.loads(run_cli("compare", smoke_run, trained_smoke, "--json").stdout)["notes"]
    assert notes == [f"the training of {smoke_run} was interrupted"]


def test_plot_without_a_file_draws_into_the_run_folder_and_leaves_it_whole(run_cli, smoke_run):
    (smoke_run / "figures/forecast.png").unlink()
    run_cli("plot", smoke_run)
    assert (smoke_run / "figures/forecast.png").is_file()
    run_cli("evaluate", smoke_run)


def test_a_picture_format_that_is_not_known_is_a_usage_error(run_cli, trained_smoke, tmp_path):
    assert ".png" in run_cli("plot", trained_smoke, "--out", tmp_path / "a.bmp", code=2).stderr


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "name", ["model.keras", "run.json", "prices.parquet", "forecasts.parquet", "scores.json", "history.csv"]
)
def test_a_run_folder_that_lacks_a_file_is_refused(run_cli, smoke_run, command, name):
    (smoke_run / name).unlink()
    result = run_cli(command, smoke_run, code=4)
    assert name in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["model.keras", "prices.parquet", "forecasts.parquet", "history.csv", "run.json"])
def test_a_run_folder_with_a_changed_file_is_refused(run_cli, smoke_run, command, name):
    content = (smoke_run / name).read_bytes()
    (smoke_run / name).write_bytes(content[: len(content) // 2])
    result = run_cli(command, smoke_run, code=4)
    assert name in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_is_no_run_is_refused(run_cli, tmp_path, command):
    assert str(tmp_path) in run_cli(command, tmp_path, code=4).stderr
