"""``python -m tests.fuzz TARGET --seconds N``: look for bytes that break a promise.

Starts from the inputs kept in ``corpus/TARGET``. Bytes that break something are left in
``build/fuzz`` and the command ends with other than 0: put them into the corpus with the mending.
What reaches new code is laid ``--into`` a folder: what of it shall stay belongs into the corpus.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import atheris

CORPUS = Path(__file__).parent / "corpus"
FOUND = Path("build/fuzz")
LONGEST = 1500  # bytes of an input
PACKAGES = ["anlan.cap", "anlan.observe.sources.sl651"]
OPTIONS = (f"-max_len={LONGEST}", f"-artifact_prefix={FOUND}/", "-timeout=10", "-rss_limit_mb=2048")


def main() -> None:
    """Fuzz one target for a time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=("sl651", "cap"))
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--into", type=Path, help="folder for inputs that reach new code")
    given = parser.parse_args()
    kept = str(CORPUS / given.target)
    with tempfile.TemporaryDirectory() as folder:
        new = given.into or Path(folder)
        for each in (FOUND, new):
            each.mkdir(parents=True, exist_ok=True)
        arguments = [str(new), kept, f"-max_total_time={given.seconds}"]
        with atheris.instrument_imports(include=PACKAGES):
            from tests.fuzz.targets import TARGETS
        atheris.Setup([sys.argv[0], *arguments, *OPTIONS], TARGETS[given.target])
        atheris.Fuzz()  # ends the process


if __name__ == "__main__":
    main()
