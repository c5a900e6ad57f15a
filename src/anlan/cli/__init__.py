"""The same actions from a terminal. Standard output carries only the answer."""

from __future__ import annotations

import os
import sys

from anlan.cli.console import err
from anlan.refusal import Refusal


def main() -> None:
    """Run a command; a refusal ends with its sentence on standard error and exit code 2."""
    try:
        if sys.argv[1:2] == ["simulate"]:  # need not wait for the libraries of the desk
            from anlan.cli.simulate import app

            app()
        else:
            from anlan.cli.commands import run

            run()
    except Refusal as refusal:
        err.print(refusal.message, style="red", markup=False, soft_wrap=True)  # [table] stays
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os._exit(0)
