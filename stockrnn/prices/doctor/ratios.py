"""Simple ratios: those that shares are split by, and the hundred between a currency and its smaller unit."""

from __future__ import annotations

import numpy as np

UNIT = 100.0

# New shares for one old share. What is split by these is told apart from what falls by chance.
SPLITS = (
    1.25, 4 / 3, 1.5, 5 / 3, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0,
    12.0, 14.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 100.0,
)  # fmt: skip
# Shares are merged to lift a price off the floor: never by less than two into one.
MERGERS = tuple(1 / n for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 35, 40, 50, 60, 75, 80, 100))
_RATIOS = np.array(sorted((*MERGERS, *SPLITS)))


def simple_ratio(ratio: float, tolerance: float) -> float | None:
    """Return the simple ratio nearest to a ratio of prices, or None when none is within `tolerance` (log)."""
    distances = np.abs(np.log(_RATIOS / ratio))
    nearest = int(np.argmin(distances))
    return float(_RATIOS[nearest]) if distances[nearest] <= tolerance else None


def ratio_text(ratio: float) -> str:
    """Return a ratio in words: `2x`, `2.002x`, `1/8x`."""
    if ratio < 1:
        inverse = 1 / ratio
        return f"1/{inverse:.0f}x" if abs(inverse - round(inverse)) < 1e-6 else f"{ratio:.4g}x"
    return f"{ratio:.4g}x"
