"""Read price files of any kind into one prices table."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from stockrnn.errors import NoPriceTableError, PriceDataError
from stockrnn.messages import first_few
from stockrnn.prices.adjustment import adjust_rows
from stockrnn.prices.csv_reader import read_csv_rows
from stockrnn.prices.parquet_reader import read_parquet_rows
from stockrnn.prices.read_options import PriceRead, ReadOptions, RowsRead
from stockrnn.prices.table import COLUMNS, PriceNote, Prices, prices_table

Sources = str | Path | Sequence[str | Path]

_CSV_SUFFIXES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
_PARQUET_SUFFIXES = (".parquet", ".pq")
# What a repair logs its changes in; its name begins with that of the repaired copy.
LOG_SUFFIX = ".log.csv"
REPAIRED_SUFFIX = "-repaired.csv"
# What a folder holds that is a run of ours: it lies beside prices where somebody trains in their folder.
_RUN_FILE = "run.json"
_PARTITION = re.compile(r"(?:ticker|symbol)=(.+)", re.IGNORECASE)
_PART_NAME = re.compile(r"(part|data|chunk|file)?[-_.]?[0-9a-f-]*(\.c\d+)?", re.IGNORECASE)


@dataclass(frozen=True)
class _File:
    """A price file and the ticker that its place names."""

    path: Path
    name: str
    partitioned: bool = False
    found: bool = False  # in a folder, and not named by the user
    repaired: Path | None = None  # its repaired copy, which is read in its place


def read_prices(sources: Sources, options: ReadOptions | None = None) -> Prices:
    """Read one or several price files into one prices table; see `read_prices_with_notes`."""
    return read_prices_with_notes(sources, options).prices


def read_prices_with_notes(sources: Sources, options: ReadOptions | None = None) -> PriceRead:
    """Read one or several price files into one prices table, with notes on what is odd about them.

    Args:
        sources: A file or a folder of them (CSV or Parquet, compressed or not), or several; rows of one ticker are joined.
        options: What the files cannot say themselves.

    Raises:
        PriceDataError: A file that is missing, empty, not a table, without dates or without prices, that reads in two
            ways, or that gives different prices for one session.
    """
    asked = options or ReadOptions()
    read = read_rows(sources, asked)
    rows, notes = adjust_rows(read.rows, _named(sources)) if asked.adjust == "all" else (read.rows, ())
    table = prices_table(rows[["ticker", "session", *(name for name in COLUMNS if name in rows)]], _named(sources))
    repeated = len(rows) - len(table)
    if repeated:
        text = f"{_named(sources)}: rows that repeat another one exactly, left out: {repeated}"
        notes = (*notes, PriceNote("identical_duplicates", repeated, text))
    return PriceRead(table, (*read.notes, *notes))


def read_rows(sources: Sources, options: ReadOptions | None = None) -> RowsRead:
    """Read the rows of one or several price files before they are checked against each other.

    Args:
        sources: As for `read_prices_with_notes`.
        options: What the files cannot say themselves; `adjust` is not applied.

    Raises:
        PriceDataError: As for `read_prices_with_notes`, except for different prices for one session.
    """
    paths = [Path(source) for source in ([sources] if isinstance(sources, str | Path) else sources)]
    reads, notes = _read_files([file for path in paths for file in _files(path)], options or ReadOptions())
    read = reads[0] if len(reads) == 1 else _joined(reads)
    sessions = read.rows["session"].nunique()
    if sessions < 2:
        raise PriceDataError(
            f"{_named(sources)}: {'only 1 session' if sessions else 'no rows'} with prices; expected at least 2"
        )
    return replace(read, notes=(*notes, *read.notes)) if notes else read


def _read_files(files: Sequence[_File], options: ReadOptions) -> tuple[list[RowsRead], list[PriceNote]]:
    """Read files; of those in a folder, a `readme.txt` and what has a repaired copy beside it are left out."""
    reads: list[RowsRead] = []
    notes = [
        PriceNote("file_left_out", 0, f"left out: {file.path}: {file.repaired.name} beside it is its repaired copy")
        for file in files
        if file.repaired
    ]
    files = [file for file in files if not file.repaired]
    for file in files:
        try:
            reads.append(_read_file(file, options))
        except NoPriceTableError as error:
            is_last_hope = not reads and file is files[-1]
            if is_last_hope or not (file.found and file.path.suffix.lower() == ".txt"):
                raise
            notes.append(PriceNote("file_left_out", 0, f"left out: {error}"))
    return reads, notes


def _named(sources: Sources) -> str:
    if isinstance(sources, str | Path):
        return str(sources)
    names = [Path(source).name for source in sources]
    return first_few(names)


def _files(path: Path) -> Iterator[_File]:
    if not path.exists():
        raise PriceDataError(f"{path}: no such file")
    if not path.is_dir():
        yield _File(path, _stem(path))
        return
    files = [file for file in sorted(path.rglob("*")) if file.is_file()]
    runs = {file.parent for file in files if file.name == _RUN_FILE}
    found = [file for file in files if _is_price_file(file, path) and runs.isdisjoint(file.parents)]
    if not found:
        raise PriceDataError(
            f"{path}: no price files in this folder; expected names that end in .csv, .csv.gz or .parquet"
        )
    repaired = _repaired_copies(found)
    originals = {copy: original for original, copy in repaired.items()}
    # A repaired copy is called as what it is read in place of.
    stems = {file: _stem(originals.get(file, file)) for file in found}
    counts = Counter(stem for file, stem in stems.items() if file not in repaired)
    for file, stem in stems.items():
        yield replace(_placed(file, path, stem, unique=counts[stem] == 1), repaired=repaired.get(file))


def _repaired_copies(found: Sequence[Path]) -> dict[Path, Path]:
    """Return the files of a folder whose repaired copy is there too, with the log of a repair beside it."""
    by_stem: dict[Path, list[Path]] = {}
    for file in found:
        by_stem.setdefault(file.with_name(_stem(file)), []).append(file)
    copies = {}
    for copy in found:
        originals = by_stem.get(copy.with_name(copy.name.removesuffix(REPAIRED_SUFFIX)), [])
        # The log is the proof: a name alone says little.
        if len(originals) == 1 and originals != [copy] and copy.with_name(f"{copy.name}{LOG_SUFFIX}").is_file():
            copies[originals[0]] = copy
    return copies


def _is_price_file(file: Path, folder: Path) -> bool:
    hidden = any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
    if hidden or file.name.lower().endswith(LOG_SUFFIX):
        return False
    return file.name.lower().endswith((*_CSV_SUFFIXES, *_PARQUET_SUFFIXES))


def _placed(file: Path, folder: Path, stem: str, unique: bool) -> _File:
    """Name a file in a folder: by a partition `ticker=AAPL`, by its folder where files are numbered parts, or by its stem."""
    for part in reversed(file.relative_to(folder).parts[:-1]):
        match = _PARTITION.fullmatch(part)
        if match:
            return _File(file, match[1], partitioned=True, found=True)
    if file.parent != folder and (not unique or _PART_NAME.fullmatch(stem)):
        return _File(file, file.parent.name, found=True)
    return _File(file, stem, found=True)


def _stem(path: Path) -> str:
    name = path.name
    lower = name.lower()
    suffix = next(
        (one for one in sorted((*_CSV_SUFFIXES, *_PARQUET_SUFFIXES), key=len, reverse=True) if lower.endswith(one)),
        path.suffix,
    )
    stem = name[: len(name) - len(suffix)] or name
    return os.fsencode(stem).decode("utf-8", errors="replace")  # a name in an old encoding


def _read_file(file: _File, options: ReadOptions) -> RowsRead:
    with file.path.open("rb") as handle:
        is_parquet = handle.read(4) == b"PAR1"
    read = (read_parquet_rows if is_parquet else read_csv_rows)(file.path, file.name, options)
    return RowsRead(read.rows, read.notes, named=read.named or file.partitioned)


def _joined(reads: Sequence[RowsRead]) -> RowsRead:
    tickers = union_categoricals([read.rows["ticker"] for read in reads])
    columns = [name for name in ("session", *COLUMNS, "adj_close") if any(name in read.rows for read in reads)]
    filled = {name: np.concatenate([_values(read.rows, name) for read in reads]) for name in columns}
    rows = pd.DataFrame({"ticker": tickers, **filled})
    return RowsRead(rows, tuple(note for read in reads for note in read.notes), all(read.named for read in reads))


def _values(rows: pd.DataFrame, name: str) -> np.ndarray:
    return rows[name].to_numpy() if name in rows else np.full(len(rows), np.nan)
