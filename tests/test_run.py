import pytest

from zspace.errors import OutputExistsError, RunError
from zspace.run import RunFolder


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(RunError, match="no such folder"):
        RunFolder.open(tmp_path / "none")
    with pytest.raises(RunError, match="no run folder"):
        RunFolder.open(tmp_path)


def test_a_run_is_not_overwritten_unasked(tmp_path):
    run = RunFolder.create(tmp_path / "run")
    run.recipe.write_text("")
    assert RunFolder.open(tmp_path / "run").name == "run"
    with pytest.raises(OutputExistsError, match="--resume"):
        RunFolder.create(run.path)
    RunFolder.create(run.path, overwrite=True)
    assert not run.recipe.exists()


def test_what_is_no_run_is_never_removed(tmp_path):
    (tmp_path / "holiday.jpg").write_text("")
    with pytest.raises(OutputExistsError, match="no run folder"):
        RunFolder.create(tmp_path, overwrite=True)
    assert (tmp_path / "holiday.jpg").exists()
