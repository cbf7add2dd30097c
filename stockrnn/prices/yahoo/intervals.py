"""The steps between two prices that can be fetched, and which of them are made out of daily prices."""

from __future__ import annotations

DAILY = "1d"
MINUTES = {"1m": 1, "2m": 2, "5m": 5, "15m": 15, "30m": 30, "60m": 60, "90m": 90, "1h": 60}
PERIODS = ("1wk", "1mo", "3mo")
INTERVALS = (*MINUTES, DAILY, *PERIODS)

# How many days back Yahoo has intraday prices, less a few so that a request made at any hour stays inside.
_INTRADAY_REACH = {"1m": 5, "60m": 720, "1h": 720}
_OTHER_INTRADAY_REACH = 55


def stored_interval(interval: str) -> str:
    """Return the interval in which prices are asked and stored: weeks, months and quarters are made of days.

    Yahoo's own weeks and months carry dividends and splits of the middle of a week into its beginning.
    """
    return DAILY if interval in PERIODS else interval


def intraday_reach(interval: str) -> int | None:
    """Return how many days back prices of an intraday interval can be had; None for daily and slower."""
    return _INTRADAY_REACH.get(interval, _OTHER_INTRADAY_REACH) if interval in MINUTES else None
