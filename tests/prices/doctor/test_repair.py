from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd
import pytest

from stockrnn.prices.doctor.bars import Bars
from stockrnn.prices.doctor.diagnosis import diagnose
from stockrnn.prices.doctor.findings import RepairKind
from stockrnn.prices.doctor.repair import repair

PRICES = ("open", "high", "low", "close")


def rows_of(bars: Bars) -> pd.DataFrame:
    return pd.DataFrame({"ticker": bars.ticker, "session": bars.sessions, **bars.columns})


def with_duplicates(bars: Bars) -> Bars:
    twice = bars.take(np.sort(np.append(np.arange(len(bars)), [20, 90])))
    closes = twice.columns["close"].copy()
    closes[21] *= 3
    return Bars(bars.ticker, bars.interval, twice.sessions, {**twice.columns, "close": closes})


def with_a_sunday(bars: Bars) -> Bars:
    sessions = bars.sessions.copy()
    sessions[-1] = sessions[-2] + np.timedelta64((6 - pd.Timestamp(sessions[-2]).dayofweek) or 7, "D")
    return Bars(bars.ticker, bars.interval, sessions, bars.columns)


DAMAGE = {
    "split": [
        lambda bars: bars.rescaled(np.arange(120), {"close": 2.002}),
        lambda bars: bars.rescaled(np.arange(120), {**dict.fromkeys(PRICES, 7.0), "volume": 1 / 7}),
    ],
    "units": [
        lambda bars: bars.rescaled(np.arange(50, 90), dict.fromkeys(PRICES, 100.0)),
        lambda bars: bars.rescaled(np.arange(50, 60), {"open": 0.01}),
    ],
    "duplicates": [with_duplicates],
    "sessions": [with_a_sunday],
}
CASES = [(kind, damage) for kind, damages in DAMAGE.items() for damage in damages]


@pytest.mark.parametrize(("kind", "damage"), CASES)
def test_a_repaired_copy_passes_its_own_check_and_a_second_repair_changes_nothing(make_bars, kind, damage):
    before = diagnose(rows_of(damage(make_bars(300))))
    assert before[0].findings
    repaired = repair(before, [kind])
    assert repaired.changes[kind] > 0
    after = diagnose(repaired.rows)
    assert after[0].findings == ()
    again = repair(after, get_args(RepairKind))
    pd.testing.assert_frame_equal(again.rows, repaired.rows)
    assert len(again.log) == 0


@pytest.mark.parametrize(("kind", "damage"), CASES)
def test_the_log_leads_from_the_rows_as_they_were_to_the_rows_as_they_are(make_bars, kind, damage):
    damaged = rows_of(damage(make_bars(300)))
    repaired = repair(diagnose(damaged), [kind])
    assert set(repaired.log.columns) == {"ticker", "session", "column", "before", "after", "reason"}
    if kind in {"split", "units"}:
        cells = repaired.rows.set_index("session")
        old = damaged.set_index("session")
        for line in repaired.log.itertuples():
            assert old.loc[line.session, line.column] == line.before
            assert cells.loc[line.session, line.column] == line.after
        touched = (cells[[*PRICES, "volume"]] != old[[*PRICES, "volume"]]).sum().sum()
        assert touched <= len(repaired.log)
    else:
        assert len(repaired.log) == 5 * (len(damaged) - len(repaired.rows))
        assert repaired.log["after"].isna().all()


def test_a_repair_that_was_not_asked_for_is_not_made(make_bars):
    damaged = rows_of(DAMAGE["split"][0](make_bars(300)))
    repaired = repair(diagnose(damaged), ["units", "duplicates", "sessions"])
    pd.testing.assert_frame_equal(repaired.rows, damaged)


def test_missing_sessions_are_not_invented(make_bars):
    bars = make_bars(300).take(np.delete(np.arange(300), [10, 11]))
    assert len(repair(diagnose(rows_of(bars)), get_args(RepairKind)).rows) == 298


def test_all_repairs_together_undo_all_damage(make_bars):
    bars = make_bars(300)
    for damage in (DAMAGE["units"][0], DAMAGE["split"][1], with_duplicates):
        bars = damage(bars)
    repaired = repair(diagnose(rows_of(bars)), get_args(RepairKind))
    assert diagnose(repaired.rows)[0].findings == ()
    assert repaired.rows["low"].to_numpy() == pytest.approx(make_bars(300).columns["low"])
