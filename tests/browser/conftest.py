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
from looking import Look

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--no-first-run",
)  # fmt: skip


class Servers:
    """``servers(*arguments)`` starts served.py and gives its address; ``stop`` ends one."""

    def __init__(self, project: Path) -> None:
        self._program = project / "tests" / "browser" / "served.py"
        folders = [project / "src", project / "tests" / "explorer"]
        path = os.pathsep.join(str(each) for each in folders)
        self._environment = {**os.environ, "PYTHONPATH": path}
        self._started: dict[str, subprocess.Popen[str]] = {}

    def __call__(self, *arguments: str) -> str:
        command = [sys.executable, str(self._program), *arguments]
        process = subprocess.Popen(
            command, env=self._environment, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        place = process.stdout.readline().strip()
        self._started[place] = process
        return place

    def stop(self, place: str) -> None:
        process = self._started.pop(place)
        process.terminate()
        process.communicate(timeout=20)

    def stop_all(self) -> None:
        for place in list(self._started):
            self.stop(place)


@pytest.fixture(scope="session")
def serve(project: Path) -> Iterator[Servers]:
    pytest.importorskip("panel", reason="Panel is not installed: pip install zspace[explorer]")
    servers = Servers(project)
    yield servers
    servers.stop_all()


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
def place(serve: Servers) -> str:
    """Where an explorer of one model is served, without a token."""
    return serve()


@pytest.fixture(scope="session")
def place_of_two(serve: Servers) -> str:
    """Where an explorer of two models is served."""
    return serve("--models", "2")


@pytest.fixture
def visitor(browser: Any) -> Iterator[Callable[..., Look]]:
    """``visitor(place, …)`` is one who has opened the page, with options of Playwright's context.

    At the end no script of it may have failed, and nothing may have been asked of another host.
    """
    looks: list[tuple[Look, str]] = []

    def come(place: str, *, width: int = 1280, height: int = 800, **options: Any) -> Look:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(20_000)
        look = Look(context.new_page())
        looks.append((look, place))
        look.open(place)
        return look

    yield come
    for look, place in looks:
        look.page.context.close()
        host = place.partition("//")[2].partition("/")[0]
        own = tuple(f"{scheme}{host}/" for scheme in ("http://", "ws://", "blob:http://"))
        assert [each for each in look.asked if not each.startswith((*own, "data:"))] == []
        assert look.faults == []


@pytest.fixture
def look(visitor: Callable[..., Look], place: str) -> Look:
    """One who looks at one model."""
    return visitor(place)


@pytest.fixture
def both(visitor: Callable[..., Look], place_of_two: str) -> Look:
    """One who looks at two models."""
    return visitor(place_of_two)
