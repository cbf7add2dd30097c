"""The bytes of a price file as UTF-8 text, whatever encoding they came in."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from stockrnn.errors import NoPriceTableError, PriceDataError
from stockrnn.prices.dialects.date_cells import read_date_cell
from stockrnn.prices.dialects.headers import is_known_name

SAMPLE_BYTES = 1 << 16
_HEAD_LINES = 40
_LARGE = 1 << 22
_NOTHING = b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Tried where the bytes are no UTF-8; of several that know equally many names, the first one wins.
_LEGACY = (
    "cp1252", "cp1250", "cp1251", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1254", "cp1253", "koi8-r", "cp866", "cp852", "mac_roman",
)  # fmt: skip
_FOREIGN = (
    (b"PK\x03\x04", "it is an Excel workbook or a zip archive; save the sheet as CSV, or unpack the archive"),
    (b"BZh", "it is compressed by bzip2; unpack it, or compress it by gzip"),
    (b"\xfd7zXZ", "it is compressed by xz; unpack it, or compress it by gzip"),
    (b"\x28\xb5\x2f\xfd", "it is compressed by zstd; unpack it, or compress it by gzip"),
    (b"\xd0\xcf\x11\xe0", "it is an old Excel workbook; save the sheet as CSV"),
    (b"%PDF", "it is a PDF"),
    (b"\x89HDF", "it is an HDF5 file; save the table as CSV or Parquet"),
    (b"ARROW1", "it is a Feather file; save the table as CSV or Parquet"),
    (b"\x89PNG", "it is a picture"),
    (b"\xff\xd8\xff", "it is a picture"),
)
_MARKUP = re.compile(r"\s*<(!doctype|html|\?xml|head|body|table)", re.IGNORECASE)
_JSON = re.compile(r'\s*[\[{]\s*[\[{"]')
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class PriceText:
    """A price file as UTF-8 text without byte order mark, its lines ended by a line feed.

    Attributes:
        path: The file.
        head: Its beginning, in whole lines.
        content: All of it; None for a large file whose beginning needs no decoding: it can be read as it lies on disk.
    """

    path: Path
    head: str
    content: bytes | None


def open_text(path: Path) -> PriceText:
    """Open a file, compressed or not, as text.

    Raises:
        PriceDataError: The file is empty, or holds something else than text.
    """
    with path.open("rb") as file:
        head = file.read(_LARGE)
    # Arrow cannot open a file whose name is in an old encoding.
    if len(head) < _LARGE or not _is_plain(head) or not str(path).isprintable():
        return load_text(path)
    return PriceText(path, _head(head), None)


def load_text(path: Path) -> PriceText:
    """Read a whole file as text, whatever its encoding; see `open_text`."""
    raw = _read_bytes(path)
    if not raw[:SAMPLE_BYTES].strip(_NOTHING) and not raw.strip(_NOTHING):
        raise NoPriceTableError(f"{path}: the file is empty; expected dates and prices")
    for magic, reason in _FOREIGN:
        if raw.startswith(magic):
            raise NoPriceTableError(f"{path}: not a price table: {reason}")
    text = _as_utf8(raw)
    _check_text(text[:4096].decode("utf-8", errors="replace"), path)
    if b"\n" not in text[:SAMPLE_BYTES]:
        text = text.replace(b"\r", b"\n")
    text = _without_wrapping(text)
    return PriceText(path, _head(text), text)


def _is_plain(head: bytes) -> bool:
    """Tell whether the beginning of a large file is ASCII in lines that no program has wrapped."""
    return (
        head.isascii()
        and b"\n" in head[:SAMPLE_BYTES]
        and not _CONTROL.search(head[:4096].decode())
        and not _is_wrapped_text(head)
    )


def _head(text: bytes) -> str:
    """Return the beginning of a text in whole lines."""
    size = SAMPLE_BYTES
    while size < len(text) and text.count(b"\n", 0, size) < _HEAD_LINES:
        size *= 2  # a table of thousands of columns
    sample = text[:size]
    if len(text) > size:
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    return sample.decode("utf-8", errors="replace")


def _read_bytes(path: Path) -> bytes:
    raw = path.read_bytes()
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as error:
        raise PriceDataError(f"{path}: the compressed file is damaged ({error}); fetch it again") from error


def _as_utf8(raw: bytes) -> bytes:
    if raw.isascii() and b"\x00" not in raw[:1024]:
        return raw
    encoding = encoding_of(raw)
    if encoding == "utf-8":
        return raw
    text = raw.decode(encoding, errors="replace")
    return text.removeprefix("\ufeff").rstrip("\ufffd").encode("utf-8")


def encoding_of(raw: bytes) -> str:
    """Return the encoding of a file's bytes: by its mark, by its zero bytes, or by how many names it makes readable."""
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return name
    sample = raw[:4096]
    zeros = [sample[start::2].count(0) for start in (0, 1)]
    if max(zeros) > len(sample) // 4:
        return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        # A file that was cut off in the middle of its last letter is UTF-8 all the same.
        if error.start > 0 and error.start >= len(raw) - 3 and not raw[: error.start].isascii():
            return "utf-8-sig"
        usual = _usual_encoding(raw[: 1 << 20])
        return max(_LEGACY, key=lambda name: (_known_cells(raw, name), name == usual, -_LEGACY.index(name)))
    return "utf-8"


def _usual_encoding(raw: bytes) -> str:
    """Guess the encoding of names that are in no table from how their bytes stand together.

    Chinese letters are pairs of bytes, the frequent ones in the first half of the table; Cyrillic words are long runs of
    high bytes; in other words a high byte stands mostly alone.
    """
    runs = re.findall(rb"[\x80-\xff]+", raw)
    leads = [run[place] for run in runs for place in range(0, len(run), 2)]
    frequent = sum(0xB0 <= lead <= 0xD7 for lead in leads)
    if all(len(run) % 2 == 0 for run in runs) and frequent >= 0.8 * len(leads):
        return "gb18030"
    return "cp1251" if sum(map(len, runs)) >= 3 * len(runs) else "cp1252"


def _known_cells(raw: bytes, encoding: str) -> int:
    """Count the cells at the beginning of a file that are known names or dates when they are read in an encoding."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        text = decoder.decode(raw[:8192])
    except UnicodeDecodeError:
        return -1
    cells = {cell.strip(" \"'") for cell in re.split(r"[,;\t|\r\n]", text)}
    return sum(is_known_name(cell) or read_date_cell(cell) is not None for cell in cells if not cell.isascii())


def _check_text(text: str, path: Path) -> None:
    if _MARKUP.match(text):
        raise NoPriceTableError(f"{path}: not a price table: it is a web page, probably saved instead of the download")
    if _JSON.match(text):
        raise NoPriceTableError(f"{path}: not a price table: it is JSON; save the prices as CSV")
    if len(_CONTROL.findall(text)) > len(text) // 100:
        raise NoPriceTableError(f"{path}: not a price table: it holds binary data, not text")


def _without_wrapping(text: bytes) -> bytes:
    """Take the quotes off lines that were quoted as a whole, as spreadsheets do when they take a line for one cell."""
    if not _is_wrapped_text(text):
        if "\u201c".encode() in text[:4096]:
            return text.replace("\u201c".encode(), b'"').replace("\u201d".encode(), b'"')
        return text
    whole = text.decode("utf-8", errors="replace").splitlines()
    bare = [next(csv.reader([line]))[0] if _is_wrapped(line.strip()) else line for line in whole]
    return io.StringIO("\n".join(bare)).getvalue().encode("utf-8")


def _is_wrapped_text(text: bytes) -> bool:
    lines = text[:SAMPLE_BYTES].splitlines()[:50]
    wrapped = [line for line in lines if _is_wrapped(line.strip().decode("utf-8", errors="replace"))]
    return len(lines) >= 2 and len(wrapped) >= 0.8 * (len(lines) - 1)


def _is_wrapped(line: str) -> bool:
    if not (line.startswith('"') and line.endswith('"')) or len(line) < 5:
        return False
    cells = next(csv.reader([line]))
    return len(cells) == 1 and bool(re.search(r"[,;\t|]", cells[0])) and read_date_cell(cells[0]) is None
