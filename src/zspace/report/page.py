"""What every page is put together from: sections with pictures, and a template."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2

from zspace.report.pictures import Picture

__all__ = ["Section", "render"]

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Section:
    """One part of the page that shows pictures.

    Attributes:
        anchor: its id in the page.
        title: its heading.
        text: what the pictures show, for this run.
        pictures: at least one.
        strip: whether the pictures stand side by side, small.
        findings: verdict, topic, text and advice of each, under the text.
        theory: where the documentation says why, or nothing.
    """

    anchor: str
    title: str
    text: str
    pictures: list[Picture] = field(default_factory=list)
    strip: bool = False
    findings: list[dict[str, str]] = field(default_factory=list)
    theory: str = ""


def render(template: str, **values: Any) -> str:
    """A page of one of the templates, everything escaped.

    Args:
        template: name of the file.
        values: what it asks for.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(**values)
