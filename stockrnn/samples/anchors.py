"""Anchors: what is usual of the next session, forecast from the volatility of the past and fitted on training rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockrnn.arrays import Floats
from stockrnn.prices.table import Prices, tickers_of
from stockrnn.samples.features import available_features, feature_table
from stockrnn.samples.remembered import remembered
from stockrnn.samples.splits import Part
from stockrnn.samples.volatility import (
    ewma_volatility,
    log_returns,
    moves_from,
    never_moved,
    returns_and_volatility,
    squared_moves,
    trailing_means,
)

Kind = Literal["ewma", "har", "har_x"]

# Sessions over which Corsi's cascade takes its means: a day, a week, a month, a quarter.
_SPANS = (1, 5, 22, 66)
# Spans whose mean absolute moves `har_x` reads beside their mean squares: one wild day weighs less in them.
_ABSOLUTE_SPANS = (5, 22, 66)
# A return over its volatility counts as at most so many in what the scale is taken from.
_MOST_RATIO = 6.0
# Fewer rows than this for each coefficient, and no regression is fitted.
_ROWS_A_COEFFICIENT = 5
# What `har_x` reads besides, where the prices have it.
_FURTHER = (
    *("volume_22", "return_5", "intraday", "close_place"),
    *("season_63", "season_126", "season_252", "largest_move_29"),
    *("pool_move_1", "pool_move_5", "pool_move_22"),
)
_MOST_OF_A_FEATURE = 4.0
# As many rows' worth of doubt about what each of them adds: of a hundred tickers it is nothing, of one with three years it tells.
_DOUBT = {"har": 0.0, "har_x": 20.0}


@dataclass(frozen=True)
class Anchor:
    """A forecast of the next session's volatility, fitted on training rows.

    Attributes:
        kind: `ewma`, the volatility of the past as it is; `har`, a regression on past moves; `har_x`, one that reads
            absolute moves, volume, the day's course, the moves of a quarter to a year ago and those of all tickers too.
        coefficients: Of the regression; empty for `ewma`.
        scale: Brings the mean square of return / volatility to 1 on the training rows.
        features: Registered features that the regression reads.
    """

    kind: Kind
    coefficients: tuple[float, ...]
    scale: float
    features: tuple[str, ...] = ()

    @classmethod
    def fit(cls, prices: Prices, kind: Kind, part: Part) -> Anchor:
        """Fit an anchor to all tickers together.

        Args:
            prices: The prices table.
            kind: Which anchor.
            part: First and last session whose moves are learnt from; nothing after the last is read.

        Source: Corsi, "A Simple Approximate Long-Memory Model of Realized Volatility" (2009), here on log
            squared moves, with the day's fall (Corsi and Reno 2012) and the RiskMetrics volatility beside them.
        """
        known = prices[prices.index.get_level_values("session") <= part[1]]
        learnt = _next_sessions_within(known, part) & ~never_moved(known)
        features: tuple[str, ...] = ()
        coefficients: tuple[float, ...] = ()
        if kind == "har_x":
            features = available_features(_FURTHER, known.columns, len(tickers_of(known)))[0]
        if kind != "ewma":
            regressors, wanted = _regressors(known, kind, features), _next_rows(np.log(squared_moves(known)), known)
            usable = learnt & np.isfinite(regressors).all(axis=1) & np.isfinite(wanted)
            coefficients = _fitted(regressors[usable], wanted[usable], _DOUBT[kind])
        ratios = _next_rows(log_returns(known), known) / cls(kind, coefficients, 1.0, features).apply(known)
        ratios = np.clip(ratios[learnt & np.isfinite(ratios)], -_MOST_RATIO, _MOST_RATIO)
        scale = float(np.sqrt(np.mean(ratios**2))) if len(ratios) else 1.0
        return cls(kind, coefficients, scale or 1.0, features)

    @remembered
    def apply(self, prices: Prices) -> Floats:
        """Return the volatility expected of the session after each row, of shape (rows,); NaN in a ticker's first row."""
        usual = ewma_volatility(prices)
        if self.kind == "ewma":
            return self.scale * usual
        # Summed column by column: a matrix product rounds a row's sum by how many rows there are.
        logs = np.zeros(len(prices))
        for coefficient, column in zip(self.coefficients, _regressors(prices, self.kind, self.features).T, strict=True):
            logs += coefficient * column
        # A regression may go astray on rows unlike those it was fitted on; the range of the past bounds it.
        bounded = np.clip(np.exp(logs / 2), usual / 8, usual * 8)
        return self.scale * bounded

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**asdict(self), "coefficients": list(self.coefficients), "features": list(self.features)}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Anchor:
        """Make an anchor of what `to_json` gave."""
        coefficients, features = tuple(document["coefficients"]), tuple(document["features"])
        return cls(document["kind"], coefficients, float(document["scale"]), features)


def _fitted(regressors: Floats, wanted: Floats, doubt: float) -> tuple[float, ...]:
    """Return coefficients of least squares that doubt draws towards those that leave the volatility of the past as it is.

    Of too few rows, it is those.

    Args:
        regressors: Of shape (rows, columns).
        wanted: Logs of squared moves, of shape (rows,).
        doubt: What the square of a standardised coefficient costs, in squared misses of a row; 0 is plain least squares.

    Source: Hoerl and Kennard, "Ridge Regression: Biased Estimation for Nonorthogonal Problems" (1970).
    """
    from threadpoolctl import threadpool_limits

    as_it_is = np.eye(regressors.shape[1])[len(_SPANS)]
    if len(wanted) < _ROWS_A_COEFFICIENT * regressors.shape[1]:
        return tuple(map(float, as_it_is))
    missed = wanted - regressors[:, len(_SPANS)]
    # Rows of their own ask for coefficients of zero; the constant, which does not vary, is free.
    asked = np.diag(np.sqrt(doubt) * regressors.std(axis=0))
    rows, misses = np.vstack([regressors, asked]), np.append(missed, np.zeros(len(asked)))
    # Sums are rounded by how many threads share them, and an anchor is to be the same on any number of cores.
    with threadpool_limits(1):
        return tuple(map(float, as_it_is + np.linalg.lstsq(rows, misses, rcond=None)[0]))


def _regressors(prices: Prices, kind: Kind, features: Sequence[str]) -> Floats:
    """Return what the regression reads of each row: logs of mean squared moves and of the volatility, the day's fall and rise, one.

    After them, for `har_x`, logs of mean absolute moves and the features.

    Source: Forsberg and Ghysels, "Why Do Absolute Returns Predict Volatility So Well?" (2007).
    """
    returns, usual = returns_and_volatility(prices)
    moves = moves_from(prices, returns, usual)
    # A session without a usable price neither fell nor rose.
    fall = -np.where(np.isfinite(returns), returns, 0.0) / usual
    columns = [
        *(np.log(trailing_means(moves, prices, span)) for span in _SPANS),
        2 * np.log(usual),
        np.clip(fall, 0, 6),
        np.clip(-fall, 0, 6),
        np.ones(len(prices)),
    ]
    if kind == "har_x":
        columns += [np.log(trailing_means(np.sqrt(moves), prices, span)) for span in _ABSOLUTE_SPANS]
        further = np.clip(np.nan_to_num(feature_table(prices, features)), -_MOST_OF_A_FEATURE, _MOST_OF_A_FEATURE)
        columns += list(further.T)
    return np.column_stack(columns)


def _next_rows(values: Floats, prices: Prices) -> Floats:
    """Return the value of the ticker's next row, of shape (rows,); NaN in its last."""
    codes = cast("pd.MultiIndex", prices.index).codes[0]
    return cast("Floats", pd.Series(values).groupby(codes, sort=False).shift(-1).to_numpy())


def _next_sessions_within(prices: Prices, part: Part) -> npt.NDArray[np.bool_]:
    """Say of each row whether the session after it lies in a part that ends where the prices do."""
    sessions = prices.index.get_level_values("session")
    inside = _next_rows((sessions >= part[0]).astype(np.float64), prices)
    return cast("npt.NDArray[np.bool_]", inside == 1)
