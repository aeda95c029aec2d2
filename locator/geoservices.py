"""The outside address services, each asked through geopy: how it is addressed, and how its answer reads.

Nothing is decided here: what geopy raises goes up to `geocode`, which names it.
"""

import json
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

from geopy import exc
from geopy.adapters import AdapterHTTPError, BaseSyncAdapter
from geopy.geocoders import BaiduV3, Nominatim
from geopy.geocoders.base import Geocoder as GeopyService
from geopy.location import Location

from locator.model import REGION

Ask = Callable[[str, str], Any]  # address, city -> geopy's Location or None

_VIEW: Final = ((REGION.south, REGION.west), (REGION.north, REGION.east))
_LARGEST_ANSWER: Final = 1_000_000  # bytes; a real one has a few thousand


class Wire(BaseSyncAdapter):  # type: ignore[misc] # geopy has no types
    """One GET. geopy's own adapters read without a bound, and urllib3 under one of them logs the whole URL."""

    def __init__(self, *, proxies: Any, ssl_context: Any) -> None:
        super().__init__(proxies=proxies, ssl_context=ssl_context)
        self._opener = build_opener(HTTPSHandler(context=ssl_context), ProxyHandler(proxies))

    def get_json(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> Any:
        try:
            return json.loads(self.get_text(url, timeout=timeout, headers=headers))
        except ValueError as error:
            raise exc.GeocoderParseError("not JSON") from error

    def get_text(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> str:
        try:
            with self._opener.open(Request(url, headers=dict(headers)), timeout=timeout) as page:  # noqa: S310 - https or http, checked in _base
                body: bytes = page.read(_LARGEST_ANSWER)
        except HTTPError as error:
            error.close()
            raise AdapterHTTPError(
                "refused", status_code=error.code, headers=error.headers, text=""
            ) from error
        except (OSError, HTTPException) as error:
            late = isinstance(error.reason if isinstance(error, URLError) else error, TimeoutError)
            raise (exc.GeocoderTimedOut if late else exc.GeocoderUnavailable)("no answer") from error
        return body.decode()


class _Baidu(BaiduV3):  # type: ignore[misc] # geopy has no types
    """百度 says "nothing found" with the status of an internal error; geopy takes it for one."""

    def _parse_json(self, page: Any, exactly_one: bool = True) -> Any:
        if page.get("status") == 1 and "无相关结果" in str(page.get("msg")):
            return None
        return super()._parse_json(page, exactly_one)


class _Tianditu(GeopyService):  # type: ignore[misc] # geopy has no types
    """天地图's address service (described at lbs.tianditu.gov.cn/server)."""

    def __init__(self, api: str, key: str, **options: Any) -> None:
        super().__init__(**options)
        self._api, self._key = api, key

    def geocode(self, query: str) -> Any:
        wanted = json.dumps({"keyWord": query}, ensure_ascii=False)
        return self._call_geocoder(
            f"{self._api}?{urlencode({'ds': wanted, 'tk': self._key})}", _read_tianditu
        )


def _read_tianditu(page: Any) -> Any:
    if "code" in page:  # the gateway before the service: {"code": 301012, "msg": "权限类型错误", ...}
        raise exc.GeocoderAuthenticationFailure("key refused")
    status = str(page["status"])
    if status == "101":
        return None
    if status != "0":
        raise exc.GeocoderServiceError("service error")
    place = page["location"]
    return Location(str(place.get("level") or ""), (float(place["lat"]), float(place["lon"])), place)


def ask_nominatim(url: str, key: str, options: Mapping[str, Any]) -> Ask:
    del key  # it has none
    parts = urlsplit(url)
    service = Nominatim(scheme=parts.scheme, domain=parts.netloc + parts.path, **options)

    def ask(address: str, city: str) -> Any:
        query = address if city in address else f"{address}, {city}"
        return service.geocode(query, viewbox=_VIEW, bounded=True, country_codes="cn", language="zh-CN")

    return ask


def ask_baidu(url: str, key: str, options: Mapping[str, Any]) -> Ask:
    service = _Baidu(key, **options)
    service.api = url + service.api_path
    return _city_first(service)


def ask_tianditu(url: str, key: str, options: Mapping[str, Any]) -> Ask:
    return _city_first(_Tianditu(f"{url}/geocoder", key, **options))


def _city_first(service: Any) -> Ask:
    return lambda address, city: service.geocode(address if city in address else city + address)
