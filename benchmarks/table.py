"""Write the table of results in README.md, from the JSON files.

    python benchmarks/table.py [--check]

The table has one row for each file of results/; README.md has two marks between which it stands.
--check writes nothing, and ends with 1 if the table is not current.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
README = HERE / "README.md"
RESULTS = HERE / "results"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
_HEAD = "| question | zspace | alternative | result | measured |\n| --- | --- | --- | --- | --- |"

Cells = tuple[str, str, str]
"""Of a row: zspace's figure, the alternative's, and what comes out."""


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only say whether it is current")
    arguments = parser.parse_args(argv)
    text = README.read_text(encoding="utf-8")
    current = with_table(text, table(RESULTS))
    if arguments.check:
        raise SystemExit(int(current != text))
    README.write_text(current, encoding="utf-8")
    print(README)


def table(results: Path) -> str:
    """The table of all results in a folder.

    Raises:
        SystemExit: naming a result that `ROWS` does not know.
    """
    lines = [_HEAD]
    for path in sorted(results.glob("*.json")):
        if path.stem not in ROWS:
            raise SystemExit(f"benchmarks/table.py: {path.name} has no entry in ROWS; add one")
        record = json.loads(path.read_text(encoding="utf-8"))
        asked = record["question"]
        question = f"{asked[:1].upper()}{asked[1:]} [{path.stem}](results/{path.name})"
        cells = (question, *ROWS[path.stem](record), _measured(record))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def with_table(text: str, rows: str) -> str:
    """README.md with these rows between its marks.

    Raises:
        SystemExit: if it lacks the marks.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"benchmarks/README.md lacks {BEGIN} or {END}; put both on lines alone")
    return f"{before}{begin}\n{rows}\n{end}{after}"


def _measured(record: dict[str, Any]) -> str:
    machine = record["machine"]
    machine = machine.get("zspace", machine) if "processor" not in machine else machine
    return f"{record['date']}, {machine['cores']} cores, {machine['processor']}"


def _preparation(record: dict[str, Any]) -> Cells:
    ours, theirs, results = [], [], []
    for name, found in record["sets"].items():
        rates, times = found["images_per_second"], found["times_reference"]
        rivals = [way for way in rates if way.startswith(("Pillow, ", "Keras", "torchvision"))]
        ours.append(f"{name}: {rates[record['reference']]:,.0f} images/s")
        theirs += [f"{name}, {way}: {rates[way]:,.0f}" for way in rivals]
        each = ", ".join(f"{1 / times[way]:.2f} × {way.partition(',')[0]}" for way in rivals)
        limit = found["limit_images_per_second"]
        share = f"; {rates[record['reference']] / limit:.0%} of the limit" if limit else ""
        results.append(f"{name}: {each}{share}")
    return "; ".join(ours), "; ".join(theirs), "; ".join(results)


def _coding(record: dict[str, Any]) -> Cells:
    rates, clicks = record["images_per_second"], record["percentiles"]
    cells = []
    for way in ("zspace", "predict"):
        pair = ", ".join(f"{verb} {rates[f'{verb}, {way}']:,.0f}" for verb in ("encode", "decode"))
        cells.append(f"{pair} images/s; one decode {clicks[way]['50']:.1f} ms")
    ratios = [f"{verb} {each:.2f} ×" for verb, each in record["times_predict"].items()]
    single = clicks["predict"]["50"] / clicks["zspace"]["50"]
    return cells[0], f"predict: {cells[1]}", ", ".join([*ratios, f"one decode {single:.0f} ×"])


def _startup(record: dict[str, Any]) -> Cells:
    median = record["median"]
    steps = {name: each for name, each in median.items() if name.startswith("first")}
    ours = [f"{name} {median[name]:.2f} s" for name in ("import zspace", "zspace --help")]
    ours += [f"{name} {each:.1f} s" for name, each in steps.items()]
    theirs = [f"{name} {each:.1f} s" for name, each in median.items() if "import keras" in name]
    more = [
        f"{name.rpartition(' ')[2]} {each - median[name.replace('first training step', _LOAD)]:.1f}"
        for name, each in steps.items()
    ]
    result = f"help {median['zspace --help'] / record['aim']['zspace --help']:.2f} of the aim"
    if more:
        result += f"; first step, seconds beyond loading the backend: {', '.join(more)}"
    return "; ".join(ours), "; ".join(theirs) or "–", result


_AIM_OF_A_CLICK = 50.0  # milliseconds
_LOAD = "import keras"


def _growth(record: dict[str, Any]) -> Cells:
    ours = []
    for name, found in record["series"].items():
        slope = found["exponent"]["seconds"]
        ours.append(f"{name} {'–' if slope is None else f'{slope:.2f}'}")
    over = ", ".join(record["over"])
    result = f"faster than it should: {over}" if over else "nothing grows faster than it should"
    return "exponents of time: " + "; ".join(ours), "1 (covariances: 2 to 3)", result


def _training(record: dict[str, Any]) -> Cells:
    ours, theirs, results = [], [], []
    for name, model in record["models"].items():
        ways = {way: each for way, each in model["ways"].items() if "failed" not in each}
        times = {way: each.get("times_reference", 1.0) for way, each in ways.items()}
        # Each way's rate by what it was beside zspace in the same turns, so that all compare.
        base = _rate(ways["zspace"])
        best = {}
        for precision in ("float32", "bfloat16"):
            rivals = [
                way
                for way in ways
                if not way.startswith("zspace") and ("bfloat16" in way) == (precision == "bfloat16")
            ]
            best[precision] = max(rivals, key=times.__getitem__)
        own = {"float32": "zspace", "bfloat16": "zspace, bfloat16"}
        auto = "zspace, precision auto"
        for precision, way in own.items():
            rival = best[precision]
            ours.append(f"{name}, {precision}: {base * times[way]:,.0f} images/s")
            theirs.append(f"{name}, {precision}: {rival} {base * times[rival]:,.0f}")
            results.append(f"{name}, {precision}: {times[way] / times[rival]:.2f} ×")
        ours.append(f"auto: {base * times[auto]:,.0f}")
        results.append(f"auto, against float32: {times[auto] / times[best['float32']]:.2f} ×")
    return "; ".join(ours), "; ".join(theirs), "; ".join(results)


def _rate(way: dict[str, Any]) -> float:
    return float(way["images"] / statistics.median(way["seconds"]))


def _resident(record: dict[str, Any]) -> Cells:
    ours, theirs, results = [], [], []
    for backend, found in record["backends"].items():
        rates = found["images_per_second"]
        for name in (each for each in rates if each.endswith(", resident")):
            ordinary = name.replace("resident", "ordinary")
            what = f"{backend} {name.partition(',')[0]}"
            ours.append(f"{what}: {rates[name]:,.0f} images/s")
            theirs.append(f"{what}: {rates[ordinary]:,.0f} in batches")
            results.append(f"{what}: {rates[name] / rates[ordinary]:.2f} ×")
    return "; ".join(ours), "; ".join(theirs), "; ".join(results)


def _inertia(record: dict[str, Any]) -> Cells:
    median, inertia = record["median"], record["inertia"]
    pairs = zip(inertia["zspace"], inertia["scikit-learn"], strict=True)
    worth = statistics.median(theirs / ours for ours, theirs in pairs)
    times = median["scikit-learn"] / median["zspace"]
    return (
        f"{median['zspace']:.0f} s",
        f"scikit-learn: {median['scikit-learn']:.0f} s",
        f"{times:.2f} ×; the other's inertia is {worth:.3f} of zspace's",
    )


def _tsne(record: dict[str, Any]) -> Cells:
    ours, theirs, results = [], [], []
    for size in record["sizes"][-2:]:
        count, zspace, sklearn = size["count"], size["zspace"], size["scikit-learn"]
        ours.append(f"{count:,}: {zspace['seconds']:.0f} s")
        theirs.append(f"{sklearn['seconds']:,.0f} s")
        times = sklearn["seconds"] / zspace["seconds"]
        worth = zspace["kl_divergence"] / sklearn["kl_divergence"]
        results.append(f"{times:.2f} ×, with {worth:.3f} of the KL divergence, at {count:,}")
    return "; ".join(ours), "scikit-learn: " + "; ".join(theirs), "; ".join(results)


def _radius(record: dict[str, Any]) -> Cells:
    median = record["time"]["median"]
    names = ("radius", "deviations")
    loops = ("loop over rows", "loop over numbers")
    ours = "; ".join(f"{name} {median[f'{name}, one pass']:.3f} s" for name in names)
    theirs = "; ".join(
        f"{name}, {loop} {median[f'{name}, {loop}']:.2f} s" for name in names for loop in loops
    )
    ratios = [
        " and ".join(f"{median[f'{name}, {x}'] / median[f'{name}, one pass']:.1f}" for x in loops)
        for name in names
    ]
    return ours, theirs, "; ".join(f"{n} {r} ×" for n, r in zip(names, ratios, strict=True))


def _explorer_latency(record: dict[str, Any]) -> Cells:
    found = record["percentiles"]["click to all of it"]
    size = f"{record['count']:,} × {record['latent_size']}"
    return f"{size}: {found['50']:.1f} ms, 95 %: {found['95']:.1f} ms", "–", "–"


def _explorer_page(record: dict[str, Any]) -> Cells:
    found = record["percentiles"]["click to pixels"]
    runs = " and ".join(record["runs"])
    share = f"95 % within {found['95'] / _AIM_OF_A_CLICK:.2f} of the aim"
    return f"{runs}: {found['50']:.1f} ms, 95 %: {found['95']:.1f} ms", "–", share


def _explorer_load(record: dict[str, Any]) -> Cells:
    few, many = record["loads"][0], record["loads"][-1]
    cells = [
        f"{each['visitors']}: {each['percentiles']['50']:.0f} ms, 95 %: "
        f"{each['percentiles']['95']:.0f} ms"
        for each in (few, many)
    ]
    ratio = many["percentiles"]["95"] / few["percentiles"]["95"]
    return f"visitors {'; '.join(cells)}", "–", f"{ratio:.2f} × for {many['visitors']} visitors"


def _fashion(record: dict[str, Any]) -> Cells:
    found = record["measured_beta"]
    ways = ("exact", "monte_carlo", "regularizer")
    betas = "; ".join(f"{way.replace('_', ' ')} β = {found[way]['by_value']:.3g}" for way in ways)
    return "β = 1", f"TensorFlow Probability: {betas}", "another β for each way"


ROWS: dict[str, Callable[[dict[str, Any]], Cells]] = {
    "coding": _coding,
    "explorer_latency": _explorer_latency,
    "explorer_load": _explorer_load,
    "explorer_page": _explorer_page,
    "fashion_full_normal": _fashion,
    "growth": _growth,
    "inertia": _inertia,
    "preparation": _preparation,
    "radius": _radius,
    "resident": _resident,
    "startup": _startup,
    "training": _training,
    "tsne": _tsne,
}


if __name__ == "__main__":
    main()
