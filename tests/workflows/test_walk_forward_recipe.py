"""The recipe of a backtest: the test sessions that are asked for, and the training years before them."""

from __future__ import annotations

import datetime as dt

from stockrnn.workflows.backtest import walk_forward_recipe

TRAIN = 'data.train=["2015-01-01","2015-12-31"]'


def test_the_dates_of_a_backtest_are_a_written_test_and_the_training_years_end_before_it() -> None:
    recipe = walk_forward_recipe("smoke", [], dt.date(2016, 6, 1), dt.date(2016, 9, 1))
    assert recipe.config.data.test == (dt.date(2016, 6, 1), dt.date(2016, 9, 1))
    assert recipe.config.data.train == (dt.date(2016, 1, 1), dt.date(2016, 5, 31))
    assert recipe.chosen == {"test"}


def test_training_years_that_the_user_wrote_stay_written() -> None:
    assert walk_forward_recipe("smoke", [TRAIN], dt.date(2016, 6, 1), dt.date(2016, 9, 1)).chosen == {"train", "test"}
    assert walk_forward_recipe("smoke", [TRAIN], None, None).chosen == {"train"}
    assert walk_forward_recipe("smoke", [], None, None).chosen == set()
