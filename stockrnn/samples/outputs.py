"""What the outputs of a network stand for: targets, sessions ahead, and the parameters of each head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from stockrnn.arrays import Floats

Head = Literal["point", "quantiles", "student_t"]

# The target that is a range and not a price: it is learnt beside prices, and has no distribution.
RANGE = "range"
# A network that says 1 moves the forecast by a tenth of a usual session: it starts, and stays, near the naive forecast.
LOCATION_STEP = 0.1
# exp(2) is a fan seven times as wide as the usual one.
MOST_LOG_SCALE = 2.0


@dataclass(frozen=True)
class OutputLayout:
    """Where in the outputs of a network which parameter lies.

    Attributes:
        targets: Price columns, the one that is forecast first; then perhaps `range`.
        horizon: Sessions ahead of each.
        head: `point`: a value each; `quantiles` and `student_t`: a location and a log scale each (a range: a value).
    """

    targets: tuple[str, ...]
    horizon: int
    head: Head = "point"

    @property
    def width(self) -> int:
        """Outputs of the network."""
        return sum(self._parameters(target) for target in self.targets) * self.horizon

    @property
    def distributions(self) -> tuple[str, ...]:
        """The targets that have a distribution."""
        return () if self.head == "point" else tuple(target for target in self.targets if target != RANGE)

    def values(self, targets: Any, target: str) -> Any:
        """Return what came true of one target, of shape (..., horizon), from all, of shape (..., targets x horizon)."""
        start = self.targets.index(target) * self.horizon
        return targets[..., start : start + self.horizon]

    def location(self, outputs: Any, target: str) -> Any:
        """Return the outputs that locate a target, of shape (..., horizon), from those of shape (..., width)."""
        start = self._start(target)
        return outputs[..., start : start + self.horizon]

    def log_scale(self, outputs: Any, target: str) -> Any:
        """Return the outputs that are the log of a target's scale, of shape (..., horizon), not yet bounded."""
        start = self._start(target) + self.horizon
        return outputs[..., start : start + self.horizon]

    def _start(self, target: str) -> int:
        before = self.targets[: self.targets.index(target)]
        return sum(self._parameters(name) for name in before) * self.horizon

    def _parameters(self, target: str) -> int:
        return 1 if self.head == "point" or target == RANGE else 2


@dataclass(frozen=True)
class HeadValues:
    """What a head has learnt beside the network.

    Attributes:
        quantiles: Of a location of 0 and a scale of 1, rising, of shape (distributions, horizon, levels); for a
            Student-t head those of its degrees of freedom.
    """

    quantiles: Floats

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"quantiles": self.quantiles.tolist()}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> HeadValues:
        """Make it of what `to_json` gave."""
        return cls(np.asarray(document["quantiles"], dtype=np.float64))


def decode(layout: OutputLayout, outputs: npt.NDArray[np.floating], head: HeadValues) -> tuple[Floats, Floats]:
    """Return what outputs say of the first target: the location, and the quantiles around it.

    Args:
        layout: Of a head with a distribution.
        outputs: Of shape (rows, width).
        head: What the head has learnt.

    Returns:
        Of shapes (rows, horizon) and (rows, horizon, levels), in units of the target.
    """
    target, wide = layout.targets[0], outputs.astype(np.float64)
    location = LOCATION_STEP * layout.location(wide, target)
    scale = np.exp(np.clip(layout.log_scale(wide, target), -MOST_LOG_SCALE, MOST_LOG_SCALE))
    return location, location[..., None] + scale[..., None] * head.quantiles[0]
