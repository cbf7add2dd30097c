"""Config values that are possible alone and make no sense together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stockrnn.config import Config


def impossible_combinations(config: Config) -> Iterator[str]:
    """Say which combinations make no sense, and why."""
    window, model, truncate = config.window, config.model, config.train.truncate_steps
    one_step = model.shape in ("one_to_one", "one_to_many")
    if one_step != (window.lookback == 1):
        yield f"model.shape {model.shape} reads {'one step' if one_step else 'many steps'}; window.lookback is {window.lookback}: set one to go with the other"
    if (model.shape == "one_to_many") and (window.strategy != "sequence_to_sequence" or window.horizon == 1):
        yield "model.shape one_to_many gives a path; set window.strategy = 'sequence_to_sequence' and window.horizon over 1"
    if window.strategy == "sequence_to_sequence" and not model.shape.endswith("to_many"):
        yield f"window.strategy sequence_to_sequence needs model.shape many_to_many or one_to_many, not {model.shape}"
    if window.strategy == "recursive" and window.horizon > 1 and not config.can_go_on:
        yield (
            "window.horizon over 1 with window.strategy recursive needs features.names = ['target'] and target.kind = 'level': "
            "the days after the first are forecast from the forecasts before them; or choose the strategy direct"
        )
    if model.cell == "feed_forward" and (model.shape.endswith("to_many") or model.bidirectional or truncate):
        yield "model.cell feed_forward has no steps: no model.shape ..._to_many, model.bidirectional or train.truncate_steps"
    if model.bidirectional and one_step:
        yield f"model.bidirectional needs several steps to read backwards; model.shape {model.shape} reads one"
    if model.bidirectional and config.targets_every_step:
        yield "model.bidirectional with a target at every step would read the very target from the steps after it; set model.bidirectional = false or model.shape = 'many_to_one'"
    if truncate and (model.bidirectional or one_step or window.strategy == "sequence_to_sequence"):
        yield "train.truncate_steps goes through a window forwards: not with model.bidirectional, one step or a sequence decoder"
    yield from _impossible_levels(config)
    yield from _impossible_heads(config)
    yield from _impossible_validation(config)
    if truncate >= window.lookback > 1:
        yield f"train.truncate_steps {truncate} truncates nothing: it must be below window.lookback {window.lookback}; 0 is off"


def _impossible_levels(config: Config) -> Iterator[str]:
    """Say what is for moves alone where prices are learnt."""
    target, head = config.target, config.model.head
    if target.kind != "level":
        return
    if head != "point" or target.beside:
        yield "model.head and target.beside are for moves and not for prices; set target.kind = 'log_return', or model.head = 'point'"
    if target.anchor != "ewma":
        yield f"target.anchor {target.anchor} is what moves are divided by; set target.kind = 'log_return'"
    if target.expected != "nothing":
        yield f"target.expected {target.expected} is of moves; set target.kind = 'log_return'"


def _impossible_heads(config: Config) -> Iterator[str]:
    """Say which targets, heads and ways to train make no sense together, and why."""
    target, model, train = config.target, config.model, config.train
    if model.head != "point" and train.loss != "mean_squared_error":
        yield f"train.loss {train.loss} is for model.head point; {model.head} has a loss of its own"
    if len(set(target.beside)) < len(target.beside):
        yield f"target.beside {list(target.beside)} has a target twice"
    if model.head != "point" and config.window.strategy == "sequence_to_sequence":
        yield f"window.strategy sequence_to_sequence has no model.head {model.head}; choose the strategy direct"
    if model.skip and (model.cell == "feed_forward" or config.window.strategy == "sequence_to_sequence"):
        yield "model.skip leads past recurrent layers to one output: not with feed_forward or sequence_to_sequence"
    if (train.warm_up or train.stride > 1) and not config.targets_every_step:
        yield "train.warm_up and train.stride are for a target at every step; set model.shape = 'many_to_many'"
    if train.warm_up >= config.window.lookback > 1:
        yield f"train.warm_up {train.warm_up} leaves no step of window.lookback {config.window.lookback}"
    if train.weight_decay and train.optimizer != "adamw":
        yield f"train.weight_decay is for train.optimizer adamw, not {train.optimizer}"


def _impossible_validation(config: Config) -> Iterator[str]:
    """Say what needs validation sessions where there are none."""
    if config.data.validation:
        return
    if config.train.refit_epochs:
        yield "train.refit_epochs trains again with the sessions of data.validation; set it, such as 0.2"
    if config.evaluation.gate:
        yield "evaluation.gate is chosen on the sessions of data.validation; set it, such as 0.2"
    if config.evaluation.intervals != "head":
        yield f"evaluation.intervals {config.evaluation.intervals} starts from the misses on data.validation; set it, such as 0.2"
