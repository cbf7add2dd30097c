from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

import pytest

from stockrnn.bundled import bundled_folder, bundled_recipe
from stockrnn.config import Config, parse_config
from stockrnn.errors import ConfigError
from stockrnn.recipes import load_recipe

RECIPES = sorted(path.stem for path in bundled_folder("configs").glob("*.toml"))


def test_the_google_recipe_equals_the_built_in_defaults_and_writes_every_key() -> None:
    written = tomllib.loads(bundled_recipe("google").read_text(encoding="utf-8"))
    defaults = Config().model_dump(mode="json")
    assert {section: set(keys) for section, keys in written.items()} == {
        section: set(keys) for section, keys in defaults.items()
    }
    assert load_recipe("google").config == Config()


def test_the_google_recipe_is_the_tutorial() -> None:
    config = load_recipe().config
    assert config.data.train == (dt.date(2012, 1, 1), dt.date(2016, 12, 31))
    assert config.data.test == (dt.date(2017, 1, 1), dt.date(2017, 12, 31))
    assert (config.window.lookback, config.window.horizon, config.target.column) == (60, 1, "open")
    assert (config.model.cell, config.model.layers, config.model.units, config.model.dropout) == ("lstm", 4, 50, 0.2)
    assert (config.train.optimizer, config.train.loss) == ("adam", "mean_squared_error")
    assert (config.train.epochs, config.train.batch_size) == (100, 32)


@pytest.mark.parametrize("name", RECIPES)
def test_every_bundled_recipe_loads_under_its_name(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.name == name
    assert recipe.chosen == set()


@pytest.mark.parametrize("name", RECIPES)
def test_a_config_survives_json(name: str) -> None:
    config = load_recipe(name).config
    assert parse_config(config.model_dump(mode="json"), "run.json") == config


def test_a_config_is_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Config().train.epochs = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("override", "section", "key", "value"),
    [
        ("train.epochs=3", "train", "epochs", 3),
        (" train.epochs = 3 ", "train", "epochs", 3),
        ("train.learning_rate=1", "train", "learning_rate", 1.0),
        ("train.seeds=7", "train", "seeds", (7,)),
        ("train.seeds=[1, 2]", "train", "seeds", (1, 2)),
        ("model.cell=gru", "model", "cell", "gru"),
        ('model.cell="gru"', "model", "cell", "gru"),
        ("data.prices=my prices=2.csv", "data", "prices", ("my prices=2.csv",)),
        ("data.prices=['a.csv', 'b.csv']", "data", "prices", ("a.csv", "b.csv")),
        ("features.names=['open', 'close']", "features", "names", ("open", "close")),
        ("data.test=[2017-01-01, 2017-06-30]", "data", "test", (dt.date(2017, 1, 1), dt.date(2017, 6, 30))),
    ],
)
def test_an_override_is_written_as_in_toml_and_text_needs_no_quotes(
    override: str, section: str, key: str, value: object
) -> None:
    config = load_recipe(overrides=[override]).config
    assert getattr(getattr(config, section), key) == value


def test_the_last_of_two_overrides_counts() -> None:
    assert load_recipe(overrides=["train.epochs=3", "train.epochs=4"]).config.train.epochs == 4


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("train.epoch=3", r"unknown key train\.epoch; did you mean train\.epochs\? \(known: epochs, "),
        ("trian.epochs=3", r"unknown section trian; did you mean train\? \(known: data, "),
        ("model.epochs=3", r"unknown key model\.epochs; did you mean train\.epochs\? \(known: cell, "),
        ("train.qqqq=3", r"unknown key train\.qqqq \(known: epochs"),
        ("train.epochs=0", r"train\.epochs: expected 1 or more, found 0"),
        ("train.epochs=1000001", r"train\.epochs: expected 1000000 or less, found 1000001"),
        ("train.epochs=3.5", r"train\.epochs: expected a whole number, found 3\.5"),
        ("train.epochs=many", r"train\.epochs: expected a whole number, found 'many'"),
        ("train.learning_rate=nan", r"train\.learning_rate: "),
        ("train.learning_rate=inf", r"train\.learning_rate: .*finite"),
        ("train.clip_norm=inf", r"train\.clip_norm: .*finite"),
        ("train.seeds=[]", r"train\.seeds: .*at least one"),
        ("train.seeds=[true]", r"train\.seeds: .*found true"),
        ("train.seeds=1.5", r"train\.seeds: expected a value or a list of them, found 1\.5"),
        ("model.cell=lstn", r"model\.cell: expected 'lstm', .*found 'lstn'; did you mean lstm\?"),
        ("model.cell=GRU", r"model\.cell: .*found 'GRU'; did you mean gru\?"),
        ("model.dropout=1", r"model\.dropout: expected less than 1, found 1"),
        ("model.dropout=-0.5", r"model\.dropout: expected 0 or more, found -0\.5"),
        ("train.learning_rate=0", r"train\.learning_rate: expected more than 0, found 0"),
        ("model.bidirectional=True", r"model\.bidirectional: expected true or false, found 'True'"),
        ("target.column=volume", r"target\.column: .*'open'"),
        ("data.train=['2012-01-01']", r"data\.train: expected the first and the last day, .*found \['2012-01-01'\]"),
        ("data.train=2012-01-01", r"data\.train: expected the first and the last day, .*found 2012-01-01$"),
        ("data.train=['2012-01-01', '2012-13-01']", r"data\.train: expected a date such as .*'2012-13-01'"),
        ("data.train=[1, 2]", r"data\.train: expected a date such as .*found 1$"),
        ("data.train=['2016-01-01', '2012-01-01']", r"train ends on 2012-01-01 before it starts on 2016-01-01"),
        ("data.test=['2016-12-31', '2017-12-31']", r"test starts on 2016-12-31, not after train ends on 2016-12-31"),
        ("train.early_stopping=5", r"train\.early_stopping needs .*data\.validation"),
        ("train=3", r"--set train=3: expected section\.key=value"),
        ("train.epochs", r"--set train\.epochs: expected section\.key=value"),
        (".=3", r"expected section\.key=value"),
        ("data.train.first=3", r"unknown key data\.train\.first"),
    ],
)
def test_a_wrong_override_is_one_line_that_names_the_key(override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as raised:
        load_recipe(overrides=[override])
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["train.clip_norm=1", "train.clip_value=1"], "exclude each other"),
        (["window.horizon=2", "features.names=['open', 'close']"], "window.horizon over 1 with"),
    ],
)
def test_keys_that_exclude_each_other_are_an_error(overrides: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_recipe(overrides=overrides)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not toml", "not a TOML file"),
        ("data = 3", "my.toml: data: expected a section with keys, found 3"),
        ("[data]\ntrain = 5", r"my.toml: data\.train: "),
        ("[data]\ntrain = 2012-01-01", r"my.toml: data\.train: "),
        ("epochs = 3", r"unknown section epochs; did you mean train\.epochs\?"),
        ("[dota]\ntrain = 5", "unknown section dota; did you mean data"),
        ("[model]\nlayers = '4'", r"my.toml: model\.layers: .*found '4'"),
    ],
)
def test_a_wrong_file_is_one_line_that_names_the_file(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "my.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as raised:
        load_recipe(str(path))
    assert "\n" not in str(raised.value)


def test_bytes_that_are_no_text_are_not_a_toml_file(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not a TOML file"):
        load_recipe(str(path))


def test_a_file_goes_by_its_stem_and_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("[train]\nepochs = 7\n", encoding="utf-8-sig")
    recipe = load_recipe(str(path))
    assert (recipe.name, recipe.config.train.epochs) == ("my", 7)


@pytest.mark.parametrize("source", ["missing.toml", "folder/google", "folder/missing.toml"])
def test_a_missing_file_is_an_error(source: str) -> None:
    with pytest.raises(ConfigError, match="no such config file"):
        load_recipe(source)


def test_an_unknown_recipe_is_an_error() -> None:
    with pytest.raises(ConfigError, match="no bundled recipe called 'gogle'"):
        load_recipe("gogle")


@pytest.mark.parametrize(
    ("text", "overrides", "chosen"),
    [
        ("", [], set()),
        ('[data]\ntrain = ["2012-01-01", "2016-12-31"]\ntest = ["2017-01-01", "2017-12-31"]', [], set()),
        ('[data]\ntest = ["2017-01-01", "2017-06-30"]', [], {"test"}),
        ("[data]\ntest = [2017-01-01, 2017-06-30]", [], {"test"}),
        ("", ["data.test=['2017-01-01', '2017-06-30']"], {"test"}),
        ("", ["data.test=['2017-01-01', '2017-12-31']"], {"test"}),
        ("", ["data.train=['2013-01-01', '2016-12-31']"], {"train"}),
        ("", ["data.validation=0.1"], set()),
    ],
)
def test_a_part_of_the_split_is_chosen_only_when_the_user_wrote_it(
    tmp_path: Path, text: str, overrides: list[str], chosen: set[str]
) -> None:
    path = tmp_path / "my.toml"
    path.write_text(text, encoding="utf-8")
    assert load_recipe(str(path), overrides).chosen == chosen


@pytest.mark.parametrize(
    ("target", "names", "columns", "recursive"),
    [
        ("open", ["target"], ("open",), True),
        ("close", ["target", "close"], ("close",), True),
        ("open", ["open", "close"], ("open", "close"), False),
        ("open", ["close", "target"], ("close", "open"), False),
        ("open", ["close"], ("close",), False),
    ],
)
def test_a_network_is_recursive_only_when_it_reads_nothing_but_the_target(
    target: str, names: list[str], columns: tuple[str, ...], recursive: bool
) -> None:
    config = parse_config({"target": {"column": target}, "features": {"names": names}}, "test")
    assert (config.feature_columns, config.can_go_on) == (columns, recursive)
