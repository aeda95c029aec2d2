"""Outside geocoders: an address somebody typed becomes a Point, or a named reason why not.

Law: off unless an operator switches one on. What was typed goes to that one service and nowhere else, never into a
log or an error. `locate` always returns a value: nothing that geopy raises leaves this room.

Where the datums were read: Nominatim answers in WGS-84 (OpenStreetMap's own). 百度 answers in BD-09 unless asked
otherwise (`ret_coordtype`, default bd09ll, Geocoding v3), and geopy 2.5 never asks otherwise. 天地图 answers in
CGCS2000 (EPSG:4490), whose ellipsoid is WGS-84's to 0.1 mm and whose frame lies within a metre of it: WGS-84 for us.
"""

import logging
import math
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from secrets import token_bytes
from threading import Lock
from typing import Any, Final

from geopy import exc

from locator.datum import Datum, to_wgs84
from locator.errors import BadInput
from locator.geoservices import Ask, Wire, ask_baidu, ask_nominatim, ask_tianditu
from locator.model import REGION, Located, Name, NoAnswer, Point
from locator.text import words

_LONGEST_TEXT: Final = 200
_MOST_KEPT: Final = 1_000  # answers, some 300 bytes each
_KEPT_FOR_S: Final = (
    3600.0  # the Nominatim policy asks for a cache; a person's address should not stay for long
)


Answer = Located | NoAnswer

# The first that fits decides: the specific before the general.
_OUTCOMES: Final[tuple[tuple[type[Exception], NoAnswer], ...]] = (
    (exc.GeocoderTimedOut, NoAnswer.TIMED_OUT),
    (exc.GeocoderQuotaExceeded, NoAnswer.QUOTA),
    (exc.GeocoderAuthenticationFailure, NoAnswer.REFUSED),
    (exc.GeocoderInsufficientPrivileges, NoAnswer.REFUSED),
    (exc.GeocoderQueryError, NoAnswer.REFUSED),  # 百度 also says so of a key it does not know
    (exc.GeocoderParseError, NoAnswer.BAD_ANSWER),
    (exc.GeopyError, NoAnswer.UNAVAILABLE),
    (Exception, NoAnswer.BAD_ANSWER),  # geopy's parsers trip over an answer of another shape
)


@dataclass(frozen=True, slots=True)
class _Service:
    name: Name
    datum: Datum
    url: str
    make: Callable[[str, str, Mapping[str, Any]], Ask]
    needs_key: bool = True
    interval_s: float = 0.0


_SERVICES: Final[Mapping[str, _Service]] = {
    "nominatim": _Service(
        Name("OpenStreetMap Nominatim", "OpenStreetMap Nominatim"),
        Datum.WGS84,
        "https://nominatim.openstreetmap.org",
        ask_nominatim,
        needs_key=False,
        interval_s=1.0,  # operations.osmfoundation.org/policies/nominatim: at most one request a second, all users together
    ),
    "baidu": _Service(Name("百度地图", "Baidu Maps"), Datum.BD09, "https://api.map.baidu.com", ask_baidu),
    "tianditu": _Service(
        Name("天地图", "Tianditu"), Datum.WGS84, "https://api.tianditu.gov.cn", ask_tianditu
    ),
}


class _Pace:
    """Hands out starting times at least one interval apart."""

    def __init__(self, interval_s: float, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._interval_s, self._clock, self._sleep = interval_s, clock, sleep
        self._free_at = -math.inf
        self._lock = Lock()

    def wait(self, longest_s: float) -> bool:
        """Wait for a turn; False, at once, when it would come after `longest_s` seconds."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._free_at)
            if turn - now > longest_s:
                return False
            self._free_at = turn + self._interval_s
        if turn > now:
            self._sleep(turn - now)
        return True


class _Memory:
    """The latest answers, least recently used out first, under a keyed hash that only this process can make."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._secret = token_bytes(16)
        self._kept: OrderedDict[bytes, tuple[float, Answer]] = OrderedDict()
        self._lock = Lock()

    def key(self, address: str, city: str) -> bytes:
        # Words, not one folded string: 1-23号 and 12-3号 are two doors.
        text = " ".join((*words(city), "|", *words(address)))
        return blake2b(text.encode(), key=self._secret, digest_size=16).digest()

    def get(self, key: bytes) -> Answer | None:
        with self._lock:
            until, answer = self._kept.get(key, (-math.inf, None))
            if until <= self._clock():
                return None
            self._kept.move_to_end(key)
            return answer

    def keep(self, key: bytes, answer: Answer) -> None:
        now = self._clock()
        with self._lock:
            for stale in [other for other, (until, _) in self._kept.items() if until <= now]:
                del self._kept[stale]
            self._kept[key] = (now + _KEPT_FOR_S, answer)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Geocoder:
    """One outside service, by the name people are shown before their address is sent there. Thread safe."""

    kind: str
    name: Name
    datum: Datum
    timeout_s: float
    _ask: Ask = field(repr=False)
    _pace: _Pace = field(repr=False)
    _memory: _Memory = field(repr=False)

    def locate(self, address: str, city_hint: str = "") -> Answer:
        """Where the address is. Takes at most twice `timeout_s`: one for a turn, one for the answer."""
        wanted, city = _cut(address), _cut(city_hint)
        if not words(wanted):
            return NoAnswer.NOT_FOUND
        key = self._memory.key(wanted, city)
        answer = self._memory.get(key)
        if answer is None:
            answer = self._look_up(wanted, city)
            if isinstance(answer, Located) or answer is NoAnswer.NOT_FOUND:
                self._memory.keep(key, answer)
        return answer

    def _look_up(self, address: str, city: str) -> Answer:
        if not self._pace.wait(self.timeout_s):
            return NoAnswer.QUOTA
        try:
            found = self._ask(address, city)
            return NoAnswer.NOT_FOUND if found is None else self._located(found)
        except Exception as error:  # noqa: BLE001 - the law of this room; _OUTCOMES names every one
            return next(outcome for kind, outcome in _OUTCOMES if isinstance(error, kind))

    def _located(self, found: Any) -> Answer:
        lat, lon = to_wgs84(found.latitude, found.longitude, self.datum)
        if not REGION.holds(lon, lat):
            return NoAnswer.OUTSIDE
        return Located(Point(lat, lon), str(found.address)[:_LONGEST_TEXT])


def make_geocoder(  # noqa: PLR0913 - each is one setting
    kind: str,
    *,
    key: str = "",
    user_agent: str = "",
    timeout_s: float = 3.0,
    url: str = "",
    processes: int = 1,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Geocoder | None:
    """Build the geocoder an operator chose; None for "".

    `kind` is "nominatim", "baidu" or "tianditu"; `url` replaces the service's own base address (a mirror, one's own
    Nominatim); `processes` of ours share the service's pace. Raises BadInput with the name of the setting.
    """
    if not kind:
        return None
    service = _SERVICES.get(kind)
    if service is None:
        raise BadInput("LOCATOR_GEOCODER", f"must be empty or one of {', '.join(_SERVICES)}")
    if service.needs_key and not key:
        raise BadInput("LOCATOR_GEOCODER_KEY", f"{kind} needs a key of yours")
    options = {"timeout": timeout_s, "user_agent": _agent(user_agent), "adapter_factory": Wire}
    try:
        ask = service.make(_base(url or service.url), key, options)
    except exc.ConfigurationError as error:  # a user agent out of somebody's example
        raise _nobody() from error
    logging.getLogger("geopy").addFilter(_nothing)
    pace = _Pace(service.interval_s * processes, clock, sleep)
    return Geocoder(kind, service.name, service.datum, timeout_s, ask, pace, _Memory(clock))


def _nothing(_: logging.LogRecord) -> bool:
    """Let no record pass: geopy logs every URL, and the URL holds the address and the key."""
    return False


def _cut(text: str) -> str:
    return text[:_LONGEST_TEXT].encode(errors="ignore").decode().strip()


def _agent(user_agent: str) -> str:
    if not (user_agent.strip() and user_agent.isascii() and user_agent.isprintable()):
        raise _nobody()
    return user_agent


def _nobody() -> BadInput:
    return BadInput("LOCATOR_GEOCODER_CONTACT", "must say whom to write to, in plain ASCII")


def _base(url: str) -> str:
    if not re.fullmatch(r"https?://[\w.-]+(:\d+)?(/[\w./-]*)?", url, re.ASCII):
        raise BadInput("LOCATOR_GEOCODER_URL", "must be an address like https://geocoder.example")
    return url.rstrip("/")
