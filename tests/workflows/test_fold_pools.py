from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from stockrnn.config import parse_config
from stockrnn.errors import PriceDataError
from stockrnn.prices.table import Prices, sessions_of
from stockrnn.samples.folds import Fold, WalkForward, walk_forward_folds
from stockrnn.samples.splits import Split
from stockrnn.workflows.fold_pools import trainable_folds
from stockrnn.workflows.job import TrainJob

LOOKBACK, EVERY, TESTED = 10, 20, 60


def job_of(prices: Prices, kind: str = "log_return", **sections: Any) -> tuple[TrainJob, list[Fold]]:
    """A job whose last 60 sessions are tested in three folds."""
    document: dict[str, Any] = {
        "window": {"lookback": LOOKBACK, "strategy": "direct"},
        "target": {"column": "close", "kind": kind},
        "features": {"names": ["close"] if kind == "level" else ["return_1"]},
        **sections,
    }
    config, days = parse_config(document, "test"), sessions_of(prices)
    split = Split((days[0], days[-TESTED - 1]), None, (days[-TESTED], days[-1]))
    folds = walk_forward_folds(days, split, config.data, WalkForward(refit_every=EVERY), (LOOKBACK, 1))
    return TrainJob(config, prices, (), split, "none", None, config.feature_names), folds


def without(prices: Prices, ticker: str, first: int, last: int) -> Prices:
    """Take sessions of a ticker away, by their places."""
    days = sessions_of(prices)[first:last]
    index = prices.index
    return prices[~((index.get_level_values("ticker") == ticker) & index.get_level_values("session").isin(days))]


@pytest.fixture
def pool(make_prices) -> Prices:
    return make_prices(160, ("AAA", "BBB"))


@pytest.mark.parametrize("pool_kind", ["together", "each"])
def test_tickers_with_enough_sessions_are_in_every_fold_without_a_word(pool, pool_kind) -> None:
    notes: list[str] = []
    job, folds = job_of(pool)
    found = trainable_folds(job, folds, pool_kind, notes.append)
    assert [(fold.number, tickers) for fold, tickers in found] == [(n, ["AAA", "BBB"]) for n in (1, 2, 3)]
    assert notes == []


def test_a_ticker_that_begins_late_is_left_out_of_the_folds_before_and_told(pool) -> None:
    notes: list[str] = []
    # 12 sessions before the second fold.
    job, folds = job_of(without(pool, "BBB", 0, 108), "level")
    found = trainable_folds(job, folds, "together", notes.append)
    assert [tickers for _, tickers in found] == [["AAA"], ["AAA", "BBB"], ["AAA", "BBB"]]
    assert notes == ["Note: with enough sessions in some folds only: BBB (in 2 of 3)."]


def test_a_fold_in_which_no_ticker_has_a_window_is_left_out_and_named_with_its_tickers(pool) -> None:
    """Before the first fold there are 17 sessions, and no ticker has 11 of them."""
    notes: list[str] = []
    prices = without(without(without(pool, "AAA", 0, 80), "AAA", 88, 100), "BBB", 0, 91)
    job, folds = job_of(prices)
    found = trainable_folds(job, folds, "together", notes.append)
    assert [(fold.number, tickers) for fold, tickers in found] == [(n, ["AAA", "BBB"]) for n in (2, 3)]
    (note,) = notes
    first, last = folds[0].split.test
    named = f"fold 1 ({first:%Y-%m-%d} to {last:%Y-%m-%d}; AAA, BBB)"
    assert note.startswith(f"Note: left out: {named}: no ticker has 11 sessions to train on")


def test_without_any_fold_the_first_is_told_with_its_tickers_and_what_to_do(pool) -> None:
    job, folds = job_of(pool)
    short = [Fold(each.number, Split((each.split.fit[0],) * 2, None, each.split.test), each.sessions, each.until) for each in folds]  # fmt: skip
    for kind in ("together", "each"):
        with pytest.raises(
            PriceDataError, match=r"^fold 1 \(.*; AAA, BBB\): no ticker has 11 sessions .* --from and --to"
        ):
            trainable_folds(job, short, kind, lambda note: None)  # type: ignore[arg-type]


def test_alone_a_ticker_needs_sessions_for_each_use_of_the_validation(pool) -> None:
    notes: list[str] = []
    sections: dict[str, Any] = {
        "data": {"validation": 0.2},
        "train": {"early_stopping": 2},
        "evaluation": {"gate": True},
    }
    # Of the last 20 of 100 sessions before the first fold, the gate's are the second half.
    job, folds = job_of(without(pool, "BBB", 85, 100), **sections)
    part = folds[0].split.validation
    assert part is not None
    together = trainable_folds(job, folds[:1], "together", notes.append)
    alone = trainable_folds(job, folds[:1], "each", notes.append)
    assert [tickers for _, tickers in together] == [["AAA", "BBB"]]
    assert [tickers for _, tickers in alone] == [["AAA"]]
    assert notes == ["Note: left out for want of sessions in every fold: BBB."]
    assert isinstance(part[0], pd.Timestamp)


@pytest.mark.parametrize("kind", ["level", "log_return"])
def test_a_pool_learns_of_a_ticker_that_has_stopped_trading_in_every_fold(pool, kind) -> None:
    notes: list[str] = []
    job, folds = job_of(without(pool, "BBB", 160 - TESTED, 160), kind)
    found = trainable_folds(job, folds, "together", notes.append)
    assert [tickers for _, tickers in found] == [["AAA", "BBB"]] * 3
    assert notes == ["Note: trained on, and without a session to forecast in any fold: BBB."]


def test_alone_a_ticker_without_a_session_to_forecast_in_a_fold_has_no_task_there(pool) -> None:
    notes: list[str] = []
    job, folds = job_of(without(pool, "BBB", 160 - TESTED + EVERY, 160))
    found = trainable_folds(job, folds, "each", notes.append)
    assert [tickers for _, tickers in found] == [["AAA", "BBB"], ["AAA"], ["AAA"]]
    assert notes == ["Note: with enough sessions in some folds only: BBB (in 1 of 3)."]


@pytest.mark.parametrize("pool_kind", ["together", "each"])
def test_a_fold_that_has_nothing_to_forecast_is_left_out_and_named(pool, pool_kind) -> None:
    """In the last fold only BBB trades, and it has too few sessions to be learnt."""
    notes: list[str] = []
    prices = without(without(pool, "AAA", 140, 160), "BBB", 0, 135)
    job, folds = job_of(prices, "level")
    found = trainable_folds(job, folds, pool_kind, notes.append)
    assert [(fold.number, tickers) for fold, tickers in found] == [(1, ["AAA"]), (2, ["AAA"])]
    assert notes[0].startswith("Note: left out: fold 3 (")
    assert "AAA): no ticker that can be trained on has a session to forecast" in notes[0]
