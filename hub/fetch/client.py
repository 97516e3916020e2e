"""The client of one harvest."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import requests
from urllib3 import exceptions as broken

from hub.errors import FetchError, ForbiddenAddress
from hub.fetch.adapter import BUSY, Adapter, Limits
from hub.fetch.answers import CHECK, LASTS, Response, address, content_type, reason
from hub.fetch.guard import Guard
from hub.fetch.kept import KeptAnswers

MAX_REDIRECTS = 5


class _Session(requests.Session):
    """A session whose failures are FetchErrors, for whoever uses it."""

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        shown = address(url)
        try:
            return super().request(method, url, *args, **kwargs)
        except requests.exceptions.InvalidSchema as error:
            raise ForbiddenAddress(f"{shown}: only http and https are fetched ({str(error)[:200]})") from error
        except requests.TooManyRedirects as error:
            raise FetchError(f"{shown}: redirects more than {MAX_REDIRECTS} times. {CHECK}") from error
        except (requests.RequestException, broken.HTTPError, ValueError) as error:
            raise FetchError(f"{shown}: {reason(error)}. {CHECK}") from error


class Client:
    """An HTTP client for one harvest. `session` is guarded alike, for libraries that bring their own requests.

    `allowed_hosts` ("host" or "host:port") may lie inside the hub's own network. All requests are taken to be
    questions: a POST is repeated too when the server is busy. `kept_in` is a folder for answers that a later client
    need not be sent again (`kept`).
    """

    def __init__(
        self,
        user_agent: str,
        allowed_hosts: Collection[str] = (),
        rate: float | None = None,
        timeout: tuple[float, float] = (10, 60),
        max_bytes: int = 200_000_000,
        max_seconds: float = 600,
        retries: int = 3,
        kept_in: Path | None = None,
    ) -> None:
        self.user_agent = user_agent
        self.session = _Session()
        self.session.trust_env = False
        self.session.max_redirects = MAX_REDIRECTS
        self.session.headers.update({"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate"})
        limits = Limits(rate, timeout, max_bytes, max_seconds, retries)
        adapter = Adapter(Guard(allowed_hosts), limits, KeptAnswers(kept_in) if kept_in else None)
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, adapter)

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The answer to a GET. Raises FetchError with address and reason, also for every status from 400;
        ForbiddenAddress.
        """
        answer = self.session.get(url, params=params, headers=headers)
        if answer.status_code >= 400:
            told = f"answered {answer.status_code} {answer.reason or ''}".rstrip()
            raise FetchError(f"{address(answer.url)}: {told}. {LASTS if answer.status_code in BUSY else CHECK}")
        media_type, charset = content_type(answer.headers.get("Content-Type"))
        return Response(answer.url, answer.status_code, answer.headers, answer.content, media_type, charset)

    def close(self) -> None:
        self.session.close()
