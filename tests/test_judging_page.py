"""The tables that docs/judging.md shows are recognised."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from stockrnn.evaluation.suspicions.finding import CODES

PAGE = Path(__file__).parents[1] / "docs/judging.md"
TABLES = re.findall(r"^```csv\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
FORECASTERS = [["f"], ["f"], ["AutoARIMA", "LSTM"], ["f"], ["network"]]


@pytest.mark.parametrize(("table", "forecasters"), list(zip(TABLES, FORECASTERS, strict=True)))
def test_each_table_of_the_page_is_judged(run_cli, tmp_path, table: str, forecasters: list[str]) -> None:
    (tmp_path / "f.csv").write_text(table, encoding="utf-8")
    document = json.loads(run_cli("judge", tmp_path / "f.csv", "bundled:googl", "--json").stdout)
    rows = {each["forecaster"]: each["rows"] for each in document["scores"]}
    assert list(rows)[: len(forecasters)] == forecasters
    assert "last_close" in rows
    intervals = {each["forecaster"] for each in document["intervals"]}
    assert intervals == (set(forecasters) if any(word in table for word in ("lo-", "lower", "q0.05")) else set())
    assert document["suspicions"] == []


def test_the_page_explains_every_suspicion() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE) == list(CODES)
