"""How others speak: a row for each protocol that the hub harvests, and for each metadata format that it reads."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from harvesters import crosswalks
from harvesters.ckan import CkanHarvester
from harvesters.crosswalks.ckan import CkanCrosswalk
from harvesters.crosswalks.dcat import DcatCrosswalk
from harvesters.crosswalks.oai_dc import DublinCoreCrosswalk
from harvesters.crosswalks.table import TableCrosswalk
from harvesters.crosswalks.template import TemplateCrosswalk
from harvesters.dcat import DcatHarvester
from harvesters.oai_pmh import OaiHarvester
from harvesters.sparql import SparqlHarvester
from harvesters.tabular import TabularHarvester
from harvesters.template import TemplateHarvester
from harvesters.web_pages import WebPagesHarvester
from hub.model import Crosswalk, Harvester

HARVESTERS: Final[Mapping[str, Harvester]] = {
    "ckan": CkanHarvester(),
    "dcat": DcatHarvester(),
    "oai-pmh": OaiHarvester(),
    "sparql": SparqlHarvester(),
    "tabular": TabularHarvester(),
    "template": TemplateHarvester(),
    "web-pages": WebPagesHarvester(),
}
CROSSWALKS: Final[Mapping[str, Crosswalk]] = {
    "ckan": CkanCrosswalk(),
    "dcat": DcatCrosswalk(),
    "oai_dc": DublinCoreCrosswalk(),
    "table": TableCrosswalk(),
    "template": TemplateCrosswalk(),
}


@cache
def crosswalk_digest(format: str) -> str:
    """Changes when a format may be mapped otherwise: the crosswalks share their rules, so any of their files counts."""
    found = hashlib.sha256(format.encode())
    for file in sorted(Path(crosswalks.__file__).parent.glob("*.py")):
        found.update(file.name.encode() + file.read_bytes())
    return found.hexdigest()
