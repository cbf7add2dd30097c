from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from stockrnn.evaluation.importance import Importance, InputPart
from stockrnn.reports.explain_importance import ImportanceReport, importance_json, importance_text


def part(kind: str, name: str, growth: float, movement: float) -> Importance:
    return Importance(InputPart(kind, name, None, (1, 5)), np.array([growth] * 2), np.array([movement] * 2))


@pytest.fixture
def report() -> ImportanceReport:
    found = [part("feature", "return_1", 0.25, 1.5), part("lags", "1-5", 0.25, 1.5)]
    return ImportanceReport("AAA", "close", 1, ("2020-01-02", "2020-12-30"), 250, 2, "rmse", 5.0, None, found)


def test_a_run_without_a_gate_says_nothing_of_one(report: ImportanceReport) -> None:
    for gate in (None, 1.0):
        text = importance_text(replace(report, gate=gate))
        assert "gate" not in text
        assert "RMSE grows by" in text
        assert (
            "Lags 1-5 move the forecast most: permuting them moves it by 1.500 and makes the RMSE 0.250 larger." in text
        )


def test_a_shut_gate_leaves_a_distribution_its_range(report: ImportanceReport) -> None:
    text = importance_text(replace(report, metric="crps", gate=0.0))
    assert (
        "The gate is shut: the point forecast is the naive one, whatever the network reads; what is permuted here moves "
        "nothing but the range around it." in text
    )
    assert "Lags 1-5 move the range most: permuting them moves it by 1.500 and makes the CRPS 0.250 larger." in text


def test_the_misses_of_exchange_rates_keep_three_digits(report: ImportanceReport) -> None:
    small = [part("feature", "return_1", 0.000012, 0.000345), part("lags", "1-5", 0.000012, 0.000345)]
    text = importance_text(replace(report, loss=0.00456, found=small))
    assert "RMSE as it is: 0.004560." in text
    assert "+0.000012" in text
    assert "by 0.000345" in text


def test_a_growth_of_nothing_has_no_minus(report: ImportanceReport) -> None:
    text = importance_text(replace(report, found=[part("lags", "1-5", -1e-9, 0.5)]))
    assert "+0.000" in text
    assert "-0.000" not in text
    assert "leaves the RMSE as it is" in text


def test_forecasts_that_never_miss_have_a_table_too(report: ImportanceReport) -> None:
    document = importance_json(replace(report, loss=0.0, found=[part("lags", "1-5", 0.0, 0.0)]))
    assert document["text"] == "No permutation moves the forecast: the network gives the same for every window."
    json.dumps(document, allow_nan=False)


def test_the_spread_is_the_standard_deviation_of_a_sample(report: ImportanceReport) -> None:
    # Of 1 and 3 around their mean of 2: the root of (1 + 1) / (2 - 1).
    uneven = replace(report.found[1], growth=np.array([1.0, 3.0]))
    document = importance_json(replace(report, found=[uneven]))
    assert document["importance"][0]["growth_sd"] == pytest.approx(2**0.5)
    assert "1.414" in importance_text(replace(report, found=[uneven]))
