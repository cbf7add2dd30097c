from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from stockrnn.config_sections import DataConfig
from stockrnn.errors import PriceDataError
from stockrnn.prices.table import Prices, sessions_of
from stockrnn.samples.splits import Split, split_at_border, split_sessions

NEEDED = 61
WRITTEN = ("train", "test")


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def size(sessions: pd.DatetimeIndex, part: tuple[pd.Timestamp, pd.Timestamp]) -> int:
    return int(((sessions >= part[0]) & (sessions <= part[1])).sum())


def years(train: str, test: str, validation: float = 0.0) -> DataConfig:
    first, last = train.split("/")
    start, end = test.split("/")
    iso = dt.date.fromisoformat
    return DataConfig(train=(iso(first), iso(last)), test=(iso(start), iso(end)), validation=validation)


def test_the_tutorials_years_on_the_bundled_prices(bundled: Prices) -> None:
    sessions = sessions_of(bundled)
    split, notes = split_sessions(sessions, DataConfig(), NEEDED, chosen=())
    assert notes == ()
    assert split.fit == split.train == (day("2012-01-03"), day("2016-12-30"))
    assert split.validation is None
    assert split.test == (day("2017-01-03"), day("2017-12-29"))
    assert (size(sessions, split.train), size(sessions, split.test)) == (1258, 251)


def test_both_ends_of_a_part_are_included() -> None:
    sessions = pd.bdate_range("2020-01-01", "2020-12-31")
    data = years("2020-01-02/2020-06-30", "2020-07-01/2020-09-30")
    split, _ = split_sessions(sessions, data, NEEDED, chosen=WRITTEN)
    assert split.fit == (day("2020-01-02"), day("2020-06-30"))
    assert split.test == (day("2020-07-01"), day("2020-09-30"))


def test_validation_is_the_end_of_the_training_years(bundled: Prices) -> None:
    sessions = sessions_of(bundled)
    split, _ = split_sessions(sessions, DataConfig(validation=0.1), NEEDED, chosen=())
    assert split.validation is not None
    assert size(sessions, split.validation) == 126  # a tenth of 1258
    assert size(sessions, split.fit) == 1258 - 126
    assert split.fit[1] < split.validation[0]
    assert split.train == (day("2012-01-03"), day("2016-12-30"))


def test_a_split_that_reaches_beyond_the_data_is_cut_with_a_note() -> None:
    sessions = pd.bdate_range("2014-01-01", "2017-06-30")
    split, notes = split_sessions(sessions, DataConfig(), NEEDED, chosen=WRITTEN)
    assert split.train == (day("2014-01-01"), day("2016-12-30"))
    assert split.test == (day("2017-01-02"), day("2017-06-30"))
    assert [note.split(" is cut")[0] for note in notes] == [
        "data.train 2012-01-01 to 2016-12-31",
        "data.test 2017-01-01 to 2017-12-31",
    ]


def test_holidays_at_the_ends_are_no_cut() -> None:
    sessions = pd.bdate_range("2012-01-09", "2017-12-22")
    assert split_sessions(sessions, DataConfig(), NEEDED, chosen=WRITTEN)[1] == ()


@pytest.mark.parametrize(
    ("count", "tested"), [(1260, 252), (3000, 252), (1259, 251), (1000, 200), (100, 20), (63, 2), (62, 1)]
)
def test_data_without_the_recipes_years_are_tested_on_their_last_sessions(count: int, tested: int) -> None:
    sessions = pd.bdate_range("2018-01-01", periods=count)
    split, notes = split_sessions(sessions, DataConfig(), NEEDED, chosen=())
    assert size(sessions, split.test) == tested
    assert split.test[1] == sessions[-1]
    assert size(sessions, split.train) == count - tested
    assert split.train[0] == sessions[0]
    (note,) = notes
    assert f"testing on the last {tested} sessions, {split.test[0]:%Y-%m-%d} to {split.test[1]:%Y-%m-%d}" in note


def test_the_test_is_never_shorter_than_the_horizon() -> None:
    sessions = pd.bdate_range("2018-01-01", periods=80)
    split, _ = split_sessions(sessions, DataConfig(), 70, chosen=(), horizon=10)
    assert size(sessions, split.test) == 10
    with pytest.raises(PriceDataError, match="too few sessions: 79; at least 80 are needed"):
        split_sessions(sessions[:-1], DataConfig(), 70, chosen=(), horizon=10)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            years("2012-01-01/2016-12-31", "2017-01-01/2017-12-31"),
            "data.train 2012-01-01 to 2016-12-31 has no sessions in the data; the data cover 2020-01-01 to 2020-12-31",
        ),
        (years("2020-01-01/2020-06-30", "2021-01-01/2021-12-31"), "data.test 2021-01-01 to 2021-12-31 has no sessions"),
        (years("2020-01-01/2020-02-01", "2020-06-01/2020-12-31"), "has 23 sessions in the data, 61 are needed"),
        (years("2020-01-01/2020-01-01", "2020-06-01/2020-12-31"), "has 1 session in the data, 61 are needed"),
        (years("2020-01-01/2020-06-30", "2020-10-03/2020-10-04"), "data.test 2020-10-03 to 2020-10-04 has no sessions"),
    ],
)
def test_an_impossible_split_that_the_user_wrote_is_an_error(data: DataConfig, message: str) -> None:
    with pytest.raises(PriceDataError, match=message):
        split_sessions(pd.bdate_range("2020-01-01", "2020-12-31"), data, NEEDED, chosen=WRITTEN)


def test_a_written_test_is_trained_for_on_all_before_it_where_the_data_lack_the_recipes_training_years() -> None:
    sessions = pd.bdate_range("2020-01-01", "2020-12-31")
    data = years("2012-01-01/2016-12-31", "2020-07-01/2020-09-30")
    split, notes = split_sessions(sessions, data, NEEDED, chosen=("test",))
    assert split.train == (day("2020-01-01"), day("2020-06-30"))
    assert split.test == (day("2020-07-01"), day("2020-09-30"))
    assert notes == (
        "these prices do not hold the recipe's training years (data.train 2012-01-01 to 2016-12-31 has no sessions in the "
        "data): training on the 130 sessions before the test, 2020-01-01 to 2020-06-30",
    )
    with pytest.raises(PriceDataError, match=r"data\.train 2012-01-01 to 2016-12-31 has no sessions"):
        split_sessions(sessions, data, NEEDED, chosen=WRITTEN)


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("2020-03-24/2020-09-30", "data.train 2012-01-01 to 2016-12-31 has no sessions"),  # 59 sessions before it
        ("2021-01-01/2021-09-30", "data.test 2021-01-01 to 2021-09-30 has no sessions"),
    ],
)
def test_a_written_test_with_too_little_before_it_or_outside_of_the_data_is_an_error(test: str, message: str) -> None:
    with pytest.raises(PriceDataError, match=message):
        split_sessions(
            pd.bdate_range("2020-01-01", "2020-12-31"), years("2012-01-01/2016-12-31", test), NEEDED, chosen=("test",)
        )


def test_a_written_test_shorter_than_the_horizon_is_an_error() -> None:
    data = years("2020-01-01/2020-06-30", "2020-07-01/2020-07-02")
    with pytest.raises(PriceDataError, match=r"has 2 sessions in the data, 3 are needed \(horizon\)"):
        split_sessions(pd.bdate_range("2020-01-01", "2020-12-31"), data, NEEDED, chosen=WRITTEN, horizon=3)


@pytest.mark.parametrize("chosen", [WRITTEN, ()])
@pytest.mark.parametrize("count", [0, 1, NEEDED])
def test_too_few_sessions_are_an_error_that_says_how_many_are_needed(count: int, chosen: tuple[str, ...]) -> None:
    with pytest.raises(PriceDataError, match=rf"too few sessions: {count}; at least 62 are needed"):
        split_sessions(pd.bdate_range("2020-01-01", periods=count), DataConfig(), NEEDED, chosen)


@pytest.mark.parametrize(("share", "watched"), [(0.001, 0), (0.5, 50)])
def test_a_validation_that_leaves_too_little_is_an_error(share: float, watched: int) -> None:
    train, test = pd.bdate_range("2020-01-01", periods=100), pd.bdate_range("2021-01-01", periods=5)
    with pytest.raises(PriceDataError, match=rf"leaves {100 - watched} to train on and {watched} to watch"):
        split_at_border(train, test, DataConfig(validation=share), NEEDED)


def test_two_files_are_split_where_one_ends() -> None:
    train, test = pd.bdate_range("2020-01-01", periods=100), pd.bdate_range("2021-01-01", periods=5)
    split = split_at_border(train, test, DataConfig(), NEEDED)
    assert split == Split((train[0], train[-1]), None, (test[0], test[-1]))
    with pytest.raises(PriceDataError, match="too few sessions to train on: 60; at least 61"):
        split_at_border(train[:60], test, DataConfig(), NEEDED)
    with pytest.raises(PriceDataError, match="too few sessions to test on: 5; at least 6"):
        split_at_border(train, test, DataConfig(), NEEDED, horizon=6)


@pytest.mark.parametrize("validation", [0.0, 0.2])
def test_a_split_survives_json(bundled: Prices, validation: float) -> None:
    split, _ = split_sessions(sessions_of(bundled), DataConfig(validation=validation), NEEDED, chosen=())
    document = split.to_json()
    assert document["test"] == ["2017-01-03", "2017-12-29"]
    assert Split.from_json(document) == split
