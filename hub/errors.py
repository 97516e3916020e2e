"""The hub's named failures, each with the HTTP status it answers with."""


class HubError(Exception):
    """A failure that a person can act on; `str()` of it is fit to be shown.

    Where values are given, `message` is a template that they fill; the catalogues know it unfilled.
    """

    status = 500
    title = "The hub could not do this"

    def __init__(self, message: str = "", **values: object) -> None:
        super().__init__(message.format(**values) if values else message)
        self.message, self.values = message, values


class BadRequest(HubError):
    """A parameter that cannot be used: names it, the value given and what is allowed (which may be a template)."""

    status = 400
    title = "A parameter is not valid"

    def __init__(self, parameter: str, value: object, allowed: str, **values: object) -> None:
        self.parameter, self.value = parameter, str(value)[:200]
        self.allowed = allowed.format(**values) if values else allowed
        super().__init__(f"{parameter}: {self.value!r} is not valid; allowed: {self.allowed}")
        self.message, self.values = allowed, values


class NotFound(HubError):
    status = 404
    title = "There is nothing here"


class Withdrawn(HubError):
    status = 410
    title = "This record was withdrawn"


class NotAcceptable(HubError):
    status = 406
    title = "None of the accepted formats is served"


class QueryTimeout(HubError):
    status = 503
    title = "The query took too long"


class Unavailable(HubError):
    status = 503
    title = "A part of the hub does not answer"


class SourceError(HubError):
    """A source file that cannot be used: names the file, the key, the value and what is allowed."""

    status = 500
    title = "A source file is not valid"


class FetchError(HubError):
    """What a source answered cannot be used: names the address and the reason."""

    status = 502
    title = "A source did not answer as it should"


class ForbiddenAddress(FetchError):
    """A request to an address inside the hub's own network, refused before it was sent."""

    title = "This address may not be fetched"


class Rejected(HubError):
    """One record that cannot be mapped or kept; costs the record, never the run."""

    status = 422
    title = "The record cannot be read"


class Refused(HubError):
    """An engine does not take what a projection gave it; carries the engine's reason."""

    title = "An engine refuses this"


class LedgerError(HubError):
    title = "The ledger refuses this"
