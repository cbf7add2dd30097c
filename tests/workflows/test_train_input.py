from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stockrnn.errors import PriceDataError
from stockrnn.prices.table import Prices
from stockrnn.recipes import load_recipe
from stockrnn.runs.places import RunPlace
from stockrnn.workflows.preparation import TrainRequest, prepare


def save(prices: Prices, folder: Path) -> tuple[str, ...]:
    files = []
    for ticker, rows in prices.groupby(level="ticker"):
        path = folder / f"{ticker}.csv"
        rows.droplevel("ticker").rename_axis("date").to_csv(path)
        files.append(str(path))
    return tuple(files)


def request(files: tuple[str, ...], *overrides: str) -> TrainRequest:
    recipe = load_recipe("smoke", overrides)
    return TrainRequest(recipe, RunPlace(Path("runs"), None, recipe.name), files)


def test_a_horizon_longer_than_a_fifth_of_the_prices_is_tested_all_the_same(make_prices, tmp_path: Path) -> None:
    files = save(make_prices(32), tmp_path)
    job = prepare(request(files, "window.horizon=8"), [].append)
    days = job.prices.index.get_level_values("session")
    assert (days >= job.split.test[0]).sum() == 8


def test_prices_without_the_column_that_is_forecast_are_told_how_to_forecast_another(
    make_prices, tmp_path: Path
) -> None:
    files = save(make_prices(60, ("AAA",))[["close"]], tmp_path)
    with pytest.raises(
        PriceDataError, match=r"no column 'open' with prices; there are close; .*--set target\.column=close$"
    ):
        prepare(request(files), [].append)
    assert prepare(request(files, "target.column=close"), [].append).config.target.column == "close"


def test_tickers_too_short_to_train_on_are_left_out_with_a_note(make_prices, tmp_path: Path) -> None:
    notes: list[str] = []
    long, short = make_prices(60, ("LONG",)), make_prices(5, ("SHORT",))
    job = prepare(request(save(long, tmp_path) + save(short, tmp_path)), notes.append)
    assert job.prices.index.unique("ticker").to_list() == ["LONG"]
    assert any(note.endswith("(data.train): SHORT.") for note in notes)


@pytest.mark.parametrize(("holes", "beside"), [(9, ("close", "open")), (350, ("close",))])
def test_a_price_beside_the_target_may_have_holes_and_is_left_out_where_it_has_little_else(
    make_prices, tmp_path: Path, holes: int, beside: tuple[str, ...]
) -> None:
    prices = make_prices(400)
    prices.iloc[20 : 20 + holes, prices.columns.get_loc("open")] = 0.0
    chosen = ("target.kind='log_return'", "target.column='close'", "target.beside=['close', 'open']")
    notes: list[str] = []
    job = prepare(request(save(prices, tmp_path), *chosen, "features.names=['return_1']"), notes.append)
    assert job.config.target.beside == beside
    assert any(f"{holes} rows with a price of zero or below in open" in note for note in notes) == (holes == 9)
    assert any("not learnt beside close for want of prices: open" in note for note in notes) == (holes == 350)
    with pytest.raises(PriceDataError, match=f"open is missing, zero or negative in {holes} rows"):
        prepare(request(save(prices, tmp_path), *chosen[:1]), [].append)


def test_the_calendar_that_is_named_silences_the_warning_about_the_usual_one(make_prices, tmp_path: Path) -> None:
    files = save(make_prices(400), tmp_path)  # every weekday, holidays of New York too
    for options, warned in (((), True), (("data.calendar='24/5'",), False)):
        notes: list[str] = []
        job = prepare(request(files, *options), notes.append)
        assert any("no session of XNYS" in note for note in notes) == warned
        assert job.calendar == ("24/5" if options else None)


def test_training_and_test_files_of_one_ticker_are_joined_and_split_at_their_border(
    make_prices, tmp_path: Path
) -> None:
    prices = make_prices(80, ("GOOG",))
    files = tmp_path / "Train.csv", tmp_path / "Test.csv"
    for path, rows in zip(files, (prices.iloc[:60], prices.iloc[60:]), strict=True):
        rows.droplevel("ticker").to_csv(path)
    job = prepare(replace(request((str(files[0]),)), test=(str(files[1]),)), [].append)
    assert job.prices.index.unique("ticker").to_list() == ["Train"]
    assert len(job.prices) == 80
    days = prices.index.get_level_values("session")
    assert (job.split.train, job.split.test) == ((days[0], days[59]), (days[60], days[79]))


def test_no_ticker_with_both_training_and_test_sessions_is_an_error(make_prices, tmp_path: Path) -> None:
    old, young = make_prices(60, ("OLD",), "2016-01-01"), make_prices(60, ("YOUNG",), "2017-01-02")
    with pytest.raises(PriceDataError, match="no ticker that can be trained on has sessions from 2017-01-02"):
        prepare(request(save(old, tmp_path) + save(young, tmp_path)), [].append)
