"""Does the explorer keep working for 20 people at once, and does it forget them afterwards?

    python benchmarks/explorer_load.py [RUN] [--visitors N …] [--seconds S] [--rate R] [--rounds N]

Serves the explorer in a process of its own, of a run or of made codes (20,000 × 64, decoded to
96×96 by one matrix). Visitors without a browser open the page all at the same time, and each clicks
on random places of the map twice a second. Times are from a question to its image, as they arrive;
who is answered late clicks later. The largest number of visitors comes twice, and each time
the server's memory is read while they are there and after they have gone. Linux alone tells it.
Results: results/explorer_load.json.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from latent.record import written

PERCENTILES = (50, 95, 99)
GONE = 25.0  # seconds until a visit has ended: 15 for a page that comes back, and the next look
MADE = """
import numpy as np
from latent.synthetic import synthetic_codes
from zspace.codes import Codes
from zspace.explorer.coding import Coding
from zspace.explorer.live import Live
from zspace.explorer.side import Side
matrix = np.random.default_rng(1).normal(size=(64, 96 * 96 * 3)).astype(np.float32) / 64
decode = lambda z: (0.5 + z @ matrix).reshape(-1, 96, 96, 3)
coding = Coding(decode, None, latent_size=64, image_shape=(96, 96, 3))
codes = Codes(synthetic_codes(20_000, 64), index=np.arange(20_000))
lives = [Live(Side("made", codes, coding))]
"""
OF_RUN = """
from zspace.api.exploring import lives_of
lives = lives_of([sys.argv[1]])
"""
SERVED = """
from zspace.explorer.app import explorer_server
place, serve = explorer_server(lives)
for live in lives:
    live.side.warm_up()
print(place, flush=True)
serve()
"""


def main(argv: list[str] | None = None) -> None:
    arguments = _arguments(argv)
    makes = OF_RUN if arguments.run else MADE
    given = [str(arguments.run)] if arguments.run else []
    path = f"import sys\nsys.path.append({str(Path(__file__).parent)!r})\n"
    server = subprocess.Popen(
        [sys.executable, "-c", path + makes + SERVED, *given], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        place = server.stdout.readline().strip()
        if not place:
            sys.exit("the explorer did not start")
        figures = asyncio.run(_loads(place, server.pid, arguments))
    finally:
        server.terminate()
        server.wait(20)
    print(_table(figures))
    question = "how long do visitors wait for an image, when so many click at once?"
    print(written("explorer_load", question, figures, out=arguments.out))


async def _loads(place: str, process: int, arguments: argparse.Namespace) -> dict[str, Any]:
    counts = sorted(arguments.visitors)
    loads = [await _load(place, count, arguments) for count in counts[:-1]]
    await asyncio.sleep(GONE)
    before = _mebibytes(process)
    rounds = []
    for _ in range(arguments.rounds):
        load = await _load(place, counts[-1], arguments, process=process)
        await asyncio.sleep(GONE)
        rounds.append({**load, "mebibytes_after": _mebibytes(process)})
    return {
        "units": "milliseconds from a question to its image; memory of the server in MiB",
        "model": arguments.run.name if arguments.run else "made codes, 20,000 × 64",
        "rate": arguments.rate,
        "mebibytes_before": before,
        "loads": [*loads, *rounds],
    }


async def _load(
    place: str, count: int, arguments: argparse.Namespace, *, process: int | None = None
) -> dict[str, Any]:
    from latent.visitor import Visitor

    began = time.perf_counter()
    opened = await asyncio.gather(
        *(Visitor.opened(place) for _ in range(count)), return_exceptions=True
    )
    opening = time.perf_counter() - began
    visitors = [one for one in opened if isinstance(one, Visitor)]
    ends = time.perf_counter() + arguments.seconds
    done = await asyncio.gather(
        *(_clicks(one, ends, arguments.rate, seed) for seed, one in enumerate(visitors)),
        return_exceptions=True,
    )
    during = None if process is None else _mebibytes(process)
    for one in visitors:
        one.close()
    errors = [repr(each) for each in [*opened, *done] if isinstance(each, BaseException)]
    times = [1000 * each for one in visitors for each in one.seconds]
    return {
        "visitors": count,
        "all_open_after_seconds": opening,
        "percentiles": {str(each): float(np.percentile(times, each)) for each in PERCENTILES},
        "images": len(times),
        "problems": sum(one.problems for one in visitors),
        "errors": errors,
        "mebibytes_during": during,
        "milliseconds": times,
    }


async def _clicks(visitor: Any, ends: float, rate: float, seed: int) -> None:
    draw = random.Random(seed)
    await asyncio.sleep(draw.uniform(0, 1 / rate))
    while time.perf_counter() < ends:
        began = time.perf_counter()
        await asyncio.wait_for(visitor.click(draw.gauss(0, 2), draw.gauss(0, 2)), 60)
        await asyncio.sleep(max(0.0, 1 / rate - (time.perf_counter() - began)))


def _mebibytes(process: int) -> float | None:
    """Resident memory, where the system tells it."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def _table(figures: dict[str, Any]) -> str:
    heads = [f"{each} %" for each in PERCENTILES]
    names = ("visitors", "images", *heads, "problems", "errors", "all open", "during", "after")
    memory = _said(figures["mebibytes_before"])
    lines = [
        f"{figures['model']}, {figures['rate']:g} clicks a second each; {memory} MiB before",
        "".join(f"{name:>9}" for name in names),
    ]
    for load in figures["loads"]:
        values = [
            str(load["visitors"]), str(load["images"]),
            *(f"{value:.0f} ms" for value in load["percentiles"].values()),
            str(load["problems"]), str(len(load["errors"])),
            f"{load['all_open_after_seconds']:.1f} s",
            _said(load["mebibytes_during"]), _said(load.get("mebibytes_after")),
        ]  # fmt: skip
        lines.append("".join(f"{value:>9}" for value in values))
    return "\n".join(lines)


def _said(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, nargs="?", help="a run folder; made codes without one")
    parser.add_argument("--visitors", type=int, nargs="+", default=[1, 20])
    parser.add_argument("--seconds", type=float, default=6.0, help="of clicking, each time")
    parser.add_argument("--rate", type=float, default=2.0, help="clicks a second of each visitor")
    parser.add_argument("--rounds", type=int, default=2, help="of the largest number of visitors")
    parser.add_argument("--out", type=Path, help="the JSON file, instead of in results/")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
