from __future__ import annotations

import io
from pathlib import Path

import keras
import numpy as np
import pytest

from stockrnn.errors import RunFolderError
from stockrnn.models.saving import load_network, load_state, predict_windows, save_state
from stockrnn.models.training import TrainingState

STATE = TrainingState(
    weights=[np.arange(6, dtype=np.float32).reshape(2, 3), np.float32([7])],
    optimizer=[np.array(5), *(np.full(2, number, np.float32) for number in range(12))],
    best_weights=[np.float32([8])],
    history=[{"loss": 0.1, "val_loss": 1 / 3}, {"loss": 0.05, "val_loss": 0.2}],
)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    save_state(tmp_path / "state.npz", STATE)
    return tmp_path / "state.npz"


def test_a_state_comes_back_bit_by_bit_and_in_order(saved: Path) -> None:
    state = load_state(saved)
    assert state.history == STATE.history
    for kind in ("weights", "optimizer", "best_weights"):
        found, expected = getattr(state, kind), getattr(STATE, kind)
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_array_equal(one, other)
            assert one.dtype == other.dtype
    assert [path.name for path in saved.parent.iterdir()] == ["state.npz"]


def test_a_state_that_cannot_be_written_leaves_the_one_before(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = saved.read_bytes()

    def fail(file: io.BufferedWriter, **_: object) -> None:
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(OSError, match="disk full"):
        save_state(saved, STATE)
    assert saved.read_bytes() == before


def array_file(saved: Path) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


def other_archive(saved: Path) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, something=np.zeros(3))
    return buffer.getvalue()


def flipped(saved: Path) -> bytes:
    content = bytearray(saved.read_bytes())
    place = content.index(np.float32([7]).tobytes())
    content[place] ^= 0xFF
    return bytes(content)


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: b"hello",
        lambda saved: saved.read_bytes()[:-40],
        lambda saved: saved.read_bytes()[: len(saved.read_bytes()) // 2],
        lambda saved: saved.read_bytes()[:60],
        array_file,
        other_archive,
        flipped,
    ],
    ids=["empty", "text", "end cut off", "half", "start", "one array", "another archive", "one byte"],
)
def test_a_damaged_state_is_told_as_such(saved: Path, damage) -> None:
    saved.write_bytes(damage(saved))
    with pytest.raises(RunFolderError, match=r"state\.npz: damaged .*train again") as raised:
        load_state(saved)
    assert "\n" not in str(raised.value)


def test_a_missing_state_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"state\.npz"):
        load_state(tmp_path / "state.npz")


def test_a_network_is_loaded_and_asked_batch_by_batch(tmp_path: Path) -> None:
    network = keras.Sequential([keras.Input((4, 2)), keras.layers.Flatten(), keras.layers.Dense(3)])
    network.save(tmp_path / "x.keras")
    inputs = np.random.default_rng(0).normal(size=(70, 4, 2)).astype(np.float32)
    outputs = predict_windows(load_network(tmp_path / "x.keras"), inputs)
    kernel, bias = network.get_weights()
    np.testing.assert_allclose(outputs, inputs.reshape(70, 8) @ kernel + bias, rtol=0, atol=1e-5)


@pytest.mark.parametrize("part", [0.0, 0.5, 0.99, None])
def test_a_damaged_network_is_told_as_such(tmp_path: Path, part: float | None) -> None:
    path = tmp_path / "x.keras"
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)]).save(path)
    content = path.read_bytes()
    path.write_bytes(b"hello" if part is None else content[: int(part * len(content))])
    with pytest.raises(RunFolderError, match=r"x\.keras: Keras cannot read this network") as raised:
        load_network(path)
    assert "\n" not in str(raised.value)


def test_a_missing_network_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"x\.keras"):
        load_network(tmp_path / "x.keras")
