"""All cases, by family."""

from collections.abc import Mapping

from tests.hostile import form_cases, place_cases, side_cases, table_cases, text_cases
from tests.hostile.case import Case

FAMILIES: Mapping[str, tuple[Case, ...]] = {
    "numbers": table_cases.NUMBERS,
    "ids": table_cases.IDS,
    "texts and formulas": table_cases.TEXTS,
    "tables": table_cases.FORMS,
    "encodings": text_cases.ENCODINGS,
    "files cut off": text_cases.CUT,
    "files that are none": text_cases.FILES,
    "TOML": text_cases.TOML,
    "JSON": text_cases.JSON,
    "GeoJSON": text_cases.GEOJSON,
    "coordinates": place_cases.COORDINATES,
    "polygons": place_cases.POLYGONS,
    "map files": place_cases.LAYERS,
    "shapefiles": place_cases.SHAPEFILES,
    "drawings": place_cases.DRAWINGS,
    "archives": form_cases.ARCHIVES,
    "workbooks": form_cases.WORKBOOKS,
    "GeoPackages": form_cases.GEOPACKAGES,
    "scenarios": side_cases.SCENARIOS,
    "natural hazards": side_cases.NATECH,
    "measures and readings": side_cases.MEASURES,
    "rulebooks": side_cases.RULEBOOKS,
    "weather": side_cases.WEATHER,
    "people": side_cases.PEOPLE,
}
CASES: Mapping[str, Case] = {case.name: case for cases in FAMILIES.values() for case in cases}
assert len(CASES) == sum(map(len, FAMILIES.values())), "two cases have one name"

#: Families that are read in one process, so that what is heavy is imported once for many.
PARTS = {
    "cells": ("numbers", "ids", "texts and formulas", "tables"),
    "files": ("encodings", "files cut off", "files that are none", "TOML", "JSON", "GeoJSON"),
    "places": ("coordinates", "polygons", "map files", "shapefiles", "drawings"),
    "forms": ("archives", "workbooks", "GeoPackages"),
    "sides": ("scenarios", "natural hazards", "measures and readings", "rulebooks", "weather", "people"),
}
