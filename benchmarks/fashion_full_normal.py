"""Three ways to add the KL term in TensorFlow Probability: which β did each really have?

E11: Fashion-MNIST, dense 256/64, two latent axes, a full-covariance normal posterior, decoder dense
64/256, likelihood Bernoulli or Beta, RMSprop, batches of 32, 10 epochs, the KL term added in three
ways. Once by TensorFlow Probability's own layers on tf_keras, once by zspace with the β that each
way is measured to have. Both see the same images in the same order, for the same seeds.

    python benchmarks/fashion_full_normal.py [--data DIR] [--work DIR] [--out DIR] [--side SIDE]

The two sides run in processes of their own, one thread each: 1 to 5 minutes a training. A run
that is finished is kept in --work and not trained again. Results: results/fashion_full_normal.json.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SIDES = ("tfp", "zspace")
RESULT = HERE / "results" / "fashion_full_normal.json"


def main() -> None:
    arguments = _arguments()
    if not arguments.data.is_dir():
        print(f"skipped: no Fashion-MNIST at {arguments.data}; --data names the folder")
        return
    arguments.work.mkdir(parents=True, exist_ok=True)
    if arguments.side == "both":
        from three_ways.ways import fashion

        fashion(arguments.data, arguments.work)
        command = [sys.executable, __file__, *sys.argv[1:], "--side"]
        started = [subprocess.Popen([*command, side]) for side in SIDES]
        codes = [each.wait() for each in started]
        if any(codes):
            raise SystemExit(1)
    else:
        run_side(arguments.side, arguments)
    finished = [side for side in SIDES if (arguments.work / f"{side}.json").is_file()]
    if len(finished) == len(SIDES):
        from three_ways.table import summary, table

        result = summary({side: _read(arguments.work / f"{side}.json") for side in SIDES})
        RESULT.parent.mkdir(exist_ok=True)
        _write(RESULT, result)
        print(table(result))


def run_side(side: str, arguments: argparse.Namespace) -> None:
    """Train what is not trained yet, and write work/SIDE.json."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    # Batches of 32 small images leave a second thread nothing to do.
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    from three_ways.ways import BATCH, LIKELIHOODS, PLAIN_BETA, WAYS, fashion, machine

    if side == "tfp":
        from three_ways import tfp_side as chosen

        packages = ["tensorflow-probability", "tf_keras"]
    else:
        from three_ways import zspace_side as chosen

        packages = ["zspace", "keras"]
    dataset = fashion(arguments.data, arguments.work)
    versions = machine("numpy", *packages, tensorflow=tf.__version__)
    record: dict[str, Any] = {"machine": versions, "runs": {}}
    if side == "tfp":
        one_batch = dataset.rows(dataset.indices("train", BATCH))
        record["measured_beta"] = chosen.measured_betas(one_batch)
    for seed in arguments.seeds:
        likelihoods = [*LIKELIHOODS, *([PLAIN_BETA] if side == "tfp" and seed == 1 else [])]
        for likelihood, (name, way) in itertools.product(likelihoods, WAYS.items()):
            stem = f"{side}-{likelihood.replace(', ', '-').replace(' ', '-')}-{name}"
            kept = arguments.work / f"{stem}-{seed}-{arguments.epochs}.json"
            if arguments.kept and not kept.is_file():
                continue
            if not kept.is_file():
                trained = chosen.train(
                    way,
                    likelihood,
                    dataset=dataset,
                    seed=seed,
                    epochs=arguments.epochs,
                    out=arguments.work / kept.stem,
                )
                _write(kept, trained)
                print(side, likelihood, name, seed, json.dumps(trained["test"]), flush=True)
            record["runs"].setdefault(f"{likelihood}, {name}", []).append(_read(kept))
    if side == "zspace" and arguments.out is not None:
        from three_ways.pictures import draw

        draw(arguments.work, dataset=dataset, epochs=arguments.epochs, out=arguments.out)
    _write(arguments.work / f"{side}.json", record)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    tests = os.environ.get("ZSPACE_TEST_DATA")
    shared = Path(tests) if tests else HERE.parent.parent / "shared" / "data"
    parser.add_argument("--data", type=Path, default=shared / "fashion-mnist", help="the idx files")
    parser.add_argument(
        "--work", type=Path, default=Path("runs/three-ways"), help="where runs are kept"
    )
    parser.add_argument("--out", type=Path, help="where the pictures go; none are drawn without it")
    parser.add_argument("--side", choices=[*SIDES, "both"], default="both")
    parser.add_argument("--kept", action="store_true", help="train nothing: take what is kept")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--epochs", type=int, default=10)
    return parser.parse_args()


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
