"""What a cell did with one window, in words and as JSON values."""

from __future__ import annotations

from typing import Any

import numpy as np

from stockrnn.forecasts.cell_trace import CellTrace, DatedTrace
from stockrnn.reports.terminal import plain_table

# A tanh beyond this hardly moves any more.
_SATURATED = 0.9
_SESSIONS_SHOWN = 5


def gates_text(dated: DatedTrace) -> str:
    """Return the layer, the last sessions as a table of means over the units, and what happened on the day in words."""
    trace = dated.trace
    return "\n".join(
        [
            f"{dated.ticker}: {layer_title(trace)}, window of {_window(dated)}",
            "",
            plain_table(["session", dated.target, *_columns(trace)], _rows(dated)),
            "",
            "Means over the units; states by their size, whatever the sign.",
            *_sentences(dated),
        ]
    )


def gates_json(dated: DatedTrace) -> dict[str, Any]:
    """Return everything that was recorded; each array has a row a session and a column a unit."""
    trace = dated.trace
    return {
        "ticker": dated.ticker,
        "date": f"{dated.sessions[-1]:%Y-%m-%d}",
        "cell": trace.cell,
        "layer": trace.layer,
        "layers": trace.layers,
        "direction": "forward" if trace.is_forward_direction else None,
        "seed": dated.seed,
        "target": dated.target,
        "day": day_summary(trace),
        "text": " ".join(_sentences(dated)),
        "sessions": [f"{day:%Y-%m-%d}" for day in dated.sessions],
        "prices": dated.prices.tolist(),
        "gates": {name: values.tolist() for name, values in trace.gates.items()},
        "cell_state": None if trace.memory is None else trace.memory.tolist(),
        "hidden_state": trace.output.tolist(),
        "plain_cell": trace.plain.tolist(),
    }


def layer_title(trace: CellTrace) -> str:
    """Return which layer it is, such as `LSTM layer 1 of 4, 50 units`."""
    direction = ", the direction that reads forwards" if trace.is_forward_direction else ""
    return f"{trace.cell} layer {trace.layer} of {trace.layers}, {trace.output.shape[1]} units{direction}"


def day_summary(trace: CellTrace) -> dict[str, float | None]:
    """Return means over the units on the last session of the window.

    Returns:
        `gate_NAME` for each gate. `kept`: share of the old state's size that went on. `added`: share of the new parts
        in what the new state is made of. `let_out`: size of the output over that of the cell state. Null where a cell
        has no such thing. `change` and `plain_change`: how far the state moved, with and without gates.
    """
    gates = {f"gate_{name}": float(values[-1].mean()) for name, values in trace.gates.items()}
    state = trace.output if trace.memory is None else trace.memory
    before = state[-2] if len(state) > 1 else np.zeros_like(state[-1])
    plain_before = trace.plain[-2] if len(trace.plain) > 1 else np.zeros_like(trace.plain[-1])
    kept, added = _kept_and_added(trace, before)
    old, new = (None, None) if kept is None or added is None else (_size(kept), _size(added))
    return {
        **gates,
        "kept": _share(old, _size(before)),
        "added": None if old is None or new is None else _share(new, old + new),
        "let_out": None if trace.memory is None else _share(_size(trace.output[-1]), _size(trace.memory[-1])),
        "state": _size(state[-1]),
        "change": _size(state[-1] - before),
        "plain_state": _size(trace.plain[-1]),
        "plain_change": _size(trace.plain[-1] - plain_before),
        "saturated": float((np.abs(trace.output[-1]) > _SATURATED).mean()),
    }


def _kept_and_added(trace: CellTrace, before: np.ndarray) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Return the two terms whose sum is the new state."""
    gates = {name: values[-1] for name, values in trace.gates.items()}
    if trace.cell == "LSTM":
        return gates["forget"] * before, gates["input"] * gates["candidate"]
    if trace.cell == "GRU":
        return gates["update"] * before, (1 - gates["update"]) * gates["candidate"]
    return None, None


def _size(values: np.ndarray) -> float:
    return float(np.abs(values).mean())


def _share(part: float | None, whole: float) -> float | None:
    return None if part is None or whole == 0 else part / whole


def _window(dated: DatedTrace) -> str:
    days = dated.sessions
    if len(days) == 1:
        return f"one session, {days[0]:%Y-%m-%d}"
    return f"{len(days)} sessions, {days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}"


def _columns(trace: CellTrace) -> list[str]:
    memory = [] if trace.memory is None else ["cell state"]
    return [*trace.gates, *memory, "hidden state", *(["plain tanh"] if trace.gates else [])]


def _rows(dated: DatedTrace) -> list[list[str]]:
    trace = dated.trace
    arrays = [np.abs(values) if name == "candidate" else values for name, values in trace.gates.items()]
    arrays += [np.abs(state) for state in (trace.memory, trace.output) if state is not None]
    arrays += [np.abs(trace.plain)] if trace.gates else []
    means = np.stack([values.mean(axis=1) for values in arrays], axis=1)
    rows = zip(dated.sessions, dated.prices, means, strict=True)
    lines = [[f"{day:%Y-%m-%d}", f"{price:.2f}", *(f"{mean:.3f}" for mean in each)] for day, price, each in rows]
    return lines[-_SESSIONS_SHOWN:]


def _sentences(dated: DatedTrace) -> list[str]:
    trace, day = dated.trace, f"{dated.sessions[-1]:%Y-%m-%d}"
    facts = day_summary(trace)
    if not trace.gates:
        moved = f"moved by {facts['change']:.2g} a unit to a mean size of {facts['state']:.2g}"
        return [
            f"On {day} the plain cell had nothing to choose: it has no gates, one tanh makes its whole state anew.",
            f"The state {moved}; {_per_cent(facts['saturated'])} of its units are near -1 or 1, where tanh hardly moves.",
        ]
    kept = "nothing, as there was no state before it" if facts["kept"] is None else _kept_words(trace, facts)
    words = f"On {day} the cell kept {kept}; what it added is {_per_cent(facts['added'])} of the new state's parts"
    words += f" ({_gate_words(trace, facts)})"
    if trace.memory is not None:
        words += (
            f"; and it let out {_per_cent(facts['let_out'])} of it (output gate {facts['gate_output']:.2f} on average)"
        )
    return [
        f"{words}.",
        f"Its state moved by {facts['change']:.2g} a unit. The plain cell with the same candidate weights and no gates, "
        f"one tanh, moved by {facts['plain_change']:.2g}.",
    ]


def _kept_words(trace: CellTrace, facts: dict[str, float | None]) -> str:
    name = "forget" if trace.cell == "LSTM" else "update"
    return f"{_per_cent(facts['kept'])} of the state of the session before ({name} gate {facts[f'gate_{name}']:.2f} on average)"


def _gate_words(trace: CellTrace, facts: dict[str, float | None]) -> str:
    if trace.cell == "LSTM":
        return f"input gate {facts['gate_input']:.2f} on average"
    return f"reset gate {facts['gate_reset']:.2f} on average: how much of the old state the new part looks at"


def _per_cent(share: float | None) -> str:
    return "none" if share is None else f"{100 * share:.0f} %"
