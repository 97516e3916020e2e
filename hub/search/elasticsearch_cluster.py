"""The servers of Elasticsearch: how they are reached, which versions may be, and what their errors are here."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

from elastic_transport import TransportError
from elasticsearch import ApiError, ConflictError, Elasticsearch, UnsupportedProductError

from hub.errors import BadRequest, Unavailable
from hub.fetch.answers import address

MAJORS: Final = (8, 9)
SECONDS: Final = 20.0  # that a server may take to answer
SETTING: Final = "HUB_ELASTICSEARCH_URL"

# Its client writes a stack trace at each of four tries, whenever servers are away; who asked says so in a line.
logging.getLogger("elastic_transport").setLevel(logging.ERROR)


class Gone(Exception):
    """An index that was there is no more, or goes at this moment: another took its place."""


class Cluster:
    """Servers by their addresses, separated by commas; nothing is asked of them before the first question.

    Raises BadRequest, naming the setting, for what is no address.
    """

    def __init__(self, urls: str, api_key: str = "", ca: Path | None = None) -> None:
        addresses = [url.strip() for url in urls.split(",")]
        self.shown = ", ".join(map(address, addresses))
        more: dict[str, Any] = {"api_key": api_key or None}
        if ca:
            more["ca_certs"] = _file(ca)
        try:
            if any(urlsplit(url).scheme not in ("http", "https") for url in addresses):
                raise ValueError("neither http nor https")
            self._client = Elasticsearch(addresses, request_timeout=SECONDS, **more)
        except (ValueError, TypeError, OSError) as error:
            allowed = "addresses such as https://user:password@host:9200, separated by commas ({why})"
            raise BadRequest(SETTING, self.shown, allowed, why=error) from error
        self._checked, self._checking = False, Lock()

    @contextmanager
    def asked(self, seconds: float = SECONDS) -> Iterator[Elasticsearch]:
        """A client to ask with. Raises Gone for an index that is no more, Unavailable for all else that fails.

        A conflict (another wrote first) is the asker's own to understand.
        """
        try:
            self._check()
            yield self._client.options(request_timeout=seconds)
        except ConflictError:
            raise
        except UnsupportedProductError as error:
            raise Unavailable(f"{self.shown} is no Elasticsearch: {error}") from error
        except ApiError as error:
            if error.meta.status == 404:
                raise Gone from error
            raise Unavailable(f"{self.shown} answers {error.meta.status}: {reason(error)}") from error
        except TransportError as error:
            raise Unavailable(f"{self.shown} does not answer: {type(error).__name__}") from error

    def _check(self) -> None:
        with self._checking:
            if not self._checked:
                number = str(self._client.info()["version"]["number"])
                if not number.partition(".")[0].isdigit() or int(number.partition(".")[0]) not in MAJORS:
                    allowed = " or ".join(map(str, MAJORS))
                    raise Unavailable(f"{self.shown} is Elasticsearch {number}; the hub works with {allowed}")
                self._checked = True

    def close(self) -> None:
        self._client.close()


def _file(ca: Path) -> str:
    if not ca.is_file():
        raise BadRequest("HUB_ELASTICSEARCH_CA", ca, "a file with a certificate (PEM)")
    return str(ca)


def reason(error: ApiError) -> str:
    """What the engine says of a request that it did not take."""
    body = error.body
    told = body.get("error", body) if isinstance(body, dict) else body
    return caused(told)[:500]


def caused(told: Any) -> str:
    """The words of an error, with those of what caused it."""
    if not isinstance(told, dict):
        return str(told)
    causes = [told.get("reason") or told.get("type"), (told.get("caused_by") or {}).get("reason")]
    if roots := told.get("root_cause"):
        causes.append(roots[0].get("reason"))
    return ": ".join(dict.fromkeys(str(cause) for cause in causes if cause))
