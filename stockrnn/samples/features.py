"""Features: what is known of a ticker at the close of a session, as dimensionless numbers.

Row t reads rows <= t of its own ticker, and, where the name begins with `pool`, rows of the same session of the others. NaN where not known.
In the formulas O, H, L, C, V are the prices and the volume of the session, C' the close before, r the log return, bounded to eight volatilities
of the sessions before, and s the EWMA volatility through the session. Without a close, C is the newest price there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from stockrnn.arrays import Floats
from stockrnn.prices.table import Prices
from stockrnn.samples.announcements import RECENT_ROWS, SEASONS, largest_recent_move, season
from stockrnn.samples.measures import Measures

# A move of more volatilities than this counts as so many: a wrong price must not set the scale of a column.
_MOST_VOLATILITIES = 8.0
# The same for logarithms of a ratio.
_MOST_LOG_RATIO = 5.0
_SPANS = (1, 5, 22, 66)
_WEEKDAYS = {"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday"}

_RISKMETRICS = "J.P. Morgan, RiskMetrics Technical Document (1996)"
_PARKINSON = "Parkinson (1980); means as in Corsi (2009)"
_GARMAN_KLASS = "Garman and Klass (1980); means as in Corsi (2009)"


@dataclass(frozen=True)
class Feature:
    """A number for each session of each ticker.

    Attributes:
        name: As written in the config.
        formula: In the notation of this module's docstring.
        source: Paper or book.
        columns: The columns that it reads; empty when any price does.
        compute: Gives the values, of shape (rows,), NaN where not known.
        pooled: It is a mean over tickers, and says nothing new of a single one.
    """

    name: str
    formula: str
    source: str
    columns: tuple[str, ...]
    compute: Callable[[Measures], Floats]
    pooled: bool = False


def feature_table(prices: Prices, names: Sequence[str]) -> Floats:
    """Return the named features of each row, of shape (rows, len(names)), in the order of the names.

    Args:
        prices: The prices table.
        names: Names out of `FEATURES` whose columns the prices have: see `available_features`.
    """
    measures, table = Measures(prices), np.empty((len(prices), len(names)))
    for position, name in enumerate(names):
        values = FEATURES[name].compute(measures)
        table[:, position] = np.where(np.isfinite(values), values, np.nan)
    return table


def available_features(
    names: Iterable[str], columns: Iterable[str], tickers: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which of the named features prices can have, and which are left out.

    Args:
        names: Names out of `FEATURES`.
        columns: The columns of the prices.
        tickers: How many tickers there are; one alone has no pool.
    """
    names, there = tuple(names), set(columns)
    kept = tuple(
        name
        for name in names
        if there.issuperset(FEATURES[name].columns) and (tickers > 1 or not FEATURES[name].pooled)
    )
    return kept, tuple(name for name in names if name not in kept)


def _in_volatilities(measures: Measures, moves: Floats) -> Floats:
    return np.clip(moves / measures.volatility, -_MOST_VOLATILITIES, _MOST_VOLATILITIES)


def _log_ratio(above: Floats, below: Floats) -> Floats:
    ratio = np.divide(above, below, out=np.full(len(above), np.nan), where=(above > 0) & (below > 0))
    logs = np.log(ratio, out=np.full(len(ratio), np.nan), where=ratio > 0)
    return cast("Floats", np.clip(logs, -_MOST_LOG_RATIO, _MOST_LOG_RATIO))


def _gap(measures: Measures) -> Floats:
    return _in_volatilities(measures, measures.log("open") - measures.earlier(measures.log("close")))


def _intraday(measures: Measures) -> Floats:
    return _in_volatilities(measures, measures.log("close") - measures.log("open"))


def _return_1(measures: Measures) -> Floats:
    return _in_volatilities(measures, measures.returns)


def _absolute_return(measures: Measures) -> Floats:
    return np.abs(_return_1(measures))


def _negative_return(measures: Measures) -> Floats:
    return np.minimum(_return_1(measures), 0.0)


def _return_5(measures: Measures) -> Floats:
    return _in_volatilities(measures, (measures.logs - measures.earlier(measures.logs, 5)) / np.sqrt(5))


def _relative_range(variances: Callable[[Measures], Floats], sessions: int) -> Callable[[Measures], Floats]:
    def compute(measures: Measures) -> Floats:
        return 0.5 * _log_ratio(measures.mean(variances(measures), sessions), measures.volatility**2)

    return compute


def _volatility_ratio(sessions: int) -> Callable[[Measures], Floats]:
    def compute(measures: Measures) -> Floats:
        return _log_ratio(measures.volatility, measures.mean(measures.volatility, sessions))

    return compute


def _volume_22(measures: Measures) -> Floats:
    volumes = measures.prices["volume"].to_numpy(dtype=np.float64)
    # Zero is how many sources write that they do not know it.
    known = np.where(np.isfinite(volumes) & (volumes > 0), volumes, np.nan)
    return _log_ratio(known, measures.mean(known, 22))


def _close_place(measures: Measures) -> Floats:
    highs, lows, closes = (measures.prices[name].to_numpy(dtype=np.float64) for name in ("high", "low", "close"))
    span = np.where(lows > 0, highs - lows, np.nan)
    places = np.divide(closes - lows, span, out=np.full(len(span), np.nan), where=span > 0) - 0.5
    still = (span == 0) & (closes > 0)
    return np.clip(np.where(still, 0.0, places), -0.5, 0.5)


def _weekday(number: int) -> Callable[[Measures], Floats]:
    def compute(measures: Measures) -> Floats:
        return cast("Floats", (measures.next_weekday == number).astype(np.float64))

    return compute


def _pooled(compute: Callable[[Measures], Floats]) -> Callable[[Measures], Floats]:
    def pool(measures: Measures) -> Floats:
        return measures.pool_mean(compute(measures))

    return pool


def _pool_move(sessions: int) -> Callable[[Measures], Floats]:
    def compute(measures: Measures) -> Floats:
        pool = measures.pool_mean(0.5 * _log_ratio(measures.moves, measures.volatility**2))
        return measures.mean(pool, sessions)

    return compute


def _moves() -> Iterator[Feature]:
    overnight = (
        "Hansen and Lunde, A Realized Variance for the Whole Day Based on Intermittent High-Frequency Data (2005)"
    )
    memory = "Ding, Granger and Engle, A long memory property of stock market returns and a new model (1993)"
    yield Feature("gap", "(ln O - ln C') / s, at most ±8", overnight, ("open", "close"), _gap)
    yield Feature("intraday", "(ln C - ln O) / s, at most ±8", overnight, ("open", "close"), _intraday)
    yield Feature("return_1", "r / s", _RISKMETRICS, (), _return_1)
    yield Feature("absolute_return", "abs(r) / s", memory, (), _absolute_return)
    leverage = "Black, Studies of Stock Price Volatility Changes (1976)"
    yield Feature("negative_return", "min(r, 0) / s", leverage, (), _negative_return)
    reversal = "Lehmann, Fads, Martingales, and Market Efficiency (1990)"
    yield Feature("return_5", "(ln C - ln C five rows before) / (s √5), at most ±8", reversal, (), _return_5)


def _ranges() -> Iterator[Feature]:
    sessions = {span: "1 session" if span == 1 else f"{span} sessions" for span in _SPANS}
    for span, text in sessions.items():
        formula = f"½ ln(mean over {text} of (ln H/L)² / (4 ln 2)) - ln s"
        compute = _relative_range(lambda measures: measures.parkinson, span)
        yield Feature(f"parkinson_{span}", formula, _PARKINSON, ("high", "low"), compute)
    for span, text in sessions.items():
        formula = f"½ ln(mean over {text} of ½ (ln H/L)² - (2 ln 2 - 1) (ln C/O)²) - ln s"
        compute = _relative_range(lambda measures: measures.garman_klass, span)
        columns = ("open", "high", "low", "close")
        yield Feature(f"garman_klass_{span}", formula, _GARMAN_KLASS, columns, compute)


def _states() -> Iterator[Feature]:
    components = "Engle and Lee, A Long-Run and Short-Run Component Model of Stock Return Volatility (1999)"
    for span in (60, 250):
        formula = f"ln(s / mean of s over {span} sessions)"
        yield Feature(f"volatility_{span}", formula, components, (), _volatility_ratio(span))
    volume = "Karpoff, The Relation Between Price Changes and Trading Volume (1987)"
    yield Feature("volume_22", "ln(V / mean of V over 22 sessions), at most ±5", volume, ("volume",), _volume_22)
    formula = "(C - L) / (H - L) - ½, within ±½; 0 where H = L"
    yield Feature("close_place", formula, "Lane, Lane's Stochastics (1984)", ("high", "low", "close"), _close_place)
    for number, (short, day) in enumerate(_WEEKDAYS.items()):
        formula = f"1 if the next session falls on a {day}, else 0"
        source = "French, Stock Returns and the Weekend Effect (1980)"
        yield Feature(f"weekday_{short}", formula, source, (), _weekday(number))


def _seasons() -> Iterator[Feature]:
    reports = "Beaver, The Information Content of Annual Earnings Announcements (1968)"
    move = "m = abs(r) / s of the row before, at most 6"
    for span, (first, last) in SEASONS.items():
        formula = f"max(0, largest m of the rows {first} to {last} before the next session - 1.5), {move}"
        yield Feature(f"season_{span}", formula, reports, (), season(first, last))
    formula = f"largest m of the last {RECENT_ROWS} rows, {move}"
    yield Feature(f"largest_move_{RECENT_ROWS}", formula, reports, (), largest_recent_move)


def _pools() -> Iterator[Feature]:
    market = "Sharpe, A Simplified Model for Portfolio Analysis (1963)"
    common = "Bollerslev, Hood, Huss and Pedersen, Risk Everywhere: Modeling and Managing Volatility (2018)"
    yield Feature("pool_return", "mean over tickers of return_1", market, (), _pooled(_return_1), pooled=True)
    compute = _pooled(_absolute_return)
    yield Feature("pool_absolute_return", "mean over tickers of absolute_return", common, (), compute, pooled=True)
    compute = _pooled(_relative_range(lambda measures: measures.parkinson, 1))
    yield Feature("pool_range", "mean over tickers of parkinson_1", common, ("high", "low"), compute, pooled=True)
    for span in (1, 5, 22):
        formula = f"mean over {span} session{'s' * (span > 1)} of the mean over tickers of ½ ln(squared move / s²)"
        columns = ("open", "high", "low", "close")
        yield Feature(f"pool_move_{span}", formula, common, columns, _pool_move(span), pooled=True)


FEATURES = {feature.name: feature for part in (_moves, _ranges, _states, _seasons, _pools) for feature in part()}
