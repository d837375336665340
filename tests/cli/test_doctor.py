"""`zspace doctor` on a VAE and on an AE: text, JSON, files, and what can be wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from zspace.cli.main import run

TINY = [
    "--set=data.size=16",
    "--set=encoder.filters=[4,4]",
    "--set=encoder.kernels=[3,3]",
    "--set=encoder.strides=[2,2]",
    "--set=latent.size=3",
    "--set=training.epochs=2",
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with prepared faces, a VAE and an AE."""
    folder = tmp_path_factory.mktemp("doctor")
    data = str(folder / "data")
    assert run(["prepare", "faces", "--size", "16", "--limit", "200", "--out", data]) == 0
    for name in ("vae", "ae"):
        train = ["train", f"faces-{name}", "--data", data, "--out", str(folder / name)]
        assert run([*train, *TINY]) == 0
    return folder


def test_a_vae(place, capsys) -> None:
    capsys.readouterr()
    assert run(["doctor", str(place / "vae")]) == 0
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    for topic in ("active axes", "mutual information", "beta in true nats", "schedule", "noise"):
        assert f"  {topic}\n" in printed
    assert printed.rstrip().endswith("doctor.png")
    analysis = place / "vae" / "analysis"
    written = json.loads((analysis / "doctor.json").read_text())
    assert (analysis / "doctor.png").stat().st_size > 10_000
    numbers = next(each for each in written["findings"] if each["topic"] == "numbers")
    assert numbers["verdict"] == "good", numbers
    assert written["split"] == "validation" and written["latent_size"] == 3

    assert run(["doctor", str(place / "vae"), "--json", "--split", "train", "--seed", "4"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["split"], printed["seed"]) == ("train", 4)
    assert printed == json.loads((analysis / "doctor.json").read_text())


def test_an_ae(place, capsys) -> None:
    capsys.readouterr()
    assert run(["doctor", str(place / "ae")]) == 0
    printed = capsys.readouterr().out
    assert "no posterior, no KL term" in " ".join(printed.split())
    assert "random z-points" in printed
    assert "active axes" not in printed and "beta" not in printed


def test_codes_that_are_there_need_no_backend(place) -> None:
    run(["doctor", str(place / "vae")])
    code = (
        "import sys; from zspace.cli.main import run; "
        f"done = run(['doctor', {str(place / 'vae')!r}]); "
        "heavy = {'keras', 'tensorflow', 'jax', 'torch'} & set(sys.modules); "
        "sys.exit(done or bool(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_can_be_wrong(place, tmp_path, capsys) -> None:
    def fails(*arguments: str) -> str:
        capsys.readouterr()
        assert run(["doctor", *arguments]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        (line,) = captured.err.splitlines()
        return line

    assert "no such folder" in fails(str(tmp_path / "none"))
    assert "did you mean 'jax'" in fails(str(place / "vae"), "--backend", "jaxx")
    assert "validtion" in fails(str(place / "vae"), "--split", "validtion")
    broken = tmp_path / "broken"
    shutil.copytree(place / "vae", broken)
    (broken / "history.csv").unlink()
    assert "history.csv" in fails(str(broken))


def test_from_python(place) -> None:
    import zspace

    found = zspace.open_run(place / "vae").doctor(seed=2)
    assert found.findings and found.to_dict()["seed"] == 2
    assert found.text().startswith(str(place / "vae"))
