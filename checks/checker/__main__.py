"""The checker by itself: `python -m checker FILE ...`; exit 0 if every certificate is accepted."""

from __future__ import annotations

import sys
from pathlib import Path

from .report import check, read, stored_in


def main(files: list[str]) -> int:
    """Check files and print the reports; return 0, 1 if one is rejected, 2 if one is unusable."""
    status, number = 0, 0
    for file in files:
        try:
            found = list(stored_in(read(Path(file))))
        except (OSError, ValueError) as error:
            print(f"error: {file}: {error}", file=sys.stderr)  # noqa: T201
            return 2
        for claim, _, certificate in found:
            if certificate is not None:
                report = check(certificate)
                number += 1
                status = status or int(not report.accepted)
                said = "accepted" if report.accepted else "rejected"
                title = f"{file}, {claim}" if claim else file
                print("\n  ".join([f"{title}: {said}", *report.lines]))  # noqa: T201
    return status if number else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
