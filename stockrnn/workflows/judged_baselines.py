"""Our naive forecasters and bands beside forecasts that are judged, at the same origins and for the same sessions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from stockrnn.arrays import Positions
from stockrnn.evaluation.refits import Refit
from stockrnn.evaluation.terms import Terms
from stockrnn.forecasts.table import Forecasts
from stockrnn.prices.table import Prices
from stockrnn.samples.folds import only_tickers
from stockrnn.workflows.evaluate import naive_forecasts


def naive_beside(prices: Prices, forecasts: Forecasts, terms: Terms, refits: Sequence[Refit] = ()) -> Forecasts:
    """Return the rows of our forecasters for the origins and sessions of a forecasts table, in the order of a run's.

    Args:
        prices: The prices table.
        forecasts: The forecasts that are judged.
        terms: What they are judged by; bands are fitted to its training years.
        refits: Of a backtest, whose bands are fitted anew with its networks; none otherwise.
    """
    keys = ["ticker", "origin", "horizon"]
    asked = forecasts[keys].drop_duplicates()
    reach = asked.groupby(["ticker", "origin"], sort=False, observed=True)["horizon"].max().reset_index()
    parts = [
        naive_forecasts(
            known, np.sort(_rows_of(known, mine[mine["horizon"] == ahead])), replace(fitted, horizon=int(ahead))
        )
        for known, mine, fitted in _fits(prices, reach, terms, refits)
        for ahead in np.sort(mine["horizon"].unique())
    ]
    joined = pd.concat(parts, ignore_index=True).merge(asked, on=keys)
    names = {name: place for place, name in enumerate(parts[0]["forecaster"].unique())}
    order = joined.assign(order=joined["forecaster"].map(names), row=_rows_of(prices, joined))
    return joined.loc[order.sort_values(["order", "row", "horizon"], kind="stable").index]


def _fits(
    prices: Prices, origins: pd.DataFrame, terms: Terms, refits: Sequence[Refit]
) -> Iterator[tuple[Prices, pd.DataFrame, Terms]]:
    """Give each fit of bands: the prices that it sees, the origins that are its own, and the terms with its years."""
    following = prices.index.get_level_values("session").to_numpy()[_rows_of(prices, origins) + 1]
    left = np.ones(len(origins), dtype=bool)
    for refit in refits:
        inside = (following >= refit.test[0].to_datetime64()) & (following <= refit.test[1].to_datetime64())
        for pool in refit.pools():
            mine = left & inside & origins["ticker"].isin(pool).to_numpy()
            if mine.any():
                left &= ~mine
                yield only_tickers(prices, pool), origins[mine], replace(terms, train=refit.train)
    if left.any():
        yield prices, origins[left], terms


def _rows_of(prices: Prices, origins: pd.DataFrame) -> Positions:
    rows: Positions = prices.index.get_indexer(pd.MultiIndex.from_frame(origins[["ticker", "origin"]])).astype(np.int64)
    return rows
