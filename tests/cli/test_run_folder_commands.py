"""`evaluate` and `plot`, and every command that reads a run folder, on whole and damaged ones."""

from __future__ import annotations

import json

import pytest

COMMANDS = ("evaluate", "predict", "plot")


def test_evaluate_repeats_the_scores_of_training(run_cli, trained_smoke):
    document = json.loads(run_cli("evaluate", trained_smoke, "--json").stdout)
    assert document == json.loads((trained_smoke / "scores.json").read_text())


def test_evaluate_shows_few_columns_and_all_of_them_on_demand(run_cli, trained_smoke):
    assert "MASE" not in run_cli("evaluate", trained_smoke).stdout
    assert "MASE" in run_cli("evaluate", trained_smoke, "--all").stdout


def test_plot_draws_into_the_file_that_is_named(run_cli, trained_smoke, tmp_path):
    picture = tmp_path / "a.svg"
    assert run_cli("plot", trained_smoke, "--out", picture).stdout.strip() == str(picture)
    assert picture.read_bytes().startswith(b"<?xml")


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
