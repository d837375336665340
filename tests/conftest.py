"""What every test needs: a quiet CPU, the shared images, and shapes that are checked.

The environment is set before anything is imported, because Keras, its backends and matplotlib
read it once, on import. Tests that start a process of their own hand it on.
"""

from __future__ import annotations

import inspect
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, get_args

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ["MPLBACKEND"] = "Agg"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
if not os.environ.get("ZSPACE_TEST_GPU"):
    # Results are compared bit for bit in places, which only the CPU promises.
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    os.environ["JAX_PLATFORMS"] = "cpu"

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # A shell that starts the tests in the background hands this on, and no Ctrl-C would arrive.
    signal.signal(signal.SIGINT, signal.default_int_handler)

import beartype
import hypothesis
import jaxtyping
import pytest

PROJECT = Path(__file__).resolve().parents[1]

hypothesis.settings.register_profile("zspace", deadline=None)
hypothesis.settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, database=None
)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "zspace")


def _is_array(hint: Any) -> bool:
    if isinstance(hint, type) and issubclass(hint, jaxtyping.AbstractArray):
        return True
    return any(_is_array(part) for part in get_args(hint))


def _array_hints(one: Any) -> dict[str, Any]:
    """The annotations of a function or class that name an array's shape."""
    names = getattr(one, "__globals__", None) or vars(sys.modules[one.__module__])
    found = {}
    for name, hint in inspect.get_annotations(one).items():
        try:
            value = eval(hint, names) if isinstance(hint, str) else hint  # noqa: S307 (our source)
        except NameError:
            continue  # imported for type checking only, so no array
        except Exception as error:
            raise TypeError(
                f"{one.__module__}.{one.__qualname__}: {name} has the annotation {hint}, which has "
                f'no value ({error}); the shape of an array is a string, such as "..."'
            ) from error
        if _is_array(value):
            found[name] = value
    return found


def _check_arrays(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let beartype check the arrays; all other types are mypy's business."""
    function.__annotations__ = _array_hints(function)
    return beartype.beartype(function)


def _check_shapes_of_zspace() -> None:
    """Check the shapes of arrays in all of zspace that is imported from now on.

    The hook of jaxtyping wraps every function there is, and that is too much: Keras reads the
    arguments of a layer's `__init__` off the function itself, and beartype refuses types such as
    `Self` on a method alone. So only what names an array is wrapped.
    """
    plain = jaxtyping.jaxtyped

    def jaxtyped(*given: Any, typechecker: Any = None) -> Any:
        if given:
            return plain(*given, typechecker=typechecker)
        return lambda one: plain(one, typechecker=_check_arrays) if _array_hints(one) else one

    jaxtyping.jaxtyped = jaxtyped
    jaxtyping.install_import_hook("zspace", "beartype.beartype")


_check_shapes_of_zspace()


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's root folder."""
    return PROJECT


class SharedData:
    """Real images beside the project: ``shared_data / "mnist"`` is a path that exists, or a skip.

    They may not be redistributed, so they are not part of the project.
    """

    def __init__(self) -> None:
        given = os.environ.get("ZSPACE_TEST_DATA")
        self.folder = Path(given) if given else PROJECT.parent / "shared" / "data"

    def __call__(self, name: str) -> Path:
        path = self.folder / name
        if not path.exists():
            pytest.skip(f"missing {path} (ZSPACE_TEST_DATA names another folder of test images)")
        return path

    __truediv__ = __call__


@pytest.fixture(scope="session")
def shared_data() -> SharedData:
    """Where the real images are; skips, naming what is missing, where one is not there."""
    return SharedData()


@pytest.fixture(scope="session")
def run_jobs() -> Callable[..., None]:
    """A function that runs a script with some arguments, each set of them in a process of its own.

    They run beside each other: most of their time goes to compiling, which takes one core.
    """

    def run(script: Path, *each: Sequence[object]) -> None:
        def one(given: Sequence[object]) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, str(script), *map(str, given)]
            return subprocess.run(command, capture_output=True, text=True, check=False)

        with ThreadPoolExecutor() as pool:
            for done in pool.map(one, each):
                assert done.returncode == 0, done.stderr

    return run


@pytest.fixture(autouse=True)
def _pictures_are_closed() -> Iterator[None]:
    """Close matplotlib's figures, where a test opened any, so that none leaks into the next."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
