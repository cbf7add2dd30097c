"""How large a gradient is at each lag, and whether it vanishes or explodes on its way back; no Keras here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stockrnn.arrays import Floats

# Over a whole window: below this the oldest session teaches next to nothing, above its inverse it drowns the newest.
VANISHED = 0.01


@dataclass(frozen=True)
class LagNorms:
    """The norm of one gradient by lag.

    Attributes:
        layer: `input`, or the recurrent layer such as `layer 1`.
        of: `input`, `hidden state` or `cell state`.
        norms: At lag 1 (the origin, the newest session), 2, ...; of shape (lookback,).
        backwards: The layer reads the window from its newest session to its oldest.
    """

    layer: str
    of: str
    norms: Floats
    backwards: bool = False

    @property
    def name(self) -> str:
        """What it is the gradient of, in words."""
        return "input" if self.layer == "input" else f"{self.layer} {self.of.removesuffix(' state')}"

    @property
    def ratio(self) -> float:
        """Norm at the first session that the layer reads over the norm at the last one; NaN over nothing."""
        newest, oldest = self.norms[0], self.norms[-1]
        far, near = (newest, oldest) if self.backwards else (oldest, newest)
        return float(far / near) if near > 0 else float("nan")

    @property
    def factor(self) -> float:
        """What the norm is multiplied by with each step back, on average."""
        return float(self.ratio ** (1 / (len(self.norms) - 1)))

    @property
    def verdict(self) -> str:
        """`vanishes`, `explodes`, `holds`, or `undefined` where there is no gradient or no number."""
        if not np.isfinite(self.norms).all():
            return "explodes"
        if not np.isfinite(self.ratio):
            return "undefined"
        if self.ratio < VANISHED:
            return "vanishes"
        return "explodes" if self.ratio > 1 / VANISHED else "holds"


@dataclass(frozen=True)
class Clipping:
    """What clipping does to the gradient of the weights.

    Attributes:
        rule: `norm` (the gradient of all weights together is shortened to this norm) or `value` (each number is cut to this size).
        limit: The norm or the size.
        is_of_run: The run trains with it; otherwise it is only an example.
        before: Norm of the gradient of all weights together.
        after: The same, clipped.
        largest: The largest norm of one weight array's gradient, before.
    """

    rule: str
    limit: float
    is_of_run: bool
    before: float
    after: float
    largest: float


@dataclass(frozen=True)
class GradientFlow:
    """The gradients of one network.

    Attributes:
        name: What network it is.
        by_lag: Input first, then layer by layer.
        clipping: What clipping does to the gradient of its weights.
    """

    name: str
    by_lag: tuple[LagNorms, ...]
    clipping: Clipping


def median_flow(name: str, flows: list[GradientFlow]) -> GradientFlow:
    """Return the median over several seeds of each norm of networks of the same layers."""
    by_lag = tuple(
        LagNorms(each[0].layer, each[0].of, np.median([one.norms for one in each], axis=0), each[0].backwards)
        for each in zip(*(flow.by_lag for flow in flows), strict=True)
    )
    clips = [flow.clipping for flow in flows]
    before, after, largest = np.median([[clip.before, clip.after, clip.largest] for clip in clips], axis=0).tolist()
    return GradientFlow(
        name, by_lag, Clipping(clips[0].rule, clips[0].limit, clips[0].is_of_run, before, after, largest)
    )
