"""Gradients by lag and layer, as tables, in words and as JSON values."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stockrnn.messages import enumerated
from stockrnn.models.lag_norms import VANISHED, Clipping, GradientFlow, LagNorms
from stockrnn.reports.terminal import plain_table

_LAGS_SHOWN = (1, 2, 5, 10, 20, 40, 60, 120, 250, 500, 1000, 2500)
_VERDICTS = {
    "vanishes": "vanishes",
    "explodes": "explodes",
    "holds": "neither vanishes nor explodes",
    "undefined": "is zero everywhere",
}

RULE = (
    f"Rule: it vanishes where the oldest session's norm is below {VANISHED:g} of the newest's, and explodes above "
    f"{1 / VANISHED:g} times it; the factor is the mean growth a step back."
)


@dataclass(frozen=True)
class GradientReport:
    """The gradients of a run, or of untrained cells of its size.

    Attributes:
        run: Name of the run.
        loss: The loss.
        windows: Training windows that were averaged over.
        flows: One for a trained run; one a cell when cells are compared.
        seeds: Of the networks; the median over them is shown.
        is_trained: These are the weights of the run, not untrained ones.
        notes: What else is to be known.
    """

    run: str
    loss: str
    windows: int
    flows: Sequence[GradientFlow]
    seeds: Sequence[int]
    is_trained: bool
    notes: Sequence[str] = ()


def gradients_text(report: GradientReport) -> str:
    """Return a table a network, or one table of all cells, and the sentences."""
    rows = [_row(flow, each, not report.is_trained) for flow in report.flows for each in flow.by_lag]
    lags = lags_shown(len(report.flows[0].by_lag[0].norms))
    headers = [
        *([] if report.is_trained else ["cell"]),
        "gradient to",
        *(f"lag {lag}" for lag in lags),
        "factor",
    ]
    return "\n".join(
        [
            gradients_title(report),
            "",
            plain_table(headers, rows),
            "",
            *(flow_sentence(flow) for flow in report.flows),
            RULE,
            *(clipping_sentence(flow.name, flow.clipping) for flow in report.flows),
            *report.notes,
        ]
    )


def gradients_json(report: GradientReport) -> dict[str, Any]:
    """Return the norms at all lags; the first of each list is lag 1, the newest session."""
    return {
        "trained": report.is_trained,
        "loss": report.loss,
        "windows": report.windows,
        "seeds": list(report.seeds),
        "rule": RULE,
        "notes": list(report.notes),
        "networks": [
            {
                "name": flow.name,
                "text": flow_sentence(flow),
                "gradients": [_norms_json(each) for each in flow.by_lag],
                "clipping": dataclasses.asdict(flow.clipping),
            }
            for flow in report.flows
        ],
    }


def gradients_title(report: GradientReport) -> str:
    """Return what was measured on what."""
    what = "the trained network" if report.is_trained else f"untrained cells, median of {len(report.seeds)} seeds"
    return f"{report.run}, {what}: norm of the gradient of the {report.loss.replace('_', ' ')} by lag, mean of {report.windows} training windows"


def flow_sentence(flow: GradientFlow) -> str:
    """Return whether the gradient vanishes or explodes on its way back."""
    to_input = flow.by_lag[0]
    parts = [f"{flow.name}: the gradient to the input {_VERDICTS[to_input.verdict]}"]
    if to_input.verdict != "undefined":
        parts.append(
            f" over {len(to_input.norms)} sessions ({to_input.ratio:.2g} times as large at the oldest as at the newest, "
            f"a factor of {to_input.factor:.3f} a step)"
        )
    inner: dict[str, list[str]] = {}
    for each in flow.by_lag[1:]:
        inner.setdefault(each.verdict, []).append(each.name)
    parts += [f"; in {enumerated(names)} it {_VERDICTS[verdict]}" for verdict, names in inner.items()]
    return "".join(parts) + "."


def clipping_sentence(name: str, clip: Clipping) -> str:
    """Return what clipping does to the gradient of the weights."""
    rule = f"{'clip_norm' if clip.rule == 'norm' else 'clip_value'} {clip.limit:g}"
    whose = "the run's" if clip.is_of_run else "the run does not clip; as an example,"
    if clip.after == clip.before:
        return f"Clipping, {name}: {whose} {rule} changes nothing, the norm of the weights' gradient is {clip.before:.3g} (largest array {clip.largest:.3g})."
    return f"Clipping, {name}: {whose} {rule} takes the norm of the weights' gradient from {clip.before:.3g} to {clip.after:.3g}."


def lags_shown(lookback: int) -> list[int]:
    """Return the few lags of a table, the oldest always among them."""
    return [*(lag for lag in _LAGS_SHOWN if lag < lookback), lookback]


def _row(flow: GradientFlow, each: LagNorms, several: bool) -> list[str]:
    values = [f"{each.norms[lag - 1]:.1e}" for lag in lags_shown(len(each.norms))]
    return [*([flow.name] if several else []), each.name, *values, f"{each.factor:.3f}"]


def _norms_json(each: LagNorms) -> dict[str, Any]:
    return {
        "layer": each.layer,
        "of": each.of,
        "reads": "backwards" if each.backwards else "forwards",
        "norms": each.norms.tolist(),
        "ratio": each.ratio,
        "factor": each.factor,
        "verdict": each.verdict,
    }
