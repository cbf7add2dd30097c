from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from stockrnn.evaluation.metrics import Score, Yardstick
from stockrnn.evaluation.verdict import NAIVE_WORDS, point_verdicts

AGAINST_LAST_CLOSE = Yardstick({1: "last_close"}, {})


def score(forecaster: str, rmse: float, ticker: str | None = "AAA", horizon: int = 1, rows: int = 251) -> Score:
    nothing = dict.fromkeys(["mase", "skill", "direction", "crps", "crps_pct", "coverage90"])
    return Score(ticker, forecaster, horizon, rows, rmse, mae=rmse, mape=1.0, **nothing)


def judged(network: float, naive: float, **more):
    (verdict,) = point_verdicts(
        [score("network", network, **more), score("last_close", naive, **more)], AGAINST_LAST_CLOSE
    )
    return verdict


@pytest.mark.parametrize(
    ("network", "naive", "outcome", "gain"),
    [(5, 10, "better", 0.5), (20, 10, "worse", -1), (9.95, 10, "level", 0.005), (10.05, 10, "level", -0.005)],
)
def test_the_outcome_is_the_sign_of_the_gain(network: float, naive: float, outcome: str, gain: float) -> None:
    verdict = judged(network, naive)
    assert (verdict.outcome, verdict.gain) == (outcome, pytest.approx(gain))
    assert (verdict.part, verdict.forecaster, verdict.against, verdict.metric) == (
        "point", "network", "last_close", "rmse",
    )  # fmt: skip
    assert verdict.p_value is verdict.lag is None


@pytest.mark.parametrize(
    ("network", "naive", "text"),
    [
        (5, 10, "Better than the best naive forecast by 50.0 %: the network misses by 5.00 (RMSE), "
                "repeating the last close by 10.00."),
        (10, 10, "Level with the best naive forecast: the network misses by 10.00 (RMSE), "
                 "repeating the last close by 10.00."),
        (40, 10, "Worse than the best naive forecast: the network misses by 40.00 (RMSE), "
                 "repeating the last close by 10.00, 4.0 times closer."),
        (12.5, 10, "Worse than the best naive forecast: the network misses by 12.50 (RMSE), "
                   "repeating the last close by 10.00, 20.0 % less."),
        (0.0125, 0.01, "Worse than the best naive forecast: the network misses by 0.0125 (RMSE), "
                       "repeating the last close by 0.01, 20.0 % less."),
    ],
)  # fmt: skip
def test_the_sentence_says_by_how_much_and_to_what(network: float, naive: float, text: str) -> None:
    assert judged(network, naive).text == text


@pytest.mark.parametrize("forecaster", sorted(NAIVE_WORDS))
def test_every_naive_forecaster_has_words(forecaster: str) -> None:
    scores = [score("network", 2), score(forecaster, 1)]
    (verdict,) = point_verdicts(scores, Yardstick({1: forecaster}, {}))
    assert NAIVE_WORDS[forecaster] in verdict.text
    assert "_" not in verdict.text


def test_few_days_prove_little() -> None:
    assert judged(5, 10, rows=20).text.endswith("; but 20 days prove little.")
    assert "prove" not in judged(5, 10, rows=251).text


@pytest.mark.parametrize(("network", "outcome"), [(0.0, "level"), (0.3, "worse")])
def test_no_network_is_level_with_a_forecast_that_never_misses_unless_it_never_misses_either(
    network: float, outcome: str
) -> None:
    verdict = judged(network, 0.0)
    assert verdict.outcome == outcome
    json.dumps(asdict(verdict), allow_nan=False)


def test_the_pooled_row_is_judged_when_there_is_one() -> None:
    scores = [
        score(name, rmse, ticker) for ticker, rmse in ((None, 2.0), ("AAA", 5.0)) for name in ("network", "last_close")
    ]
    scores[0] = replace(scores[0], rmse=1.0)
    (verdict,) = point_verdicts(scores, AGAINST_LAST_CLOSE)
    assert verdict.gain == pytest.approx(0.5)


def test_each_horizon_has_its_verdict() -> None:
    scores = [score(name, rmse, horizon=h) for h in (1, 2) for name, rmse in (("network", h), ("last_close", 2.0))]
    first, second = point_verdicts(scores, Yardstick({1: "last_close", 2: "last_close"}, {}))
    assert (first.horizon, first.outcome, second.horizon, second.outcome) == (1, "better", 2, "level")
    assert "2 sessions ahead" in second.text


def test_without_a_network_or_its_opponent_there_is_no_verdict() -> None:
    assert point_verdicts([score("last_close", 1)], AGAINST_LAST_CLOSE) == []
    assert point_verdicts([score("network", 1), score("drift", 1)], AGAINST_LAST_CLOSE) == []
