"""Words that mean the same, or that a dictionary takes for others; only what means one thing in texts of this domain.

Austria and Germany call things differently. Left out on purpose: Sessel, Kasten, Polster, Ordination, Pension, which
are another thing in Germany.
"""

from collections.abc import Mapping
from typing import Final

_AUSTRIAN: Final = """jänner=januar feber=februar heuer=diesjährig heurig=diesjährig stiege=treppe
    stiegenhaus=treppenhaus paradeiser=tomate erdapfel=kartoffel karfiol=blumenkohl marille=aprikose fisole=bohne
    kukuruz=mais topfen=quark obers=sahne schlagobers=sahne semmel=brötchen jause=imbiss beisl=kneipe sackerl=tüte
    mistkübel=mülleimer matura=abitur volksschule=grundschule turnsaal=turnhalle spital=krankenhaus
    rauchfang=schornstein rauchfangkehrer=schornsteinfeger tischler=schreiner spengler=klempner
    fleischhauer=metzger bankomat=geldautomat pensionist=rentner karenz=elternzeit trafik=tabakladen
    parterre=erdgeschoss kundmachung=bekanntmachung"""

# Plurals that are forms of a verb too, whose lemma the dictionary gives.
_ENGLISH: Final = {"halves": ("half",), "shelves": ("shelf",), "leaves": ("leaf",), "lives": ("life",)}


def _both_ways(table: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for pair in table.split():
        one, other = pair.split("=")
        found[one] = (*found.get(one, ()), other)
        found[other] = (*found.get(other, ()), one)
    return found


EQUIVALENTS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {"de": _both_ways(_AUSTRIAN), "en": _ENGLISH}
