from __future__ import annotations

import numpy as np

from stockrnn.prices.doctor.column_drift import check_drift
from stockrnn.prices.doctor.column_levels import check_column_levels
from stockrnn.prices.doctor.quote_checks import check_contradictions


def test_a_close_that_alone_is_adjusted_for_dividends_is_one_finding_without_a_remedy(make_bars):
    bars = make_bars(1000)
    # 1.5 % of the price every 60 sessions, from the end backwards.
    factors = 0.985 ** ((999 - np.arange(1000)) // 60)
    for row, factor in enumerate(factors):
        bars = bars.rescaled(np.array([row]), {"close": float(factor), "volume": 1.0})
    assert check_column_levels(bars)[0] == []
    (finding,), rest = check_drift(bars)
    assert (finding.code, finding.columns, finding.remedies) == ("adjustment_mismatch", ("close",), ())
    assert len(finding.sessions) > 600
    assert check_contradictions(rest) == []


def test_single_rows_outside_of_the_day_are_no_drift(make_bars):
    bars = make_bars(400)
    bars = bars.rescaled(np.arange(0, 400, 15), {"close": 0.9, "volume": 1.0})
    assert check_drift(bars) == ([], bars)
    assert len(check_contradictions(bars)) == 1


def test_zeros_where_nobody_wrote_an_open_down_are_no_drift(make_bars):
    bars = make_bars(400)
    bars = bars.rescaled(np.arange(250), {"open": 0.0, "volume": 1.0})
    assert check_drift(bars) == ([], bars)
