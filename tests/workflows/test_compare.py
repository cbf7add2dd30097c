from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stockrnn.errors import ConfigError, PriceDataError
from stockrnn.evaluation.terms import Terms
from stockrnn.forecasts.table import Forecast, tabulate
from stockrnn.prices.table import Prices, sessions_of
from stockrnn.samples.samples import origins_for
from stockrnn.workflows.compare import Contestant, check_targets, compare
from stockrnn.workflows.evaluate import naive_forecasts


def contestant(
    name: str, prices: Prices, first: int, miss: float, bands: tuple[str, ...] = (), target: str = "open"
) -> Contestant:
    """A run on the sessions from a place on, whose network misses by noise of a size."""
    sessions = sessions_of(prices)
    terms = Terms(target, 1, (sessions[0], sessions[99]))
    origins = origins_for(prices, (sessions[first], sessions[-1]), 5, 1, read_from=None)
    actual = prices[target].to_numpy()[origins + 1]
    noise = np.random.default_rng(sum(map(ord, name))).standard_normal(len(actual))
    network = Forecast("network", (actual + miss * noise)[:, None])
    tables = [tabulate(network, prices, origins, target), naive_forecasts(prices, origins, terms, bands=bands)]
    return Contestant(name, Path("runs") / name, None, pd.concat(tables, ignore_index=True), prices, terms)


@pytest.fixture
def prices(make_prices) -> Prices:
    return make_prices(200, ["AAA", "BBB"])


def test_compared_is_what_all_have_and_told_what_was_left_out(prices) -> None:
    found = compare([contestant("long", prices, 120, 1.0), contestant("short", prices, 150, 1.0)])
    assert found.forecasts.groupby("forecaster").size().unique().tolist() == [2 * 50]
    assert found.forecasts["session"].min() == sessions_of(prices)[150]
    assert found.notes == ["compared are 100 forecasts that all have; left out: 60 of long"]


def test_a_row_each_stands_beside_the_naive_rows_and_the_bands_that_one_of_them_has(prices) -> None:
    found = compare([contestant("a", prices, 150, 1.0), contestant("b", prices, 150, 2.0, bands=("ewma_bands",))])
    pooled = [score.forecaster for score in found.judgement.scores if score.ticker is None]
    assert pooled == ["a", "b", "last_value", "last_close", "drift", "moving_average", "ewma_bands"]
    assert [verdict.forecaster for verdict in found.judgement.verdicts if verdict.part == "point"] == ["a", "b"]
    assert [(pair.a, pair.b, pair.outcome) for pair in found.pairs] == [("a", "b", "better")]


def test_the_scores_are_those_that_each_run_has_alone(prices) -> None:
    ours = contestant("a", prices, 150, 1.0)
    found = compare([ours, contestant("b", prices, 150, 2.0)])
    error = np.log(ours.own["forecast"] / ours.own["actual"]).to_numpy() * 100
    (score,) = [score for score in found.judgement.scores if (score.forecaster, score.ticker) == ("a", None)]
    assert score.rmse == pytest.approx(np.sqrt(np.mean(error**2)))


def test_runs_without_a_session_in_common_are_refused(make_prices) -> None:
    ours, theirs = make_prices(200), make_prices(200, ["BBB"])
    with pytest.raises(PriceDataError, match=r"no forecast .* is in all of them \(a: AAA from .*; b: BBB from"):
        compare([contestant("a", ours, 150, 1.0), contestant("b", theirs, 150, 1.0)])


def test_runs_on_other_prices_are_refused_by_the_prices_themselves(prices) -> None:
    split = prices.copy()
    split.loc[pd.IndexSlice["BBB", :], :] /= 2
    with pytest.raises(
        PriceDataError, match=r"a and b were made with other prices: open of BBB on .* 50 of 100 differ"
    ):
        compare([contestant("a", prices, 150, 1.0), contestant("b", split, 150, 1.0)])


def test_prices_that_differ_by_rounding_are_the_same(prices) -> None:
    rounded = prices * (1 + 1e-12)
    assert compare([contestant("a", prices, 150, 1.0), contestant("b", rounded, 150, 2.0)]).notes == []


def test_different_targets_are_refused_by_name() -> None:
    check_targets([("a", "open"), ("b", "open")])
    with pytest.raises(ConfigError, match="a the open, b the close; train them for one"):
        check_targets([("a", "open"), ("b", "close")])


def test_one_run_is_nothing_to_compare(run_cli, trained_smoke) -> None:
    assert "two or more" in run_cli("compare", trained_smoke, code=2).stderr
    result = run_cli("compare", "google", "smoke", "--out", "both.bad", code=2)
    assert result.stderr == "Error: both.bad: expected a name that ends in .png, .svg, .pdf\n"
    assert "named twice" in run_cli("compare", trained_smoke, trained_smoke, code=2).stderr


def test_everything_is_checked_before_a_network_is_trained(run_cli, trained_smoke, tmp_path) -> None:
    runs = tmp_path / "runs"
    for arguments, code, words in [
        (["smoke", tmp_path / "nothing"], 4, "no run folder"),
        (["smoke", "smoke.toml"], 2, "smoke.toml"),
        ([trained_smoke, "smoke", "--set", "target.column=close"], 2, "different targets"),
        (["smoke", "gru", "--set", "train.epoch=1"], 2, "did you mean train.epochs?"),
    ]:
        result = run_cli("compare", *arguments, "--runs", runs, code=code)
        assert words in result.stderr
        assert result.stderr.count("\n") == 1
    assert not runs.exists()


def test_runs_are_compared_as_they_are(run_cli, trained_smoke, tmp_path) -> None:
    other = shutil.copytree(trained_smoke, tmp_path / "other")
    document = json.loads(run_cli("compare", trained_smoke, other, "--json").stdout)
    assert document["runs"] == [
        {"name": "smoke", "run": str(trained_smoke), "config": None},
        {"name": "other", "run": str(other), "config": None},
    ]
    (pair,) = document["pairs"]
    assert (pair["a"], pair["b"], pair["gain"], pair["p_value"], pair["outcome"]) == (
        "smoke",
        "other",
        0,
        None,
        "level",
    )
    own, alone = document["scores"][0], json.loads(run_cli("evaluate", trained_smoke, "--json").stdout)["scores"][0]
    assert {**own, "forecaster": "network"} == alone
    for option in (("--seeds", 2), ("--calendar", "XLON")):
        refused = run_cli("compare", trained_smoke, other, *option, code=2).stderr
        assert "--set, --seeds and --calendar are for configs" in refused


@pytest.mark.slow
def test_configs_are_trained_into_run_folders_and_compared_with_runs(run_cli, trained_smoke, tmp_path) -> None:
    runs = tmp_path / "runs"
    (tmp_path / "small.toml").write_text("[window]\nlookback = 5\n[model]\nlayers = 1\nunits = 2\ncell = 'gru'\n")
    options = ["--set", "train.epochs=1", "--runs", runs, "--calendar", "XNAS"]
    result = run_cli("compare", tmp_path / "small.toml", "smoke", trained_smoke, *options, "--json")
    document = json.loads(result.stdout)
    assert [(each["name"], each["config"]) for each in document["runs"]] == [
        ("small", "small"),
        (str(runs / "smoke"), "smoke"),
        (str(trained_smoke), None),
    ]
    assert {path.name for path in runs.iterdir()} == {"small", "smoke"}
    assert json.loads((runs / "small/run.json").read_text())["config"]["data"]["calendar"] == "XNAS"
    assert len(document["pairs"]) == 3
    assert "left out: 189 of small" in document["notes"][0]
    shown = run_cli("compare", runs / "small", runs / "smoke").stdout
    assert "Each against each, by 1 test:" in shown
    assert "misses least (RMSE" in shown
