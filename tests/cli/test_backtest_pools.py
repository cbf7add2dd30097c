"""`backtest --pool together`: what a fold learns of tickers that do not go on trading."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from stockrnn.prices.csv_writer import write_prices_csv
from stockrnn.prices.table import sessions_of

# Folds of 44 sessions that begin on 2017-01-02 and 2017-03-03.
WALK = ("--from", "2017-01-01", "--to", "2017-05-03", "--refit-every", 44, "--jobs", 1)
SETTINGS = ("--config", "smoke", "--set", "train.epochs=2")
SECOND_REFIT = "2017-03-02"


@pytest.mark.slow
def test_whether_a_ticker_goes_on_trading_changes_no_forecast_of_another_until_the_next_refit(
    make_prices, run_cli, tmp_path: Path
) -> None:
    """A fold that left out the ticker that stops would train on half of the windows."""
    prices = make_prices(420, tickers=("AAA", "BBB"), first="2016-01-01")
    assert pd.Timestamp(SECOND_REFIT) in sessions_of(prices)
    tickers, days = (prices.index.get_level_values(name) for name in ("ticker", "session"))
    forecasts = {}
    for name, table in {"on": prices, "stopped": prices[(tickers == "AAA") | (days <= SECOND_REFIT)]}.items():
        path = tmp_path / f"{name}.csv"
        write_prices_csv(table.reset_index(), path)
        run = ("--runs", tmp_path, "--name", name, "--json")
        document = json.loads(run_cli("backtest", path, *SETTINGS, *WALK, *run).stdout)
        assert [fold["train"][1] for fold in document["folds"]] == ["2016-12-30", SECOND_REFIT]
        assert [fold["tickers"] for fold in document["folds"]] == [["AAA", "BBB"]] * 2
        made = pd.read_parquet(tmp_path / name / "forecasts.parquet")
        forecasts[name] = made[made["forecaster"] == "network"].set_index(["ticker", "session"])["forecast"]
    pd.testing.assert_series_equal(forecasts["on"]["AAA"], forecasts["stopped"]["AAA"], rtol=1e-5)
    assert len(forecasts["stopped"]["AAA"]) == 88
    assert forecasts["stopped"]["BBB"].index.max() == pd.Timestamp(SECOND_REFIT)
