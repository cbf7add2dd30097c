"""The config: frozen sections read from TOML, overridden key by key, checked before anything runs."""

from __future__ import annotations

import datetime as dt
import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from stockrnn.bundled import bundled_folder, bundled_recipe
from stockrnn.errors import ConfigError

DEFAULT_RECIPE = "google"


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _one_or_listed(value: Any) -> Any:
    return (value,) if isinstance(value, str | int) else _listed(value)


def _day(value: Any) -> Any:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


Day = Annotated[dt.date, BeforeValidator(_day)]
DateRange = Annotated[tuple[Day, Day], BeforeValidator(_listed)]
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
    """How many sessions the network sees, and how many ahead it is asked for."""

    lookback: int = Field(60, ge=1, le=5000)
    horizon: int = Field(1, ge=1, le=250)


class TargetConfig(Section):
    """What is forecast."""

    column: Literal["open", "high", "low", "close"] = "open"


class FeaturesConfig(Section):
    """What the network sees of each session: price columns; `target` stands for the target column."""

    names: Annotated[
        tuple[Literal["target", "open", "high", "low", "close", "volume"], ...], BeforeValidator(_one_or_listed)
    ] = Field(("target",), min_length=1)
    scaling: Literal["minmax"] = "minmax"


class ModelConfig(Section):
    """The network."""

    cell: Literal["lstm", "gru", "simple_rnn", "feed_forward"] = "lstm"
    layers: int = Field(4, ge=1, le=50)
    units: int = Field(50, ge=1, le=5000)
    dropout: float = Field(0.2, ge=0, lt=1)


class TrainConfig(Section):
    """How the network is fitted; 0 switches early stopping or a clipping off."""

    epochs: int = Field(100, ge=1)
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


class EvaluationConfig(Section):
    """What the network is compared with."""

    moving_average: int = Field(5, ge=2)


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
        if self.train.clip_norm and self.train.clip_value:
            raise ValueError("train.clip_norm and train.clip_value exclude each other; set one of them to 0")
        if self.window.horizon > 1 and not self.is_recursive:
            raise ValueError(
                "window.horizon over 1 needs features.names = ['target']: the days after the first are forecast from "
                "the forecasts before them"
            )
        return self

    @property
    def feature_columns(self) -> tuple[str, ...]:
        """The price columns that the network reads, in order."""
        names = (self.target.column if name == "target" else name for name in self.features.names)
        return tuple(dict.fromkeys(names))

    @property
    def is_recursive(self) -> bool:
        """Whether the network reads nothing but what it forecasts, so that forecasts can be fed back to it."""
        return self.feature_columns == (self.target.column,)


@dataclass(frozen=True)
class Recipe:
    """A config with the name it goes by.

    Attributes:
        name: Names the run folder; the file's stem.
        config: The config, overrides applied.
        split_is_chosen: The user wrote the split, so that it must not be replaced by one that fits the data.
    """

    name: str
    config: Config
    split_is_chosen: bool


def load_recipe(source: str | None = None, overrides: Iterable[str] = ()) -> Recipe:
    """Load a recipe by the name of a bundled one or by the path of a TOML file.

    Args:
        source: `google` or `my.toml`; None is the tutorial's recipe.
        overrides: `section.key=value` with the value as in TOML; text needs no quotes.

    Raises:
        ConfigError: No such recipe, not TOML, an unknown key or an impossible value.
    """
    path = _recipe_path(source or DEFAULT_RECIPE)
    document = _read_toml(path)
    split_keys = set() if _is_bundled(path) else _changed_split_keys(document)
    for override in overrides:
        section, key, value = _parse_override(override)
        document.setdefault(section, {})
        if not isinstance(document[section], dict):
            raise ConfigError(f"{path}: {section} must be a section")
        document[section][key] = value
        if section == "data" and key in ("train", "test"):
            split_keys.add(key)
    return Recipe(path.stem, parse_config(document, path.name), bool(split_keys))


def parse_config(document: Mapping[str, Any], source: str) -> Config:
    """Check a config document; errors name the key, the value and the nearest known key."""
    try:
        return Config.model_validate(document)
    except ValidationError as error:
        raise ConfigError(f"{source}: {_explain(error)}") from None


def _recipe_path(source: str) -> Path:
    path = Path(source)
    if path.suffix != ".toml" and path.name == source:
        return bundled_recipe(source)
    if not path.is_file():
        raise ConfigError(f"{source}: no such config file; write a path of a TOML file or the name of a bundled recipe")
    return path


def _is_bundled(path: Path) -> bool:
    return path.resolve().parent == bundled_folder("configs").resolve()


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not a TOML file ({error})") from None


def _changed_split_keys(document: Mapping[str, Any]) -> set[str]:
    # A copied recipe still carries the tutorial's years without anybody having chosen them.
    data = document.get("data", {})
    default = Config().data.model_dump(mode="json")
    return {
        key
        for key in ("train", "test")
        if isinstance(data, dict) and key in data and _as_texts(data[key]) != default[key]
    }


def _as_texts(value: Any) -> Any:
    return [str(item) for item in value] if isinstance(value, list) else value


def _parse_override(override: str) -> tuple[str, str, Any]:
    name, equals, text = override.partition("=")
    section, dot, key = name.strip().partition(".")
    if not (equals and dot and section and key):
        raise ConfigError(f"--set {override}: expected section.key=value, such as train.epochs=20")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    return section, key, value


def _explain(error: ValidationError) -> str:
    first = error.errors()[0]
    location = [str(part) for part in first["loc"]]
    if first["type"] == "extra_forbidden":
        return _unknown_key(location)
    message = first["msg"].removeprefix("Value error, ")
    where = ".".join(location[:2])
    found = "" if isinstance(first["input"], dict | BaseModel) else f", found {first['input']!r}"
    return f"{where}: {message}{found}" if where else message


def _unknown_key(location: list[str]) -> str:
    model: Any = Config
    for name in location[:-1]:
        model = model.model_fields[name].annotation
    known = list(model.model_fields)
    parents = "".join(f"{name}." for name in location[:-1])
    near = difflib.get_close_matches(location[-1], known, n=1, cutoff=0.5)
    hint = f"; did you mean {parents}{near[0]}?" if near else ""
    return f"unknown {'key' if parents else 'section'} {parents}{location[-1]}{hint} (known: {', '.join(known)})"
