"""Walk-forward: the test sessions in folds, each forecast by what was fitted on the sessions before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from stockrnn.arrays import Positions
from stockrnn.config_sections import DataConfig
from stockrnn.prices.table import Prices, row_spans, tickers_of
from stockrnn.samples.samples import origins_for
from stockrnn.samples.splits import Split, split_at_border


@dataclass(frozen=True)
class WalkForward:
    """How to walk through the test sessions.

    Attributes:
        refit_every: Sessions between two fits.
        rolling: Sessions that a fit knows, the newest ones; None knows all since the training years began.
        every: Forecasts are made for every so many-th session.
    """

    refit_every: int = 63
    rolling: int | None = None
    every: int = 1


@dataclass(frozen=True)
class Fold:
    """The sessions of one fit and of the forecasts that it makes.

    Attributes:
        number: From 1.
        split: What is fitted, what is watched, and the sessions until the next fit.
        sessions: Those of them that are forecast one session ahead.
        until: The last session that may be forecast any number of sessions ahead.
    """

    number: int
    split: Split
    sessions: tuple[pd.Timestamp, ...]
    until: pd.Timestamp

    def to_json(self) -> dict[str, Any]:
        """Return the fold as JSON values."""
        sessions = [f"{day:%Y-%m-%d}" for day in self.sessions]
        return {
            "number": self.number,
            "split": self.split.to_json(),
            "sessions": sessions,
            "until": f"{self.until:%Y-%m-%d}",
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Fold:
        """Make a fold of what `to_json` gave."""
        return cls(
            document["number"],
            Split.from_json(document["split"]),
            tuple(map(pd.Timestamp, document["sessions"])),
            pd.Timestamp(document["until"]),
        )


def walk_forward_folds(
    sessions: pd.DatetimeIndex, split: Split, data: DataConfig, plan: WalkForward, window: tuple[int, int]
) -> list[Fold]:
    """Cut the test sessions into folds; each is trained on the sessions before it.

    Args:
        sessions: Sorted sessions of the prices.
        split: Where the training years begin, and which sessions are tested.
        data: The share for validation, at the end of the sessions that a fold is trained on.
        plan: How to walk.
        window: Lookback and horizon.

    Raises:
        PriceDataError: A fold has too few sessions to train on.
    """
    lookback, horizon = window
    first = int(sessions.searchsorted(split.test[0]))
    stop = int(sessions.searchsorted(split.test[1], side="right"))
    begin = int(sessions.searchsorted(split.train[0]))
    folds = []
    for number, start in enumerate(range(first, stop, plan.refit_every), start=1):
        end = min(start + plan.refit_every, stop)
        # All sessions ahead lie within the test sessions, as in a test without refits.
        asked = [place for place in range(start, min(end, stop - horizon + 1)) if (place - first) % plan.every == 0]
        if not asked:
            continue
        known = sessions[max(begin, start - plan.rolling) if plan.rolling else begin : start]
        fitted = split_at_border(known, sessions[start:end], data, lookback + horizon)
        folds.append(Fold(number, fitted, tuple(sessions[asked]), sessions[stop - 1]))
    return folds


def fold_origins(prices: Prices, fold: Fold, lookback: int, horizon: int) -> Positions:
    """Return the rows of a fold's origins: the session after each is one of the fold's.

    Args:
        prices: The prices table.
        fold: The fold.
        lookback: Sessions in a window.
        horizon: Sessions after the origin that are targets.
    """
    origins = origins_for(prices, (fold.split.test[0], fold.until), lookback, horizon, read_from=None)
    following = pd.DatetimeIndex(prices.index.get_level_values("session"))[origins + 1]
    return origins[following.isin(pd.DatetimeIndex(fold.sessions))]


def fold_tickers(prices: Prices, fold: Fold, window: tuple[int, int], needed: int) -> list[str]:
    """Return the tickers that a fold is trained on, whether or not they go on trading: no refit can know that.

    Args:
        prices: The prices table.
        fold: The fold.
        window: Lookback and horizon.
        needed: How many sessions a ticker needs among those that are fitted. With 0 each is there that has a session up
            to the end of training, and those that begin later but are forecast in the fold.
    """
    days = prices.index.get_level_values("session")
    if needed:
        fitted = (days >= fold.split.fit[0]) & (days <= fold.split.fit[1])
        return [ticker for ticker, rows in row_spans(prices).items() if fitted[rows].sum() >= needed]
    known, ahead = days <= fold.split.train[1], set(forecast_tickers(prices, fold, window))
    return [ticker for ticker, rows in row_spans(prices).items() if known[rows].any() or ticker in ahead]


def forecast_tickers(prices: Prices, fold: Fold, window: tuple[int, int]) -> list[str]:
    """Return the tickers that have something to forecast in a fold.

    Args:
        prices: The prices table.
        fold: The fold.
        window: Lookback and horizon.
    """
    return tickers_of(prices.iloc[fold_origins(prices, fold, *window)])


def only_tickers(prices: Prices, tickers: Sequence[str]) -> Prices:
    """Return the rows of some tickers."""
    return prices[prices.index.get_level_values("ticker").isin(tickers)]
