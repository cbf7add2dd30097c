from __future__ import annotations

import pytest

from stockrnn.evaluation.measurement import Measured
from stockrnn.evaluation.metrics import Score
from stockrnn.evaluation.significance import Comparison
from stockrnn.evaluation.verdict_text import BAND_WORDS, NAIVE_WORDS, lateness_text, verdict_text


def score(horizon: int = 1, forecaster: str = "network", **values: object) -> Score:
    nothing = dict.fromkeys(["mase", "skill", "direction", "crps", "crps_pct", "coverage90"])
    return Score("AAA", forecaster, horizon, 251, rmse=1.0, mae=1.0, mape=1.0, **{**nothing, **values})


def measured(own: float, opponent: float, p: float | None = 0.0123, days: int = 251, pooled: bool = False) -> Measured:
    t = None if p is None else 2.0 if own > opponent else -2.0
    return Measured(own, opponent, Comparison(t, p, days), pooled)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (measured(5, 10), "Better than the best naive forecast by 50.0 % (p = 0.0123): the network misses by 5.00 (RMSE), "
                          "repeating the last close by 10.00."),
        (measured(9.95, 10, 0.43), "Not distinguishable from the best naive forecast (gain 0.5 %, p = 0.43): "
                                   "the network misses by 9.95 (RMSE), repeating the last close by 10.00."),
        (measured(10.5, 10, 0.43), "Not distinguishable from the best naive forecast (gain -5.0 %, p = 0.43): "
                                   "the network misses by 10.50 (RMSE), repeating the last close by 10.00."),
        (measured(10, 10, None), "Not distinguishable from the best naive forecast (gain 0.0 %, the same forecasts): "
                                 "the network misses by 10.00 (RMSE), repeating the last close by 10.00."),
        (measured(40, 10, 1e-9), "Worse than the best naive forecast by 300.0 % (p < 0.001): the network misses by 40.00 (RMSE), "
                                 "repeating the last close by 10.00, 4.0 times closer."),
        (measured(12.5, 10), "Worse than the best naive forecast by 25.0 % (p = 0.0123): the network misses by 12.50 (RMSE), "
                             "repeating the last close by 10.00, 20.0 % less."),
        (measured(0.0125, 0.01), "Worse than the best naive forecast by 25.0 % (p = 0.0123): the network misses by 0.0125 (RMSE), "
                                 "repeating the last close by 0.01, 20.0 % less."),
        (measured(0.3, 0.0, None), "Worse than the best naive forecast, which never misses: the network misses by 0.3 (RMSE), "
                                   "repeating the last close by 0."),
        (measured(9.9999, 10, 0.04999), "Better than the best naive forecast by 0.001 % (p < 0.05): "
                                        "the network misses by 10.00 (RMSE), repeating the last close by 10.00."),
    ],
)  # fmt: skip
def test_the_sentence_says_by_how_much_how_sure_and_to_what(found: Measured, text: str) -> None:
    assert verdict_text("point", found, score(), "last_close") == text


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (measured(0.6947, 0.6993, 0.0001, pooled=True),
         "Its distribution is better than the best bands by 0.7 % (p < 0.001): the network's ranges miss by 0.6947 "
         "(CRPS in log per cent, all tickers), HAR bands by 0.6993."),
        (measured(0.3, 0.0, None), "Its distribution is worse than the best bands, which never miss: the network's ranges miss "
                                   "by 0.3 (CRPS), HAR bands by 0."),
        (measured(2.9, 2.8, 0.2), "Its distribution is not distinguishable from the best bands (gain -3.6 %, p = 0.2): "
                                  "the network's ranges miss by 2.9 (CRPS), HAR bands by 2.8."),
    ],
)  # fmt: skip
def test_the_sentence_on_the_distribution_names_the_bands(found: Measured, text: str) -> None:
    assert verdict_text("distribution", found, score(), "har_bands") == text


@pytest.mark.parametrize("opponent", [*NAIVE_WORDS, *BAND_WORDS])
def test_every_opponent_has_words(opponent: str) -> None:
    part = "point" if opponent in NAIVE_WORDS else "distribution"
    text = verdict_text(part, measured(2, 1), score(), opponent)
    assert {**NAIVE_WORDS, **BAND_WORDS}[opponent] in text
    assert "_" not in text


@pytest.mark.parametrize("part", ["point", "distribution"])
def test_few_days_prove_little(part) -> None:
    assert "; but 20 days prove little." in verdict_text(part, measured(5, 10, days=20), score(), "last_close")
    assert "; but 1 day proves little." in verdict_text(part, measured(5, 10, None, 1), score(), "last_close")
    assert "prove" not in verdict_text(part, measured(5, 10, days=63), score(), "last_close")


def test_a_verdict_without_a_test_says_why() -> None:
    few = Measured(5, 10, Comparison(None, None, 5, is_long_enough=False), pooled=False)
    assert "(gain 50.0 %, too few days for a test)" in verdict_text("point", few, score(), "last_close")
    even = measured(5, 10, None)
    assert "no test: the difference is the same every day" in verdict_text("point", even, score(), "last_close")


def test_a_test_that_contradicts_the_gain_decides_nothing() -> None:
    contradicted = Measured(5, 10, Comparison(2.0, 0.01, 100), pooled=True)
    assert contradicted.outcome == "level"
    assert "holds for days but not for rows" in verdict_text("point", contradicted, score(), "last_close")


LATE = "In shape, this forecast repeats the price of"


@pytest.mark.parametrize(
    ("lag", "horizon", "said"),
    [
        (1, 1, f" {LATE} 1 session ago."),
        (9, 1, f" {LATE} 9 sessions ago."),
        (10, 1, f" {LATE} 10 or more sessions ago."),
        (5, 5, f" {LATE} 5 sessions ago."),
        (0, 1, ""),
        (None, 1, ""),
        (3, 5, ""),  # no price of the days between could be repeated
    ],
)
def test_a_late_forecast_is_told_how_late_it_is(lag: int | None, horizon: int, said: str) -> None:
    assert lateness_text(score(horizon, lag=lag)) == said


def test_weekly_forecasts_are_spoken_of_in_weeks() -> None:
    text = verdict_text("point", measured(5, 10, days=20), score(4), "last_close", "week")
    assert "the best naive forecast 4 weeks ahead" in text
    assert "; but 20 weeks prove little." in text
    few = Measured(5, 10, Comparison(None, None, 5, is_long_enough=False), pooled=False)
    assert "too few weeks for a test" in verdict_text("point", few, score(), "last_close", "week")
    assert lateness_text(score(1, lag=3), "week").endswith("repeats the price of 3 weeks ago.")


def test_where_the_test_for_overlap_does_not_agree_the_verdict_says_so() -> None:
    doubted = Measured(5, 10, Comparison(-2.2, 0.03, 250, p_overlap=0.11), pooled=False)
    assert doubted.outcome == "level"
    text = verdict_text("point", doubted, score(20), "last_close")
    assert "(gain 50.0 %, p = 0.03, but 0.11 by a test that allows more for overlap)" in text
    agreed = Measured(5, 10, Comparison(-2.2, 0.03, 250, p_overlap=0.04), pooled=False)
    assert (agreed.outcome, "overlap" in verdict_text("point", agreed, score(20), "last_close")) == ("better", False)
