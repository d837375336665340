"""Which backend and which hardware the numbers are crunched on."""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import importlib.util
import os
import platform
import sys
from collections.abc import Iterator
from typing import Any

from zspace.errors import BackendError, did_you_mean

__all__ = [
    "BACKENDS",
    "backend_in_use",
    "describe_environment",
    "free_memory",
    "one_device",
    "quiet_native_libraries",
    "select_backend",
    "several_devices",
]

BACKENDS = ("tensorflow", "jax", "torch")
"""In the order in which the first installed one is taken."""


def select_backend(name: str | None = None) -> str:
    """Settle Keras' backend and load Keras, quietly.

    Args:
        name: ``"tensorflow"``, ``"jax"`` or ``"torch"``; None takes the environment variable
            KERAS_BACKEND, else the first that is installed.

    Returns:
        The backend in use.

    Raises:
        BackendError: an unknown name, a backend that is not installed, none installed at all, or
            Keras loaded with another one already.
    """
    wanted = name or os.environ.get("KERAS_BACKEND") or None
    if wanted is not None and wanted not in BACKENDS:
        raise BackendError(f"no backend {wanted!r}; {did_you_mean(wanted, BACKENDS)}")
    if "keras" in sys.modules:
        loaded = backend_in_use()
        if name is not None and name != loaded:
            raise BackendError(
                f"Keras runs on {loaded} in this process already; start a new one for {name}"
            )
        return loaded
    chosen = wanted or next((each for each in BACKENDS if _is_installed(each)), None)
    if chosen is None:
        raise BackendError(
            "no Keras backend is installed; install one with: pip install 'zspace[tensorflow]' "
            "(or 'zspace[jax]', 'zspace[torch]')"
        )
    if not _is_installed(chosen):
        raise BackendError(
            f"backend {chosen} is not installed; install it with: pip install 'zspace[{chosen}]'"
        )
    os.environ["KERAS_BACKEND"] = chosen
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with quiet_native_libraries():
        importlib.import_module("keras")
    if chosen == "tensorflow":
        import tensorflow

        tensorflow.get_logger().setLevel("ERROR")
    return chosen


def backend_in_use() -> str:
    """The backend that Keras runs on."""
    import keras

    return str(keras.backend.backend())


@contextlib.contextmanager
def several_devices(count: int) -> Iterator[None]:
    """Let every batch be shared by several devices, in all that is built and trained inside.

    Each device gets an equal part of a batch and all weights; gradients are summed over them. Where
    Keras' environment variables KERAS_DISTRIBUTION_… say that this process is one of several, it
    joins them first, and the devices are those of all.

    Args:
        count: of devices; 1 is as without.

    Raises:
        BackendError: if the backend cannot do it, or there are not as many devices.
    """
    import keras

    processes = int(os.environ.get(_PROCESSES) or 1)
    if count == 1:
        if processes > 1:
            raise BackendError(
                f"{_PROCESSES} = {processes}, but training.devices is 1; set it to the number of "
                f"devices that all processes have together, or unset {_PROCESSES}"
            )
        yield
        return
    backend = backend_in_use()
    if backend != "jax":
        raise BackendError(
            f"training.devices = {count} runs on jax, this is {backend}; start the run with "
            "--backend jax, or set training.devices = 1"
        )
    if processes > 1:
        _join_processes()
    found = keras.distribution.list_devices()
    if count > len(found) or (processes > 1 and count != len(found)):
        raise BackendError(
            f"training.devices = {count}, but there are {len(found)} ({', '.join(found)}); set "
            f"training.devices = {len(found)}"
        )
    devices = found[:count]
    with keras.distribution.DataParallel(devices=devices, auto_shard_dataset=False).scope():
        yield


_PROCESSES = "KERAS_DISTRIBUTION_NUM_PROCESSES"


def _join_processes() -> None:
    import jax
    import keras

    if jax.distributed.is_initialized():
        return
    try:
        keras.distribution.initialize()
    except (RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BackendError(
            f"cannot join the other processes ({reason}); set KERAS_DISTRIBUTION_JOB_ADDRESSES to "
            "host:port of the first, and KERAS_DISTRIBUTION_PROCESS_ID to 0, 1, …"
        ) from error


@contextlib.contextmanager
def one_device() -> Iterator[None]:
    """Inside `several_devices`, a part that does not share its batches."""
    import keras

    shared = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    try:
        yield
    finally:
        keras.distribution.set_distribution(shared)


def _is_installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


@contextlib.contextmanager
def quiet_native_libraries() -> Iterator[None]:
    """Keep the start-up chatter of native libraries from the terminal.

    They write to the file descriptor, past Python's `sys.stderr`. Beside loading Keras, saving and
    loading a model is where it comes: Keras loads TensorFlow then, if it is installed, whatever
    the backend.
    """
    try:
        kept = os.dup(2)
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)


def describe_environment() -> dict[str, Any]:
    """Backend, versions and hardware, for environment.json."""
    backend = backend_in_use()
    packages = ["zspace", "keras", "numpy", backend]
    return {
        "backend": backend,
        "versions": {
            "python": platform.python_version(),
            **{name: version for name in packages if (version := _version(name))},
        },
        "hardware": {
            "system": f"{platform.system()} {platform.machine()}",
            "processor": _processor(),
            "cores": os.cpu_count(),
            "devices": _accelerators(),
        },
    }


def _version(package: str) -> str | None:
    names = {"tensorflow": ("tensorflow", "tensorflow_cpu")}.get(package, (package,))
    for name in names:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            return importlib.metadata.version(name)
    return None


def _processor() -> str:
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _accelerators() -> list[str]:
    backend = backend_in_use()
    if backend == "tensorflow":
        import tensorflow

        names = [device.name for device in tensorflow.config.list_physical_devices("GPU")]
    elif backend == "jax":
        import jax

        names = [device.device_kind for device in jax.devices() if device.platform != "cpu"]
    else:
        import torch

        names = [torch.cuda.get_device_name(each) for each in range(torch.cuda.device_count())]
    return names or ["cpu"]


def free_memory() -> int | None:
    """Bytes that are free on the GPU, or None where there is none or TensorFlow is in use."""
    backend = backend_in_use()
    if backend == "jax":
        import jax

        device = jax.local_devices()[0]
        statistics = device.memory_stats() if device.platform != "cpu" else None
        if statistics and "bytes_limit" in statistics:
            return int(statistics["bytes_limit"]) - int(statistics.get("bytes_in_use", 0))
    elif backend == "torch":
        import torch

        if torch.cuda.is_available():
            return int(torch.cuda.mem_get_info()[0])
    return None
