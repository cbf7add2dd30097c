from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stockrnn.config import Config, parse_config
from stockrnn.evaluation.terms import Terms
from stockrnn.forecasts import garch
from stockrnn.forecasts.bands import BAND_KINDS, BAND_NAMES
from stockrnn.forecasts.table import QUANTILE_COLUMNS, Forecasts
from stockrnn.prices.table import Prices
from stockrnn.samples.samples import origins_for
from stockrnn.samples.splits import Split
from stockrnn.workflows.evaluate import judge, naive_forecasts

TRAIN = (pd.Timestamp("2012-01-03"), pd.Timestamp("2016-12-30"))
TEST = (pd.Timestamp("2017-01-03"), pd.Timestamp("2017-12-29"))
SPLIT = Split(TRAIN, None, TEST)
NAIVE = ["last_value", "last_close", "drift", "moving_average"]


def config_with(**evaluation: object) -> Config:
    return parse_config({"evaluation": evaluation}, "a test")


def forecasts_of_the_test_year(prices: Prices, config: Config) -> Forecasts:
    return naive_forecasts(prices, origins_for(prices, TEST, 1, 1, read_from=None), Terms.of(config, SPLIT), TRAIN)


@pytest.mark.parametrize(
    ("evaluation", "names"),
    [
        ({}, NAIVE),
        ({"bands": True}, [*NAIVE, *BAND_KINDS]),
        ({"garch": True}, [*NAIVE, "garch"]),
        ({"bands": True, "garch": True}, [*NAIVE, *BAND_NAMES]),
    ],
)
def test_the_bands_that_the_config_asks_for_are_beside_the_naive_forecasts(bundled, evaluation, names) -> None:
    table = forecasts_of_the_test_year(bundled, config_with(**evaluation))
    assert list(table["forecaster"].unique()) == names
    banded = table["forecaster"].isin(BAND_NAMES)
    assert table.loc[banded, list(QUANTILE_COLUMNS)].notna().all(axis=None)
    assert table.loc[~banded, list(QUANTILE_COLUMNS)].isna().all(axis=None)


def test_a_caller_may_name_the_bands_itself(bundled) -> None:
    origins = origins_for(bundled, TEST, 1, 1, read_from=None)
    table = naive_forecasts(bundled, origins, Terms.of(config_with(), SPLIT), TRAIN, bands=["har_bands"])
    assert list(table["forecaster"].unique()) == [*NAIVE, "har_bands"]


def test_bands_are_scored_and_their_point_is_never_the_opponent(bundled) -> None:
    config = config_with(bands=True)
    table = forecasts_of_the_test_year(bundled, config)
    judgement = judge(bundled, table, Terms.of(config, SPLIT))
    scores = {score.forecaster: score for score in judgement.scores}
    assert judgement.yardstick.best_naive == {1: "last_close"}
    for name in BAND_KINDS:
        assert scores[name].rmse == scores["last_close"].rmse
        assert scores[name].crps is not None
        assert 0.85 < scores[name].coverage90 < 0.98
    assert scores["last_close"].crps is None


def test_bands_of_the_test_year_read_no_price_of_it_to_be_fitted(bundled) -> None:
    config = config_with(bands=True)
    changed = bundled.copy()
    days = changed.index.get_level_values("session")
    changed[days > pd.Timestamp("2017-06-30")] *= 7
    before, after = (forecasts_of_the_test_year(prices, config) for prices in (bundled, changed))
    early = (before["origin"] <= pd.Timestamp("2017-06-30")).to_numpy()
    quantiles = list(QUANTILE_COLUMNS)
    pd.testing.assert_frame_equal(before.loc[early, quantiles], after.loc[early, quantiles])
    assert early.sum() > 100


def test_garch_without_its_package_is_an_error_before_any_training(
    run_cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garch, "find_spec", lambda name: None)
    result = run_cli("train", "--config", "smoke", "--runs", tmp_path, "--set", "evaluation.garch=true", code=2)
    assert "pip install 'stockrnn[garch]'" in result.stderr
    assert not list(tmp_path.glob("smoke*"))


@pytest.mark.slow
def test_a_run_with_bands_keeps_their_forecasts_and_scores(run_cli, tmp_path: Path) -> None:
    options = ("--set", "evaluation.bands=true", "--set", "train.epochs=1")
    document = json.loads(run_cli("train", "--config", "smoke", "--runs", tmp_path, *options, "--json").stdout)
    crps = {score["forecaster"]: score["crps"] for score in document["scores"]}
    assert [name for name, value in crps.items() if value is not None] == list(BAND_KINDS)
    table = pd.read_parquet(tmp_path / "smoke/forecasts.parquet")
    assert np.isfinite(table.loc[table["forecaster"] == "har_bands", list(QUANTILE_COLUMNS)]).all(axis=None)
    assert "HAR bands" in run_cli("evaluate", tmp_path / "smoke").stdout
