"""How far a price moves in a session: a volatility known at the close, and anchors that forecast the next session's.

All in log returns a session: 0.01 is one per cent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockrnn.prices.table import Prices

Floats = npt.NDArray[np.float64]

# RiskMetrics' decay of daily data. Source: J.P. Morgan, RiskMetrics Technical Document (1996), section 5.3.
_DECAY = 0.94
# Sessions over which Corsi's cascade takes its means: a day, a week, a month, a quarter.
_SPANS = (1, 5, 22, 66)
# No volatility is below this share of the ticker's own past mean, or below a thousandth of a per cent.
_FLOOR_SHARE, _FLOOR = 0.1, 1e-5
# A session that stood still keeps this share of the usual variance: zero has no logarithm.
_LEAST_SHARE = 0.05
# Returns of more than so many volatilities of the days before count as so many: wrong prices must not blind a month.
_MOST_VOLATILITIES = 8.0
# The same for what the scale is taken from.
_MOST_RATIO = 6.0


def reference_column(prices: Prices) -> str:
    """Return the column of the newest price of a session: the close, or what there is instead."""
    return next(name for name in ("close", "open", "high", "low") if name in prices.columns)


def log_returns(prices: Prices) -> Floats:
    """Return the log return of each session on the one before, of shape (rows,); NaN in a ticker's first row."""
    logs = np.log(prices[reference_column(prices)].to_numpy())
    return cast("Floats", _by_ticker(logs, prices).diff().to_numpy())


def ewma_volatility(prices: Prices) -> Floats:
    """Return the square root of the exponentially weighted mean of squared returns through each session.

    Args:
        prices: The prices table.

    Returns:
        Of shape (rows,), above zero; NaN in a ticker's first row.

    Source: J.P. Morgan, RiskMetrics Technical Document (1996).
    """
    return cast("Floats", np.sqrt(_ewma_variance(bounded_returns(prices), prices)))


def bounded_returns(prices: Prices) -> Floats:
    """Return the log returns, each bounded to eight volatilities of the sessions before it, of shape (rows,)."""
    returns = log_returns(prices)
    before = _by_ticker(np.sqrt(_ewma_variance(returns, prices)), prices).shift(1).to_numpy()
    bound = np.where(np.isfinite(before), _MOST_VOLATILITIES * before, np.inf)
    return cast("Floats", np.clip(returns, -bound, bound))


def _ewma_variance(returns: Floats, prices: Prices) -> Floats:
    squares = _by_ticker(returns**2, prices)
    mean, usual = squares.ewm(alpha=1 - _DECAY).mean().to_numpy(), _by_ticker(returns**2, prices).expanding().mean()
    return cast("Floats", np.maximum(mean, np.maximum(_FLOOR_SHARE**2 * usual.to_numpy(), _FLOOR**2)))


def squared_moves(prices: Prices) -> Floats:
    """Return an estimate of each session's variance, of shape (rows,): the gap's square and Parkinson's of the range.

    Without a high and a low it is the squared return. Bounded by the volatility of the sessions through it, on both sides.

    Source: Parkinson, "The extreme value method for estimating the variance of the rate of return" (1980).
    """
    returns = bounded_returns(prices)
    usual = _ewma_variance(returns, prices)
    moves = returns**2
    if {"open", "high", "low", "close"} <= set(prices.columns):
        # A quote of zero is wrong, but nothing that the network reads: its session counts as a usual one.
        quotes = prices[["open", "high", "low"]].where(prices[["open", "high", "low"]] > 0).to_numpy()
        opens, highs, lows = np.log(quotes).T
        gaps = opens - _by_ticker(np.log(prices["close"].to_numpy()), prices).shift(1).to_numpy()
        moves = np.where(np.isfinite(gaps), gaps, 0.0) ** 2 + (highs - lows) ** 2 / (4 * np.log(2))
    moves = np.where(np.isfinite(moves), moves, usual)
    return cast("Floats", np.clip(moves, _LEAST_SHARE * usual, _MOST_VOLATILITIES**2 * usual))


def trailing_means(values: Floats, prices: Prices, sessions: int) -> Floats:
    """Return the mean of the last so many rows of each ticker (fewer at its start), of shape (rows,)."""
    return cast("Floats", _by_ticker(values, prices).rolling(sessions, min_periods=1).mean().to_numpy())


@dataclass(frozen=True)
class Anchor:
    """A forecast of the next session's volatility, fitted on training rows.

    Attributes:
        kind: `ewma`, the volatility of the past as it is, or `har`, a regression on past ranges.
        coefficients: Of the regression; empty for `ewma`.
        scale: Brings the mean square of return / volatility to 1 on the training rows.
    """

    kind: Literal["ewma", "har"]
    coefficients: tuple[float, ...]
    scale: float

    @classmethod
    def fit(cls, prices: Prices, kind: Literal["ewma", "har"], part: tuple[pd.Timestamp, pd.Timestamp]) -> Anchor:
        """Fit an anchor to all tickers together.

        Args:
            prices: The prices table.
            kind: Which anchor.
            part: First and last session whose moves are learnt from; nothing after the last is read.

        Source: Corsi, "A Simple Approximate Long-Memory Model of Realized Volatility" (2009), here on log
            squared moves, with the day's fall (Corsi and Reno 2012) and the RiskMetrics volatility beside them.
        """
        known = prices[prices.index.get_level_values("session") <= part[1]]
        learnt = _next_sessions_within(known, part)
        coefficients: tuple[float, ...] = ()
        if kind == "har":
            regressors, wanted = _regressors(known), _next_rows(np.log(squared_moves(known)), known)
            usable = learnt & np.isfinite(regressors).all(axis=1) & np.isfinite(wanted)
            solution = np.linalg.lstsq(regressors[usable], wanted[usable], rcond=None)[0]
            coefficients = tuple(map(float, solution))
        ratios = _next_rows(log_returns(known), known) / cls(kind, coefficients, 1.0).apply(known)
        ratios = np.clip(ratios[learnt & np.isfinite(ratios)], -_MOST_RATIO, _MOST_RATIO)
        return cls(kind, coefficients, float(np.sqrt(np.mean(ratios**2))) or 1.0 if len(ratios) else 1.0)

    def apply(self, prices: Prices) -> Floats:
        """Return the volatility expected of the session after each row, of shape (rows,); NaN in a ticker's first row."""
        usual = ewma_volatility(prices)
        if self.kind == "ewma":
            return self.scale * usual
        logs = _regressors(prices) @ np.array(self.coefficients)
        # A regression may go astray on rows unlike those it was fitted on; the range of the past bounds it.
        bounded = np.clip(np.exp(logs / 2), usual / 8, usual * 8)
        return cast("Floats", self.scale * bounded)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**asdict(self), "coefficients": list(self.coefficients)}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Anchor:
        """Make an anchor of what `to_json` gave."""
        return cls(document["kind"], tuple(document["coefficients"]), float(document["scale"]))


def _regressors(prices: Prices) -> Floats:
    """Return what the regression reads of each row: logs of mean squared moves and of the volatility, the day's fall and rise, one."""
    moves, usual = squared_moves(prices), ewma_volatility(prices)
    fall = -bounded_returns(prices) / usual
    columns: Sequence[Floats] = [
        *(np.log(trailing_means(moves, prices, span)) for span in _SPANS),
        2 * np.log(usual),
        np.clip(fall, 0, 6),
        np.clip(-fall, 0, 6),
        np.ones(len(prices)),
    ]
    return np.column_stack(columns)


def _next_rows(values: Floats, prices: Prices) -> Floats:
    """Return the value of the ticker's next row, of shape (rows,); NaN in its last."""
    return cast("Floats", _by_ticker(values, prices).shift(-1).to_numpy())


def _next_sessions_within(prices: Prices, part: tuple[pd.Timestamp, pd.Timestamp]) -> npt.NDArray[np.bool_]:
    """Say of each row whether the session after it lies in a part that ends where the prices do."""
    sessions = prices.index.get_level_values("session")
    inside = _next_rows((sessions >= part[0]).astype(np.float64), prices)
    return cast("npt.NDArray[np.bool_]", inside == 1)


def _by_ticker(values: Floats, prices: Prices) -> Any:
    return pd.Series(values, index=prices.index).groupby(level="ticker", sort=False)
