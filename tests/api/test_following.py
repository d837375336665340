"""A training that goes on, followed: each checkpoint's model, and at last the trained one."""

from __future__ import annotations

import gc
import json
import re
import shutil
import threading
import weakref

import numpy as np
import pytest

from zspace.api import Run, exploring, open_run, train
from zspace.api.exploring import live_of, lives_of, side_of
from zspace.api.following import Follower, mark_of
from zspace.api.sides import side_underway
from zspace.cli.main import run as command_line
from zspace.codes import Codes
from zspace.data import prepare
from zspace.errors import DataError, InputError, RunError
from zspace.explorer.gate import Gate
from zspace.recipe import Recipe
from zspace.run import RunFolder
from zspace.training.fit import save_model
from zspace.training.restore import restore_model

COUNT, SHAPE = 110, (12, 10, 1)


def recipe(epochs: int = 2, **latent) -> Recipe:
    return Recipe.from_dict(
        {
            "data": {"source": "npz", "size": [12, 10], "channels": 1},
            "encoder": {"filters": [4], "kernels": [3], "strides": [2]},
            "latent": {"size": 3, "posterior": "normal", **latent},
            "training": {"epochs": epochs, "batch_size": 32, "samples_every": 0},
        }
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """110 gray images 12×10 of three classes: 99 to train on, 11 to validate."""
    folder = tmp_path_factory.mktemp("followed")
    generator = np.random.default_rng(0)
    shade = np.linspace(0, 1, 12)[:, None] * generator.uniform(0, 255, (COUNT, 1, 10))
    np.savez(folder / "all.npz", images=shade.astype(np.uint8), labels=np.arange(COUNT) % 3)
    return prepare("npz", folder / "prepared", from_path=folder / "all.npz")


@pytest.fixture(scope="module")
def stopped(data, tmp_path_factory):
    """A run that was stopped after two epochs."""
    out = tmp_path_factory.mktemp("stopped") / "run"
    train(recipe(), data=data, out=out, show_progress=False)
    (out / "model.keras").unlink()
    return out


@pytest.fixture
def folder(stopped, tmp_path):
    """A run of one's own that was stopped after two epochs."""
    shutil.copytree(stopped, tmp_path / "run")
    return RunFolder(tmp_path / "run")


def trained_on(folder: RunFolder, epochs: int, *, ends: bool = False) -> None:
    """Go on, as another process does, and stop again ahead of model.keras, or not."""
    changes = [f"training.epochs={epochs}"]
    train(out=folder.path, resume=True, changes=changes, show_progress=False)
    if not ends:
        folder.model.unlink()


def went_on(folder: RunFolder, epoch: int, *, ends: bool = False) -> None:
    """As `trained_on`, in no time: the weights of the newest checkpoint are changed a little."""
    with np.load(folder.checkpoint(folder.saved_epochs()[0])) as stored:
        arrays = {name: stored[name] for name in stored.files}
    state = {**json.loads(str(arrays.pop("state"))), "epoch": epoch}
    changed = {
        name: array * 1.1 if array.dtype.kind == "f" else array for name, array in arrays.items()
    }
    np.savez(folder.path / "new.npz", **changed, state=np.array(json.dumps(state)))
    (folder.path / "new.npz").rename(folder.checkpoint(epoch))
    text = folder.recipe.read_text()
    folder.recipe.write_text(
        re.sub(r"^epochs = \d+", f"epochs = {epoch}", text, flags=re.MULTILINE)
    )
    if ends:
        save_model(restore_model(folder, Run(folder).recipe), folder)


def followed(folder: RunFolder, **more) -> tuple:
    """A `Live`, and a follower of it whose thread has not been started."""
    run = Run(folder)
    mark = mark_of(folder)
    assert mark is not None
    underway = side_underway(run)
    live = exploring.Live(underway.side, exploring.note_on(underway))
    return live, Follower(live, run, seen=mark, **more)


def images_of(side) -> np.ndarray:
    return side.coding.decode(np.array([[0.0, 1.0, -1.0], [2.0, 0.5, 0.1]]))


def expected_of(folder: RunFolder) -> np.ndarray:
    """What the newest checkpoint's model decodes, by the way that `zspace generate` goes."""
    model = restore_model(folder, Run(folder).recipe)
    return model.decode(np.array([[0.0, 1.0, -1.0], [2.0, 0.5, 0.1]], np.float32))


def test_each_checkpoint_replaces_the_model_and_the_trained_one_comes_last(folder) -> None:
    told: list[str] = []
    live, follower = followed(folder, tell=told.append)
    assert live.note == "After epoch 2 of 2; it goes on with each checkpoint."
    before = images_of(live.side)
    np.testing.assert_array_equal(before, expected_of(folder))
    assert follower.look() and live.version == 0, "nothing is new"

    trained_on(folder, 4)
    heard = []
    live.listen(lambda: heard.append(live.note))
    assert follower.look()
    assert heard == ["After epoch 4 of 4; it goes on with each checkpoint."]
    np.testing.assert_array_equal(images_of(live.side), expected_of(folder))
    assert not np.array_equal(images_of(live.side), before)
    assert "density" in vars(live.side), "what a visitor would wait for is there"
    assert not folder.codes("train").exists(), "nothing is written beside a training"

    trained_on(folder, 5, ends=True)
    assert not follower.look(), "training has ended"
    assert heard[1:] == ["Training has ended; all images are being encoded.", ""]
    np.testing.assert_array_equal(images_of(live.side), expected_of(folder))
    np.testing.assert_array_equal(live.side.codes.mean, Codes.load(folder.codes("train")).mean)
    assert live.side.folder == folder and not live.side.is_passing
    assert told == [
        "run: After epoch 4 of 4; it goes on with each checkpoint.",
        "run: training has ended; its last model is shown.",
    ]


def test_codes_on_the_way_are_those_that_encode_writes(folder, monkeypatch) -> None:
    run = Run(folder)
    side = side_underway(run).side
    written = run.encode("train")
    assert side.codes.count == 99 and side.codes.information == written.information
    assert side.is_passing and side.folder is None, "no maps or directions of another model"
    for name in ("mean", "log_variance", "index", "labels", "prior_mean"):
        np.testing.assert_array_equal(getattr(side.codes, name), getattr(written, name))
        assert not isinstance(getattr(side.codes, name), np.memmap), "its file is gone"
    np.testing.assert_array_equal(
        side.pictures(np.array([5])), run.dataset.rows(written.index[5:6])
    )

    monkeypatch.setattr("zspace.api.sides._FEW", 10)
    few = side_underway(Run(folder)).side.codes
    np.testing.assert_array_equal(few.index, written.index[np.arange(10) * 99 // 10])
    np.testing.assert_allclose(few.mean, written.mean[np.arange(10) * 99 // 10], atol=1e-5)
    assert side_underway(Run(folder), "validation").side.codes.count == 10
    with pytest.raises(DataError, match="no images in a split 'test'"):
        side_underway(Run(folder), "test")


def test_a_thread_follows_until_training_ends(folder, monkeypatch) -> None:
    monkeypatch.setattr(exploring, "_LOOKS_EVERY", 0.05)
    live, notes = live_of(folder.path), []
    new, over = threading.Event(), threading.Event()
    live.listen(lambda: (notes.append(live.note), new.set(), live.note or over.set()))
    went_on(folder, 3)
    assert new.wait(60)
    went_on(folder, 4, ends=True)
    assert over.wait(60)
    assert notes[0].startswith("After epoch 3 of 3") and notes[-1] == ""
    np.testing.assert_array_equal(images_of(live.side), expected_of(folder))
    for thread in _followers():
        thread.join(20)
    assert not _followers()


def test_a_finished_run_is_not_followed_until_it_is_resumed(folder, monkeypatch) -> None:
    went_on(folder, 3, ends=True)
    live = live_of(Run(folder))
    assert live.note == "" and live.version == 0 and not _followers()
    # A run that has just been resumed with more epochs, and has no new checkpoint yet.
    monkeypatch.setattr(exploring, "_LOOKS_EVERY", 0.05)
    resumed = folder.recipe.read_text().replace("\nepochs = 3", "\nepochs = 4")
    folder.recipe.write_text(resumed)
    live, over = live_of(Run(folder)), threading.Event()
    assert live.note == "" and len(_followers()) == 1
    live.listen(lambda: live.note or over.set())
    went_on(folder, 4, ends=True)
    assert over.wait(60)
    np.testing.assert_array_equal(images_of(live.side), expected_of(folder))


def test_a_resumed_run_is_shown_as_its_checkpoints_are(folder) -> None:
    went_on(folder, 3, ends=True)
    assert mark_of(folder).has_ended
    trained = expected_of(folder)
    went_on(folder, 4)
    assert folder.model.is_file() and not mark_of(folder).has_ended
    live = live_of(Run(folder))
    assert live.note == "After epoch 4 of 4; it goes on with each checkpoint."
    np.testing.assert_array_equal(images_of(live.side), expected_of(folder))
    assert not np.array_equal(images_of(live.side), trained)


def test_it_stops_when_asked_and_when_nobody_looks_anymore(folder) -> None:
    live, follower = followed(folder, every=0.01)
    assert follower.start().is_going
    follower.stop(patience=20)
    assert not follower.is_going
    other, abandoned = followed(folder, every=0.01)
    abandoned.start()
    gone = weakref.ref(other)
    del other
    gc.collect()
    assert gone() is None
    abandoned._thread.join(20)
    assert not abandoned.is_going and live.version == 0


def test_old_models_are_freed(folder) -> None:
    live, follower = followed(folder)
    side, model = (weakref.ref(live.side), weakref.ref(live.side.coding.decoder.__self__.model))
    images_of(live.side)
    live.side.coding.encode(np.zeros((1, *SHAPE), np.uint8))
    went_on(folder, 3)
    assert follower.look() and live.version == 1
    gc.collect()
    assert side() is None and model() is None


# NumPy leaves a broken archive to the garbage collector to close.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_broken_checkpoint_is_told_and_the_next_one_tried(folder) -> None:
    told: list[str] = []
    live, follower = followed(folder, tell=told.append)
    side = live.side
    whole = folder.checkpoint(2).read_bytes()
    for epoch, broken in ((3, b"no archive"), (4, whole[: len(whole) // 2]), (5, b"")):
        folder.checkpoint(epoch).write_bytes(broken)
        assert follower.look() and live.side is side
        assert live.note.startswith(f"The checkpoint of epoch {epoch} cannot be shown")
        assert str(folder.path) not in live.note, "visitors are told no places on the disk"
        version = live.version
        assert follower.look() and live.version == version, "it is not tried again and again"
        assert len(told) == epoch - 2 and f"epoch {epoch} cannot be shown" in told[-1]
    folder.checkpoint(5).write_bytes(whole)  # now it is whole
    assert follower.look() and live.side is not side
    assert live.note == "After epoch 2 of 2; it goes on with each checkpoint."


def test_a_checkpoint_that_is_removed_while_it_is_read_is_no_fault(folder, monkeypatch) -> None:
    live, follower = followed(folder)
    shutil.copyfile(folder.checkpoint(2), folder.checkpoint(3))
    listed = RunFolder.saved_epochs

    def removed_at_once(self: RunFolder) -> list[int]:
        found = listed(self)
        if threading.current_thread().name == "reader" and 3 in found:
            self.checkpoint(3).unlink()
        return found

    assert mark_of(folder).epoch == 3
    monkeypatch.setattr(RunFolder, "saved_epochs", removed_at_once)
    reader = threading.Thread(target=lambda: found.append(mark_of(folder)), name="reader")
    found: list = []
    reader.start()
    reader.join(20)
    assert found[0].epoch == 2
    monkeypatch.setattr(RunFolder, "saved_epochs", listed)
    shutil.copyfile(folder.checkpoint(2), folder.checkpoint(3))

    def pruned(*_, **__):
        folder.checkpoint(3).rename(folder.checkpoint(4))
        raise RunError("gone")

    monkeypatch.setattr("zspace.api.following.side_underway", pruned)
    assert follower.look() and live.version == 0, "nobody is told"
    monkeypatch.undo()
    assert follower.look() and live.version == 1


def test_a_run_that_is_started_anew_with_another_recipe_is_not_mixed_in(folder, data) -> None:
    told: list[str] = []
    live, follower = followed(folder, tell=told.append)
    side = live.side
    train(recipe(1, size=4), data=data, out=folder.path, overwrite=True, show_progress=False)
    follower.look()
    assert live.side is side and "its last model cannot be shown" in live.note
    assert "started anew with another recipe; end zspace explore" in told[0]


def test_the_first_checkpoint_is_waited_for(folder, monkeypatch) -> None:
    monkeypatch.setattr(exploring, "_LOOKS_EVERY", 0.01)
    away = folder.path / "away"
    folder.checkpoints.rename(away)
    with pytest.raises(RunError, match="no model and no checkpoint yet; wait"):
        live_of(folder.path)
    with pytest.raises(RunError, match="no checkpoint yet"):
        side_underway(Run(folder))
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)
        away.rename(folder.checkpoints)

    live = live_of(folder.path, tell=tell)
    assert told == ["run: waiting for the first checkpoint; Ctrl-C ends it."]
    assert live.note.startswith("After epoch 2 of 2")


def test_an_interrupted_run_whose_newest_checkpoint_is_broken(folder) -> None:
    folder.checkpoint(7).write_bytes(b"no archive")
    with pytest.raises(RunError, match=r"newest checkpoint in .* cannot be read .* remove it"):
        live_of(folder.path)


def test_two_runs_share_one_gate_and_have_images_of_one_shape(folder, stopped, tmp_path) -> None:
    one, other = lives_of([folder.path, open_run(stopped)])
    assert one.side.coding.gate is other.side.coding.gate and one.side is not other.side
    gate = Gate()
    assert live_of(folder.path, gate=gate).side.coding.gate is gate
    assert side_of(Run(folder), gate=gate).coding.gate is gate
    assert side_of(Run(folder)).coding.gate is not gate

    shutil.copytree(stopped, tmp_path / "wide")
    recipe_file = tmp_path / "wide" / "recipe.toml"
    recipe_file.write_text(recipe_file.read_text().replace("[12, 10]", "[12, 14]"))
    with pytest.raises(InputError, match="run is of 12×10×1 and wide of 12×14×1"):
        lives_of([folder.path, tmp_path / "wide"])
    for several in ([], [folder.path] * 3):
        with pytest.raises(InputError, match="one run or two were expected"):
            lives_of(several)


def test_from_the_command_line(folder, stopped, capsys, monkeypatch) -> None:
    served = []

    def server(*given, **options):
        served.append(given)
        return "http://127.0.0.1:1/", lambda: None

    monkeypatch.setattr("zspace.explorer.app.explorer_server", server)
    assert command_line(["explore", str(folder.path), str(stopped), "--no-show"]) == 0
    assert "http://127.0.0.1:1/" in capsys.readouterr().out
    ((lives,),) = served
    assert len(lives) == 2
    assert all(live.note.startswith("After epoch 2 of 2") for live in lives)
    assert command_line(["explore", *[str(stopped)] * 3, "--no-show"]) == 2
    assert "one run or two" in capsys.readouterr().err
    assert command_line(["explore", str(stopped), "--no-show", "--condition", "3"]) == 2
    assert len(served) == 1


def _followers() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "zspace-follower"]
