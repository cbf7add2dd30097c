"""The types of arrays that are passed from room to room."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
# What networks read and say.
Float32s = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
# Rows of a table, or places in another array.
Positions = npt.NDArray[np.int64]
