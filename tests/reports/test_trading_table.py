from __future__ import annotations

from stockrnn.evaluation.trading import TradingResult
from stockrnn.reports.trading_table import trading_table


def test_the_table_says_what_was_earned_and_that_it_is_no_advice() -> None:
    text = trading_table(
        [
            TradingResult("sign", "network", -0.0704, None, 0.0951, 62, 10.0),
            TradingResult("buy_and_hold", None, 0.0686, 2.312, 0.0502, 62, 10.0),
        ]
    )
    rows = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in text.splitlines()]
    assert ["long or short, as the network says", "-7.0 %", "-", "9.5 %", "62"] in rows
    assert ["buy and hold", "6.9 %", "2.31", "5.0 %", "62"] in rows
    assert "No advice" in text
    assert "10 basis points" in text
    assert max(map(len, text.splitlines())) <= 120
