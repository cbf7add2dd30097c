"""Tickers that a training learns nothing of, or is not tested on, are told."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from stockrnn.config import parse_config
from stockrnn.prices.table import prices_table
from stockrnn.workflows.preparation import tell_absent


@pytest.mark.parametrize(("refit_epochs", "untrained"), [(0, "HELD, LATE, SHORT, YOUNG"), (2, "LATE, SHORT, YOUNG")])
def test_tickers_without_a_window_in_a_part_are_told_in_one_note(refit_epochs: int, untrained: str) -> None:
    days = pd.bdate_range("2020-01-01", periods=60)
    spans = {
        "BOTH": (0, 60),
        "EARLY": (0, 28),
        "HELD": (25, 60),
        "LATE": (45, 60),
        "SHORT": (24, 33),
        "YOUNG": (51, 60),
    }
    frames = [
        pd.DataFrame({"ticker": name, "session": days[first:end], "close": 100.0 + np.arange(end - first)})
        for name, (first, end) in spans.items()
    ]
    split = SimpleNamespace(fit=(days[0], days[29]), train=(days[0], days[39]), test=(days[40], days[59]))
    config = parse_config(
        {
            "window": {"lookback": 10},
            "data": {"validation": 0.25},
            "target": {"kind": "log_return"},
            "train": {"refit_epochs": refit_epochs},
        },
        "test",
    )
    notes: list[str] = []
    tell_absent(prices_table(pd.concat(frames), "a pool"), split, config, notes.append)
    assert notes == [
        f"Note: not learnt from for want of 11 sessions in the training years: {untrained}; "
        "not tested for want of sessions in the test years, or of 10 before: EARLY, SHORT, YOUNG."
    ]


def test_of_tickers_with_windows_in_both_parts_nothing_is_told() -> None:
    days = pd.bdate_range("2020-01-01", periods=60)
    prices = prices_table(pd.DataFrame({"ticker": "BOTH", "session": days, "close": 100.0 + np.arange(60)}), "one")
    split = SimpleNamespace(fit=(days[0], days[39]), train=(days[0], days[39]), test=(days[40], days[59]))
    notes: list[str] = []
    tell_absent(prices, split, parse_config({"window": {"lookback": 10}}, "test"), notes.append)
    assert notes == []
