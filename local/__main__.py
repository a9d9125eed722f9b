"""`python -m local run` and `python -m local up`."""

from __future__ import annotations

import sys

from local.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
