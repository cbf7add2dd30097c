"""Sources: a file, several, a folder, compressed, Parquet, partitioned by ticker."""

from __future__ import annotations

import gzip
import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pytest

from stockrnn.errors import PriceDataError
from stockrnn.prices.read_options import ReadOptions
from stockrnn.prices.reader import LOG_SUFFIX, read_prices, read_prices_with_notes, read_rows
from stockrnn.runs.folder import FORECASTS_FILE, HISTORY_FILE, RUN_FILE
from tests.prices.dialect_writer import prices

TABLES = {"AAPL": prices(20, 1), "MSFT": prices(20, 2)}
EXPECTED = pd.concat(TABLES, names=["ticker", "session"])
LONG = EXPECTED.reset_index().rename(columns={"session": "date"})


def same(found: pd.DataFrame, expected: pd.DataFrame = EXPECTED) -> None:
    pd.testing.assert_frame_equal(found, expected, check_index_type=False, check_freq=False, rtol=1e-12)


def write_each(folder: Path, suffix: str = ".csv") -> list[Path]:
    folder.mkdir(exist_ok=True)
    for ticker, table in TABLES.items():
        frame = table.rename_axis("Date").reset_index()
        path = folder / f"{ticker}{suffix}"
        frame.to_parquet(path) if suffix == ".parquet" else frame.to_csv(path, index=False)
    return sorted(folder.iterdir())


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
def test_several_files_or_their_folder_are_one_table(tmp_path: Path, suffix: str) -> None:
    files = write_each(tmp_path / "prices", suffix)
    same(read_prices(files))
    same(read_prices(tmp_path / "prices"))
    same(read_prices(str(tmp_path / "prices")))


def test_hidden_and_foreign_files_in_a_folder_are_not_read(tmp_path: Path) -> None:
    write_each(tmp_path / "prices")
    for name in (".hidden.csv", "README.md", "_SUCCESS", "notes.json"):
        (tmp_path / "prices" / name).write_text("nothing")
    same(read_prices(tmp_path / "prices"))


def test_what_stockrnn_itself_wrote_into_a_folder_of_prices_is_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "prices"
    write_each(folder)
    run = folder / "runs" / "google"
    run.mkdir(parents=True)
    for name in (RUN_FILE, FORECASTS_FILE, HISTORY_FILE):
        (run / name).write_text("no prices")
    (folder / f"AAPL-repaired.csv{LOG_SUFFIX}").write_text("ticker,session,column,before,after,reason\n")
    same(read_prices(folder))


def test_a_compressed_file_is_known_by_its_content(tmp_path: Path) -> None:
    text = TABLES["AAPL"].rename_axis("Date").to_csv()
    (tmp_path / "AAPL.csv").write_bytes(gzip.compress(text.encode()))
    same(read_prices(tmp_path / "AAPL.csv"), EXPECTED.loc[["AAPL"]])


def test_the_parts_of_one_ticker_are_joined(tmp_path: Path) -> None:
    half = LONG.iloc[:10], LONG.iloc[8:]
    for number, part in enumerate(half):
        part.to_csv(tmp_path / f"{number}.csv", index=False)
    read = read_prices_with_notes([tmp_path / "0.csv", tmp_path / "1.csv"])
    same(read.prices)
    assert [(note.code, note.rows) for note in read.notes] == [("identical_duplicates", 2)]


def test_files_that_contradict_each_other_are_refused_and_their_rows_can_be_seen(tmp_path: Path) -> None:
    LONG.to_csv(tmp_path / "a.csv", index=False)
    LONG.assign(close=LONG["close"] + 1).to_csv(tmp_path / "b.csv", index=False)
    with pytest.raises(
        PriceDataError, match=r"80 rows give different prices for the same session \(AAPL on 2019-11-05"
    ):
        read_prices(tmp_path)
    rows = read_rows(tmp_path).rows
    assert len(rows) == 80
    assert set(rows.columns) == {"ticker", "session", "open", "high", "low", "close", "volume"}


@pytest.mark.parametrize("folder", ["ticker={}", "symbol={}", "{}"])
@pytest.mark.parametrize("name", ["part-0.parquet", "data.parquet"])
def test_a_folder_partitioned_by_ticker_is_read(tmp_path: Path, folder: str, name: str) -> None:
    for ticker, table in TABLES.items():
        place = tmp_path / "prices" / folder.format(ticker)
        place.mkdir(parents=True)
        table.rename_axis("date").reset_index().to_parquet(place / name)
    same(read_prices(tmp_path / "prices"))


def test_parquet_written_in_partitions_by_pandas_is_read(tmp_path: Path) -> None:
    LONG.to_parquet(tmp_path / "prices", partition_cols=["ticker"])
    same(read_prices(tmp_path / "prices"))


@pytest.mark.parametrize(
    "shape",
    ["long", "indexed", "dates", "zone", "zone in UTC", "whole numbers", "epoch", "text", "categories", "decimals"],
)
def test_parquet_of_every_shape_is_read(tmp_path: Path, shape: str) -> None:
    frame = LONG.copy()
    if shape == "indexed":
        frame = EXPECTED
    elif shape == "dates":
        frame["date"] = frame["date"].dt.date
    elif shape == "zone":
        frame["date"] = frame["date"].dt.tz_localize("Australia/Sydney")
    elif shape == "zone in UTC":
        frame["date"] = frame["date"].dt.tz_localize("Australia/Sydney").dt.tz_convert("UTC")
    elif shape == "whole numbers":
        frame["date"] = frame["date"].dt.strftime("%Y%m%d").astype("int64")
    elif shape == "epoch":
        frame["date"] = frame["date"].astype("datetime64[ns]").astype("int64")
    elif shape == "text":
        frame["date"] = frame["date"].dt.strftime("%d.%m.%Y")
    elif shape == "categories":
        frame["ticker"] = frame["ticker"].astype("category")
    elif shape == "decimals":
        frame = (
            frame.astype({"volume": "Int64", "close": "float32"})
            .astype({"close": "float64"})
            .assign(close=LONG["close"])
        )
    frame.to_parquet(tmp_path / "long.parquet")
    same(read_prices(tmp_path / "long.parquet"))


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text here")
def test_a_file_whose_name_is_in_an_old_encoding_is_read(tmp_path: Path) -> None:
    for suffix in (".csv", ".parquet"):
        path = tmp_path / os.fsdecode(b"caf\xe9" + suffix.encode())
        table = TABLES["AAPL"].rename_axis("date")
        table.to_csv(path) if suffix == ".csv" else path.write_bytes(table.to_parquet())
        assert list(read_prices(path).index.unique(0)) == ["caf\ufffd"]


def test_tickers_that_are_numbers_keep_their_digits(tmp_path: Path) -> None:
    names = {name: number for number, name in enumerate(LONG["ticker"].unique(), 1_234_567)}
    LONG.assign(ticker=LONG["ticker"].map(names).astype("int64")).to_parquet(tmp_path / "long.parquet")
    assert set(read_prices(tmp_path / "long.parquet").index.unique(0)) == {str(one) for one in names.values()}


def test_a_text_beside_price_files_is_left_out_and_noted(tmp_path: Path) -> None:
    LONG.to_csv(tmp_path / "long.csv", index=False)
    (tmp_path / "readme.txt").write_text("These prices are from the exchange.\n")
    read = read_prices_with_notes(tmp_path)
    same(read.prices)
    assert [note.code for note in read.notes] == ["file_left_out"]
    assert "readme.txt" in read.notes[0].text
    (tmp_path / "failed.csv").write_text("Too many requests\n")
    with pytest.raises(PriceDataError, match=r"failed\.csv"):
        read_prices(tmp_path)
    with pytest.raises(PriceDataError, match=r"readme\.txt"):
        read_prices(tmp_path / "readme.txt")
    for name in ("failed.csv", "long.csv"):
        (tmp_path / name).unlink()
    with pytest.raises(PriceDataError, match=r"readme\.txt"):
        read_prices(tmp_path)


NO_TABLES = {
    "prose": "Notes on my stocks\nhello, there\n",
    "nothing": "",
    "a page": "<html><body>Sign in</body></html>",
    "json": '{"source": "stooq"}',
    "one dated line": "Downloaded 2024-01-03 from stooq, 12 files, 3 failed.\n",
    "a diary": "2024-01-03: price was 100\n2024-01-04: price was 101\n",
}


@pytest.mark.parametrize("kind", NO_TABLES)
def test_a_text_that_is_plainly_no_table_is_left_out_of_a_folder_and_a_csv_never(tmp_path: Path, kind: str) -> None:
    LONG.to_csv(tmp_path / "long.csv", index=False)
    (tmp_path / "notes.txt").write_text(NO_TABLES[kind])
    read = read_prices_with_notes(tmp_path)
    same(read.prices)
    assert [note.code for note in read.notes] == ["file_left_out"]
    assert f"left out: {tmp_path / 'notes.txt'}: " in read.notes[0].text
    (tmp_path / "notes.txt").rename(tmp_path / "notes.csv")
    with pytest.raises(PriceDataError, match=r"notes\.csv"):
        read_prices(tmp_path)


@pytest.mark.parametrize(
    "table",
    [
        "date,open,close\n",
        "date,close\n01/02/2024,1\n02/03/2024,2\n",
        "ticker,shares,bought\nAAPL,10,2024-01-03\nMSFT,5,2024-02-03\n",
        "day,open,high,low,close\nfirst,1,1,1,1\nsecond,2,2,2,2\n",
        "2024-01-03,1,9,8,7\n2024-01-04,1,9,8,7\n",
    ],
)
def test_a_text_that_may_be_a_table_of_prices_is_not_left_out(tmp_path: Path, table: str) -> None:
    LONG.to_csv(tmp_path / "long.csv", index=False)
    (tmp_path / "more.txt").write_text(table)
    with pytest.raises(PriceDataError, match=r"more\.txt"):
        read_prices(tmp_path)


@pytest.mark.parametrize("original", ["AAPL.csv", "AAPL.csv.gz", "AAPL.txt"])
def test_a_repaired_copy_is_read_in_place_of_the_file_beside_it_and_that_is_noted(
    tmp_path: Path, original: str
) -> None:
    write_each(tmp_path)
    (tmp_path / "AAPL.csv").rename(tmp_path / "AAPL-repaired.csv")
    (2 * TABLES["AAPL"]).rename_axis("Date").to_csv(tmp_path / original)
    # Without a log it is no copy that a repair wrote.
    assert set(read_prices(tmp_path).index.unique(0)) == {"AAPL", "AAPL-repaired", "MSFT"}
    (tmp_path / f"AAPL-repaired.csv{LOG_SUFFIX}").write_text("ticker,session,column,before,after,reason\n")
    read = read_prices_with_notes(tmp_path)
    same(read.prices)
    assert [note.text for note in read.notes] == [
        f"left out: {tmp_path / original}: AAPL-repaired.csv beside it is its repaired copy"
    ]
    # Who names both gets both.
    both = read_prices([tmp_path / original, tmp_path / "AAPL-repaired.csv"])
    assert set(both.index.unique(0)) == {"AAPL", "AAPL-repaired"}


def test_a_column_that_only_some_files_have_is_missing_in_the_others(tmp_path: Path) -> None:
    write_each(tmp_path / "prices")
    TABLES["AAPL"][["close"]].rename_axis("Date").to_csv(tmp_path / "prices" / "AAPL.csv")
    found = read_prices(tmp_path / "prices")
    assert found.loc["AAPL", "open"].isna().all()
    assert not found.loc["MSFT"].isna().any(axis=None)


def test_tickers_are_listed_in_the_order_of_the_file(tmp_path: Path) -> None:
    LONG.iloc[::-1].to_csv(tmp_path / "long.csv", index=False)
    assert list(read_rows(tmp_path / "long.csv").rows["ticker"].cat.categories) == ["MSFT", "AAPL"]


def test_whether_the_file_names_its_ticker_is_known(tmp_path: Path) -> None:
    LONG.to_csv(tmp_path / "long.csv", index=False)
    assert read_rows(tmp_path / "long.csv").named
    TABLES["AAPL"].rename_axis("Date").to_csv(tmp_path / "AAPL.csv")
    assert not read_rows(tmp_path / "AAPL.csv").named


def test_missing_files_and_empty_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PriceDataError, match=r"nowhere\.csv: no such file"):
        read_prices(tmp_path / "nowhere.csv")
    with pytest.raises(PriceDataError, match="no price files in this folder"):
        read_prices(tmp_path)


def test_adjusting_multiplies_all_prices_by_the_same_factor(tmp_path: Path) -> None:
    table = TABLES["AAPL"].assign(**{"Adj Close": TABLES["AAPL"]["close"] / 4})
    table.rename_axis("Date").to_csv(tmp_path / "AAPL.csv")
    found = read_prices(tmp_path / "AAPL.csv", ReadOptions(adjust="all")).loc["AAPL"]
    for column in ("open", "high", "low", "close"):
        assert np.allclose(found[column], TABLES["AAPL"][column] / 4, rtol=1e-12)
    assert list(found["volume"]) == list(TABLES["AAPL"]["volume"])
    assert "adj_close" not in read_prices(tmp_path / "AAPL.csv").columns


def test_half_an_adjustment_is_refused_and_none_is_noted(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Date,Close,Adj Close\n2016-01-04,11,-inf\n2016-01-05,11,11\n")
    with pytest.raises(PriceDataError, match="first on 2016-01-04"):
        read_prices(tmp_path / "a.csv", ReadOptions(adjust="all"))
    (tmp_path / "b.csv").write_text("Date,Close,Adj Close\n2016-01-04,11,\n2016-01-05,11,\n")
    assert [note.code for note in read_prices_with_notes(tmp_path / "b.csv", ReadOptions(adjust="all")).notes] == [
        "no_adjustment"
    ]


def test_a_large_plain_file_reads_as_a_small_one_does(tmp_path: Path) -> None:
    # Above four megabytes a plain file is read as it lies on disk, in blocks.
    days = pd.bdate_range("1995-01-02", periods=8_000)
    prices = np.round(50 + np.random.default_rng(0).random((len(days), 4)), 4)
    table = pd.DataFrame(np.column_stack([prices[:, 0], prices.max(axis=1), prices.min(axis=1), prices[:, 3]]), days)
    table.columns = ["open", "high", "low", "close"]
    long = table.rename_axis("date").reset_index()
    frame = pd.concat([long.assign(ticker=f"T{number:02d}") for number in range(12)], ignore_index=True)
    arrow_csv.write_csv(pa.Table.from_pandas(frame.assign(date=frame["date"].dt.date)), tmp_path / "long.csv")
    assert (tmp_path / "long.csv").stat().st_size > 1 << 22
    found = read_prices(tmp_path / "long.csv")
    assert len(found) == len(frame)
    same(found.loc["T11"], table.rename_axis("session"))
