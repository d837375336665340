"""Put the report of a run together: one HTML file, with everything it shows inside."""

from __future__ import annotations

import datetime
import json
import math
import re
import shlex
from pathlib import Path
from typing import Any

from zspace.figures.curves import training_curves
from zspace.files import write_text
from zspace.progress import duration
from zspace.report import wording
from zspace.report.facts import Facts, read_facts
from zspace.report.page import Section, render
from zspace.report.pictures import epoch_pictures, picture_of_figure, picture_of_file
from zspace.report.restoration import restoration_section
from zspace.report.told import diagnosis_section, measured_sections
from zspace.run import RunFolder

__all__ = ["build_report"]


def build_report(run: RunFolder) -> Path:
    """Write the report of a run from what lies in its folder.

    Recipe, environment and history must be there; samples, reconstructions, measurements, the
    diagnosis and the samples of single epochs are shown where they exist.

    Args:
        run: an opened run.

    Returns:
        The path of the report, ``report.html`` in the run folder.

    Raises:
        RunError: if something needed is missing, or a file cannot be read.
        StorageError: if the disk is full or may not be written.
    """
    facts = read_facts(run)
    page = render(
        "report.html",
        name=facts.name,
        kind="Variational autoencoder" if facts.is_vae else "Autoencoder",
        dataset=str(facts.environment["dataset"].get("name", "")),
        summary=wording.summary(facts),
        figures=_key_figures(facts),
        sections=_sections(run, facts),
        terms=_terms(facts),
        has_validation=facts.has_validation,
        scale=_scale(facts),
        recipe=_highlighted(run.recipe.read_text(encoding="utf-8")),
        environment=_flat(facts.environment),
        commands=_commands(run, facts),
        date=datetime.date.today().isoformat(),
    )
    write_text(run.report, page)
    return run.report


def _sections(run: RunFolder, facts: Facts) -> list[Section]:
    """The parts of the page whose material exists."""
    curves = picture_of_figure(
        training_curves(facts.history, nats=facts.nats),
        f"Curves of the loss and its terms over {facts.epochs} epochs, described above",
    )
    sections = [Section("curves", "Training", wording.about_curves(facts), [curves])]
    samples = run.samples / f"{facts.sampling}.png"
    if samples.is_file():
        picture = picture_of_file(samples, "A grid of images decoded from random z-points")
        text = wording.about_samples(facts)
        sections.insert(0, Section("samples", "Images from random z-points", text, [picture]))
    pairs = run.samples / "reconstructions.png"
    restored = restoration_section(run)
    sections += restored
    if pairs.is_file() and not restored:
        picture = picture_of_file(pairs, "Rows of images, the reconstruction of each below it")
        text = wording.about_reconstructions(facts)
        sections.append(Section("reconstructions", "Reconstructions", text, [picture]))
    sections += diagnosis_section(run) + measured_sections(run)
    strip = epoch_pictures(run.samples)
    if strip:
        text = wording.about_epochs(len(strip))
        sections.append(Section("epochs", "Epoch by epoch", text, strip, strip=True))
    return sections


def _key_figures(facts: Facts) -> list[tuple[str, str, str]]:
    """The few numbers to see at a glance: value, unit, what it is."""
    number = wording.number
    reconstruction = facts.term("reconstruction")
    figures = [(number(reconstruction), "nats per image", f"reconstruction, {facts.split}")]
    if facts.is_vae:
        figures.append((number(facts.term("kl")), "nats per image", f"KL, {facts.split}"))
    total = facts.negative_elbo()
    bound = "reconstruction + KL" if facts.is_vae else "reconstruction"
    figures.append((number(facts.bits(total)), "bits per dimension", f"{bound}, {facts.split}"))
    if "z" in facts.radii:
        z = facts.radii["z"]
        figures.append((number(z.mean), f"√d = {number(math.sqrt(z.latent_size))}", "mean radius"))
    if math.isfinite(facts.seconds):
        whole = duration(facts.seconds * len(facts.timings["seconds"]))
        figures.append((duration(facts.seconds), f"{whole} in all", "per epoch"))
    return figures


def _terms(facts: Facts) -> list[tuple[str, str, list[str]]]:
    """Rows of the table of terms: name, unit, a value for each split."""
    splits = ["training", "validation"] if facts.has_validation else ["training"]
    number = wording.number

    def row(name: str, unit: str, values: list[float]) -> tuple[str, str, list[str]]:
        return name, unit, [number(value) for value in values]

    rows = [row("reconstruction", "nats", [facts.term("reconstruction", s) for s in splits])]
    if facts.is_vae:
        rows += [
            row("KL", "nats", [facts.term("kl", s) for s in splits]),
            row("negative ELBO", "nats", [facts.negative_elbo(s) for s in splits]),
        ]
    rows.append(
        row(
            "negative ELBO" if facts.is_vae else "reconstruction",
            "bits per dimension",
            [facts.bits(facts.negative_elbo(s)) for s in splits],
        )
    )
    if facts.is_vae:
        rows.append(row("β·KL as logged", "", [facts.last("weighted_kl", s) for s in splits]))
    rows.append(row("loss as logged", "", [facts.last("loss", s) for s in splits]))
    return rows


def _scale(facts: Facts) -> str:
    """How the logged numbers and nats per image hang together, with the β that this makes."""
    reduction = facts.knob("objective", "reduction", default="sum")
    text = f"The recipe's reduction is {reduction}: "
    if facts.nats == 1:
        text += "the logged reconstruction term is in nats per image as it is."
    else:
        text += f"the logged reconstruction term times {facts.nats:,.0f} is in nats per image."
    beta = facts.last("beta")
    if facts.is_vae and math.isfinite(beta):
        counts = f" counts as β\u00a0=\u00a0{beta * facts.nats:g}" if facts.nats != 1 else " stands"
        text += f" The β of {beta:g}{counts} beside the ELBO, which has β\u00a0=\u00a01."
    return text


def _commands(run: RunFolder, facts: Facts) -> list[tuple[str, str]]:
    """What to type to run this again, and to go on from it: a comment and a command each."""
    folder = shlex.quote(str(run.path))
    data = shlex.quote(str(facts.environment["dataset"].get("path", "DIR")))
    recipe, again = shlex.quote(str(run.recipe)), shlex.quote(str(run.path) + "-again")
    backend = facts.environment.get("backend")
    chosen = f" --backend {shlex.quote(str(backend))}" if backend else ""
    shown = ("originals beside reconstructions", f"zspace reconstruct {folder}")
    if facts.knob("task", "kind", default="reconstruct") != "reconstruct":
        shown = ("restored images beside baselines", f"zspace restore {folder}")
    return [
        (
            "the same training once more",
            f"zspace train {recipe} --data {data} --out {again}{chosen}",
        ),
        ("its codes", f"zspace encode {folder}"),
        ("its latent space, measured", f"zspace analyze {folder}"),
        ("images from random z-points", f"zspace generate {folder} --method {facts.sampling}"),
        shown,
        ("a walk from image to image", f"zspace walk {folder} validation:0 validation:1"),
        ("this report", f"zspace report {folder}"),
    ]


def _flat(tree: dict[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """A nested dict as groups of rows, one group for each key of the top."""
    groups: list[tuple[str, list[tuple[str, str]]]] = [("", [])]
    for key, value in tree.items():
        if isinstance(value, dict):
            groups.append((key, _rows(value)))
        else:
            groups[0][1].append((key, _plain(value)))
    return [group for group in groups if group[1]]


def _rows(tree: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, dict):
            rows += _rows(value, f"{prefix}{key}.")
        else:
            rows.append((prefix + key, _plain(value)))
    return rows


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list) and all(isinstance(part, int | float | str) for part in value):
        return " × ".join(map(str, value)) if value else "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_TOML = re.compile(
    r"(?P<comment>#[^\n]*)|(?P<section>^\[[^\]\n]*\])|(?P<key>^[\w.\"-]+(?=\s*=))"
    r"|(?P<string>\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*')|(?P<value>\b(?:true|false|[\d.][\w.+-]*)\b)",
    re.MULTILINE,
)


def _highlighted(text: str) -> list[list[tuple[str, str]]]:
    """TOML as blocks, one a section, of pieces, each with its color's class ("" for none)."""
    return [_pieces(block) for block in re.split(r"\n+(?=\[)", text.strip("\n"))]


def _pieces(text: str) -> list[tuple[str, str]]:
    pieces: list[tuple[str, str]] = []
    end = 0
    for match in _TOML.finditer(text):
        pieces += [("", text[end : match.start()]), (match.lastgroup or "", match[0])]
        end = match.end()
    return [piece for piece in [*pieces, ("", text[end:].rstrip("\n"))] if piece[1]]
