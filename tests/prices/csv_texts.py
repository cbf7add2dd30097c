"""Texts of price files to be read."""

from __future__ import annotations

from pathlib import Path

from stockrnn.prices.read_options import PriceRead, ReadOptions
from stockrnn.prices.reader import read_prices_with_notes


def read(tmp_path: Path, text: str | bytes, encoding: str = "utf-8", **options: object) -> PriceRead:
    path = tmp_path / "X.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return read_prices_with_notes(path, ReadOptions(**options))
