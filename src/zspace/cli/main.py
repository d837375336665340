"""``zspace``: the commands, and how errors reach a person."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from zspace import __version__
from zspace.cli.analyze import analyze
from zspace.cli.attribute import attribute
from zspace.cli.compare import compare
from zspace.cli.convert_beta import convert_beta
from zspace.cli.doctor import doctor
from zspace.cli.encode import encode
from zspace.cli.explore import explore
from zspace.cli.export import export
from zspace.cli.generate import generate
from zspace.cli.prepare import prepare
from zspace.cli.recipes import recipes
from zspace.cli.reconstruct import reconstruct
from zspace.cli.report import report
from zspace.cli.restore import restore
from zspace.cli.train import train
from zspace.cli.walk import walk
from zspace.errors import ZspaceError

__all__ = ["app", "main", "run"]

app = typer.Typer(
    name="zspace",
    help="Train autoencoders on images, and study, measure and use their latent space.",
    epilog="First steps: zspace prepare faces --out faces; "
    "zspace train faces-vae --data faces; zspace report runs/faces-vae",
)

for command in (
    prepare,
    recipes,
    train,
    encode,
    generate,
    reconstruct,
    restore,
    walk,
    analyze,
    compare,
    explore,
    export,
    report,
    doctor,
    convert_beta,
):
    app.command()(command)
app.add_typer(attribute, name="attribute")

_CLICK_ERROR: Any = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)
"""Typer brings its own copy of click in newer releases, and depends on click in older ones."""


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Options ahead of the command."""
    del debug
    if version:
        typer.echo(f"zspace {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def run(arguments: Sequence[str]) -> int:
    """Carry out a command line.

    Args:
        arguments: without the program's name.

    Returns:
        0; 2 for bad input, or when stopped by Ctrl-C; 1 for a failure of ours. One line on
        standard error says what went wrong; a traceback comes only with ``--debug``.
    """
    command = typer.main.get_command(app)
    debug = "--debug" in arguments
    arguments = [each for each in arguments if each != "--debug"]
    try:
        result = command.main(arguments, prog_name="zspace", standalone_mode=False)
    except ZspaceError as error:
        return _complain(str(error), error.exit_code, debug=debug)
    except (KeyboardInterrupt, typer.Abort):
        return _complain("stopped", 2, debug=debug)
    except BrokenPipeError:
        # The reader has gone, as in `zspace recipes | head`; Python would complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except _CLICK_ERROR as error:
        return _complain(f"{error.format_message()} (zspace --help)", 2, debug=debug)
    except Exception as error:
        text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return _complain(
            f"internal error: {text}; run again with --debug, and report it",
            1,
            debug=debug,
        )
    return result if isinstance(result, int) else 0


def _complain(text: str, code: int, *, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    print("zspace: " + " ".join(text.split()), file=sys.stderr)
    return code


def main() -> None:
    """The console command."""
    sys.exit(run(sys.argv[1:]))
