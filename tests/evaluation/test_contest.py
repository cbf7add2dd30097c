from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from stockrnn.evaluation.contest import best_of, pair_tests
from stockrnn.evaluation.significance import compare_losses
from stockrnn.forecasts.table import Forecast, Forecasts, tabulate
from stockrnn.prices.table import Prices

LEVELS = np.linspace(-0.95, 0.95, 19)
DAYS = 120


def table_of(prices: Prices, sizes: dict[str, float], horizon: int = 1, wide: tuple[str, ...] = ()) -> Forecasts:
    """Forecasts of the open that miss by noise of these sizes; of those in `wide`, with quantiles."""
    origins = np.arange(20, 20 + DAYS)
    ahead = origins[:, None] + np.arange(1, horizon + 1)
    actual = prices["open"].to_numpy()[ahead]
    parts = []
    for number, (name, size) in enumerate(sizes.items()):
        values = actual + size * np.random.default_rng(number).standard_normal(actual.shape)
        quantiles = values[..., None] + size * LEVELS if name in wide else None
        parts.append(tabulate(Forecast(name, values, quantiles), prices, origins, "open"))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def prices(make_prices) -> Prices:
    return make_prices(200)


def test_each_two_are_tested_once_at_each_horizon(prices) -> None:
    pairs = pair_tests(table_of(prices, {"a": 1.0, "b": 1.0, "c": 2.0}, horizon=2), ["a", "b", "c"])
    assert [(pair.horizon, pair.a, pair.b) for pair in pairs] == [
        (ahead, *two) for ahead in (1, 2) for two in (("a", "b"), ("a", "c"), ("b", "c"))
    ]
    assert {pair.part for pair in pairs} == {"point"}


def test_gain_and_p_are_those_of_the_squared_errors_and_holm_is_statsmodels_holm(prices) -> None:
    table = table_of(prices, {"a": 1.0, "b": 1.2, "c": 2.0})
    pairs = pair_tests(table, ["a", "b", "c"])
    misses = {name: (rows["forecast"] - rows["actual"]).to_numpy() for name, rows in table.groupby("forecaster")}
    days = table.loc[table["forecaster"] == "a", "session"].to_numpy()
    for pair in pairs:
        ours, theirs = misses[pair.a], misses[pair.b]
        expected = compare_losses(days, ours**2, theirs**2, 1).p_value
        assert pair.p_value == pytest.approx(expected)
        assert pair.gain == pytest.approx(1 - np.sqrt(np.mean(ours**2) / np.mean(theirs**2)))
    corrected = multipletests([pair.p_value for pair in pairs], method="holm")[1]
    assert [pair.p_holm for pair in pairs] == pytest.approx(list(corrected))


def test_the_first_is_better_when_the_second_misses_more_and_worse_the_other_way_round(prices) -> None:
    table = table_of(prices, {"good": 1.0, "bad": 3.0})
    (forwards,), (backwards,) = pair_tests(table, ["good", "bad"]), pair_tests(table, ["bad", "good"])
    assert (forwards.outcome, backwards.outcome) == ("better", "worse")
    assert forwards.text.startswith("good is better than bad (RMSE ")
    assert backwards.text.startswith("bad is worse than good (RMSE ")


def test_a_difference_that_only_one_test_of_many_would_show_is_level(prices) -> None:
    sizes = {"a": 1.0, "b": 1.45, "c": 1.0, "d": 1.1, "e": 1.05, "f": 1.07}
    table = table_of(prices, sizes)
    (alone,) = pair_tests(table, ["a", "b"])
    among = next(pair for pair in pair_tests(table, list(sizes)) if (pair.a, pair.b) == ("a", "b"))
    assert alone.p_value == among.p_value
    assert alone.p_value is not None
    assert among.p_holm is not None
    assert alone.p_value < 0.05 <= among.p_holm
    assert (alone.outcome, among.outcome) == ("better", "level")
    assert "for 15 tests" in among.text


def test_distributions_are_tested_only_where_all_have_them(prices) -> None:
    sizes = {"a": 1.0, "b": 3.0, "c": 1.0}
    some = pair_tests(table_of(prices, sizes, wide=("a", "b")), list(sizes))
    assert {pair.part for pair in some} == {"point"}
    every = pair_tests(table_of(prices, sizes, wide=("a", "b", "c")), list(sizes))
    assert [pair.part for pair in every] == ["point"] * 3 + ["distribution"] * 3
    ranges = {(pair.a, pair.b): pair.outcome for pair in every if pair.part == "distribution"}
    assert ranges["a", "b"] == "better"
    assert ranges["b", "c"] == "worse"


def test_the_same_forecasts_are_level_without_a_test_and_do_not_count_as_one(prices) -> None:
    table = table_of(prices, {"a": 1.0, "b": 3.0})
    twin = table[table["forecaster"] == "a"].assign(forecaster="twin")
    pairs = pair_tests(pd.concat([table, twin], ignore_index=True), ["a", "b", "twin"])
    same = next(pair for pair in pairs if (pair.a, pair.b) == ("a", "twin"))
    assert (same.gain, same.p_value, same.p_holm, same.outcome) == (0.0, None, None, "level")
    assert "the same forecasts" in same.text
    assert all("for 2 tests" in pair.text for pair in pairs if pair is not same)


def test_the_best_is_named_with_those_it_cannot_be_told_from(prices) -> None:
    (best,) = best_of(pair_tests(table_of(prices, {"a": 3.0, "b": 1.0, "c": 1.01}), ["a", "b", "c"]))
    (first,) = {"b", "c"} - set(best.level_with)
    assert best.name == first
    assert best.level_with in (("b",), ("c",))
    assert "cannot be distinguished from" in best.text
    (clear,) = best_of(pair_tests(table_of(prices, {"a": 3.0, "b": 1.0}), ["a", "b"]))
    assert (clear.name, clear.level_with) == ("b", ())
    assert "better than all others" in clear.text


def test_no_one_of_the_same_forecasts_is_called_the_best_of_them(prices) -> None:
    def best(sizes: dict[str, float], names: list[str]) -> str:
        table = table_of(prices, sizes)
        twin = table[table["forecaster"] == "a"].assign(forecaster="twin")
        (found,) = best_of(pair_tests(pd.concat([table, twin], ignore_index=True), names))
        assert found.same_as == ("twin",)
        return found.text

    assert best({"a": 1.0}, ["a", "twin"]).startswith("a and twin are worth the same (RMSE ")
    beside = "a and twin, which are the same forecasts, miss least (RMSE "
    clear, level = best({"a": 1.0, "b": 3.0}, ["a", "b", "twin"]), best({"a": 1.0, "b": 1.25}, ["a", "twin", "b"])
    assert clear.startswith(beside)
    assert "hold them to be better than all others" in clear
    assert level.startswith(beside)
    assert level.endswith("but cannot be distinguished from b.")


def test_points_and_distributions_are_corrected_together(prices) -> None:
    pairs = pair_tests(table_of(prices, {"a": 1.0, "b": 1.2, "c": 1.4}, wide=("a", "b", "c")), ["a", "b", "c"])
    assert [pair.part for pair in pairs] == ["point"] * 3 + ["distribution"] * 3
    corrected = multipletests([pair.p_value for pair in pairs], method="holm")[1]
    assert [pair.p_holm for pair in pairs] == pytest.approx(list(corrected))
