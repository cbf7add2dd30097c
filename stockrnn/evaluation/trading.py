"""A sanity check, no advice: what trading on the sign of the forecast would have brought, beside buy-and-hold.

On forecasts for the next session, whatever their target: at the close of the origin a position is taken, long where the
forecast is above this close, short where it is below, none where it is the same; it is held until the close of the next
session, when the next position is decided. Every ticker has an account of its own, of the same size at the beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stockrnn.arrays import Floats
from stockrnn.forecasts.table import Forecasts
from stockrnn.prices.intervals import intervals_of
from stockrnn.prices.table import Prices

DEFAULT_COST_BPS = 10.0

# Bars a year by interval; a year of trading days where the interval is none of these.
_BARS_A_YEAR = {"1wk": 52, "1mo": 12, "3mo": 4, "6mo": 2, "1y": 1}
_TRADING_DAYS = 252


@dataclass(frozen=True)
class TradingResult:
    """What a strategy made of the test sessions.

    Attributes:
        strategy: `sign` or `buy_and_hold`.
        forecaster: Whose signs; None for buy-and-hold.
        return_: Gain at the end as a share of the beginning.
        sharpe: Mean over standard deviation of the sessions' returns, a year (252 days), interest left out; None where
            nothing ever moved.
        max_drawdown: The deepest fall from an earlier height, as a share of it.
        days: Sessions that were traded.
        cost_bps: Costs in basis points of each unit of position bought or sold; from long to short are two units.
    """

    strategy: str
    forecaster: str | None
    return_: float
    sharpe: float | None
    max_drawdown: float
    days: int
    cost_bps: float

    def to_json(self) -> dict[str, float | str | None]:
        """Return the result as JSON values."""
        values = dict(vars(self))
        return {"return" if name == "return_" else name: value for name, value in values.items()}


def trade(
    forecasts: Forecasts, prices: Prices, cost_bps: float = DEFAULT_COST_BPS, forecasters: Sequence[str] = ("network",)
) -> list[TradingResult]:
    """Trade on the sign of forecasters' forecasts for the next session, and buy and hold over the sessions of the first.

    Args:
        forecasts: The forecasts table.
        prices: The prices table; the closes are traded, whatever the target.
        cost_bps: Costs in basis points of each unit of position bought or sold.
        forecasters: Whose forecasts.

    Returns:
        The forecasters' results and buy-and-hold; nothing where there is no close, or no forecast whose session has come.

    Source: Sharpe, "The Sharpe ratio" (1994).
    """
    if "close" not in prices.columns:
        return []
    held = {name: rows for name in forecasters if len(rows := _traded_rows(forecasts, prices, name))}
    if not held:
        return []
    interval = next(iter(intervals_of(prices).values()))
    terms = _Terms(cost_bps, _BARS_A_YEAR.get(interval, _TRADING_DAYS))
    results = [_result("sign", name, rows, terms) for name, rows in held.items()]
    first = next(iter(held.values()))
    return [*results, _result("buy_and_hold", None, first.assign(position=1.0), terms)]


@dataclass(frozen=True)
class _Terms:
    cost_bps: float
    bars_a_year: int


def _traded_rows(forecasts: Forecasts, prices: Prices, forecaster: str) -> pd.DataFrame:
    """Return ticker, origin, session, position and move of the close, in order of sessions."""
    mine = (forecasts["forecaster"] == forecaster) & (forecasts["horizon"] == 1) & forecasts["actual"].notna()
    rows = forecasts.loc[mine, ["ticker", "origin", "session", "forecast"]].sort_values(["ticker", "session"])
    bought, sold = (_closes(prices, rows, day) for day in ("origin", "session"))
    rows = rows.assign(position=np.sign(rows["forecast"] - bought), move=sold / bought - 1)
    traded: pd.DataFrame = rows[np.isfinite(rows["move"])].reset_index(drop=True)
    return traded


def _closes(prices: Prices, rows: Forecasts, day: str) -> Floats:
    closes: Floats = prices["close"].reindex(pd.MultiIndex.from_frame(rows[["ticker", day]])).to_numpy()
    return closes


def _accounts(rows: pd.DataFrame, cost: float) -> pd.DataFrame:
    """Return the value of each ticker's account after each session, of shape (sessions, tickers), from 1."""
    earlier = rows.groupby("ticker", sort=False)[["session", "position"]].shift()
    before = earlier["position"].fillna(0.0)
    # Where sessions are left out, the position before them was sold and this one is bought anew.
    goes_on = earlier["session"] == rows["origin"]
    changes = np.where(goes_on, (rows["position"] - before).abs(), rows["position"].abs() + before.abs())
    # A short position can lose more than there is; then the account is empty.
    growth = np.maximum(1 + rows["position"] * rows["move"] - cost * changes, 0.0)
    by_session = rows.assign(growth=growth).pivot_table(index="session", columns="ticker", values="growth")
    return by_session.fillna(1.0).cumprod()


def _result(strategy: str, forecaster: str | None, rows: pd.DataFrame, terms: _Terms) -> TradingResult:
    accounts = _accounts(rows, terms.cost_bps / 1e4)
    wealth = np.concatenate([[1.0], accounts.mean(axis=1).to_numpy()])
    before = wealth[:-1]
    returns = np.divide(wealth[1:], before, out=np.ones(len(before)), where=before > 0) - 1
    spread = float(np.std(returns, ddof=1)) if len(returns) > 1 else 0.0
    return TradingResult(
        strategy=strategy,
        forecaster=forecaster,
        return_=float(wealth[-1] - 1),
        sharpe=float(np.mean(returns)) / spread * float(np.sqrt(terms.bars_a_year)) if spread > 1e-12 else None,
        max_drawdown=float(np.max(1 - wealth / np.maximum.accumulate(wealth))),
        days=len(returns),
        cost_bps=terms.cost_bps,
    )
