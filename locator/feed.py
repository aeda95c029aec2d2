"""Outlets as files for other programs: CSV that Excel opens, KML for map programs. GeoJSON is `outlets`' own."""

import csv
import io
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from locator.model import Outlet, Service

_KML = "http://www.opengis.net/kml/2.2"
# A cell that begins with one of these is run as a formula by spreadsheet programs.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(outlets: Iterable[Outlet]) -> bytes:
    """UTF-8 with a byte order mark, without which Excel takes Chinese for something else."""
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, _COLUMNS)
    table.writeheader()
    for outlet in outlets:
        table.writerow({column: _defused(value) for column, value in _row(outlet).items()})
    return text.getvalue().encode("utf-8-sig")


def write_kml(outlets: Iterable[Outlet]) -> bytes:
    """KML 2.2, WGS-84. Each Placemark says how exactly its point is known."""
    ET.register_namespace("", _KML)
    root = ET.Element(f"{{{_KML}}}kml")
    document = ET.SubElement(root, f"{{{_KML}}}Document")
    for outlet in outlets:
        _placemark(document, outlet)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


_COLUMNS = [
    *("id", "city", "district", "name_zh", "name_en", "address", "phone", "hours", "services", "lat", "lon"),
    *(
        "precision",
        "status",
        "source_title",
        "source_url",
        "source_date",
        "checked",
        "until",
        "also",
        "access",
    ),
]


def _row(outlet: Outlet) -> dict[str, str]:
    return {
        "id": outlet.id,
        "city": outlet.city,
        "district": outlet.district,
        "name_zh": outlet.name.zh,
        "name_en": outlet.name.en,
        "address": outlet.address,
        "phone": outlet.phone,
        "hours": outlet.hours,
        "services": ";".join(f"{service}={outlet.offers(service)}" for service in Service),
        "lat": f"{outlet.point.lat:.6f}",
        "lon": f"{outlet.point.lon:.6f}",
        "precision": outlet.precision,
        "status": outlet.status,
        "source_title": outlet.source.title,
        "source_url": outlet.source.url,
        "source_date": outlet.source.date,
        "checked": str(outlet.checked or ""),
        "until": str(outlet.until or ""),
        "also": ";".join(outlet.also),
        "access": outlet.access,
    }


def _defused(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _placemark(document: ET.Element, outlet: Outlet) -> None:
    mark = ET.SubElement(document, f"{{{_KML}}}Placemark", id=outlet.id)
    ET.SubElement(mark, f"{{{_KML}}}name").text = outlet.name.zh
    ET.SubElement(mark, f"{{{_KML}}}address").text = outlet.address
    if outlet.phone:
        ET.SubElement(mark, f"{{{_KML}}}phoneNumber").text = outlet.phone
    known = f"{outlet.status}; position known to the {outlet.precision}; {outlet.source.title} {outlet.source.date}"
    ET.SubElement(mark, f"{{{_KML}}}description").text = known
    point = ET.SubElement(mark, f"{{{_KML}}}Point")
    ET.SubElement(point, f"{{{_KML}}}coordinates").text = f"{outlet.point.lon:.6f},{outlet.point.lat:.6f}"
