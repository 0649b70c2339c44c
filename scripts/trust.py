"""Which promises are held by which tests: prints every id of the list with its tests, and those with none."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROMISES = 162
MARK = re.compile(
    r"@pytest\.mark\.trust\(([^)]*)\)(?:\s*@[^\n]*(?:\n(?!\s*(?:async )?def)[^\n]*)*)*\s*(?:async )?def (\w+)"
)
ID = re.compile(r"T-\d+")


def held() -> dict[str, list[str]]:
    """Promise -> the tests that are marked with it."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for ids, test in MARK.findall(path.read_text(encoding="utf-8")):
            for name in ID.findall(ids):
                found.setdefault(name, []).append(f"{path.relative_to(ROOT)}::{test}")
    return found


def main() -> None:
    """Print the table."""
    tests = held()
    for number in range(1, PROMISES + 1):
        name = f"T-{number:02}"
        print(f"{name}: {', '.join(tests[name])}" if name in tests else f"{name}: no test")  # noqa: T201
    print(f"{len(tests)} of {PROMISES} promises have a test")  # noqa: T201


if __name__ == "__main__":
    main()
