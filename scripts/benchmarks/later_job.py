"""A job for spark-submit: take batches in and price them, one after another, in one session.

later_job.py INPUT… [options of housing score]: what the first batches take, Java has loaded and compiled for the last.
"""

import sys

from housing_spark.cli import main


def run() -> None:
    """A command for each input; each leaves a line of JSON."""
    options = next(place for place, word in enumerate(sys.argv) if word.startswith("--"))
    for batch in sys.argv[1:options]:
        try:
            main(["score", "--input", batch, *sys.argv[options:]])
        except SystemExit as left:
            if left.code:
                raise


if __name__ == "__main__":
    run()
