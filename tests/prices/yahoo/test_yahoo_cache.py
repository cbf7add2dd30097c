"""Prices kept on disk."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from stockrnn.errors import PriceDataError
from stockrnn.prices.yahoo import cache
from stockrnn.prices.yahoo.bars import BAR_COLUMNS, empty_bars
from stockrnn.prices.yahoo.exchanges import Listing


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("STOCKRNN_CACHE", str(tmp_path / "cache"))


def stored(bars: pd.DataFrame | None = None) -> cache.StoredPrices:
    sessions = pd.DatetimeIndex(["2017-01-03", "2017-01-04"], name="session")
    bars = pd.DataFrame(0.1, index=sessions, columns=list(BAR_COLUMNS)) if bars is None else bars
    listing = Listing("USD", "NMS", "America/New_York", "EQUITY", date(2004, 8, 19), None)
    at = datetime(2018, 1, 10, 12, tzinfo=UTC)
    return cache.StoredPrices("CON", "1d", bars, listing, date(2017, 1, 1), date(2017, 1, 4), at, True)


def test_what_is_saved_is_loaded():
    cache.save_stored(stored())
    loaded = cache.load_stored("CON", "1d")
    pd.testing.assert_frame_equal(loaded.bars, stored().bars)
    assert {**vars(loaded), "bars": 0} == {**vars(stored()), "bars": 0}


def test_a_range_without_bars_can_be_remembered():
    cache.save_stored(stored(empty_bars()))
    assert cache.load_stored("CON", "1d").bars.empty


def test_what_is_not_there_is_none():
    assert cache.load_stored("GOOG", "1d") is None


def test_a_damaged_file_is_an_error_that_names_it():
    cache.save_stored(stored())
    path = cache.stored_path("CON", "1d")
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(PriceDataError, match=r"CON_\.1d\.parquet"):
        cache.load_stored("CON", "1d")


def test_a_save_that_fails_leaves_what_was_there(monkeypatch):
    cache.save_stored(stored())
    before = cache.stored_path("CON", "1d").read_bytes()

    def full_disk(_table, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.pq, "write_table", full_disk)
    with pytest.raises(OSError, match="No space"):
        cache.save_stored(stored())
    assert cache.stored_path("CON", "1d").read_bytes() == before
    assert len(list(cache.stored_path("CON", "1d").parent.iterdir())) == 1


def test_the_cache_lies_under_the_users_cache_folder_unless_moved(monkeypatch, tmp_path):
    assert cache.cache_folder() == tmp_path / "cache"
    monkeypatch.delenv("STOCKRNN_CACHE")
    assert cache.cache_folder().name in ("stockrnn", "Cache")
