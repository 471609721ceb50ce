"""archiver extract --links as the checkout has it: the command that the scorers are given."""

from __future__ import annotations

import sys

from cli import main

if __name__ == "__main__":
    main(["extract", "--links", "--silent", *sys.argv[1:]])
