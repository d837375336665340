"""``python -m zspace``."""

from zspace.cli.main import main

main()
