from __future__ import annotations

import numpy as np
import pandas as pd

from stockrnn.prices.table import Prices, prices_table


def closes(log_returns: np.ndarray, ticker: str = "AAA") -> Prices:
    """Return close-only prices that start at 100 and go by these log returns."""
    close = 100 * np.exp(np.concatenate([[0.0], np.cumsum(log_returns)]))
    days = pd.bdate_range("2000-01-03", periods=len(close))
    return prices_table(pd.DataFrame({"ticker": ticker, "session": days, "close": close}), "a walk")


def random_walk(sessions: int, seed: int, volatility: float = 0.01) -> Prices:
    return closes(volatility * np.random.default_rng(seed).standard_normal(sessions))


def garch_walk(sessions: int, seed: int) -> Prices:
    """Return prices whose variance goes by omega = 2e-6, alpha = .09, beta = .89, with Student-t(6) innovations."""
    random = np.random.default_rng(seed)
    returns, variance = np.empty(sessions), 1e-4
    for row in range(sessions):
        returns[row] = np.sqrt(variance * 4 / 6) * random.standard_t(6)
        variance = 2e-6 + 0.09 * returns[row] ** 2 + 0.89 * variance
    return closes(returns)


def part_of(prices: Prices, first: int, last: int) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the sessions of two rows of the first ticker."""
    days = prices.index.get_level_values("session")
    return days[first], days[last]
