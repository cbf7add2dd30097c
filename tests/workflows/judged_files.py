"""Files of forecasts and of prices to be judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from stockrnn.evaluation.terms import Terms
from stockrnn.forecasts.foreign.layouts import ForeignOptions
from stockrnn.forecasts.table import Forecast, Forecasts, tabulate
from stockrnn.prices.table import Prices, prices_digest, sessions_of, tickers_of
from stockrnn.samples.samples import origins_for
from stockrnn.workflows.evaluate import naive_forecasts
from stockrnn.workflows.judge import Judged, JudgeRequest, judge_forecasts


def save_prices(prices: Prices, path: Path) -> str:
    prices.reset_index().rename(columns={"session": "date"}).to_csv(path, index=False)
    return str(path)


def judge_file(table: pd.DataFrame, prices: Prices, folder: Path, train=None, **options) -> Judged:
    table.to_csv(folder / "f.csv", index=False)
    request = JudgeRequest(
        folder / "f.csv", save_prices(prices, folder / "p.csv"), train, options=ForeignOptions(**options)
    )
    return judge_forecasts(request)


def terms_of(prices: Prices, horizon: int = 1, target: str = "open", **more) -> Terms:
    days = sessions_of(prices)
    return replace(Terms(target, horizon, (days[0], days[59])), **more)


def own_forecasts(prices: Prices, terms: Terms, seed: int = 0) -> Forecasts:
    """Return the table of a run: a network that is wrong at random, and the naive ones."""
    origins = origins_for(prices, (sessions_of(prices)[60], sessions_of(prices)[-1]), 1, terms.horizon, None)
    noise = np.random.default_rng(seed).standard_normal((len(origins), terms.horizon))
    values = prices[terms.target].to_numpy()[origins][:, None] * np.exp(0.02 * noise)
    network = tabulate(Forecast("network", values), prices, origins, terms.target)
    return pd.concat([network, naive_forecasts(prices, origins, terms)], ignore_index=True)


def facts_of(prices: Prices, terms: Terms) -> dict:
    days = sessions_of(prices)
    identity = {
        "tickers": tickers_of(prices),
        "adjust": "none",
        "first": f"{days[0]:%Y-%m-%d}",
        "last": f"{days[-1]:%Y-%m-%d}",
        "sha256": prices_digest(prices),
    }
    return {"terms": terms.to_json(), "prices": identity}
