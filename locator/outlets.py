"""outlets.geojson and the Atlas made from it: read, checked, counted, written.

Law: a file with one fault is not used at all, and all its faults are named at once, so that one repair is enough.
"""

import hashlib
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson
from pydantic_core import from_json

from locator.errors import Fault, FaultyFile
from locator.feature import FeatureReader, Units, door_feature, gap_feature, is_id, properties_of, shown
from locator.model import Gap, Outlet, Precision, Status

# The first batch of 2020-09-28, as announced: Sichuan provincial government, English site, "Sichuan and Chongqing
# SeeMore Common Government Affair Platforms", autumn 2020. The list itself was not published there.
ANNOUNCED: Mapping[str, int] = MappingProxyType({"泸州市": 9, "重庆市": 66})


@dataclass(frozen=True, slots=True)
class Atlas:
    """All we know of outlets, as one value."""

    outlets: tuple[Outlet, ...]
    gaps: tuple[Gap, ...]
    fingerprint: str  # 16 hex digits of the file's SHA-256, for ETags


# -- reading --


def read_outlets(path: Path, units: Units) -> Atlas:
    """Read and check a whole file; `units` are the (city, district) pairs that exist. Raises FaultyFile with every Fault."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise FaultyFile(path.name, [Fault("", "", f"cannot be read ({error.strerror})")]) from None
    return parse_outlets(raw, units, path.name)


def parse_outlets(raw: bytes, units: Units, name: str = "outlets.geojson") -> Atlas:
    """The same from bytes already read."""
    collection = _collection(raw, name)
    reader = FeatureReader(units)
    read: list[Outlet | Gap] = []
    faults = list(_envelope_faults(collection))
    for number, feature in enumerate(_taken(collection), start=1):
        one = reader.read(feature, f"feature {number}")
        if isinstance(one, tuple):
            faults += _named(one, feature)
        else:
            read.append(one)
    if faults:
        raise FaultyFile(name, faults)
    outlets = tuple(one for one in read if isinstance(one, Outlet))
    gaps = tuple(one for one in read if isinstance(one, Gap))
    return Atlas(outlets, gaps, hashlib.sha256(raw).hexdigest()[:16])


def _collection(raw: bytes, name: str) -> dict[str, Any]:
    try:
        # Not orjson: this parser shares equal texts, so 200,000 outlets take half the memory on the way in.
        collection = from_json(raw.removeprefix(BOM_UTF8), allow_inf_nan=False, cache_strings="all")
    except ValueError as error:
        why, _, where = str(error).rpartition(" at ")
        raise FaultyFile(name, [Fault(where.partition(" column")[0], "", f"is not JSON: {why}")]) from None
    if not isinstance(collection, dict):
        raise FaultyFile(name, [Fault("line 1", "", "must be a JSON object")])
    return collection


def _taken(collection: dict[str, Any]) -> Iterator[Any]:
    """The Features, each let go of once it is read."""
    features = collection.get("features")
    if isinstance(features, list):
        features.reverse()
        while features:
            yield features.pop()


def _named(faults: Iterable[Fault], feature: Any) -> Iterator[Fault]:
    """Say the outlet's id instead of its number, where it has one of its own."""
    slug = properties_of(feature).get("id")
    known = is_id(slug)
    for fault in faults:
        yield replace(fault, where=str(slug)) if known and fault.field != "id" else fault


def _envelope_faults(collection: Mapping[str, Any]) -> Iterator[Fault]:
    if collection.get("type") != "FeatureCollection":
        yield Fault("", "type", "must be FeatureCollection")
    if not isinstance(collection.get("features"), list):
        yield Fault("", "features", "must be a list of Features")
    if "crs" in collection:
        yield Fault("", "crs", "must be left out: RFC 7946 is WGS-84; `locator import` converts others")
    for field in collection.keys() - {"type", "features", "crs"}:
        yield Fault("", shown(field), "is not a field of this format")


# -- counting --


@dataclass(frozen=True, slots=True)
class CityCoverage:
    """What is known of one city, against what was announced for it in 2020."""

    city: str
    official: int
    unconfirmed: int
    gaps: int  # districts with no sourced outlet
    announced: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the announced network the file holds."""

    official_list: bool  # whether any outlet comes from the published list
    cities: tuple[CityCoverage, ...]
    by_status: Mapping[Status, int]
    by_precision: Mapping[Precision, int]


def coverage(atlas: Atlas) -> Coverage:
    """Count the atlas; every Status, Precision and announced city is listed, also with 0."""
    cities = Counter((outlet.city, outlet.status) for outlet in atlas.outlets)
    cities.update((gap.city, Status.GAP) for gap in atlas.gaps)
    statuses = {status: sum(n for (_, one), n in cities.items() if one == status) for status in Status}
    precisions = Counter(outlet.precision for outlet in atlas.outlets)
    return Coverage(
        official_list=statuses[Status.OFFICIAL] > 0,
        cities=tuple(_city_coverage(city, announced, cities) for city, announced in ANNOUNCED.items()),
        by_status=statuses,
        by_precision={precision: precisions[precision] for precision in Precision},
    )


def _city_coverage(city: str, announced: int, counts: Mapping[tuple[str, Status], int]) -> CityCoverage:
    official, unconfirmed, gaps = (
        counts[city, status] for status in (Status.OFFICIAL, Status.UNCONFIRMED, Status.GAP)
    )
    return CityCoverage(city, official, unconfirmed, gaps, announced)


# -- writing --


def write_outlets(outlets: Iterable[Outlet], gaps: Iterable[Gap]) -> bytes:
    """The one canonical text: outlets, then gaps, each by id, so that a change shows as a small difference."""
    features = [door_feature(outlet) for outlet in sorted(outlets, key=lambda one: one.id)]
    features += [gap_feature(gap) for gap in sorted(gaps, key=lambda one: one.id)]
    collection = {"type": "FeatureCollection", "features": features}
    return orjson.dumps(collection, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
