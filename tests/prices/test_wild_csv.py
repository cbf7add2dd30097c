"""Price files as people have them, read where they lie beside the repository and skipped where they do not."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from stockrnn.errors import PriceDataError
from stockrnn.prices.intervals import intervals_of
from stockrnn.prices.reader import read_prices, read_rows

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "wild-csv"
REFUSED = {"header only", "not a table", "no date", "1 row"}
INTERVALS = {"daily": "1d", "weekly": "1wk", "monthly": "1mo", "intraday, 1 min": "1m", "intraday, 30 min": "30m"}


def _manifest() -> list[dict[str, str]]:
    if not (FOLDER / "MANIFEST.tsv").exists():
        return []
    with (FOLDER / "MANIFEST.tsv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


ENTRIES = _manifest()
pytestmark = pytest.mark.skipif(not ENTRIES, reason="there is no ../shared/wild-csv beside the repository")


def _readable() -> list[object]:
    return [pytest.param(one, id=one["file"]) for one in ENTRIES if one["kind"] not in REFUSED]


def _refused() -> list[object]:
    return [pytest.param(one, id=one["file"]) for one in ENTRIES if one["kind"] in REFUSED]


@pytest.mark.parametrize("entry", _readable())
def test_a_file_from_the_wild_reads_as_its_manifest_says(entry: dict[str, str]) -> None:
    path = FOLDER / entry["file"]
    prices = read_prices(path)
    named = entry["expected_ticker"].split()[0]
    ticker = path.stem if named == "none" else named
    assert read_rows(path).rows["ticker"].cat.categories[0] == ticker
    table = prices.loc[ticker]
    interval = INTERVALS.get(entry["kind"]) or INTERVALS[entry["kind"].split(",")[0]]
    assert intervals_of(prices)[ticker] == interval
    assert len(table) == int(entry["expected_valid_daily_rows"]) or interval != "1d"
    assert [f"{day:%Y-%m-%d}" for day in (table.index[0], table.index[-1])] == [
        entry["expected_first_date"],
        entry["expected_last_date"],
    ]
    expected = [float(entry["expected_first_close"]), float(entry["expected_last_close"])]
    assert [table["close"].iloc[0], table["close"].iloc[-1]] == expected


@pytest.mark.parametrize("entry", _refused())
def test_a_file_that_is_no_price_table_is_refused_in_one_line(entry: dict[str, str]) -> None:
    with pytest.raises(PriceDataError) as caught:
        read_prices(FOLDER / entry["file"])
    assert entry["file"] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_two_files_of_the_tutorial_have_no_session_in_common() -> None:
    prices = read_prices([FOLDER / "01_google_train_standard.csv", FOLDER / "02_google_test_standard.csv"])
    assert len(prices) == 1258 + 20
