"""What trading on a forecast would have brought, as a short table."""

from __future__ import annotations

from collections.abc import Sequence

from stockrnn.evaluation.trading import TradingResult
from stockrnn.reports.terminal import plain_table

_NO_ADVICE = "No advice: one past, traded at the very closes that the forecasts were made from, with costs of {cost:g} basis points a trade."


def trading_table(results: Sequence[TradingResult]) -> str:
    """Return a row a strategy, and the line that says what it is not."""
    rows = [
        [
            _strategy(result),
            f"{100 * result.return_:.1f} %",
            "-" if result.sharpe is None else f"{result.sharpe:.2f}",
            f"{100 * result.max_drawdown:.1f} %",
            str(result.days),
        ]
        for result in results
    ]
    headers = ["close to close", "return", "Sharpe ratio", "deepest fall", "sessions"]
    return f"{plain_table(headers, rows)}\n\n{_NO_ADVICE.format(cost=results[0].cost_bps)}"


def _strategy(result: TradingResult) -> str:
    if result.forecaster is None:
        return "buy and hold"
    return f"long or short, as {'the network' if result.forecaster == 'network' else result.forecaster} says"
