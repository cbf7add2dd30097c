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
from stockrnn.samples.trailing import earlier, rows_before, trailing_mean

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
# Rows of a ticker in which no return is bounded yet.
_UNBOUNDED_ROWS = 22
_MOST_PASSES = 50
# Fewer rows than this for each coefficient, and no regression is fitted.
_ROWS_A_COEFFICIENT = 5


def reference_column(prices: Prices) -> str:
    """Return the column of the newest price of a session: the close, or what there is instead."""
    return next(name for name in ("close", "open", "high", "low") if name in prices.columns)


def log_prices(prices: Prices, column: str) -> Floats:
    """Return the logarithms of a column, of shape (rows,); NaN where it holds no positive number."""
    values = prices[column].to_numpy(dtype=np.float64)
    usable = np.isfinite(values) & (values > 0)
    logs: Floats = np.log(values, out=np.full(len(values), np.nan), where=usable)
    return logs


def log_returns(prices: Prices) -> Floats:
    """Return the log return of each session on the one before, of shape (rows,); NaN in a ticker's first row."""
    logs = log_prices(prices, reference_column(prices))
    return logs - earlier(logs, rows_before(prices), 1)


def ewma_volatility(prices: Prices) -> Floats:
    """Return the square root of the exponentially weighted mean of squared returns through each session.

    Args:
        prices: The prices table.

    Returns:
        Of shape (rows,), above zero; NaN in a ticker's first row.

    Source: J.P. Morgan, RiskMetrics Technical Document (1996).
    """
    return returns_and_volatility(prices)[1]


def bounded_returns(prices: Prices) -> Floats:
    """Return the log returns, each bounded to eight volatilities of the sessions before it, of shape (rows,)."""
    return returns_and_volatility(prices)[0]


def returns_and_volatility(prices: Prices) -> tuple[Floats, Floats]:
    """Return the bounded returns and the volatility made of them, both of shape (rows,).

    A bound is a multiple of the volatility of the bounded returns before, so that a wrong price opens no door to the return on its way back.
    What is usual of a ticker is not known in its first month: nothing is bounded there.
    """
    raw, before = log_returns(prices), rows_before(prices)
    returns = raw
    # Pass k makes right what hangs on k bounds in a row; it ends when a pass changes nothing, mostly after two.
    for _ in range(_MOST_PASSES):
        volatility = np.sqrt(_ewma_variance(returns, prices))
        bound = _MOST_VOLATILITIES * earlier(volatility, before, 1)
        bound = np.where(np.isfinite(bound) & (before > _UNBOUNDED_ROWS), bound, np.inf)
        bounded = np.clip(raw, -bound, bound)
        if np.array_equal(bounded, returns, equal_nan=True):
            return returns, volatility
        returns = bounded
    return returns, np.sqrt(_ewma_variance(returns, prices))


def _ewma_variance(returns: Floats, prices: Prices) -> Floats:
    known = np.isfinite(returns)
    mean = _by_ticker(returns**2, prices).ewm(alpha=1 - _DECAY).mean().to_numpy()
    sums, counts = (
        _by_ticker(values, prices).cumsum().to_numpy() for values in (np.where(known, returns, 0.0) ** 2, known * 1.0)
    )
    usual = sums / np.maximum(counts, 1)
    return cast("Floats", np.maximum(mean, np.maximum(_FLOOR_SHARE**2 * usual, _FLOOR**2)))


def squared_moves(prices: Prices) -> Floats:
    """Return an estimate of each session's variance, of shape (rows,): the gap's square and Parkinson's of the range.

    Without a high and a low it is the squared return. Bounded by the volatility of the sessions through it, on both sides.

    Source: Parkinson, "The extreme value method for estimating the variance of the rate of return" (1980).
    """
    return _squared_moves(prices, *returns_and_volatility(prices))


def _squared_moves(prices: Prices, returns: Floats, volatility: Floats) -> Floats:
    usual = volatility**2
    moves = returns**2
    if {"open", "high", "low", "close"} <= set(prices.columns):
        opens, highs, lows, closes = (log_prices(prices, name) for name in ("open", "high", "low", "close"))
        gaps = opens - earlier(closes, rows_before(prices), 1)
        moves = np.where(np.isfinite(gaps), gaps, 0.0) ** 2 + (highs - lows) ** 2 / (4 * np.log(2))
    moves = np.where(np.isfinite(moves), moves, usual)
    return cast("Floats", np.clip(moves, _LEAST_SHARE * usual, _MOST_VOLATILITIES**2 * usual))


def trailing_means(values: Floats, prices: Prices, sessions: int) -> Floats:
    """Return the mean of the last so many rows of each ticker (fewer at its start), of shape (rows,)."""
    return trailing_mean(values, rows_before(prices), sessions)


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
            coefficients = _fitted(regressors[usable], wanted[usable])
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


def _fitted(regressors: Floats, wanted: Floats) -> tuple[float, ...]:
    """Return the coefficients of least squares; of too few rows, those that leave the volatility of the past as it is."""
    if len(wanted) < _ROWS_A_COEFFICIENT * regressors.shape[1]:
        return tuple(float(position == len(_SPANS)) for position in range(regressors.shape[1]))
    return tuple(map(float, np.linalg.lstsq(regressors, wanted, rcond=None)[0]))


def _regressors(prices: Prices) -> Floats:
    """Return what the regression reads of each row: logs of mean squared moves and of the volatility, the day's fall and rise, one."""
    returns, usual = returns_and_volatility(prices)
    moves = _squared_moves(prices, returns, usual)
    # A session without a usable price neither fell nor rose.
    fall = -np.where(np.isfinite(returns), returns, 0.0) / usual
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
    # By the codes: with thousands of tickers, grouping by their names takes longer than the sums.
    return pd.Series(values).groupby(cast("pd.MultiIndex", prices.index).codes[0], sort=False)
