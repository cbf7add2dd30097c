"""Picture files: which formats there are, and how a figure becomes one without a display."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from stockrnn.errors import ConfigError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = (".png", ".svg", ".pdf")


def check_picture_name(path: Path) -> None:
    """Refuse a file name of no known picture format.

    Raises:
        ConfigError: A suffix of no known format.
    """
    if path.suffix.lower() not in FORMATS:
        raise ConfigError(f"{path}: expected a name that ends in {', '.join(FORMATS)}")


def save_picture(draw: Callable[[], Figure], *paths: Path, formulas: bool = False) -> None:
    """Draw a figure once and save it, 100 pixels an inch, in the format of each file's suffix.

    Args:
        draw: Draws the figure.
        paths: The files; their folders are made when they are not there.
        formulas: Text between $ signs is a formula, and not the name of a ticker.

    Raises:
        ConfigError: A suffix of no known format.
    """
    import matplotlib as mpl

    for path in paths:
        check_picture_name(path)
    # A fixed salt and no date keep the bytes of an SVG the same for the same content; a $ in a ticker is no formula.
    size = 10 if formulas else 11
    style = mpl.rc_context({"svg.hashsalt": "stockrnn", "font.size": size, "text.parse_math": formulas})
    with style, warnings.catch_warnings():
        # A letter that the font does not have is drawn as a box.
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        figure = draw()
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            metadata = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix.lower())
            figure.savefig(path, dpi=100, metadata=metadata)
