"""The sample server: six small sources on loopback, each in a protocol that the country's portals speak."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import StartResponse, WSGIEnvironment

from harvesters.samples.ckan_api import ActionApi
from harvesters.samples.ckan_portal import read_portal
from harvesters.samples.dcat_pages import CataloguePages, current_links, old_links
from harvesters.samples.exchange import Answer, Answering, Question, conditional, question_of, send, told
from harvesters.samples.workbook import MODIFIED, XLSX, workbook

FOLDER = Path(__file__).parent
WORKBOOK = "/voorbeelden.xlsx"


def _sources() -> dict[str, Answering]:
    """What answers below each first segment of a path. Pages are small so that paging is seen."""
    book = Answer(workbook(FOLDER / "nl"), XLSX, modified=MODIFIED)
    return {
        "it": ActionApi(read_portal(FOLDER / "it")),
        "hu": ActionApi(read_portal(FOLDER / "hu")),
        "se": CataloguePages(FOLDER / "se", "/catalog", "rdf", 5, current_links),
        "at": CataloguePages(FOLDER / "at", "/catalog", "ttl", 4, old_links),
        "fr": CataloguePages(FOLDER / "fr", "/api/1/site/catalog", "ttl", 6, current_links),
        "nl": lambda question: book if question.path == WORKBOOK else told(404, f"Not found: {WORKBOOK} is here"),
    }


def _answer(sources: Mapping[str, Answering], question: Question) -> Answer:
    if question.method not in ("GET", "HEAD", "POST"):
        return told(HTTPStatus.METHOD_NOT_ALLOWED, "Only GET, HEAD and POST are answered")
    _, country, *rest = question.path.split("/", 2)
    if country not in sources:
        return told(HTTPStatus.NOT_FOUND, f"The sample sources are: {', '.join(f'/{name}' for name in sources)}")
    below = replace(question, path=f"/{rest[0]}" if rest else "", mount=f"/{country}")
    return conditional(question, sources[country](below))


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def address_string(self) -> str:
        return str(self.client_address[0])  # the reverse lookup of a name would take seconds on some machines


@dataclass(frozen=True, slots=True)
class SampleServer:
    """`url` is http://127.0.0.1:port, without a slash; it fills the placeholder in the sample sources' files."""

    url: str


@contextmanager
def serve(port: int = 0) -> Iterator[SampleServer]:
    """Serves the samples in a daemon thread while the block runs; port 0 takes a free one."""
    sources = _sources()

    def application(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        question = question_of(environ)
        return send(_answer(sources, question), question.method, start)

    with _Server(("127.0.0.1", port), _Quiet) as server:
        server.set_app(application)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="samples", daemon=True)
        thread.start()
        try:
            yield SampleServer(f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            thread.join()
