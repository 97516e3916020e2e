"""A portal's packages, read from TOML files and completed to what CKAN's `package_show` gives."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from harvesters.samples.solr_query import Document

Package = Mapping[str, Any]
_FLUENT = ("title", "notes")
_GROUP = ("id", "name", "title", "display_name")


@dataclass(frozen=True, slots=True)
class Portal:
    """What a portal holds, each thing as CKAN's `_show` action gives it."""

    status: Mapping[str, Any]
    licences: Sequence[Mapping[str, Any]]
    organizations: Sequence[Mapping[str, Any]]
    groups: Sequence[Mapping[str, Any]]
    packages: Sequence[Package]


def read_portal(folder: Path) -> Portal:
    """From `portal.toml` and `packages/*.toml`, one package a file, named as the file."""
    written = tomllib.loads((folder / "portal.toml").read_text("utf-8"))
    there = _There(
        licences={licence["id"]: licence for licence in written["licences"]},
        organizations={o["name"]: _group(o, is_organization=True) for o in written["organizations"]},
        groups={g["name"]: _group(g, is_organization=False) for g in written["groups"]},
    )
    packages = [
        _package(file.stem, tomllib.loads(file.read_text("utf-8")), written["locale"], there)
        for file in sorted((folder / "packages").glob("*.toml"))
    ]
    status = {
        "ckan_version": written["ckan_version"],
        "site_url": written["site_url"],
        "site_title": written["title"],
        "site_description": written["description"],
        "locale_default": written["locale"],
        "extensions": written["extensions"],
    }
    return Portal(
        status=status,
        licences=list(there.licences.values()),
        organizations=list(there.organizations.values()),
        groups=list(there.groups.values()),
        packages=packages,
    )


@dataclass(frozen=True, slots=True)
class _There:
    """What packages refer to, by name."""

    licences: Mapping[str, Mapping[str, Any]]
    organizations: Mapping[str, Mapping[str, Any]]
    groups: Mapping[str, Mapping[str, Any]]


def _group(written: Mapping[str, Any], *, is_organization: bool) -> dict[str, Any]:
    kind = "organization" if is_organization else "group"
    shown = {"id": written["name"], "display_name": written["title"], "image_url": "", "state": "active"}
    return {**shown, **written, "type": kind, "is_organization": is_organization, "approval_status": "approved"}


def _package(name: str, written: Mapping[str, Any], locale: str, there: "_There") -> dict[str, Any]:
    """`id` is the name: CKAN takes any text for it, and a person can read it in the hub's addresses."""
    licence, organization = there.licences[written["license_id"]], there.organizations[written["organization"]]
    tags = written.get("tags") or written["tags_translated"][locale]
    plain = {key: written[f"{key}_translated"][locale] for key in _FLUENT if f"{key}_translated" in written}
    return {
        "id": name,
        "name": name,
        **plain,
        **written,
        "type": written.get("type", "dataset"),
        "state": "active",
        "private": False,
        "isopen": True,
        "license_title": licence["title"],
        "license_url": licence["url"],
        "owner_org": organization["id"],
        "organization": {key: organization[key] for key in ("id", "name", "title", "type", "description", "image_url")},
        "groups": [{key: there.groups[g][key] for key in _GROUP} for g in written["groups"]],
        "tags": [_tag(tag) for tag in tags],
        "extras": [{"key": key, "value": str(value)} for key, value in written.get("extras", {}).items()],
        "resources": [],
        "num_tags": len(tags),
        "num_resources": 0,
        "metadata_created": _moment(written["metadata_created"]),
        "metadata_modified": _moment(written["metadata_modified"]),
    }


def _tag(name: str) -> dict[str, Any]:
    return {"id": name, "name": name, "display_name": name, "state": "active", "vocabulary_id": None}


def _moment(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%S.%f")  # CKAN's own form: UTC without saying so


def document(package: Package) -> Document:
    """A package as Solr sees it: the fields that can be asked for, their values in lower case."""
    fields: dict[str, set[str]] = {
        "id": {package["id"]},
        "name": {package["name"]},
        "state": {package["state"]},
        "dataset_type": {package["type"]},
        "type": {package["type"]},
        "license_id": {package["license_id"]},
        "organization": {package["organization"]["name"]},
        "owner_org": {package["owner_org"]},
        "groups": {group["name"] for group in package["groups"]},
        "tags": {tag["name"] for tag in package["tags"]},
        "title": set(_words(package["title"])) | {package["title"]},
        "notes": set(_words(package["notes"])),
        "metadata_created": {package["metadata_created"]},
        "metadata_modified": {package["metadata_modified"]},
        "res_format": set(),
    }
    fields |= {f"extras_{extra['key']}": {extra["value"]} for extra in package["extras"]}
    fields["text"] = {word for values in list(fields.values()) for value in values for word in _words(value)}
    return {name: frozenset(value.lower() for value in values) for name, values in fields.items()}


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text).split()
