"""The report: self-contained, escaped, with the run's own numbers, and clear where it cannot be."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zspace.analysis.radius import radius
from zspace.errors import RunError
from zspace.figures.grids import mosaic, pairs_grid
from zspace.figures.radius import radius_histogram
from zspace.figures.save import save_figure, save_pixels
from zspace.report.build import build_report
from zspace.report.sentences.radius import about_radius
from zspace.report.sentences.subject import Subject
from zspace.run import RunFolder

RECIPE = """
[data]
source = "celeba"  # <i>faces</i>
size = 16
[latent]
size = 64
posterior = "normal"
[likelihood]
kind = "bernoulli"
[objective]
beta = 5.0
reduction = "channel_mean"
[training]
epochs = 3
"""
VOID = {"meta", "img", "link", "br", "hr"}


class Page(HTMLParser):
    """What is on the page: its tags with attributes, its visible text, its nesting checked."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def history(epochs: int = 3, *, kl: float = 20.0, beta: float = 5.0, validation: bool = True):
    rows = []
    for epoch in range(1, epochs + 1):
        row = {"epoch": epoch}
        for prefix, more in (("", 0.0), ("validation_", 4.0)):
            reconstruction = 140.0 + 60 / epoch + more
            row |= {
                prefix + "loss": repr(reconstruction + beta * kl),
                prefix + "reconstruction": repr(reconstruction),
                prefix + "kl": repr(kl),
                prefix + "weighted_kl": repr(beta * kl),
            }
            if prefix and not validation:
                row |= dict.fromkeys([name for name in row if name.startswith(prefix)], "")
        rows.append(row | {"beta": beta, "learning_rate": 5e-4})
    return rows


def write_table(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def make_run(path: Path, *, recipe: str = RECIPE, rows=None, channels: int = 3) -> RunFolder:
    """A run that has got as far as its history."""
    path.mkdir()
    run = RunFolder(path)
    run.recipe.write_text(recipe)
    environment = {
        "dataset": {
            "name": "faces & <script>alert(1)</script>",
            "path": "data/my faces",
            "shape": [16, 16, channels],
            "train": 9000,
            "validation": 1000,
        },
        "backend": "tensorflow",
        "versions": {"python": "3.11.9", "keras": "3.11.3"},
        "hardware": {"cores": 2, "gpu": None, "more": {"memory": 15.6}},
    }
    run.environment.write_text(json.dumps(environment))
    write_table(run.history, rows or history())
    return run


def fill_run(run: RunFolder, points: np.ndarray, means: np.ndarray) -> None:
    """Everything else that a report shows."""
    images = np.random.default_rng(1).integers(0, 256, (12, 16, 16, 3), dtype=np.uint8)
    save_pixels(mosaic(images), run.samples / "normal.png")
    save_figure(pairs_grid(images, images / 255), run.samples / "reconstructions.png")
    for epoch in range(1, 12):
        save_pixels(mosaic(images, scale=9), run.samples / f"epoch-{epoch:04d}.png")
    z, mean = radius(points), radius(means)
    run.analysis.mkdir()
    subject = Subject(is_vae=not np.array_equal(points, means), split="train", points="z")
    text = about_radius(z, mean, subject=subject)
    numbers = {"text": text, "z": z.to_dict(), "mean": mean.to_dict(), "split": "train"}
    (run.analysis / "radius.json").write_text(json.dumps(numbers))
    save_figure(radius_histogram(z, mean), run.analysis / "radius.png")
    write_table(
        run.timings, [{"epoch": e, "seconds": 20, "images_per_second": 450} for e in (1, 2)]
    )


@pytest.fixture(scope="module")
def points() -> np.ndarray:
    return np.random.default_rng(2).standard_normal((3000, 64))


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory, points: np.ndarray) -> RunFolder:
    run = make_run(tmp_path_factory.mktemp("master") / "run")
    fill_run(run, points, 0.5 * points)
    return run


@pytest.fixture
def full(master: RunFolder, tmp_path: Path) -> RunFolder:
    return RunFolder(shutil.copytree(master.path, tmp_path / "faces <b>x"))


def page_of(run: RunFolder) -> Page:
    path = build_report(run)
    assert path == run.report
    return Page(path.read_text(encoding="utf-8"))


def test_full_report_is_whole_and_self_contained(full: RunFolder) -> None:
    page = page_of(full)
    html = full.report.read_text(encoding="utf-8")
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"] for attributes in page.all("a")]
    assert all(link.startswith("#") and link[1:] in ids for link in links)
    sections = [attributes["id"] for attributes in page.all("section")]
    assert sections == [
        "samples", "curves", "reconstructions", "radius", "epochs",
        "terms", "recipe", "environment", "again",
    ]  # fmt: skip
    assert not re.search(r"https?://|url\(|@import|//cdn", html)
    assert not page.all("script") and not page.all("link") and not page.all("iframe")
    assert [tag for tag, _ in page.tags if re.fullmatch(r"h\d", tag)] == ["h1"] + ["h2"] * 9
    assert page.all("html")[0]["lang"] == "en"


def test_images_are_embedded_with_their_size_and_a_text(full: RunFolder) -> None:
    images = page_of(full).all("img")
    assert len(images) == 4 + 6
    for attributes in images:
        head, content = attributes["src"].split(",")
        assert head == "data:image/png;base64"
        with Image.open(io.BytesIO(base64.b64decode(content))) as image:
            assert (str(image.width), str(image.height)) == (
                attributes["width"],
                attributes["height"],
            )
        assert len(attributes["alt"]) > 20
    first = base64.b64decode(images[0]["src"].split(",")[1])
    assert first == (full.samples / "normal.png").read_bytes()
    assert max(int(attributes["width"]) for attributes in images[4:]) == 480


def test_epochs_are_first_last_and_some_between(full: RunFolder) -> None:
    assert re.findall(r"epoch (\d+)(?= epoch| Terms)", page_of(full).text) == [
        "1", "3", "5", "7", "9", "11",
    ]  # fmt: skip


def test_text_of_others_is_escaped(full: RunFolder) -> None:
    page = page_of(full)
    html = full.report.read_text(encoding="utf-8")
    assert "<b>x" not in html and "<script" not in html and "<i>" not in html
    assert "faces <b>x" in page.text and "<script>alert(1)</script>" in page.text
    assert "# <i>faces</i>" in page.text


def test_numbers_in_the_text_are_the_runs(full: RunFolder, points: np.ndarray) -> None:
    text = page_of(full).text
    radii = np.linalg.norm(points, axis=1)
    # validation: 140 + 60/3 + 4 = 164 over H×W averaged over 3 channels, 492 nats
    assert "reconstruction term ended at 492.0 nats per image" in text
    assert f"({492 / (768 * np.log(2)):.3f} bits per dimension)" in text
    assert "its KL term at 20.00 nats; weighted with β, KL is 38 % of the loss" in text
    assert f"codes lie {radii.mean():.2f} from the origin on average" in text
    assert "√64 is the rule of thumb, would lie at 7.97" in text
    share = np.mean((radii >= 7.969 - 3 * 0.7057) & (radii < 7.969 + 3 * 0.7057))
    found = float(re.search(r"of 5\.85 to 10\.09, and ([\d.]+) % of the training images", text)[1])
    assert found == pytest.approx(100 * share, abs=0.3)
    assert "fell from 900.0 to 780.0 nats per image" in text
    assert "ended at 792.0 nats, 1.5 % above the training loss, and had not begun" in text
    assert "768 numbers went through 64, a factor of 12." in text
    assert "at most 20.00 nats about it (0.312 per axis)" in text
    assert "as far out as those of N(0, I) (7.97 ± 0.71)" in text
    assert (
        f"alone lie at {0.5 * radii.mean():.2f}: noise that the posterior adds makes up 75 %"
        in text
    )
    assert "times 3 is in nats per image. The β of 5 counts as β = 15" in text
    assert re.search(r"negative ELBO, nats ?500\.0 ?512\.0", text)
    assert re.search(r"loss as logged ?260\.0 ?264\.0", text)
    assert re.search(r"20\.0 s 40\.0 s in all", text)


def test_recipe_environment_and_commands_are_all_there(full: RunFolder) -> None:
    text = page_of(full).text
    for line in filter(None, RECIPE.splitlines()):
        assert re.sub(r"\s+", " ", line) in text
    for row in (
        "name ?faces",
        "shape ?16 × 16 × 3",
        "more.memory ?15.6",
        "gpu ?–",
        "keras ?3.11.3",
    ):
        assert re.search(row, text), row
    assert f"zspace train '{full.recipe}' --data 'data/my faces' --out '{full.path}-again'" in text
    assert "--backend tensorflow" in text and f"zspace report '{full.path}'" in text


def test_only_what_exists_is_shown(tmp_path: Path) -> None:
    page = page_of(make_run(tmp_path / "early"))
    sections = [attributes["id"] for attributes in page.all("section")]
    assert sections == ["curves", "terms", "recipe", "environment", "again"]
    assert len(page.all("img")) == 1 and "mean radius" not in page.text


def test_a_measurement_without_its_picture_is_not_shown(full: RunFolder) -> None:
    (full.analysis / "radius.png").unlink()
    page = page_of(full)
    assert len(page.all("img")) == 9
    assert "radius" not in [attributes.get("id") for attributes in page.all("section")]


def test_the_doctor_and_further_pictures_are_shown(full: RunFolder) -> None:
    shutil.copy(full.analysis / "radius.png", full.analysis / "doctor.png")
    findings = [
        {"topic": "rate", "verdict": "bad", "text": "No <rate>.", "advice": "Lower beta."},
        {"topic": "beta", "verdict": "good", "text": "Fine.", "advice": ""},
    ]
    found = {"count": 900, "split": "validation", "findings": findings}
    (full.analysis / "doctor.json").write_text(
        json.dumps(found | {"verdicts": {"good": 1, "look": 0, "bad": 1}})
    )
    for ending in ("", "-Blond_Hair"):
        shutil.copy(full.analysis / "radius.png", full.analysis / f"maps{ending}.png")
    (full.analysis / "maps.json").write_text(json.dumps({"text": "Two islands."}))
    page = page_of(full)
    assert "900 validation codes; of 2 topics it found 1 good, 0 to look at, 1 bad" in page.text
    assert "No <rate>. Try: Lower beta." in page.text
    assert "Two islands." in page.text and "colored by Blond Hair" in page.text
    assert "Why: docs/theory/maps.md" in page.text
    sections = [attributes["id"] for attributes in page.all("section")]
    assert sections[3:6] == ["doctor", "radius", "maps"]


@pytest.mark.parametrize("content", ["{", "[1]"])
def test_a_broken_measurement_is_named(full: RunFolder, content: str) -> None:
    (full.analysis / "radius.json").write_text(content)
    with pytest.raises(RunError, match=r"radius\.json"):
        build_report(full)


def test_plain_autoencoder(tmp_path: Path, points: np.ndarray) -> None:
    recipe = RECIPE.replace('"normal"', '"deterministic"').replace("channel_mean", "mean")
    run = make_run(tmp_path / "ae", recipe=recipe, rows=history(kl=0.0, beta=0.0))
    fill_run(run, 3 * points + 2, 3 * points + 2)
    text = page_of(run).text
    assert "plain autoencoder (AE)" in text and "into one point of a latent space" in text
    assert f"ended at {164 * 768:,} nats per image" in text and "no KL term" in text
    assert "nothing taught this decoder" in text and "Their spread is" in text
    assert "negative ELBO" not in text and "posterior means" not in text and "β" not in text


def test_one_epoch_without_validation(tmp_path: Path) -> None:
    run = make_run(tmp_path / "short", rows=history(1, validation=False))
    text = page_of(run).text
    assert "trained for 1 epoch on 9,000 images" in text
    assert "After its only epoch the training loss is 900.0 nats" in text
    assert "On the training images its reconstruction term" in text
    assert "No validation images were measured" in text


def test_overfitting_is_named(tmp_path: Path) -> None:
    rows = history(4)
    rows[-1] |= {"validation_loss": "300.0", "validation_reconstruction": "200.0"}
    assert re.search(r"lower after epoch 3: it had begun to overfit", page_of(
        make_run(tmp_path / "over", rows=rows)).text)  # fmt: skip


def test_a_diverged_history_still_makes_a_report(tmp_path: Path) -> None:
    rows = history()
    rows[-1] |= dict.fromkeys([name for name in rows[-1] if name != "epoch"], "nan")
    assert "not finite nats per image" in page_of(make_run(tmp_path / "nan", rows=rows)).text


def test_negative_likelihoods_have_no_share(tmp_path: Path) -> None:
    rows = history()
    for row in rows:
        row |= {name: "-2280.5" for name in row if name.endswith(("loss", "reconstruction"))}
    text = page_of(make_run(tmp_path / "normal", rows=rows)).text
    assert "ended at −6,842 nats" in text and "of the loss" not in text.split("images of")[0]
    assert "weighted with β" not in text


def test_a_report_is_made_anew(full: RunFolder) -> None:
    before = build_report(full).read_text()
    assert build_report(full).read_text() == before
    assert not list(full.path.glob("*.partial*"))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("history.csv", None, "no epoch is finished"),
        ("recipe.toml", "a = [", "no readable TOML"),
        ("recipe.toml", "", "latent.size must be"),
        ("recipe.toml", RECIPE.replace("channel_mean", "median"), "objective.reduction must be"),
        ("environment.json", None, "environment.json was expected"),
        ("environment.json", "{", "no readable JSON"),
        ("environment.json", "[]", "must hold a JSON object"),
        ("environment.json", "{}", "must give dataset.shape"),
        ("analysis/radius.json", "{", "no readable JSON"),
        ("analysis/radius.json", '{"z": {"count": 1}}', "measure the codes again"),
        ("samples/normal.png", "no picture", "no readable PNG"),
        ("samples/epoch-0011.png", "", "no readable PNG"),
    ],
)
def test_what_is_missing_or_broken_is_said_in_one_line(
    full: RunFolder, name: str, content: str | None, says: str
) -> None:
    path = full.path / name
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(RunError, match=re.escape(says)) as caught:
        build_report(full)
    assert "\n" not in str(caught.value)
    assert not full.report.exists()


def test_a_truncated_picture_is_refused(full: RunFolder) -> None:
    path = full.samples / "normal.png"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(RunError, match="no readable PNG"):
        build_report(full)
