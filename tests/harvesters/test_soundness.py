"""Documents that end in the middle or nest without end, and those that only look so."""

import pytest
from pyoxigraph import RdfFormat

from harvesters.rdf import read
from harvesters.soundness import MOST_NESTED, check_soundness
from hub.errors import FetchError
from hub.fetch import Response

OPEN = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:a="http://a/">'
THING = '<a:T rdf:about="http://a/1"><a:p>due</a:p></a:T>'


def answer(body: str, media_type: str) -> Response:
    return Response("http://a/data", 200, {}, body.encode(), media_type)


@pytest.mark.parametrize(
    "end", ["", THING, f"{THING}<a:T>", f"{THING}<a:T><a:p>du", f"{THING}<a:T><a:p>due</", "<![CDATA[x"]
)
def test_xml_that_ends_in_the_middle_is_not_whole(end: str) -> None:
    """The parser alone reads most of these as if they ended there."""
    with pytest.raises(FetchError, match="ends in the middle"):
        read(answer(OPEN + end, "application/rdf+xml"))


@pytest.mark.parametrize(
    "body",
    [
        f"{OPEN}{THING}</rdf:RDF>",
        f"{OPEN}{THING}</rdf:RDF>\n<!-- the end -->\n",
        f"{OPEN}<a:T><a:p><![CDATA[{'<br>' * 500}]]></a:p></a:T></rdf:RDF>",
    ],
)
def test_xml_that_is_whole(body: str) -> None:
    assert read(answer(body, "application/rdf+xml"))


@pytest.mark.parametrize(
    "text",
    [
        '<http://a/> <http://b/> "' + "a << b " * 500 + '" .',
        "<http://a/> <http://b/> '''" + "<<( " * 500 + "''' . # " + "<< " * 500,
        '<http://a/> <http://b/> <<( <http://a/> <http://b/> "x" )>> . ' * 500,
    ],
)
def test_turtle_that_does_not_nest(text: str) -> None:
    check_soundness(text, RdfFormat.TURTLE, "http://a/data")


@pytest.mark.parametrize("form", [RdfFormat.TURTLE, RdfFormat.N_TRIPLES, RdfFormat.TRIG, RdfFormat.N_QUADS])
@pytest.mark.parametrize("opening", ["<<( ", "<<(", "<< "])
def test_triple_terms_that_nest(form: RdfFormat, opening: str) -> None:
    deep = f"{opening}<http://a/> <http://b/> " * (MOST_NESTED + 1)
    with pytest.raises(FetchError, match=f"more than {MOST_NESTED}"):
        check_soundness(f"<http://a/> <http://b/> {deep}", form, "http://a/data")
