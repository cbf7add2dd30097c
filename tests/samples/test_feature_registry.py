from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stockrnn.feature_names import FEATURE_GROUPS, FEATURE_NAMES, RECOMMENDED_FEATURES, named_features
from stockrnn.samples.features import FEATURES, available_features, feature_table
from tests.samples.feature_prices import random_prices

ALL_COLUMNS = ("open", "high", "low", "close", "volume")
PAGE = Path(__file__).parents[2] / "docs" / "features.md"


def test_the_config_knows_the_names_of_all_features_in_their_order() -> None:
    assert tuple(FEATURES) == FEATURE_NAMES
    assert [feature.name for feature in FEATURES.values()] == list(FEATURE_NAMES)


def test_a_name_of_a_feature_is_not_that_of_a_column_or_of_a_group() -> None:
    assert set(FEATURE_NAMES).isdisjoint({*ALL_COLUMNS, "target", *FEATURE_GROUPS})


def test_a_group_stands_for_its_members_each_once() -> None:
    assert named_features(["close", "gap", "recommended"]) == (
        "close",
        "gap",
        *(name for name in RECOMMENDED_FEATURES if name != "gap"),
    )
    assert named_features(FEATURE_GROUPS) == RECOMMENDED_FEATURES


def test_the_recommended_features_are_registered_and_need_no_pool() -> None:
    assert available_features(RECOMMENDED_FEATURES, ALL_COLUMNS, 1) == (RECOMMENDED_FEATURES, ())


def test_a_table_has_a_column_a_name_in_the_order_asked_for() -> None:
    prices = random_prices()
    table = feature_table(prices, ["volume_22", "gap"])
    assert table.shape == (len(prices), 2)
    assert table.dtype == np.float64
    np.testing.assert_array_equal(table[:, 1], feature_table(prices, ["gap"])[:, 0])


def test_all_prices_and_several_tickers_give_all_features() -> None:
    assert available_features(FEATURE_NAMES, ALL_COLUMNS, 2) == (FEATURE_NAMES, ())


def test_a_ticker_alone_has_no_pool() -> None:
    kept, left_out = available_features(FEATURE_NAMES, ALL_COLUMNS, 1)
    assert left_out == tuple(name for name in FEATURE_NAMES if name.startswith("pool"))
    assert kept == FEATURE_NAMES[: -len(left_out)]


def test_closes_alone_give_returns_volatilities_seasons_and_weekdays() -> None:
    kept, left_out = available_features(FEATURE_NAMES, ["close"], 2)
    assert set(kept) == {
        *("return_1", "absolute_return", "negative_return", "return_5", "volatility_60", "volatility_250"),
        *("weekday_mon", "weekday_tue", "weekday_wed", "weekday_thu", "weekday_fri"),
        *("season_63", "season_126", "season_252", "largest_move_29"),
        *("pool_return", "pool_absolute_return"),
    }
    assert set(kept) | set(left_out) == set(FEATURE_NAMES)
    assert feature_table(random_prices()[["close"]], kept).shape[1] == len(kept)


@pytest.mark.parametrize("column", ALL_COLUMNS)
def test_features_that_are_left_out_for_a_missing_column_name_it(column: str) -> None:
    left_out = available_features(FEATURE_NAMES, set(ALL_COLUMNS) - {column}, 2)[1]
    assert left_out
    assert all(column in FEATURES[name].columns for name in left_out)


def test_the_page_of_features_is_the_registry() -> None:
    written = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    expected = [
        f"| `{f.name}` | {f.formula} | {', '.join(f.columns) or 'any price'} | {f.source} |" for f in FEATURES.values()
    ]
    assert written == expected
