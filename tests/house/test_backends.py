"""The backends are named in few places, and what starts fast imports none of them."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sources import Source, expect_none

BACKENDS = {"jax", "jaxlib", "tensorflow", "torch"}
HEAVY = sorted(BACKENDS | {"keras", "matplotlib", "sklearn"})
MAY_NAME_ALL = {"zspace.training.devices", "zspace.training.reproducibility"}

Sample = Callable[..., list[Source]]


def test_only_few_files_name_a_backend(sources: list[Source]) -> None:
    expect_none(fault for source in sources for fault in backend_imports(source))


def backend_imports(source: Source) -> Iterator[str]:
    allowed = allowed_backends(source.module)
    for node in ast.walk(source.tree):
        for name in imported_packages(node):
            if name in BACKENDS - allowed:
                yield f"{source.place(node)}: {source.module} imports {name}"


def allowed_backends(module: str) -> set[str]:
    """Files of one backend may name it: models/routes…/tensorflow.py, networks/…_jax.py, …."""
    if module in MAY_NAME_ALL:
        return BACKENDS
    parts = module.split(".")
    if parts[1:2] == ["models"] and len(parts) > 2 and parts[2].startswith("routes"):
        return BACKENDS & set("_".join(parts[2:]).split("_"))
    if parts[1:2] in (["networks"], ["training"]):
        return BACKENDS & set(parts[-1].split("_")[1:])
    return set()


def imported_packages(node: ast.AST) -> Iterator[str]:
    """Top-level packages that a statement, or import_module("…"), imports."""
    if isinstance(node, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module.partition(".")[0]
    elif isinstance(node, ast.Call) and node.args:
        called = ast.unparse(node.func).rpartition(".")[2]
        name = node.args[0]
        if called in ("__import__", "import_module") and isinstance(name, ast.Constant):
            yield str(name.value).partition(".")[0]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("models/vae.py", "def f():\n    import tensorflow as tf", 1),
        ("models/vae.py", "from jax import numpy", 1),
        ("models/vae.py", "importlib.import_module('torch.nn')", 1),
        ("models/vae.py", "import keras; 'torch'", 0),
        ("models/routes/torch.py", "import torch", 0),
        ("models/routes/torch.py", "import jax", 1),
        ("models/routes_jax.py", "import jax", 0),
        ("training/fused_torch.py", "import torch", 0),
        ("training/fused_torch.py", "import jax", 1),
        ("training/torch.py", "import torch", 1),
        ("analysis/torch.py", "import torch", 1),
        ("training/devices.py", "import jax, torch", 0),
    ],
)
def test_a_backend_import_is_found(sample: Sample, name: str, text: str, found: int) -> None:
    (source,) = sample(text, name=name)
    assert len(list(backend_imports(source))) == found


def loaded(code: str, *, path: Path | None = None) -> list[str]:
    """Which heavy packages are imported once `code` has run in a fresh process."""
    report = f"import sys; print('\\n' + ' '.join(n for n in {HEAVY} if n in sys.modules))"
    environment = {**os.environ, **({"PYTHONPATH": str(path)} if path else {})}
    result = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.splitlines()[-1].split()


AS_A_COMMAND = """
import runpy, sys
sys.argv = ["zspace", *{arguments}]
try:
    runpy.run_module("zspace", run_name="__main__", alter_sys=True)
except SystemExit as leaving:
    assert not leaving.code, leaving.code
"""


def test_importing_zspace_is_light() -> None:
    assert loaded("import zspace") == []


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["train", "--help"], ["prepare", "--help"], ["recipes"]],
    ids=" ".join,
)
def test_help_is_light(arguments: list[str]) -> None:
    assert loaded(AS_A_COMMAND.format(arguments=arguments)) == []


def test_a_heavy_import_is_found(tmp_path: Path) -> None:
    (tmp_path / "torch.py").touch()
    assert loaded("import torch", path=tmp_path) == ["torch"]
