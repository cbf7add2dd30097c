"""The Parquet file of a forecasts table, and what it says about itself to whoever judges it later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stockrnn.forecasts.table import Forecasts

# In the file's own metadata; pandas' attrs would be copied with every slice of the table.
_KEY = b"stockrnn"


def write_forecasts(path: Path, forecasts: Forecasts, facts: Mapping[str, Any]) -> None:
    """Write a forecasts table.

    Args:
        path: The file.
        forecasts: The table.
        facts: JSON values on how it came about, such as the training years; any reader of Parquet still reads the table.
    """
    table = pa.Table.from_pandas(forecasts, preserve_index=False)
    described = {**(table.schema.metadata or {}), _KEY: json.dumps(facts, allow_nan=False).encode()}
    pq.write_table(table.replace_schema_metadata(described), path)


def read_facts(path: Path) -> dict[str, Any] | None:
    """Return what a Parquet file says about its forecasts; None where it was not written here."""
    try:
        written = (pq.read_schema(path).metadata or {}).get(_KEY)
        facts = json.loads(written) if written else None
    except (pa.ArrowException, OSError, ValueError):
        return None
    return facts if isinstance(facts, dict) else None
