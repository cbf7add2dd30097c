from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockrnn.config import Config, parse_config
from stockrnn.errors import PriceDataError
from stockrnn.prices.table import Prices, sessions_of
from stockrnn.samples.splits import Split
from stockrnn.workflows import held_out
from stockrnn.workflows.held_out import (
    CALIBRATION,
    GATE,
    WATCH,
    check_windows,
    held_out_origins,
    validation_parts,
    watched_part,
)
from stockrnn.workflows.job import TrainJob

USES = {
    WATCH: {"train": {"early_stopping": 3}},
    GATE: {"evaluation": {"gate": True}},
    CALIBRATION: {"evaluation": {"intervals": "conformal"}},
}


def config_for(uses: tuple[str, ...], lookback: int = 3, horizon: int = 1) -> Config:
    document: dict[str, Any] = {
        "data": {"validation": 0.4},
        "window": {"lookback": lookback, "strategy": "direct", "horizon": horizon},
    }
    for use in uses:
        for section, keys in USES[use].items():
            document[section] = {**document.get(section, {}), **keys}
    return parse_config(document, "test")


def split_of(prices: Prices, fit: int, validation: int) -> Split:
    days = sessions_of(prices)
    watched = (days[fit], days[fit + validation - 1]) if validation else None
    return Split((days[0], days[fit - 1]), watched, (days[fit + validation], days[-1]))


def job_of(prices: Prices, config: Config, fit: int = 20, validation: int = 12) -> TrainJob:
    return TrainJob(config, prices, (), split_of(prices, fit, validation), "none", None)


subsets = st.lists(st.sampled_from([WATCH, GATE, CALIBRATION]), unique=True).map(tuple)


@settings(max_examples=60, deadline=None)
@given(uses=subsets, validation=st.integers(3, 30))
def test_the_parts_follow_one_another_and_cover_the_validation(make_ramp, uses, validation: int) -> None:
    prices = make_ramp(60, ("AAA", "BBB"))
    split, days = split_of(prices, 20, validation), sessions_of(prices)
    parts = validation_parts(prices, config_for(uses), split)
    assert list(parts) == ([use for use in (WATCH, GATE, CALIBRATION) if use in uses] or [WATCH])
    places = [(days.get_loc(first), days.get_loc(last)) for first, last in parts.values()]
    assert places[0][0] == 20
    assert places[-1][1] == 20 + validation - 1
    for (_, last), (first, _) in itertools.pairwise(places):
        assert first == last + 1
    lengths = [last - first + 1 for first, last in places]
    assert max(lengths) - min(lengths) <= 1


def test_without_validation_there_are_no_parts(make_ramp) -> None:
    prices = make_ramp(40)
    split = split_of(prices, 20, 0)
    assert validation_parts(prices, Config(), split) == {}
    assert watched_part(prices, Config(), split) is None
    job = TrainJob(Config(), prices, (), split, "none", None)
    assert len(held_out_origins(job)) == 0


def test_all_of_the_validation_is_watched_when_nothing_else_wants_it(make_ramp) -> None:
    prices = make_ramp(40)
    split = split_of(prices, 20, 12)
    for uses in ((), (WATCH,)):
        assert watched_part(prices, config_for(uses), split) == split.validation
        assert len(held_out_origins(job_of(prices, config_for(uses)))) == 0


def test_nothing_is_watched_when_only_the_gate_wants_the_validation(make_ramp) -> None:
    prices = make_ramp(40)
    assert watched_part(prices, config_for((GATE,)), split_of(prices, 20, 12)) is None


@pytest.mark.parametrize("horizon", [1, 3])
def test_held_out_forecasts_are_of_the_sessions_that_are_not_watched(make_ramp, horizon: int) -> None:
    prices = make_ramp(40, ("AAA", "BBB"))
    job = job_of(prices, config_for((WATCH, GATE, CALIBRATION), horizon=horizon))
    parts, days = validation_parts(job.prices, job.config, job.split), sessions_of(prices)
    origins = held_out_origins(job)
    ahead = origins[:, None] + np.arange(1, horizon + 1)
    sessions = prices.index.get_level_values("session")[ahead.ravel()]
    assert sessions.min() == parts[GATE][0] > parts[WATCH][1]
    assert sessions.max() == parts[CALIBRATION][1] < job.split.test[0]
    assert (ahead // 40 == origins[:, None] // 40).all()
    assert len(origins) == 2 * (8 - horizon + 1)
    assert parts[WATCH] == (days[20], days[23])


def test_the_tested_sessions_are_all_of_the_test(make_ramp) -> None:
    prices = make_ramp(40, ("AAA", "BBB"))
    job = job_of(prices, config_for(()))
    assert held_out.tested_origins(job).tolist() == [*range(31, 39), *range(71, 79)]


def test_windows_for_each_use_are_enough(make_ramp) -> None:
    check_windows(job_of(make_ramp(40), config_for((WATCH, GATE, CALIBRATION))))
    check_windows(TrainJob(Config(), make_ramp(90), (), split_of(make_ramp(90), 70, 0), "none", None))


@pytest.mark.parametrize(
    ("uses", "validation", "horizon", "words"),
    [
        ((GATE, CALIBRATION), 1, 1, r"cut into 2 parts of 1 or more; evaluation\.intervals has none"),
        ((WATCH, GATE, CALIBRATION), 12, 5, r"cut into 3 parts of 5 or more; train\.early_stopping has none"),
        ((WATCH, GATE), 11, 6, r"evaluation\.gate has none: raise data\.validation"),
        ((CALIBRATION,), 3, 4, r"cut into 1 parts of 4 or more; evaluation\.intervals has none"),
        ((WATCH,), 0, 1, r"train\.early_stopping has none"),
    ],
)
def test_too_few_validation_sessions_for_their_uses_are_refused(make_ramp, uses, validation, horizon, words) -> None:
    with pytest.raises(PriceDataError, match=words):
        check_windows(job_of(make_ramp(50), config_for(uses, horizon=horizon), validation=validation))


def test_tickers_that_are_all_too_short_to_train_on_are_refused(make_ramp) -> None:
    prices = pd.concat(
        [
            make_ramp(10, ("AAA",)),
            make_ramp(10, ("BBB",), first="2020-01-15"),
            make_ramp(60, ("CCC",), first="2020-01-29"),
        ]
    )
    days = sessions_of(prices)
    job = TrainJob(
        config_for((), lookback=15), prices, (), Split((days[0], days[24]), None, (days[25], days[-1])), "none", None
    )
    with pytest.raises(PriceDataError, match=r"no ticker has 16 sessions to train on \(lookback \+ horizon\) from"):
        check_windows(job)
