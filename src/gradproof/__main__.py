"""`python -m gradproof`: the same command line as `gradproof`."""

from __future__ import annotations

from .cli import main

if __name__ == "__main__":
    main()
