"""How one question is asked: in its turn, again while the server is busy, and never longer or larger than allowed."""

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3 import exceptions as broken

from hub.errors import FetchError, ForbiddenAddress
from hub.fetch.answers import CHECK, LASTS, address, content_type, encoding_of, reason
from hub.fetch.guard import Guard, Inside, Watch, pools
from hub.fetch.kept import Kept, KeptAnswers, conditions

BUSY = frozenset({429, 500, 502, 503, 504})
LONGEST_WAIT = 60.0  # seconds; a server that asks for more is asked again after this
SMALLER = "Ask for smaller pages (options.page_size) or for less, or tell the source's operator."
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may take; `rate` is the least time between two requests to a host, in seconds."""

    rate: float | None
    timeout: tuple[float, float]  # to connect, and between two packets
    max_bytes: int
    max_seconds: float
    retries: int


class Adapter(HTTPAdapter):
    """Every request of the session, each redirect included, goes through `send`: so do all limits."""

    def __init__(self, guard: Guard, limits: Limits, answers: KeptAnswers | None = None) -> None:
        self._guard, self._limits, self._answers = guard, limits, answers
        self._turn: dict[str, float] = {}
        self._lock = threading.Lock()
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **more: Any) -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **more)
        self.poolmanager.pool_classes_by_scheme = pools(self._guard)

    def send(self, request: requests.PreparedRequest, *_: Any, **how: Any) -> requests.Response:
        """The whole answer, sent or kept. Raises FetchError, ForbiddenAddress."""
        kept = self._answers.find(request) if self._answers else None
        answer = self._patiently(_with_conditions(request, kept) if kept else request, how)
        if kept and answer.status_code == 304:
            if (body := kept.body()) is not None:
                answer.status_code, answer.reason, answer.headers = 200, "OK", kept.renewed(answer.headers)
                _fill(answer, body)
                return answer
            answer = self._patiently(request, how)
        if self._answers:
            self._answers.keep(request, answer)
        return answer

    def _patiently(self, request: requests.PreparedRequest, how: Mapping[str, Any]) -> requests.Response:
        """Sends until the server is no longer busy or patience ends. Raises FetchError, ForbiddenAddress."""
        shown = address(str(request.url))
        attempt = 0
        while True:
            self._wait_for_turn(urlsplit(str(request.url)).netloc)
            pause = None
            try:
                answer = self._once(request, how)
                if answer.status_code not in BUSY or attempt >= self._limits.retries:
                    return answer
                pause = retry_after(answer.headers.get("Retry-After"))
            except Inside as error:
                advice = "If it is a source of yours, name it in HUB_ALLOWED_HOSTS."
                raise ForbiddenAddress(f"{shown}: {error}. {advice}") from error
            except requests.exceptions.SSLError as error:
                raise FetchError(f"{shown}: no secure connection: {reason(error)}. {LASTS}") from error
            except (requests.ConnectionError, requests.Timeout) as error:
                if attempt >= self._limits.retries:
                    raise FetchError(f"{shown}: {reason(error)} (asked {attempt + 1} times). {CHECK}") from error
            time.sleep(backoff(attempt) if pause is None else pause)
            attempt += 1

    def _wait_for_turn(self, host: str) -> None:
        if not self._limits.rate:
            return
        with self._lock:
            turn = max(time.monotonic(), self._turn.get(host, 0.0))
            self._turn[host] = turn + self._limits.rate
        time.sleep(max(0.0, turn - time.monotonic()))

    def _once(self, request: requests.PreparedRequest, how: Mapping[str, Any]) -> requests.Response:
        """One exchange, its body read within the limits; environment proxies would undo the guard and are not used."""
        timeout = how.get("timeout") or self._limits.timeout
        with Watch(self._limits.max_seconds) as watch:
            self._guard.watch = watch
            try:
                answer = super().send(request, True, timeout, how.get("verify", True), how.get("cert"), {})
                self._read(answer, watch)
            except (requests.ConnectionError, requests.Timeout, broken.HTTPError) as error:
                self._check_time(request, watch)
                if isinstance(error, requests.RequestException):
                    raise
                raise requests.ConnectionError(error, request=request) from error
            finally:
                self._guard.watch = None
        self._check_time(request, watch)
        return answer

    def _check_time(self, request: requests.PreparedRequest, watch: Watch) -> None:
        if watch.over:
            most = self._limits.max_seconds
            raise FetchError(f"{address(str(request.url))}: the answer took longer than {most:g} seconds. {LASTS}")

    def _read(self, answer: requests.Response, watch: Watch) -> None:
        """Fills `content`, counting decompressed bytes, so that nothing later reads without limits."""
        shown, most = address(answer.url), self._limits.max_bytes
        parts, size = [], 0
        with answer.raw as raw:
            if (announced := answer.headers.get("Content-Length", "")).isdecimal() and int(announced) > most:
                raise FetchError(f"{shown}: the answer is larger than {most} bytes. {SMALLER}")
            try:
                while not watch.over and (part := raw.read1(_CHUNK, decode_content=True)):
                    size += len(part)
                    if size > most:
                        raise FetchError(f"{shown}: the answer is larger than {most} bytes. {SMALLER}")
                    parts.append(part)
            except broken.DecodeError as error:
                raise FetchError(f"{shown}: the compression of the answer is broken: {error}. {LASTS}") from error
        _fill(answer, b"".join(parts))


def _with_conditions(request: requests.PreparedRequest, kept: Kept) -> requests.PreparedRequest:
    """A copy: a redirect would take the conditions along."""
    asked = request.copy()
    asked.headers.update(conditions(kept.headers))
    return asked


def _fill(answer: requests.Response, body: bytes) -> None:
    _, charset = content_type(answer.headers.get("Content-Type"))
    vars(answer).update(_content=body, _content_consumed=True, encoding=encoding_of(body, charset))


def backoff(attempt: int) -> float:
    """Seconds to wait after attempt 0, 1, 2…: doubled each time, with chance so that clients do not return at once."""
    return float(min(LONGEST_WAIT, 0.5 * 2**attempt * random.uniform(1, 1.5)))  # noqa: S311  no secret


def retry_after(value: str | None) -> float | None:
    """Seconds that a Retry-After header asks for (a number or an HTTP date), capped; None where it says nothing."""
    if not value:
        return None
    if value.strip().isdecimal():
        return min(LONGEST_WAIT, float(value))
    try:
        then = parsedate_to_datetime(value)
    except ValueError:
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return min(LONGEST_WAIT, max(0.0, (then - datetime.now(UTC)).total_seconds()))
