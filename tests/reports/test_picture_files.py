from __future__ import annotations

import struct
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from stockrnn.errors import ConfigError
from stockrnn.reports.picture_files import save_picture


def draw() -> Figure:
    figure = Figure(figsize=(12, 7))
    figure.subplots().plot([1, 2, 4], label="$price_$")
    figure.axes[0].set_title("贵州茅台, in $")
    return figure


@pytest.mark.parametrize(("name", "start"), [("a.png", b"\x89PNG"), ("a.SVG", b"<?xml"), ("a.pdf", b"%PDF")])
def test_the_format_is_that_of_the_name_and_the_same_figure_gives_the_same_bytes(
    tmp_path: Path, name: str, start: bytes
) -> None:
    paths = [tmp_path / "made" / "on the way" / name, tmp_path / "again" / name]
    for path in paths:
        save_picture(draw, path)
    assert paths[0].read_bytes().startswith(start)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_an_inch_has_100_pixels(tmp_path: Path) -> None:
    save_picture(draw, tmp_path / "a.png")
    # The width and height of a PNG stand in its first chunk.
    assert struct.unpack(">II", (tmp_path / "a.png").read_bytes()[16:24]) == (1200, 700)


def test_several_files_hold_one_drawing(tmp_path: Path) -> None:
    drawn = []

    def count() -> Figure:
        drawn.append(1)
        return draw()

    save_picture(count, tmp_path / "a.png", tmp_path / "b.svg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.svg"]
    assert len(drawn) == 1


@pytest.mark.parametrize("name", ["a.jpeg", "a", "png", ".png"])
def test_another_format_is_an_error_that_names_the_known_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"expected a name that ends in \.png, \.svg"):
        save_picture(draw, tmp_path / name)
    assert list(tmp_path.iterdir()) == []
