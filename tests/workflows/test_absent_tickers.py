"""Tickers that a training learns nothing of, or is not tested on, are told."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd

from stockrnn.prices.table import prices_table
from stockrnn.workflows.preparation import tell_absent


def test_tickers_without_sessions_in_a_part_are_told_in_one_note() -> None:
    days = pd.bdate_range("2020-01-01", periods=60)
    spans = {"BOTH": (0, 60), "EARLY": (0, 30), "LATE": (45, 60)}
    frames = [
        pd.DataFrame({"ticker": name, "session": days[first:end], "close": 100.0 + np.arange(end - first)})
        for name, (first, end) in spans.items()
    ]
    split = SimpleNamespace(fit=(days[0], days[39]), test=(days[40], days[59]))
    notes: list[str] = []
    tell_absent(prices_table(pd.concat(frames), "a pool"), split, notes.append)
    assert notes == [
        "Note: no sessions in the training years (only forecast): LATE; no sessions in the test years (not tested): EARLY."
    ]
