"""Intervals and quantiles of any tool are judged where they are whole."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stockrnn.prices.table import sessions_of
from tests.workflows.judged_files import judge_file


def test_a_single_interval_has_a_coverage_and_no_crps(make_prices, tmp_path) -> None:
    prices = make_prices(120)
    days, close = sessions_of(prices), prices["close"].to_numpy()
    # Six of ten sessions inside, whatever the prices do.
    inside = np.tile([True] * 6 + [False] * 4, 2)
    upper = np.where(inside, 1.1, 0.95) * close[100:]
    table = pd.DataFrame({"ds": days[100:], "M": close[100:], "M-lo-90": 0.9 * close[100:], "M-hi-90": upper})
    judged = judge_file(table, prices, tmp_path)
    (interval,) = judged.intervals
    assert (interval.ticker, interval.level, interval.rows) == ("AAA", 0.9, 20)
    assert interval.coverage == pytest.approx(0.6)
    assert interval.width_pct == pytest.approx(60 * np.log(1.1 / 0.9) + 40 * np.log(0.95 / 0.9))
    mine = next(each for each in judged.judgement.scores if each.forecaster == "M")
    assert mine.crps is None
    assert mine.coverage90 == pytest.approx(0.6)


def test_a_distribution_is_compared_with_bands_and_a_point_is_not(make_prices, tmp_path) -> None:
    prices = make_prices(400)
    days, close = sessions_of(prices), prices["close"].to_numpy()
    point = pd.DataFrame({"ds": days[300:], "M": close[299:399]})
    assert judge_file(point, prices, tmp_path).judgement.yardstick.best_band == {}
    levels = np.arange(5, 100, 10)
    quantiles = {f"{level}%": close[299:399] * (1 + 0.0004 * (level - 50)) for level in levels}
    judged = judge_file(point.assign(**quantiles), prices, tmp_path)
    assert {each.part for each in judged.judgement.verdicts} == {"point", "distribution"}
    assert next(each.crps for each in judged.judgement.scores if each.forecaster == "M") > 0


@pytest.mark.parametrize(
    ("lacking", "words"), [(1, "all forecasters are judged on the others"), (30, "none is judged")]
)
def test_rows_without_quantiles_are_told_and_the_others_are_judged_if_they_are_nearly_all(
    make_prices, tmp_path, lacking: int, words: str
) -> None:
    prices = make_prices(400)
    days, close = sessions_of(prices), prices["close"].to_numpy()
    quantiles = {f"{level}%": close[299:399] * (1 + 0.0004 * (level - 50)) for level in range(5, 100, 10)}
    table = pd.DataFrame({"ds": days[300:], "M": close[299:399], **quantiles})
    table.loc[: lacking - 1, list(quantiles)] = np.nan
    judged = judge_file(table, prices, tmp_path)
    note = next(each for each in judged.notes if each.code == "missing_quantiles")
    assert note.rows == lacking
    assert words in note.text
    mine = next(each for each in judged.judgement.scores if each.forecaster == "M")
    found = [each for each in judged.judgement.verdicts if each.part == "distribution"]
    if lacking > 10:
        assert (mine.crps, found) == (None, [])
        return
    rest = judge_file(table[lacking:], prices, tmp_path, train=judged.terms.train)
    alone = next(each for each in rest.judgement.scores if each.forecaster == "M")
    assert mine.crps == pytest.approx(alone.crps)
    # Its opponents are scored on the same rows.
    for name in ("ewma_bands", "har_bands"):
        both = [next(s.crps for s in each.judgement.scores if s.forecaster == name) for each in (judged, rest)]
        assert both[0] == pytest.approx(both[1])
    (verdict,) = found
    (expected,) = [each for each in rest.judgement.verdicts if each.part == "distribution"]
    assert verdict.gain == pytest.approx(expected.gain)


def test_two_models_that_lack_different_quantiles_are_scored_on_the_rows_of_both(make_prices, tmp_path) -> None:
    prices = make_prices(400)
    days, close = sessions_of(prices), prices["close"].to_numpy()
    table = pd.DataFrame({"ds": days[300:], "M": close[299:399], "N": close[299:399] + 0.5})
    for name in ("M", "N"):
        for level in range(5, 100, 10):
            table[f"{name}-q{level}"] = table[name] * (1 + 0.0004 * (level - 50))
    table.loc[:2, [name for name in table if name.startswith("M-")]] = np.nan
    table.loc[97:, [name for name in table if name.startswith("N-")]] = np.nan
    judged = judge_file(table, prices, tmp_path)
    rest = judge_file(table[3:97], prices, tmp_path, train=judged.terms.train)
    for name in ("M", "N", "har_bands"):
        both = [next(s for s in each.judgement.scores if s.forecaster == name) for each in (judged, rest)]
        assert both[0].crps == pytest.approx(both[1].crps)
        assert both[0].coverage90 == pytest.approx(both[1].coverage90)
        assert [each.rows for each in both] == [100, 94]
