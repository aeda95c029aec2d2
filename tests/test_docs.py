"""What the documents say of the code is so."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PLAN = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
DRAWINGS = dict(zip(("locator", "bot"), PLAN.split("```")[1::2], strict=False))


def storeys(package: str) -> list[set[str]]:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = declared["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one.get("containers") == [package])
    return [set(layer.split(" | ")) for layer in layers]


@pytest.mark.parametrize("package", ["locator", "bot"])
def test_the_drawing_shows_every_storey_with_its_rooms_in_order(package: str) -> None:
    """Three columns: the storey, its rooms, what they are for. A line without a storey goes on with the one above."""
    drawn: list[set[str]] = []
    for line in filter(None, DRAWINGS[package].splitlines()):
        rooms = set(line[15:53].split())
        if line[:15].strip():
            drawn.append(rooms)
        else:
            drawn[-1] |= rooms
    assert drawn == storeys(package)


@pytest.mark.parametrize(
    "room",
    sorted(
        path
        for package in ("locator", "bot")
        for path in (ROOT / package).glob("*.py")
        if path.stem != "__init__"
    ),
    ids=lambda path: f"{path.parent.name}.{path.stem}",
)
def test_every_room_has_a_first_line_that_says_what_it_is(room: Path) -> None:
    first = room.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith('"""')
    assert len(first) > 20


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.lock")), ids=lambda path: path.name)
def test_a_lock_file_pins_by_hash_and_names_no_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    packages = [line for line in text.splitlines() if "==" in line]
    assert packages
    assert all(line.rstrip().endswith("\\") for line in packages)
    assert "://" not in text
