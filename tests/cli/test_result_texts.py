"""What a reader is told: the names that texts give and those that they sum up."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from stockrnn.cli.predictions import _beyond, _coverage, _judged, _told, known_until
from stockrnn.cli.results import _ahead, _by_horizon, _expected, _gate, _gates, _spread, shown_horizons
from stockrnn.messages import first_few


@pytest.mark.parametrize(("forecaster", "name"), [("last_close", "last close"), ("last_value", "last value")])
def test_a_closed_gate_names_the_naive_forecast(forecaster: str, name: str) -> None:
    judgement = SimpleNamespace(scores=[SimpleNamespace(forecaster=forecaster)])
    assert _gate(0.0, judgement)[0].endswith(f"the point forecast is the {name}.")


@pytest.mark.parametrize(
    ("shares", "told"),
    [
        ([None, None], None),
        ([0.0], "Nothing was learnt of where the price goes that held on validation: the point forecast is the last close."),
        ([0.0, 0.0], "Nothing was learnt of where the price goes that held on validation in any of the 2 fits: the point forecast is the last close."),
        ([0.0, 0.25, 1.0], "Gate: on validation 25 to 100 % of the network's way from the naive forecast held in 2 of 3 fits; that much is kept; in the others the point forecast is the last close."),
        ([0.5, 0.5], "Gate: on validation 50 % of the network's way from the naive forecast held in 2 of 2 fits; that much is kept."),
    ],
)  # fmt: skip
def test_a_backtest_tells_what_the_gates_of_its_fits_kept(shares: list[float | None], told: str | None) -> None:
    judgement = SimpleNamespace(scores=[SimpleNamespace(forecaster="last_close")])
    assert _gates(shares, judgement) == ([told] if told else [])


@pytest.mark.parametrize(
    ("expected", "share", "told"), [(True, 0.5, 1), (True, None, 1), (True, 0.0, 0), (False, 1.0, 0)]
)
def test_a_regression_is_told_of_where_something_of_it_is_forecast(expected: bool, share: float, told: int) -> None:
    assert len(_expected(expected, share)) == told


@pytest.mark.parametrize(("count", "text"), [(1, "a"), (4, "a, b, c, d"), (6, "a, b, c, d and 2 more")])
def test_four_names_are_given_and_the_others_counted(count: int, text: str) -> None:
    assert first_few(list("abcdef")[:count]) == text


def test_each_last_day_of_the_prices_is_told_with_its_tickers() -> None:
    old, new = pd.Timestamp("2022-09-19"), pd.Timestamp("2024-06-28")
    assert known_until(pd.DataFrame({"ticker": ["A", "B"], "origin": [new, new]})) == "2024-06-28"
    two = pd.DataFrame({"ticker": ["A", "A", "C"], "origin": [new, new, old]})
    assert known_until(two) == "2022-09-19 (C) and 2024-06-28"
    many = pd.DataFrame({"ticker": list("ABCDE"), "origin": [new, new, old, old, old]})
    assert known_until(many) == "2022-09-19 (C, D and 1 more) and 2024-06-28"
    days = pd.DataFrame({"ticker": list("ABC"), "origin": [old, pd.Timestamp("2023-01-02"), new]})
    assert known_until(days) == "3 different days, the first 2022-09-19 (A), the last 2024-06-28"


@pytest.mark.parametrize(("kind", "days", "told"), [("log_return", 10, 1), ("log_return", 5, 0), ("price", 10, 0)])
def test_days_past_the_trained_ones_are_told_of_a_network_of_returns(kind: str, days: int, told: int) -> None:
    config = SimpleNamespace(can_go_on=False, target=SimpleNamespace(kind=kind), outputs=5)
    notes = _beyond(
        SimpleNamespace(config=config, interval="1d", forecasts=pd.DataFrame({"horizon": range(1, days + 1)}))
    )
    assert len(notes) == told
    assert all(note.startswith("Trained for 5 sessions ahead") for note in notes)


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (1, "On the test sessions, 1 session ahead, 1 forecast had ranges: too few to say how often they come true."),
        (
            19,
            "On the test sessions, 1 session ahead, 19 forecasts had ranges: too few to say how often they come true.",
        ),
        (20, "On the test sessions, 1 session ahead, came true of 20 forecasts: 50.0 % in the 80 % range."),
    ],
)
def test_a_share_of_a_few_forecasts_is_not_told(rows: int, text: str) -> None:
    coverage = [{"level": 0.8, "horizon": 1, "coverage": 0.5, "rows": rows}]
    prediction = SimpleNamespace(coverage=coverage, interval="1d", forecasts=pd.DataFrame({"horizon": [1]}))
    assert _coverage(prediction) == [text]


@pytest.mark.parametrize("learnt", [True, False])
def test_a_verdict_on_other_ranges_than_those_shown_says_so(learnt: bool) -> None:
    prediction = SimpleNamespace(learnt=learnt)
    point, distribution = (_judged(prediction, {"part": part, "text": "Better."}) for part in ("point", "distribution"))
    assert point == "On the test sessions: Better."
    assert distribution.endswith("The run's own ranges there, made otherwise: Better.") == learnt
    assert (distribution == point) != learnt


@pytest.mark.parametrize(
    ("count", "shown"), [(1, [1]), (3, [1, 2, 3]), (4, [1, 2, 4]), (5, [1, 3, 5]), (12, [1, 6, 12])]
)
def test_the_first_the_middle_and_the_last_horizon_stand_for_all(count: int, shown: list[int]) -> None:
    assert shown_horizons(range(1, count + 1)) == shown


def test_of_the_horizons_asked_for_three_stand_for_all() -> None:
    rows = [{"horizon": ahead} for ahead in range(1, 25)]
    asked = {days: SimpleNamespace(forecasts=pd.DataFrame({"horizon": range(1, days + 1)})) for days in (1, 5, 30)}
    assert {days: _told(prediction, rows) for days, prediction in asked.items()} == {
        1: [1],
        5: [1, 3, 5],
        30: [1, 12, 24],
    }


@pytest.mark.parametrize(("pooled", "unit"), [(False, "RMSE"), (True, "RMSE in log per cent, all tickers")])
def test_how_far_seeds_miss_alone_has_the_unit_of_the_table(pooled: bool, unit: str) -> None:
    text = _spread([{"seed": 1, "rmse": 1.25}, {"seed": 2, "rmse": 1.5}], pooled=pooled)
    assert text == [f"Alone, the 2 networks miss by 1.25 to 1.5 ({unit})."]


def test_seeds_whose_errors_look_the_same_are_told_one_error() -> None:
    text = _spread([{"seed": 1, "rmse": 9.19912}, {"seed": 2, "rmse": 9.19941}], pooled=False)
    assert text == ["Alone, each of the 2 networks misses by 9.199 (RMSE)."]


def test_the_best_of_many_horizons_are_counted() -> None:
    best = {ahead: "garch" if ahead > 9 else "har_bands" for ahead in range(1, 13)}
    assert _by_horizon(best, list(best)) == "HAR bands (at 9 of 12 horizons), GARCH (at 3 of 12 horizons)"


def test_of_horizons_that_are_not_judged_nothing_is_said() -> None:
    best = {1: "last_close", 2: "drift", 3: "last_value", 4: "last_close", 5: "drift"}
    assert _by_horizon(best, [5]) == "drift"
    assert _by_horizon(best, [1, 5]) == "last close (1 ahead), drift (5 ahead)"


@pytest.mark.parametrize(
    ("horizons", "text"),
    [
        ([1], "the next session"),
        ([5], "5 sessions ahead"),
        ([1, 2, 3, 4, 5], "1 to 5 sessions ahead"),
        ([2, 3], "2 to 3 sessions ahead"),
        ([1, 5], "1 and 5 sessions ahead"),
        ([3, 6, 12, 24], "3, 6, 12 and 24 sessions ahead"),
        (list(range(1, 30, 2)), "15 horizons of 1 to 29 sessions ahead"),
    ],
)
def test_the_title_names_the_horizons_that_are_judged(horizons: list[int], text: str) -> None:
    assert _ahead(horizons) == text
