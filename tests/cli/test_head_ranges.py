"""The ranges that `predict` gives around the forecasts of a network with a head."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.cli.head_runs import invoke, predicted

# Real networks are trained here.
pytestmark = pytest.mark.slow


def test_each_level_has_a_row_within_the_wider_one(head_run: Path) -> None:
    rows = pd.DataFrame(predicted(head_run, "--days", 10, "--level", "50,90")["forecasts"])
    assert len(rows) == 2 * 10 * 2
    assert rows["level"].unique().tolist() == [0.5, 0.9]
    assert (rows["lower"] <= rows["forecast"]).all()
    assert (rows["forecast"] <= rows["upper"]).all()
    narrow, wide = (rows[rows["level"] == level].reset_index() for level in (0.5, 0.9))
    assert (wide["lower"] < narrow["lower"]).all()
    assert (narrow["upper"] < wide["upper"]).all()


def test_each_session_ahead_adds_the_same_to_the_variance_of_a_close(head_run: Path) -> None:
    rows = pd.DataFrame(predicted(head_run, "--days", 16)["forecasts"])
    assert set(rows["level"]) == {0.9}
    for _, own in rows.groupby("ticker"):
        widths = np.log(own["upper"] / own["lower"]).to_numpy()
        added = np.diff(widths**2)
        np.testing.assert_allclose(added, added[0], rtol=1e-6)
        # A close has a whole session before it, so that ranges grow with about the root of time.
        np.testing.assert_allclose(widths / widths[0], np.sqrt(np.arange(1, 17)), rtol=0.06)


def test_the_last_close_and_the_best_bands_stand_beside_it(head_run: Path) -> None:
    document = predicted(head_run, "--days", 2, "--level", "80")
    beside = {row["forecaster"]: row for row in document["beside"]}
    (against,) = {each["against"] for each in document["verdicts"] if each["part"] == "distribution"}
    assert set(beside) == {"last_close", against}
    assert beside["last_close"]["level"] is None
    assert beside[against]["level"] == 0.8
    assert beside[against]["lower"] < beside["last_close"]["forecast"] < beside[against]["upper"]
    output = invoke("predict", head_run, "--level", "80").stdout
    assert "80 %" in output
    assert "last close" in output


@pytest.mark.parametrize("level", ["0", "100", "-10", "nan", "50,99.5", "0.9", "1e9"])
def test_a_level_that_is_none_is_refused_in_one_line(head_run: Path, level: str) -> None:
    message = invoke("predict", head_run, f"--level={level}", code=2).stderr
    assert "expected per cents from 1 to 99, such as 50,90" in message
    assert message.count("\n") == 1


def test_any_level_has_its_range_and_the_same_twice_is_one(head_run: Path) -> None:
    rows = pd.DataFrame(predicted(head_run, "--days", 3, "--level", "33,50,80,90,95,50")["forecasts"])
    assert rows["level"].unique().tolist() == [0.33, 0.5, 0.8, 0.9, 0.95]
    for _, own in rows.groupby(["ticker", "session"]):
        assert own["lower"].is_monotonic_decreasing
        assert own["upper"].is_monotonic_increasing
    assert "95 %" in invoke("predict", head_run, "--level", "95").stdout


def test_a_level_that_is_no_number_is_refused(head_run: Path) -> None:
    assert "expected per cents, such as 50,90" in invoke("predict", head_run, "--level", "much", code=2).stderr


def test_a_corrected_head_has_ranges_that_widen_beyond_what_its_misses_reach(corrected_head_run: Path) -> None:
    rows = predicted(corrected_head_run, "--days", 6, "--level", "90")["forecasts"]
    widths = [np.log(row["upper"] / row["lower"]) for row in rows]
    assert min(widths) > 0
    assert (np.diff(widths[2:]) > 0).all()


def test_what_came_true_in_the_ranges_of_each_level_is_told_beside_them(head_run: Path) -> None:
    past = pd.read_parquet(head_run / "forecasts.parquet").query("forecaster == 'network'")
    held = {
        level: float(((past["actual"] >= past[low]) & (past["actual"] <= past[high])).mean())
        for level, low, high in ((0.5, "q0.25", "q0.75"), (0.8, "q0.10", "q0.90"), (0.9, "q0.05", "q0.95"))
    }
    rows = predicted(head_run, "--level", "50,80,90")["coverage"]
    assert {row["level"]: row["coverage"] for row in rows} == pytest.approx(held)
    assert {(row["horizon"], row["rows"]) for row in rows} == {(1, len(past))}
    told = invoke("predict", head_run, "--level", "50,80,90").stdout
    assert f"{100 * held[0.5]:.1f} % in the 50 % range, {100 * held[0.8]:.1f} % in the 80 % range" in told


def test_ranges_that_are_not_those_of_the_verdict_are_told_apart_from_them(
    corrected_head_run: Path, head_run: Path
) -> None:
    apart = "The run's own ranges there, made otherwise: Its distribution"
    corrected = invoke("predict", corrected_head_run, "--level", "50,90").stdout
    assert apart in corrected
    assert "On the test sessions: Its distribution" not in corrected
    assert apart not in invoke("predict", head_run).stdout
    assert predicted(corrected_head_run)["learnt"]
    assert not predicted(head_run)["learnt"]
