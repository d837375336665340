"""The doctor: each trap is found and no healthy run has it; what is advised can be followed."""

from __future__ import annotations

import json
import re
import shlex

import numpy as np
import pytest
from doctor_cases import HEALTHY, Case, course, spread

from zspace.codes import Codes
from zspace.errors import InputError
from zspace.recipe import load_recipe
from zspace.report.doctor import diagnose, examine
from zspace.report.evidence import gather
from zspace.report.finding import Finding

TRAPS = {
    "posterior collapse": (
        HEALTHY.but(codes=spread(0.0), history=course(kl=0.001)),
        {
            "rate and distortion": ("bad", "says next to nothing|say next to nothing"),
            "KL per axis": ("bad", "no axis holds more"),
            "active axes": ("bad", "posterior collapse"),
            "mutual information": ("bad", "next to nothing"),
        },
    ),
    "most axes collapsed": (
        HEALTHY.but(codes=spread([0.9, 0, 0, 0])),
        {"active axes": ("look", "3 have collapsed")},
    ),
    "a tiny beta beside channel_mean": (
        HEALTHY.but(
            codes=spread(1.6, log_variance=-12.0),
            history=course(beta=1e-5, kl=30.0),
            channels=3,
            objective='beta = 1e-5\nreduction = "channel_mean"',
        ),
        {
            "beta in true nats": ("bad", r"weighs 3\.0e−5.*behaves as a plain autoencoder"),
            "KL per axis": ("look", "almost points"),
            "log-variances": ("look", "all but the same point"),
            "mean radius": ("bad", "too far"),
            "rate and distortion": ("look", "too little to have a say"),
        },
    ),
    "a beta of 5 beside channel_mean": (
        HEALTHY.but(
            history=course(beta=5.0), channels=3, objective='beta = 5\nreduction = "channel_mean"'
        ),
        {"beta in true nats": ("look", r"divides nats per image by 3.*weighs 15\.00.*β-VAE")},
    ),
    "a beta of 1 beside mean": (
        HEALTHY.but(history=course(beta=1.0), objective='beta = 1\nreduction = "mean"'),
        {"beta in true nats": ("bad", "weighs 256.0.*collapsed axes")},
    ),
    "a small beta": (
        HEALTHY.but(history=course(beta=0.1), objective="beta = 0.1"),
        {"beta in true nats": ("look", "10.00 times less")},
    ),
    "no beta": (
        HEALTHY.but(history=course(beta=0.0), objective="beta = 0"),
        {"beta in true nats": ("bad", "no weight at all")},
    ),
    "mostly KL": (
        HEALTHY.but(history=course(beta=50.0, kl=5.0), objective="beta = 50"),
        {"rate and distortion": ("look", "More of the loss is spent on the prior")},
    ),
    "a warm-up that did not end": (
        HEALTHY.but(
            history=course(beta=np.linspace(0.05, 0.5, 10)),
            objective='schedule = {kind = "linear", length = 20}',
            epochs=40,
        ),
        {"schedule": ("bad", "0.5 of 1.00: KL never got its full weight")},
    ),
    "a warm-up in steps that ended with the last epoch": (
        HEALTHY.but(
            history=course(beta=np.minimum(np.arange(1, 11) / 10, 1.0)),
            objective='schedule = {kind = "cosine", unit = "steps", length = 710}',
        ),
        {"schedule": ("look", "after 10.00 of 10 epochs, and 1 of them")},
    ),
    "cycles that still gain": (
        HEALTHY.but(
            history=course(beta=np.tile([0.5, 1.0], 5), kl=np.linspace(2, 6, 10)),
            objective='schedule = {kind = "cyclical", length = 10, cycles = 5}',
        ),
        {"schedule": ("look", r"in 5 cycles.*2\.44, 3\.33, 4\.22.*still grows")},
    ),
    "a capacity that KL does not follow": (
        HEALTHY.but(
            history=course(capacity=np.linspace(1, 25, 10), kl=3.0),
            objective='schedule = {kind = "capacity", length = 10, capacity = 25}',
        ),
        {"schedule": ("look", "KL ended at 3.00, 88 % below")},
    ),
    "a capacity that was not reached": (
        HEALTHY.but(
            history=course(capacity=np.linspace(1, 10, 10), kl=10.0),
            objective='schedule = {kind = "capacity", length = 25, capacity = 25}',
            epochs=30,
        ),
        {"schedule": ("bad", "ended before the schedule")},
    ),
    "a target that was not reached": (
        HEALTHY.but(
            history=course(beta=np.geomspace(1, 4, 10), kl=9.0),
            objective='schedule = {kind = "target_kl", target = 6}',
        ),
        {"schedule": ("bad", "arrive at 6.00 nats and ended at 9.00.*still moving")},
    ),
    "another beta than the recipe's": (
        HEALTHY.but(history=course(beta=np.linspace(0.5, 1, 10))),
        {"schedule": ("look", "the history has 0.5 to 1.00")},
    ),
    "overfitting": (
        HEALTHY.but(history=course(rise=30.0)),
        {"overfitting": ("bad", "lowest after epoch 5.*by heart")},
    ),
    "unseen images cost more": (
        HEALTHY.but(history=course(apart=20.0)),
        {"overfitting": ("look", "Unseen images cost 17 % more")},
    ),
    "no validation": (
        HEALTHY.but(history=course(validation=False)),
        {"overfitting": ("look", "cannot be said")},
    ),
    "noise past its bound": (
        HEALTHY.but(history=course(epsilon_bounded=np.full(10, 1e-4))),
        {"noise": ("look", "174.4 times as much")},
    ),
    "log-variances at a bound": (
        HEALTHY.but(history=course(log_variance_bounded=np.linspace(0, 0.2, 10))),
        {"noise": ("bad", "20 % of log-variances were at a bound")},
    ),
    "scaled noise": (
        HEALTHY.but(latent="epsilon_scale = 0.5"),
        {"noise": ("look", "no evidence lower bound")},
    ),
    "a runaway log-variance": (
        HEALTHY.but(codes=spread(0.9, outlier=3.4)),
        {"log-variances": ("look", "1 of 2,000, in 1 images, are above 2.00")},
    ),
    "a log-variance at its bound": (
        HEALTHY.but(codes=spread(0.9, outlier=9.9)),
        {"log-variances": ("bad", "at their bounds, -30 and 10")},
    ),
    "terms that do not add up": (
        HEALTHY.but(history=course(broken=3)),
        {"numbers": ("bad", "In epoch 3 loss is not")},
    ),
    "a loss that is no number": (
        HEALTHY.but(history=course(broken=3, by=np.nan)),
        {"numbers": ("bad", "In epoch 3 loss is not")},
    ),
    "codes of another model": (
        HEALTHY.but(history=course(kl=9.0)),
        {"numbers": ("look", "not of one model")},
    ),
    "a pixel variance that fits no error": (
        HEALTHY.but(
            history=course(distortion=256 * (0.01 / 2 + 0.5 * np.log(2 * np.pi)), apart=0.0),
            likelihood='kind = "normal"',
        ),
        {"likelihood": ("bad", r"off by 0\.1\. .*99\.86 times less")},
    ),
    "a Laplace width that fits no error": (
        HEALTHY.but(
            history=course(distortion=256 * (0.1 / 0.5 + np.log(2 * 0.5)), apart=0.0),
            likelihood='kind = "laplace"\nvariance = 0.5',
        ),
        {"likelihood": ("look", r"off by 0\.1\. .*5\.00 times less")},
    ),
    "codes that miss the prior": (
        HEALTHY.but(codes=spread(0.9, center=4.0)),
        {
            "aggregate posterior": ("bad", "nothing taught the decoder"),
            "mean radius": ("bad", "far"),
        },
    ),
    "codes in two heaps": (
        HEALTHY.but(codes=spread(0.05, heaps=1.0)),
        {"aggregate posterior": ("bad", "nothing taught the decoder")},
    ),
}


def test_a_healthy_run_is_called_healthy(tmp_path) -> None:
    diagnosis = HEALTHY.examine(tmp_path)
    assert {finding.topic for finding in diagnosis.findings if finding.verdict != "good"} == set()
    assert len(diagnosis.findings) == 11
    assert not any(finding.advice for finding in diagnosis.findings)


@pytest.mark.parametrize("name", TRAPS)
def test_each_trap_is_found(name: str, tmp_path) -> None:
    case, expected = TRAPS[name]
    found = {finding.topic: finding for finding in case.findings(tmp_path)}
    for topic, (verdict, words) in expected.items():
        text = found[topic].text.replace("\u00a0", " ")
        assert found[topic].verdict == verdict, found[topic]
        assert re.search(words, text), text
    for finding in found.values():
        can_be_followed(finding, tmp_path)


def can_be_followed(finding: Finding, folder) -> None:
    """Each --set of an advice is accepted by the run's own recipe."""
    assert not finding.advice or finding.verdict != "good"
    recipe = load_recipe(folder / "recipe.toml")
    for part in finding.advice.split(";"):
        words = shlex.split(part)
        changes = [words[place + 1] for place, word in enumerate(words) if word == "--set"]
        recipe.override([change.rstrip(",") for change in changes])


def test_schedules_that_came_to_their_end(tmp_path) -> None:
    ends = {
        'kind = "linear", length = 4': course(beta=np.minimum(np.arange(1, 11) / 4, 1.0)),
        'kind = "cyclical", length = 10, cycles = 2': course(beta=np.tile([0.5, 1.0], 5)),
        'kind = "capacity", length = 5, capacity = 6': course(
            capacity=np.minimum(np.arange(1, 11) * 1.2, 6.0), kl=6.1
        ),
        'kind = "target_kl", target = 6': course(beta=np.full(10, 1.7), kl=6.02),
    }
    for number, (schedule, history) in enumerate(ends.items()):
        case = HEALTHY.but(history=history, objective=f"schedule = {{{schedule}}}")
        found = {each.topic: each for each in case.findings(tmp_path / str(number))}
        assert found["schedule"].verdict == "good", found["schedule"]


def test_a_history_of_binarized_pixels_is_not_held_against_codes_of_gray_ones(tmp_path) -> None:
    case = HEALTHY.but(history=course(kl=9.0))
    case.make(tmp_path / "gray")
    recipe = (tmp_path / "gray" / "recipe.toml").read_text()
    drawn = case.but(recipe=recipe.replace("[data]", "[data]\nbinarize = true"))
    found = {each.topic: each for each in drawn.findings(tmp_path / "drawn")}
    assert found["numbers"].verdict == "good"


def test_noise_that_is_as_rare_as_it_should_be(tmp_path) -> None:
    rows = {"epsilon_bounded": np.full(10, 6e-7), "log_variance_bounded": np.zeros(10)}
    found = {each.topic: each for each in HEALTHY.but(history=course(**rows)).findings(tmp_path)}
    assert found["noise"].verdict == "good"
    assert "as it should be" in found["noise"].text


def test_a_learned_variance_and_a_fitting_one_are_no_trap(tmp_path) -> None:
    fitting = 256 * (0.5 + 0.5 * np.log(2 * np.pi * 0.01))
    cases = {
        'kind = "normal"\nlearn_variance = "shared"': None,
        'kind = "normal"\nvariance = 0.01': "good",
    }
    for number, (likelihood, verdict) in enumerate(cases.items()):
        case = HEALTHY.but(history=course(distortion=fitting), likelihood=likelihood)
        found = {each.topic: each for each in case.findings(tmp_path / str(number))}
        assert (found["likelihood"].verdict if "likelihood" in found else None) == verdict


def test_a_plain_autoencoder_hears_what_applies_alone(tmp_path) -> None:
    plain = HEALTHY.but(
        codes=spread([3.0, 1.0, 0.2, 0.0], plain=True), history=course(kl=0.0, beta=0)
    )
    plain = plain.but(latent='posterior = "deterministic"')
    diagnosis = plain.examine(tmp_path)
    found = {finding.topic: finding for finding in diagnosis.findings}
    assert list(found) == [
        "rate and distortion", "random z-points", "mean radius", "spread of axes", "overfitting",
        "numbers",
    ]  # fmt: skip
    assert "no posterior, no KL term and no rate" in found["rate and distortion"].text
    assert found["random z-points"].verdict == "bad"
    assert "miss it" in found["random z-points"].text
    assert "1 of 4 axes" in found["spread of axes"].text
    assert diagnosis.to_dict()["rate"] is None
    for finding in diagnosis.findings:
        can_be_followed(finding, tmp_path)


def test_an_autoencoder_with_mmd_hears_of_its_penalty(tmp_path) -> None:
    case = HEALTHY.but(
        codes=spread([3.0, 1.0, 0.2, 0.1], plain=True),
        history=course(kl=0.0, beta=0),
        latent='posterior = "deterministic"',
        objective='kind = "mmd"\npenalty = 2',
    )
    found = {each.topic: each for each in case.findings(tmp_path)}
    assert "Wasserstein autoencoder" in found["rate and distortion"].text
    assert found["random z-points"].advice.endswith("--set objective.penalty=20")


def test_what_few_radii_scatter_is_no_finding(tmp_path) -> None:
    run, codes = HEALTHY.make(tmp_path)
    for start in range(0, 300, 10):
        part = slice(start, start + 10)
        few = Codes(
            mean=codes.mean[part], log_variance=codes.log_variance[part], index=codes.index[part]
        )
        found = diagnose(gather(run, few, split="train", seed=start))
        assert next(each for each in found if each.topic == "mean radius").verdict != "bad"


def test_a_mixture_is_its_own_measure(tmp_path) -> None:
    """Two heaps are a gap for N(0, I), and none for a prior with two heaps."""
    centers = np.zeros((2, 4), np.float32)
    centers[:, 0] = 5, -5
    codes = spread(0.9, shift=5.0)
    stored = {
        "prior_log_weights": np.log(np.array([0.5, 0.5], np.float32)),
        "prior_mean": centers,
        "prior_log_variance": np.zeros((2, 4), np.float32),
    }
    case = HEALTHY.but(
        codes=codes | stored,
        latent='prior = "mixture"\nprior_components = 2',
        objective='kl = "monte_carlo"',
    )
    found = {each.topic: each for each in case.findings(tmp_path / "own")}
    assert found["aggregate posterior"].verdict == "good", found["aggregate posterior"]
    assert "the prior" in found["mean radius"].text and "√" not in found["mean radius"].text
    assert found["mean radius"].verdict == "good"
    other = {each.topic: each for each in HEALTHY.but(codes=codes).findings(tmp_path / "other")}
    assert other["aggregate posterior"].verdict != "good"


def test_a_prior_of_another_scale(tmp_path) -> None:
    stored = {
        "prior_log_weights": np.zeros(1, np.float32),
        "prior_mean": np.zeros((1, 4), np.float32),
        "prior_log_variance": np.full((1, 4), 2 * np.log(3), np.float32),
    }
    codes = spread(0.9)
    codes = {
        "mean": 3 * codes["mean"],
        "log_variance": codes["log_variance"] + np.float32(2 * np.log(3)),
    }
    case = HEALTHY.but(codes=codes | stored, latent='prior = "normal"\nprior_scale = 3')
    found = {each.topic: each for each in case.findings(tmp_path)}
    assert found["mean radius"].verdict == "good"
    assert "N(0, 3²·I)" in found["mean radius"].text.replace("\u00a0", " ")
    assert "3·√4" in found["mean radius"].text
    assert {each.verdict for each in found.values()} == {"good"}


def test_what_is_written(tmp_path) -> None:
    case, _ = TRAPS["a tiny beta beside channel_mean"]
    diagnosis = case.examine(tmp_path)
    written = json.loads((tmp_path / "analysis" / "doctor.json").read_text())
    assert written == json.loads(json.dumps(diagnosis.to_dict(), allow_nan=False))
    assert written["verdicts"] == diagnosis.counts
    assert written["deviations"]["kl"] == pytest.approx(written["rate"]["mean"])
    assert {"rate", "surgery", "deviations", "cloud", "radius", "weight"} <= set(written)
    for name in ("doctor.png",):
        assert (tmp_path / "analysis" / name).read_bytes()[1:4] == b"PNG"
    text = diagnosis.text()
    assert all(finding.topic in text for finding in diagnosis.findings)
    assert max(len(line) for line in text.splitlines() if str(tmp_path) not in line) <= 96


def test_numbers_follow_the_seed(tmp_path) -> None:
    run, codes = HEALTHY.make(tmp_path)
    same = [gather(run, codes, split="validation", seed=seed).measures() for seed in (1, 1, 2)]
    assert same[0] == same[1] != same[2]


def test_a_run_of_the_first_version(tmp_path) -> None:
    older = Case(recipe="[latent]\nsize = 4\n[likelihood]\nlearn_variance = false\n")
    assert all(finding.verdict == "good" for finding in older.findings(tmp_path))


def test_too_few_codes_are_one_line(tmp_path) -> None:
    run, codes = HEALTHY.make(tmp_path)
    few = Codes(mean=codes.mean[:7], log_variance=codes.log_variance[:7], index=codes.index[:7])
    with pytest.raises(InputError, match="at least 8 codes") as caught:
        examine(run, few, split="validation")
    assert "\n" not in str(caught.value)
