from __future__ import annotations

import numpy as np
import pandas as pd

from stockrnn.evaluation.leaks import Cutoff, Finding, changed, first_leak, told

EARLY = Cutoff("the end of training", pd.Timestamp("2020-01-31"))
LATE = Cutoff("the middle of the test", pd.Timestamp("2020-06-30"))


def test_a_leak_is_named_by_the_first_stage_and_there_by_the_first_cutoff() -> None:
    findings = [
        Finding("forecasts", EARLY, "all"),
        Finding("features", LATE, "one"),
        Finding("features", EARLY, "two"),
        Finding("scaling", EARLY, ""),
        Finding("anchor", EARLY, None),
    ]
    leak = first_leak(findings)
    assert leak is not None
    assert (leak.stage, leak.changes) == ("features", "two")


def test_without_a_changed_stage_there_is_no_leak() -> None:
    assert first_leak([Finding("scaling", EARLY, ""), Finding("anchor", EARLY, None)]) is None


def test_a_row_changes_with_the_last_bit_of_one_value_and_not_with_a_missing_one() -> None:
    before = np.array([[1.0, 2.0], [np.nan, 3.0], [1.0, np.nan], [5.0, 6.0]])
    after = before.copy()
    after[0, 1] = np.nextafter(2.0, 3.0)
    after[2, 1] = 0.0
    assert changed(before, after).tolist() == [True, False, True, False]
    assert changed(before[:, 0], after[:, 0]).tolist() == [False] * 4


def test_values_of_another_shape_are_all_others() -> None:
    assert changed(np.zeros((3, 2)), np.zeros((4, 2))).tolist() == [True] * 3
    assert changed(np.zeros((0, 2)), np.zeros((0, 2))).tolist() == []


def test_what_changed_is_counted_and_dated() -> None:
    sessions = pd.bdate_range("2020-01-01", periods=3).to_numpy()
    assert told(np.array([False, True, True]), sessions, "windows") == "2 of 3 windows changed, the first of 2020-01-02"
    assert told(np.zeros(3, dtype=bool), sessions, "windows") == ""
