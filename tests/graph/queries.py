"""Queries of people who mean no good, or do not know better."""

from typing import Final

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_MANY: Final = " ".join(map(str, range(3000)))
_PRODUCT: Final = " ".join(f"VALUES ?{name} {{ {_MANY} }}" for name in "abcd")
_DOUBLING: Final = " ".join(f"BIND(CONCAT(?a{n}, ?a{n}) AS ?a{n + 1})" for n in range(40))

ENDLESS: Final = {
    "a product of everything": f"SELECT (COUNT(*) AS ?n) {{ {' . '.join(f'?{a} ?{a}p ?{a}o' for a in 'abcdef')} }}",
    "a product of values": f"SELECT (SUM(?a * ?b * ?c * ?d) AS ?n) {{ {_PRODUCT} }}",
    "a path from everywhere": "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x>)* ?b . ?c (!<urn:x>)* ?d . ?e (!<urn:x>)* ?f }",
}
TOO_LARGE: Final = {
    "a text that doubles": f"SELECT (STRLEN(?a40) AS ?n) {{ BIND('0123456789abcdef' AS ?a0) {_DOUBLING} }}",
    "a product in order": f"SELECT * {{ {_PRODUCT} }} ORDER BY ?c",
}
MATCHED: Final = "".join(
    f"<urn:example:s> <urn:example:q> {o} .\n"
    for o in ("<http://h:80>", f'"1"^^<{_XSD}integer>', f'"true"^^<{_XSD}boolean>')
)
# The engine takes each of these for a call, and makes it on the data of MATCHED (checked against pyoxigraph 0.5.13).
CALLS: Final = {
    "plain": "SELECT * {{ SERVICE <{url}> {{ ?a ?b ?c }} }}",
    "silent": "SELECT * {{ SERVICE SILENT <{url}> {{ ?a ?b ?c }} }}",
    "case": "SELECT * {{ sErViCe<{url}>{{ ?a ?b ?c }} }}",
    "comment between": 'SELECT * {{ SERVICE#\'\n#"""\n<{url}>#\n{{ ?a ?b ?c }} }}',
    "comment before": "SELECT * {{ # nothing to see: '''\n SERVICE <{url}> {{ ?a ?b ?c }} }} # '''",
    "quote before": "SELECT * {{ BIND('\\'' AS ?q) SERVICE <{url}> {{ ?a ?b ?c }} BIND('' AS ?r) }}",
    "long quote before": "SELECT * {{ BIND('''a''b\\'''' AS ?q) SERVICE <{url}> {{ ?a ?b ?c }} BIND('' AS ?r) }}",
    "hash in an IRI": "SELECT * {{ BIND(<urn:x#y> AS ?q) SERVICE <{url}> {{ ?a ?b ?c }} }}",
    "escaped hash in an IRI": "SELECT * {{ BIND(<urn:x\\u0041#y> AS ?q) SERVICE <{url}> {{ ?a ?b ?c }} }}",
    "glued prefix": "PREFIX ex: <{url}> SELECT * {{ SERVICEex: {{ ?a ?b ?c }} }}",
    "glued silent prefix": "PREFIX ex: <{url}> SELECT * {{ SERVICEsilentex: {{ ?a ?b ?c }} }}",
    "glued to a number": "SELECT * {{ ?s ?p 1SERVICE<{url}> {{ ?a ?b ?c }} }}",
    "glued to a truth": "SELECT * {{ ?s ?p trueSERVICE<{url}> {{ ?a ?b ?c }} }}",
    "a name that is none": "PREFIX ex: <http://h:80> SELECT * {{ ?s ?p ex:SERVICE<{url}> {{ ?a ?b ?c }} }}",
    "in a filter": "SELECT * {{ FILTER NOT EXISTS {{ SERVICE <{url}> {{ ?a ?b ?c }} }} }}",
    "in a sub-select": "SELECT * {{ {{ SELECT * {{ OPTIONAL {{ SERVICE <{url}> {{ ?a ?b ?c }} }} }} }} }}",
    "by a variable": "SELECT * {{ VALUES ?u {{ <{url}> }} SERVICE ?u {{ ?a ?b ?c }} }}",
    "construct": "CONSTRUCT WHERE {{ ?s ?p ?o }} VALUES ?x {{ 1 }} # \nSERVICE <{url}> {{ }}",
    "less than, then a string": "SELECT * {{ BIND('1' AS ?a) FILTER(?a<'>') SERVICE <{url}> {{ ?x ?y 'b' }} }}",
    "less than, then a comment": (
        "SELECT * {{ BIND(0 AS ?a) BIND(1 AS ?b) FILTER(?a<?b#>'''\n) SERVICE <{url}> {{ ?x ?y ?z }} }} #'''"
    ),
}
UPDATES: Final = (
    "DROP ALL",
    "drop silent all",
    "# SELECT * { ?s ?p ?o }\nCLEAR ALL",
    "INSERT DATA { <urn:s> <urn:p> <urn:o> }",
    "insert{ ?s ?p ?o }where{ ?s ?p ?o }",
    "PREFIX select: <urn:select> DELETE WHERE { ?s ?p ?o }",
    "BASE <urn:x> PREFIX a: <urn:a#> WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "LOAD <http://127.0.0.1:1/>",
    "load silent <http://127.0.0.1:1/> into graph <urn:g>",
    "CREATE GRAPH <urn:g>",
    "COPY <urn:a> TO <urn:b>",
    "MOVE DEFAULT TO <urn:b>",
    "ADD <urn:a> TO <urn:b>",
)
HARMLESS: Final = (
    "PREFIX cpsv: <urn:x#> SELECT * { ?s a cpsv:PublicService }",
    "PREFIX cpsv: <urn:x#> SELECT * { ?s a cpsv:PublicService . OPTIONAL { ?s ?p ?o } }",
    "PREFIX service: <urn:x#> SELECT ?service { ?service a service:x ; service:service ?from }",
    "SELECT * { ?s ?p 'SERVICE <http://127.0.0.1:1/> { ?a ?b ?c }' }",
    'SELECT * { ?s ?p """SERVICE <http://127.0.0.1:1/> { ?a ?b ?c }""" }',
    "SELECT * { ?s ?p ?o } # SERVICE <http://127.0.0.1:1/> { ?a ?b ?c }",
    "SELECT * { ?s <http://127.0.0.1:1/service> ?o }",
    "PREFIX insert: <urn:x#> SELECT * { ?s insert:delete 'DROP ALL' }",
    "SELECT (1 AS ?load) {}",
)
