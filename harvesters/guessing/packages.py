"""Answers of CKAN and of what speaks like it, and packages that were saved from one."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from harvesters.guessing.findings import Guess, Said, all_taken, part_of, schema
from hub.languages import N_

_WHAT: Final = N_("CKAN, or a portal that speaks like it")
_ANSWER: Final = N_("It answers as CKAN’s API does.")
_PACKAGE: Final = N_("It has the keys of a CKAN package: {names}.")
_FAILED: Final = N_("an answer of CKAN without packages: {reason}")
_HOME: Final = N_("The portal’s own address is needed: what comes before /api/3/action.")
_NAMES: Final = (
    "id name title notes resources tags extras groups license_id license_title owner_org organization state private "
    "metadata_created metadata_modified num_resources maintainer author"
)
_KEYS: Final = frozenset(_NAMES.split())
_FEWEST: Final = 4  # of these make a package
_API: Final = re.compile(r"(https?://[^\s\"']+?)/api(?:/3)?(?:/action)?(?:/|$)")


def of_package(document: Any, url: str) -> Guess | None:
    """What a JSON document is, where it comes from CKAN."""
    if isinstance(document, dict) and "scheming_version" in document:
        return schema("CKAN (ckanext-scheming)")
    if isinstance(document, dict) and isinstance(document.get("success"), bool) and {"result", "error"} & set(document):
        return _of_answer(document, url)
    packages = document if isinstance(document, list) else [document]
    if packages and all(map(is_package, packages)):
        names = ", ".join(sorted(_KEYS & set(packages[0]))[:6])
        return _guess(Said(_PACKAGE, {"names": names}), packages, None, None, url)
    return None


def is_package(value: Any) -> bool:
    return isinstance(value, dict) and len(_KEYS & set(value)) >= _FEWEST and bool({"id", "name"} & set(value))


def _of_answer(document: Mapping[str, Any], url: str) -> Guess:
    result = document.get("result")
    if not document["success"] or result is None:
        told = document.get("error")
        reason = str(told.get("message", told) if isinstance(told, dict) else told)[:200]
        return Guess(Said(_FAILED, {"reason": reason}), advice=(Said(_HOME),))
    home = _API.match(str(document.get("help")))
    root = home[1] if home else None
    if isinstance(result, dict) and isinstance(result.get("results"), list):
        count = result.get("count")
        return _guess(Said(_ANSWER), result["results"], count if isinstance(count, int) else None, root, url)
    if is_package(result):
        return _guess(Said(_ANSWER), [result], None, root, url)
    listed = result[0] if isinstance(result, list) and len(result) == 1 and isinstance(result[0], list) else result
    if isinstance(listed, list) and listed and all(map(is_package, listed)):
        return _guess(Said(_ANSWER), listed, None, root, url)
    return Guess(Said(_FAILED, {"reason": str(result)[:80]}), advice=(Said(_HOME),))


def _guess(reason: Said, packages: Sequence[Any], count: int | None, root: str | None, url: str) -> Guess:
    part = {"success": True, "result": {"count": count or len(packages), "results": packages}}
    address = _API.match(url)
    home = root or (address[1] if address else None)
    advice = (part_of(home) if home else Said(_HOME), all_taken())
    texts = [str(package.get(key)) for package in packages[:50] for key in ("title", "notes") if package.get(key)]
    return Guess(
        Said(_WHAT),
        (reason,),
        advice,
        "ckan",
        "ckan",
        home or url,
        sample="\n".join(texts),
        part=json.dumps(part).encode(),
    )


def of_portal(root: str, count: int, reason: Said, sample: str) -> Guess:
    """A portal whose API answers; the whole of it can be looked at."""
    return Guess(Said(_WHAT), (reason,), (all_taken(),), "ckan", "ckan", root, sample=sample)
