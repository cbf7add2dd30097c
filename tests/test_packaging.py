"""The package as users install it: from a wheel and from a checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TRAIN = ["-m", "stockrnn", "train", "--config", "smoke", "--set", "train.epochs=1"]


def run(command, **options):
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, **options)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.slow
def test_the_wheel_carries_the_bundled_prices_and_recipes_and_trains_in_an_empty_folder(tmp_path):
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"]
    run([*build, "--wheel-dir", tmp_path / "wheels", ROOT])
    (wheel,) = (tmp_path / "wheels").iterdir()
    installed, empty = tmp_path / "installed", tmp_path / "empty"
    zipfile.ZipFile(wheel).extractall(installed)
    empty.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    where = run([sys.executable, "-c", "import stockrnn; print(stockrnn.__file__)"], cwd=empty, env=environment)
    assert Path(where.strip()).is_relative_to(installed)
    assert "last close" in run([sys.executable, *TRAIN], cwd=empty, env=environment)
    assert (empty / "runs/smoke/model.keras").is_file()
    recipes = {path.name for path in (installed / "stockrnn/bundled_files/configs").iterdir()}
    assert recipes == {path.name for path in (ROOT / "configs").iterdir()}


@pytest.mark.slow
def test_a_checkout_finds_its_bundled_prices_and_recipes_from_any_folder(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    assert "last close" in run([sys.executable, *TRAIN], cwd=tmp_path, env=environment)
