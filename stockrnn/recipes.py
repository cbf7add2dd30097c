"""Recipes: named configs read from TOML files, bundled ones or the user's, with keys overridden one by one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stockrnn.bundled import bundled_folder, bundled_recipe
from stockrnn.config import Config, parse_config
from stockrnn.errors import ConfigError

DEFAULT_RECIPE = "google"


@dataclass(frozen=True)
class Recipe:
    """A config with the name it goes by.

    Attributes:
        name: Names the run folder; the file's stem.
        config: The config, overrides applied.
        chosen: The parts of the split, `train` and `test`, that the user wrote: those must not be replaced by what fits the data.
    """

    name: str
    config: Config
    chosen: frozenset[str]


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
    overrides = list(overrides)
    for override in overrides:
        section, key, value = _parse_override(override)
        document.setdefault(section, {})
        if not isinstance(document[section], dict):
            raise ConfigError(f"{path}: {section} must be a section")
        document[section][key] = value
        if section == "data" and key in ("train", "test"):
            split_keys.add(key)
    named = f"{path.name} with --set" if overrides else path.name
    return Recipe(path.stem, parse_config(document, named), frozenset(split_keys))


def _recipe_path(source: str) -> Path:
    path = Path(source)
    if path.suffix != ".toml" and path.name == source:
        return bundled_recipe(source)
    if path.is_dir():
        raise ConfigError(f"{source}: a folder, not a config file; write the path of a TOML file in it")
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
