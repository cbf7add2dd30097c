"""The config: frozen sections, checked before anything runs."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from stockrnn.config_combinations import impossible_combinations
from stockrnn.config_errors import explain_unknown_key, explain_value
from stockrnn.errors import ConfigError
from stockrnn.feature_names import FEATURE_GROUPS, FEATURE_NAMES, named_features

COLUMN_NAMES = ("open", "high", "low", "close", "volume")


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _two_days(value: Any) -> Any:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError('expected the first and the last day, such as ["2012-01-01", "2016-12-31"]')
    return tuple(value)


def _one_or_listed(value: Any) -> Any:
    return (value,) if isinstance(value, str | int) else _listed(value)


def _day(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise ValueError("expected a date such as 2012-01-31") from None


Day = Annotated[dt.date, BeforeValidator(_day)]
DateRange = Annotated[tuple[Day, Day], BeforeValidator(_two_days)]
Names = Annotated[tuple[str, ...], BeforeValidator(_one_or_listed), Field(min_length=1)]


class Section(BaseModel):
    """A frozen part of the config that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class DataConfig(Section):
    """Which prices, and which of their sessions are for training and for testing (both ends included)."""

    prices: Names = ("bundled:googl",)
    adjust: Literal["none", "all"] = "none"
    calendar: str = "auto"
    train: DateRange = (dt.date(2012, 1, 1), dt.date(2016, 12, 31))
    test: DateRange = (dt.date(2017, 1, 1), dt.date(2017, 12, 31))
    validation: float = Field(0.0, ge=0, le=0.5)

    @model_validator(mode="after")
    def _check_order(self) -> DataConfig:
        for name, (first, last) in (("train", self.train), ("test", self.test)):
            if first > last:
                raise ValueError(f"{name} ends on {last} before it starts on {first}")
        if self.test[0] <= self.train[1]:
            raise ValueError(f"test starts on {self.test[0]}, not after train ends on {self.train[1]}")
        return self


class WindowConfig(Section):
    """How many sessions the network sees, how many ahead it is asked for, and how it gets there."""

    lookback: int = Field(60, ge=1, le=5000)
    horizon: int = Field(1, ge=1, le=250)
    strategy: Literal["recursive", "direct", "sequence_to_sequence"] = "recursive"


class TargetConfig(Section):
    """What is forecast, and what the network learns for it."""

    column: Literal["open", "high", "low", "close"] = "open"
    kind: Literal["level", "log_return"] = "level"
    anchor: Literal["ewma", "har", "har_x"] = "ewma"
    beside: Annotated[
        tuple[Literal["open", "high", "low", "close", "range"], ...], BeforeValidator(_one_or_listed)
    ] = ()


class FeaturesConfig(Section):
    """What the network sees of each session: price columns, scaled, and registered features, standardised.

    `target` stands for the target column, `recommended` for the features of the recommended recipe.
    """

    names: Names = ("target",)
    scaling: Literal["minmax"] = "minmax"

    @field_validator("names")
    @classmethod
    def _check_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        known = ("target", *COLUMN_NAMES, *FEATURE_GROUPS, *FEATURE_NAMES)
        for name in names:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
                hint = f"near: {', '.join(near)}" if near else f"such as {', '.join(known[:7])}"
                raise ValueError(f"no feature {name!r} ({hint}; docs/features.md has them all)")
        return names


class ModelConfig(Section):
    """The network."""

    cell: Literal["lstm", "gru", "simple_rnn", "feed_forward"] = "lstm"
    shape: Literal["one_to_one", "one_to_many", "many_to_one", "many_to_many"] = "many_to_one"
    bidirectional: bool = False
    layers: int = Field(4, ge=1, le=50)
    units: int = Field(50, ge=1, le=5000)
    dropout: float = Field(0.2, ge=0, lt=1)
    skip: bool = False
    head: Literal["point", "quantiles", "student_t"] = "point"


class TrainConfig(Section):
    """How the network is fitted; 0 switches early stopping or a clipping off."""

    epochs: int = Field(100, ge=1, le=1_000_000)
    batch_size: int = Field(32, ge=1)
    optimizer: Literal["adam", "adamw", "rmsprop", "sgd"] = "adam"
    learning_rate: float = Field(0.001, gt=0)
    loss: Literal["mean_squared_error", "mean_absolute_error", "huber"] = "mean_squared_error"
    seeds: Annotated[tuple[Annotated[int, Field(ge=0, lt=2**32)], ...], BeforeValidator(_one_or_listed)] = Field(
        (1,), min_length=1
    )
    early_stopping: int = Field(0, ge=0)
    clip_norm: float = Field(0.0, ge=0)
    clip_value: float = Field(0.0, ge=0)
    truncate_steps: int = Field(0, ge=0)
    schedule: Literal["constant", "cosine"] = "constant"
    weight_decay: float = Field(0.0, ge=0)
    warm_up: int = Field(0, ge=0)
    stride: int = Field(1, ge=1)
    refit_epochs: int = Field(0, ge=0, le=1_000_000)


class EvaluationConfig(Section):
    """What the network is compared with."""

    moving_average: int = Field(5, ge=2)
    gate: bool = False
    intervals: Literal["head", "conformal", "adaptive"] = "head"
    bands: bool = False
    garch: bool = False


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
