"""Which local program stands for which image. There is no container here: no other root, user or limits."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

# Part of the repository's name, and what the image's own entry point is.
IMAGES = (
    ("/ledger", [sys.executable, os.path.join(HERE, "ledger.py")]),
    ("/postgres", []),  # the client's image: the machine's own `sh` and `psql`
)


def command(image, entry_point, arguments):
    """The argument list of a container: a given entry point replaces the image's own."""
    repository = image.split("@")[0]
    for part, own in IMAGES:
        if part in repository:
            return [*(entry_point or own), *(arguments or [])]
    raise LookupError(f"no program stands for the image {image}")
