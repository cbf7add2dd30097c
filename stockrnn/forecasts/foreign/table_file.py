"""A file of forecasts as a frame of named columns, whatever they mean."""

from __future__ import annotations

import codecs
import gzip
import zlib
from pathlib import Path

import pandas as pd
import pyarrow as pa

from stockrnn.errors import PriceDataError
from stockrnn.forecasts.foreign.csv_table import NoTableError, parse_csv
from stockrnn.forecasts.foreign.headers import listed
from stockrnn.prices.dialects.number_formats import Sign

_WANTED = "expected a table with a date and a forecast a row, as CSV (.csv, .csv.gz) or Parquet"


def read_table(path: Path, decimal: Sign | None = None) -> pd.DataFrame:
    """Read a CSV or Parquet file; an index with names becomes columns.

    Args:
        path: The file; a CSV may be compressed by gzip.
        decimal: The decimal sign of a CSV where the user says it.

    Returns:
        Rows under the file's own headers; the cells of a CSV are text.

    Raises:
        PriceDataError: No such file, an empty one, or no table.
    """
    if not path.exists():
        raise PriceDataError(f"{path}: no such file")
    if path.is_dir():
        raise PriceDataError(f"{path}: this is a folder; name the file in it, such as {path / 'forecasts.parquet'}")
    raw = path.read_bytes()
    frame = _parquet(path) if raw.startswith(b"PAR1") else _csv(raw, path, decimal)
    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    frame.columns = pd.Index(_headers(frame.columns))
    if frame.empty:
        raise PriceDataError(f"{path}: no rows below the header ({listed(frame.columns)}); {_WANTED}")
    if frame.shape[1] < 2:
        raise PriceDataError(f"{path}: only one column ({listed(frame.columns)}); {_WANTED}")
    return frame


def _headers(columns: pd.Index) -> list[str]:
    if isinstance(columns, pd.MultiIndex):
        return ["_".join(str(part) for part in parts if str(part)) for parts in columns]
    return [str(name).strip() for name in columns]


def _parquet(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except (pa.ArrowException, OSError, ValueError, TypeError) as error:
        raise PriceDataError(f"{path}: a Parquet file that cannot be read ({str(error).splitlines()[0]})") from error


def _csv(raw: bytes, path: Path, decimal: Sign | None) -> pd.DataFrame:
    text = _text(raw, path)
    if not text.strip():
        raise PriceDataError(f"{path}: the file is empty; {_WANTED}")
    try:
        return parse_csv(text, decimal)
    except NoTableError as error:
        raise PriceDataError(f"{path}: no table ({error}); {_WANTED}") from None


def _text(raw: bytes, path: Path) -> str:
    if raw.startswith(b"\x1f\x8b"):
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            raise PriceDataError(f"{path}: the compressed file is damaged ({error})") from error
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", errors="replace")
    if b"\x00" in raw[:4096]:
        raise PriceDataError(f"{path}: it holds binary data, not text; {_WANTED}")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
