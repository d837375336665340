"""A stranger's image, decoded in a process of its own: what goes wrong there ends there.

Decoders are written in C and have had holes, and a small file may ask for hours of work: a JPEG of
20 MiB holds 300,000 passes over all of its pixels. So the process may take so many seconds and so
much memory, writes no file, and is killed if it does not end. It costs about 0.3 s.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8

from zspace.data.framing import Framing
from zspace.errors import ImageError

__all__ = ["decoded_apart"]

_MOST_SECONDS = 8  # of one core; a photo of 36 million pixels takes one or two
_PATIENCE = 20.0
_MOST_MEMORY = 640 * 2**20
_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",  # else each thread reserves a share of the memory it may have
}
_DIED = ImageError(
    "this image takes too long to decode, or too much memory; choose another one, such as a photo "
    "in JPEG"
)


def decoded_apart(data: bytes, framing: Framing) -> UInt8[np.ndarray, "height width channels"]:
    """Decode, crop and scale an image in another process.

    Args:
        data: of the file.
        framing: what to keep and how large.

    Returns:
        Pixels (height, width, channels), uint8.

    Raises:
        ImageError: if it is no image, is damaged or too large, or the process did not survive it.
    """
    asked = {
        "framing": [framing.size, framing.crop, framing.channels],
        "seconds": _MOST_SECONDS,
        "memory": _MOST_MEMORY,
    }
    home = str(Path(__file__).parents[2])
    paths = [home, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(paths)}
    # -P: nothing is imported from the folder that zspace happened to be started in.
    command = [sys.executable, "-P", "-W", "ignore", "-m", "zspace.explorer.apart"]
    try:
        ended = subprocess.run(
            command,
            input=json.dumps(asked).encode() + b"\n" + data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _DIED from error
    head, _, pixels = ended.stdout.partition(b"\n")
    height, width = framing.size
    if head == b"pixels" and len(pixels) == height * width * framing.channels:
        shape = (height, width, framing.channels)
        return np.frombuffer(pixels, np.uint8).reshape(shape).copy()
    if head == b"refused":
        raise ImageError(pixels.decode("utf-8", "replace"))
    raise _DIED


def _confine(seconds: int, memory: int) -> None:
    """Take from this process what decoding does not need."""
    with contextlib.suppress(ImportError):  # Windows, where the time limit alone is kept
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        with contextlib.suppress(OSError):  # elsewhere than on Linux what is taken is not known
            pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
            most = pages * resource.getpagesize() + memory
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
    # Its threads would each reserve memory, and there is one per core.
    with contextlib.suppress(ImportError):
        avif: Any = importlib.import_module("PIL.AvifImagePlugin")
        avif.DEFAULT_MAX_THREADS = 1


def _main() -> None:
    from zspace.explorer.uploads import decoded_here

    asked: Mapping[str, Any] = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    size, crop, channels = asked["framing"]
    framing = Framing((size[0], size[1]), crop, channels)
    _confine(asked["seconds"], asked["memory"])
    try:
        answer = b"pixels\n" + decoded_here(data, framing).tobytes()
    except ImageError as error:
        answer = b"refused\n" + str(error).encode()
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    _main()
