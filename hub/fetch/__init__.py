"""One polite, guarded HTTP client: no way into the hub's own network, no endless answers, patience with the busy."""

from hub.fetch.adapter import LONGEST_WAIT, backoff, retry_after
from hub.fetch.answers import CHECK, LASTS, Response, address, content_type, encoding_of
from hub.fetch.client import Client
from hub.fetch.guard import is_inside

__all__ = [
    "CHECK",
    "LASTS",
    "LONGEST_WAIT",
    "Client",
    "Response",
    "address",
    "backoff",
    "content_type",
    "encoding_of",
    "is_inside",
    "retry_after",
]
