"""The config: its sections together, checked before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError, model_validator

from stockrnn.config_errors import explain_unknown_key, explain_value
from stockrnn.config_sections import (
    COLUMN_NAMES,
    DataConfig,
    EvaluationConfig,
    FeaturesConfig,
    ModelConfig,
    Section,
    TargetConfig,
    TrainConfig,
    WindowConfig,
)
from stockrnn.errors import ConfigError
from stockrnn.feature_names import FEATURE_NAMES, named_features


class Config(Section):
    """The whole config; functions receive the section they need, never all of it."""

    data: DataConfig = DataConfig()
    window: WindowConfig = WindowConfig()
    target: TargetConfig = TargetConfig()
    features: FeaturesConfig = FeaturesConfig()
    model: ModelConfig = ModelConfig()
    train: TrainConfig = TrainConfig()
    evaluation: EvaluationConfig = EvaluationConfig()

    @model_validator(mode="after")
    def _check_sections_together(self) -> Config:
        if self.train.early_stopping and not self.data.validation:
            raise ValueError("train.early_stopping needs sessions to watch; set data.validation, such as 0.1")
        if len(set(self.train.seeds)) < len(self.train.seeds):
            raise ValueError(f"train.seeds has a seed twice: {list(self.train.seeds)}; equal seeds give equal networks")
        if self.train.clip_norm and self.train.clip_value:
            raise ValueError("train.clip_norm and train.clip_value exclude each other; set one of them to 0")
        for problem in impossible_combinations(self):
            raise ValueError(problem)
        return self

    @property
    def feature_columns(self) -> tuple[str, ...]:
        """The price columns that the network reads, in order."""
        names = (self.target.column if name == "target" else name for name in self.features.names)
        return tuple(dict.fromkeys(name for name in names if name in COLUMN_NAMES))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The registered features that the network reads where the prices allow them, in order."""
        return tuple(name for name in named_features(self.features.names) if name in FEATURE_NAMES)

    @property
    def outputs(self) -> int:
        """How many sessions the network forecasts at once: one where it goes on from its own forecasts."""
        return 1 if self.window.strategy == "recursive" else self.window.horizon

    @property
    def has_distribution(self) -> bool:
        """Whether the network's forecasts have quantiles."""
        return self.model.head != "point" or self.evaluation.intervals != "head"

    @property
    def targets_every_step(self) -> bool:
        """Whether the network is trained to forecast at every session of its window, not only after the last one."""
        return self.model.shape == "many_to_many" and self.window.strategy != "sequence_to_sequence"

    @property
    def needs_own_training(self) -> bool:
        """Whether a ticker can only be forecast after training on its own prices, which its scaling comes from."""
        return self.target.kind == "level" or bool(self.feature_columns)

    @property
    def can_go_on(self) -> bool:
        """Whether forecasts can be fed back to the network: it reads nothing but what it forecasts."""
        only_target = self.feature_columns == (self.target.column,) and not self.feature_names
        return self.window.strategy == "recursive" and self.target.kind == "level" and only_target

    @property
    def most_days(self) -> int | None:
        """How many sessions ahead can be forecast; None where any can, by going on or drawing on."""
        return None if self.target.kind == "log_return" or self.can_go_on else self.outputs


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


def parse_config(document: Mapping[str, Any], source: str) -> Config:
    """Check a config document; errors name the key, the value and the nearest known key."""
    try:
        return Config.model_validate(document)
    except ValidationError as error:
        raise ConfigError(f"{source}: {_explain(error.errors()[0])}") from None


def _explain(error: Mapping[str, Any]) -> str:
    location = [str(part) for part in error["loc"]]
    if error["type"] != "extra_forbidden":
        return explain_value(error)
    model: Any = Config
    for name in location[:-1]:
        model = model.model_fields[name].annotation
    sections: dict[str, Any] = {name: field.annotation for name, field in Config.model_fields.items()}
    homes = [name for name, section in sections.items() if location[-1] in section.model_fields]
    return explain_unknown_key(location, list(model.model_fields), homes)
