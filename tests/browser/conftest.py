"""A served explorer and a browser to visit it with; a skip that says why where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--no-first-run",
)  # fmt: skip


@pytest.fixture(scope="session")
def serve(project: Path) -> Iterator[Callable[..., str]]:
    """``serve(*arguments)`` starts served.py and gives its address."""
    pytest.importorskip("panel", reason="Panel is not installed: pip install zspace[explorer]")
    folders = [project / "src", project / "tests" / "explorer"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(each) for each in folders)}
    started = []

    def start(*arguments: str) -> str:
        command = [sys.executable, str(project / "tests" / "browser" / "served.py"), *arguments]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        return process.stdout.readline().strip()

    yield start
    for process in started:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium; ZSPACE_TEST_BROWSER names its program where it is on no path."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    program = os.environ.get("ZSPACE_TEST_BROWSER") or shutil.which("chromium")
    if program is None:
        pytest.skip("no Chromium on the path (ZSPACE_TEST_BROWSER names one)")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=program, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def place(serve: Callable[..., str]) -> str:
    """Where an explorer without a token is served."""
    return serve()


@pytest.fixture
def page(browser: Any, place: str) -> Iterator[Any]:
    """The explorer's page, drawn, with its first image; errors of its scripts fail the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto(place)
    opened.locator(".reading", has_text="Radius").wait_for(timeout=60_000)
    yield opened
    context.close()
    assert not faults
