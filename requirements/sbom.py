"""Bills of materials (CycloneDX 1.6, JSON) of the program with its server, and of its map page, from the lock files.

The same lock files give the same bytes: there is no time and no serial number in them. What only tests and builds of
the page need is left out of the first and marked as excluded in the second. Hashes are those of the lock files.
"""

import argparse
import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from requirements.licences import Policy, licence_of
from requirements.locked import HERE, Locked, python_locked, web_locked

_ALGORITHMS = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512", "sha1": "SHA-1"}
_REGISTRIES = {"pypi": "https://pypi.org/project/", "npm": "https://www.npmjs.com/package/"}


def reference(locked: Locked) -> str:
    """Give the package URL, which is also the name within the bill."""
    return f"pkg:{locked.kind}/{quote(locked.name)}@{quote(locked.version)}"


def component(locked: Locked, policy: Policy) -> dict[str, Any]:
    """Describe one dependency."""
    licence = licence_of(locked, policy)
    files = [{"alg": _ALGORITHMS[kind], "content": value} for kind, value in (h.split(":") for h in locked.hashes)]
    place = {"type": "distribution", "url": _REGISTRIES[locked.kind] + locked.name, "hashes": files}
    described = {
        "type": "library",
        "bom-ref": reference(locked),
        "name": locked.name,
        "version": locked.version,
        "scope": "required" if locked.shipped else "excluded",
        "licenses": [{"expression": licence}] if licence else [],
        "purl": reference(locked),
        "externalReferences": [place],
    }
    if locked.marker:
        described["properties"] = [{"name": "parkrisk:installed-where", "value": locked.marker}]
    return described


def bill(name: str, every: Iterable[Locked], policy: Policy) -> dict[str, Any]:
    """Give the bill of one product."""
    every = list(every)
    version = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    whole = {"type": "application", "bom-ref": name, "name": name, "version": version}
    needs: dict[str, list[str]] = {name: [], **{reference(each): [] for each in every}}
    of_name: dict[str, list[str]] = {}
    for each in every:
        of_name.setdefault(each.name, []).append(reference(each))
    for each in every:
        for asking in each.asked_by:
            for one in of_name.get(asking, [name]):
                needs[one].append(reference(each))
        if not each.asked_by:
            needs[name].append(reference(each))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {**whole, "licenses": [{"license": {"id": "Apache-2.0"}}]}},
        "components": [component(each, policy) for each in every],
        "dependencies": [{"ref": one, "dependsOn": sorted(set(of))} for one, of in needs.items()],
    }


def bills(policy: Policy) -> Mapping[str, dict[str, Any]]:
    """Give both bills by the name of their file."""
    return {
        "parkrisk.cdx.json": bill("parkrisk", [each for each in python_locked() if each.shipped], policy),
        "parkrisk-web.cdx.json": bill("parkrisk-web", web_locked(), policy),
    }


def faults(text: str) -> list[str]:
    """Say where a bill departs from the schema of CycloneDX."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    return [str(fault) for fault in JsonStrictValidator(SchemaVersion.V1_6).validate_str(text, all_errors=True) or ()]


def main() -> None:
    """Write both bills into a folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, each in bills(Policy.read()).items():
        text = json.dumps(each, indent=1, ensure_ascii=False) + "\n"
        if wrong := faults(text):
            raise SystemExit("\n".join([name, *wrong]))
        (folder / name).write_text(text, encoding="utf-8")
        print(f"{folder / name}: {len(each['components'])} components")


if __name__ == "__main__":
    main()
