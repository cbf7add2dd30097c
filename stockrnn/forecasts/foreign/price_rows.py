"""The rows of the prices that foreign forecasts belong to: by ticker, session and origin."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockrnn.errors import PriceDataError
from stockrnn.forecasts.foreign.headers import listed
from stockrnn.prices.table import Prices, row_spans

Rows = npt.NDArray[np.int64]


def named_as_prices(named: pd.Series, prices: Prices, source: str, asked: str | None) -> pd.Series:
    """Return the prices' names of the tickers, None where the prices have none or another one was asked for."""
    known = {ticker.casefold(): ticker for ticker in row_spans(prices)}
    if asked is not None and asked.casefold() not in known:
        raise PriceDataError(f"--ticker {asked}: the prices are of {listed(known.values())}")
    only = known[asked.casefold()] if asked is not None else next(iter(known.values())) if len(known) == 1 else None
    if named.isna().all():
        if only is None:
            raise PriceDataError(
                f"{source}: names no ticker, and the prices are of {len(known)}: {listed(known.values())}; "
                "say which with --ticker"
            )
        return pd.Series(only, index=named.index)
    matched = named.str.casefold().map(known)
    if only is None:
        return matched
    if len(named.unique()) == 1 and matched.isna().all():
        # One ticker in both: whatever each calls it.
        return pd.Series(only, index=named.index)
    return matched.where(matched == only)


def rows_on(
    tickers: pd.Series, dates: pd.Series, spans: dict[str, slice], days: npt.NDArray[np.datetime64], exactly: bool
) -> Rows:
    """Return the row of each date in the prices, or of the last session until then; -1 where there is none."""
    wanted = dates.to_numpy().astype("datetime64[us]")
    found = np.full(len(wanted), -1, dtype=np.int64)
    codes, names = pd.factorize(tickers)
    for code, name in enumerate(names):
        mine, rows = codes == code, spans[str(name)]
        places = np.searchsorted(days[rows], wanted[mine], side="right") - 1
        right = places >= 0
        if exactly:
            right &= days[rows][np.maximum(places, 0)] == wanted[mine]
        found[mine] = np.where(right & ~np.isnat(wanted[mine]), rows.start + places, -1)
    return found


def origin_rows(
    rows: pd.DataFrame, spans: dict[str, slice], days: npt.NDArray[np.datetime64], horizon: int | None
) -> tuple[Rows, int]:
    """Return the row of each origin (-1: before the first price), and for how many nothing but the horizon told it."""
    origin = rows_on(rows["ticker"], rows["origin"], spans, days, exactly=False)
    silent = rows["origin"].isna().to_numpy()
    ahead = rows["horizon"].to_numpy(dtype=np.float64)
    guessed = silent & ~(ahead >= 1)
    steps = np.where(guessed, horizon or 1, ahead)
    first = rows["ticker"].map({name: span.start for name, span in spans.items()}).to_numpy(dtype=np.int64)
    back = rows["session_row"].to_numpy() - np.where(silent, steps, 0).astype(np.int64)
    return np.where(silent, np.where(back >= first, back, -1), origin), int(guessed.sum())
