"""Raw bars and their events turned into one consistent adjustment."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stockrnn.errors import PriceDataError
from stockrnn.prices.table import COLUMNS, PRICE_COLUMNS
from stockrnn.prices.yahoo.bars import days_of, has_prices

FetchAdjustment = Literal["splits", "all", "none"]

EXPLAINED = {
    "splits": "open, high, low, close and volume adjusted for the splits known when fetched, not for dividends",
    "all": "open, high, low and close adjusted for splits, and for the dividends up to the last session",
    "none": "as traded on the day: adjusted neither for splits nor for dividends",
}


def adjusted(bars: pd.DataFrame, adjustment: FetchAdjustment, ticker: str = "prices") -> pd.DataFrame:
    """Adjust bars in one way for all columns, and leave out the rows without prices.

    The last session keeps its price under `splits` and `all`: only dividends between the first and the last session
    count, so that the result does not depend on what happened later.

    Args:
        bars: Raw bars, sorted.
        adjustment: `splits` leaves the quotes as they are, `all` takes dividends out too, `none` undoes the splits;
            for `none` the bars have to reach to the last split that the quotes are adjusted for.
        ticker: Whose bars they are, for error messages.

    Returns:
        Frame with index `session` and columns `open high low close volume`, float64.

    Raises:
        PriceDataError: A dividend that is not smaller than the price before it.
    """
    prices = bars[list(COLUMNS)].astype("float64")
    if adjustment == "all":
        factors = dividend_factors(bars["close"], bars["dividend"], ticker)
        prices[list(PRICE_COLUMNS)] = prices[list(PRICE_COLUMNS)].mul(factors, axis=0)
    elif adjustment == "none":
        ratios = split_ratios(bars["split"])
        prices[list(PRICE_COLUMNS)] = prices[list(PRICE_COLUMNS)].mul(ratios, axis=0)
        prices["volume"] = prices["volume"].div(ratios)
    return prices[has_prices(bars)]


def split_ratios(splits: pd.Series[float]) -> NDArray[np.float64]:
    """Return by what each session's split-adjusted price is multiplied to get the price of that day.

    Args:
        splits: Shares after for one share before, on the first day that trades after the split; 1 on other days.

    Returns:
        For each row the product of the splits after its day, (rows,).
    """
    by_day = splits.groupby(days_of(splits)).prod()
    later = by_day[::-1].cumprod()[::-1].shift(-1, fill_value=1.0)
    return _per_row(later, splits)


def dividend_factors(close: pd.Series[float], dividends: pd.Series[float], ticker: str) -> NDArray[np.float64]:
    """Return by what each session's price is multiplied to take the later dividends out of it.

    A dividend D paid to holders before the ex-date multiplies every earlier price by 1 - D / C, where C is the last
    close before the ex-date. Dividends after the last price count for nothing.

    Args:
        close: Split-adjusted closing prices, NaN on days without prices.
        dividends: Dividend in the same units on its ex-date, 0 on other days.
        ticker: Whose prices they are, for error messages.

    Raises:
        PriceDataError: A dividend that is not smaller than the close before it.

    Source: CRSP, "CRSP Data Definitions: factor to adjust price" (cash distributions); the same as Yahoo's Adj Close.
    """
    days = days_of(close)
    last_close = close.groupby(days).last().ffill()
    paid = dividends.groupby(days).sum()
    priced = close.dropna()
    paid = paid.where(paid.index <= (days_of(priced)[-1] if len(priced) else pd.Timestamp.min), 0.0)
    factor = 1.0 - paid / last_close.shift(1)
    factor = factor.where((paid != 0) & factor.notna(), 1.0)
    wrong = factor[factor <= 0]
    if len(wrong):
        day = wrong.index[0]
        raise PriceDataError(
            f"{ticker}: the dividend of {paid[day]:g} on {day:%Y-%m-%d} is not smaller than the close before it, "
            f"{last_close.shift(1)[day]:g} (another currency?); use --adjust splits"
        )
    later = factor[::-1].cumprod()[::-1].shift(-1, fill_value=1.0)
    return _per_row(later, close)


def _per_row(by_day: pd.Series[float], rows: pd.Series[float]) -> NDArray[np.float64]:
    return np.asarray(by_day.reindex(days_of(rows)), dtype="float64")
