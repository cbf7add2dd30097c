"""Prices that are what they were up to a day, and anything after it: what reads no future cannot tell them apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stockrnn.prices.table import PRICE_COLUMNS, Prices, row_spans

# A session's prices move together by far more than any year's; one beside the other by a few per cent.
_OF_A_SESSION, _OF_A_COLUMN = 0.5, 0.03
# Every second draw lifts all prices over what was known, and the others press them under it: no maximum or minimum stays.
_SHIFT = 2.0


def altered_after(prices: Prices, cutoff: pd.Timestamp, draw: int) -> Prices:
    """Multiply every price and volume after a session by random factors; the days stay, and prices stay positive.

    Args:
        prices: The prices table.
        cutoff: The last session that keeps its prices.
        draw: Seeds the factors.

    Returns:
        A new table of the same index and columns; high and low still hold open and close between them.
    """
    random = np.random.default_rng(draw)
    later = np.asarray(prices.index.get_level_values("session") > cutoff)
    altered, count = prices.copy(), int(later.sum())
    of_session = _OF_A_SESSION * random.standard_normal(count) + (_SHIFT if draw % 2 else -_SHIFT)
    for column in prices.columns:
        factors = np.exp(of_session + _OF_A_COLUMN * random.standard_normal(count))
        altered.loc[later, column] = prices.loc[later, column].to_numpy() * factors
    inner = altered.loc[later, [name for name in PRICE_COLUMNS if name in prices.columns]]
    for column, extreme in (("high", inner.max(axis=1)), ("low", inner.min(axis=1))):
        if column in inner.columns:
            # What was not known stays so.
            altered.loc[later, column] = extreme.where(inner[column].notna())
    return altered


def ended_after(prices: Prices, cutoff: pd.Timestamp, draw: int) -> Prices:
    """Let each ticker end on a session or some sessions after it, as one does whose trading stops.

    The first ticker that has begun and every second one after it end on the session itself. What is left stays as it
    is, and a ticker that has not begun yet keeps a session.

    Args:
        prices: The prices table.
        cutoff: A session before which nothing ends.
        draw: Seeds how many sessions of the others follow.

    Returns:
        A new table of fewer rows.
    """
    random, sessions = np.random.default_rng(draw), prices.index.get_level_values("session")
    stays = np.ones(len(prices), dtype=bool)
    at_once = True
    for rows in row_spans(prices).values():
        later = rows.start + int(sessions[rows].searchsorted(cutoff, side="right"))
        if later == rows.stop:
            continue
        if at_once and later > rows.start:
            stays[later : rows.stop] = False
        elif rows.stop - later > 1:
            stays[later + int(random.integers(1, rows.stop - later)) : rows.stop] = False
        at_once = not at_once or later == rows.start
    return prices[stays]
