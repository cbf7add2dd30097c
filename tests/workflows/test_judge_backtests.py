"""Forecasts files of backtests, judged again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from stockrnn.config_sections import EvaluationConfig
from stockrnn.errors import PriceDataError
from stockrnn.evaluation.refits import Refit
from stockrnn.evaluation.terms import Terms
from stockrnn.forecasts.forecast_file import write_forecasts
from stockrnn.forecasts.table import Forecast, Forecasts, tabulate
from stockrnn.prices.table import Prices, sessions_of
from stockrnn.samples.samples import origins_for
from stockrnn.workflows.evaluate import judge, naive_forecasts
from stockrnn.workflows.judge import JudgeRequest, judge_forecasts
from tests.workflows.judged_files import facts_of, own_forecasts, save_prices, terms_of


def walked_forecasts(prices: Prices, terms: Terms, refits: list[Refit]) -> Forecasts:
    """Return the table of a backtest, sorted as it sorts: each fit has bands of its own."""
    parts = []
    for refit in refits:
        for pool in refit.pools():
            own = prices[prices.index.get_level_values("ticker").isin(pool)]
            days = own.index.get_level_values("session")
            known = np.flatnonzero((days[1:] >= refit.test[0]) & (days[1:] <= refit.test[1]))
            origins = np.intersect1d(known, origins_for(own, (refit.test[0], days.max()), 1, terms.horizon, None))
            values = own[terms.target].to_numpy()[origins][:, None] * np.ones((1, terms.horizon))
            parts.append(tabulate(Forecast("network", values), own, origins, terms.target))
            parts.append(naive_forecasts(own, origins, replace(terms, train=refit.train)))
    table = pd.concat(parts, ignore_index=True)
    order = {name: place for place, name in enumerate(table["forecaster"].unique())}
    table["place"] = table["forecaster"].map(order)
    table = table.sort_values(["place", "ticker", "origin", "horizon"], kind="stable")
    return table.drop(columns="place").reset_index(drop=True)


@pytest.mark.parametrize(("alone", "horizon"), [(False, 1), (False, 3), (True, 2)])
def test_forecasts_of_a_backtest_are_judged_beside_bands_that_were_fitted_anew_with_its_networks(
    make_prices, tmp_path, alone, horizon
) -> None:
    prices = make_prices(420, ("AAA", "BBB"))
    days = sessions_of(prices)
    terms = terms_of(prices, horizon, train=(days[0], days[199]), evaluation=EvaluationConfig(bands=True))
    spans = ((0, 199, 269), (50, 269, 339), (120, 339, 419))
    refits = [
        Refit((days[a], days[b]), (days[b + 1], days[c]), ("AAA", "BBB")[: 1 + (b < 339)], alone) for a, b, c in spans
    ]
    table = walked_forecasts(prices, terms, refits)
    facts = {**facts_of(prices, terms), "refits": [refit.to_json() for refit in refits]}
    write_forecasts(tmp_path / "f.parquet", table, facts)
    request = JudgeRequest(tmp_path / "f.parquet", save_prices(prices, tmp_path / "p.csv"))
    expected = judge(prices, table, terms).to_json()
    assert {name: judge_forecasts(request).to_json()[name] for name in expected} == expected
    named = judge_forecasts(replace(request, train=terms.train)).to_json()
    bands = {(score["forecaster"], score["horizon"], score["ticker"]): score["crps"] for score in named["scores"]}
    assert any(
        bands[each["forecaster"], each["horizon"], each["ticker"]] != each["crps"] for each in expected["scores"]
    )


def test_a_refit_that_knows_what_it_forecast_is_damage(make_prices, tmp_path) -> None:
    prices = make_prices(120)
    days, terms = sessions_of(prices), terms_of(prices)
    refit = Refit((days[0], days[70]), (days[60], days[119]), ("AAA",), alone=False)
    facts = {**facts_of(prices, terms), "refits": [refit.to_json()]}
    write_forecasts(tmp_path / "f.parquet", own_forecasts(prices, terms), facts)
    request = JudgeRequest(tmp_path / "f.parquet", save_prices(prices, tmp_path / "p.csv"))
    with pytest.raises(PriceDataError, match=r"damaged .*a fit knows .* and forecasts"):
        judge_forecasts(request)
