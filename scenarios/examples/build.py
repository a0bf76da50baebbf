"""Build the demonstration park ``zhoushan`` from the open data in ``sources/``.

Real: position and diameter of the storage tanks, the joint wind table, the populated places.
Assumed by the rules below: heights, fills, substances, bunds, enterprises, staff, pressure vessels, villages.
The park's README states every rule in words. No random draw is used; the same sources give the same bytes.

Run ``python -m parkrisk.scenarios.examples.build [FOLDER]``.
"""

import hashlib
import json
import sys
from collections.abc import Hashable
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from parkrisk.scenarios.examples.surroundings import CRS, population, project, source, weather

__all__ = ["build"]

ENTERPRISE_SPAN = 900.0  # largest distance between the centres of two tank groups of one enterprise [m]
BLOCK_GAP = 1000.0  # enterprises further apart than this are in separate blocks of the park [m]
FENCE_MARGIN = 60.0  # fence of an enterprise outside its shells [m]
BOUNDARY_MARGIN = 150.0  # boundary of a block outside its shells [m]
BUND_TANKS = 12  # tanks in one bund at most
BUND_LARGE_TANKS = 6  # of them at most so many of LARGE_DIAMETER or more
LARGE_DIAMETER = 60.0  # [m]
CRUDE_DIAMETER = 50.0  # from here on an untagged tank is taken to hold crude oil [m]
SMALL_DIAMETER = 30.0  # below: list "small" of products.csv; from here to CRUDE_DIAMETER: list "medium" [m]
RUN = 4  # neighbouring tanks that hold the same product
STAFF_PER_HECTARE = {"storage": 2.0, "chemical": 5.0}
STAFF_MINIMUM, NIGHT_STAFF_SHARE = 10, 0.3
NEIGHBOURHOOD = 500.0  # reach of the residents count of GB 18218-2018, 4.3.4 [m]

CRUDE: dict[Hashable, str] = {"cas": "8002-05-9", "name_zh": "原油", "temperature_c": "20"}
TANK_ASSUMED = (
    "enterprise_id;height_m;volume_m3;fill_fraction;max_fill_fraction;pressure_kpa;temperature_c;hazard_unit_id;"
    "bund_id;bund_area_m2;hole_bore_mm;detection_class;isolation_class"
)
ENTERPRISES = {
    "ent-lpg": ("示范液化烃储运企业", "storage"),
    "ent-chem": ("示范精细化工企业", "chemical"),
    "ent-amm": ("示范液氨储运企业", "storage"),
}


def build(folder: Path) -> None:
    """Write the generated tables and the boundary of the park ``zhoushan`` into ``folder``.

    Parameters
    ----------
    folder : Path
        Created if missing; files of the same name are overwritten.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tanks = _tanks()
    extra = _assumed_units(tanks)
    shells = _shells(tanks, extra)
    outlines = _outlines(shells)
    blocks = _blocks(shells, [*outlines.values()])
    people = population(tanks, blocks)
    units = pd.concat([_mapped_units(tanks).reindex(columns=extra.columns), extra]).fillna("")
    _write(folder / "units.csv", units)
    _write(folder / "enterprises.csv", _enterprises(outlines, people))
    _write(folder / "population.csv", people)
    _write(folder / "weather.csv", weather())
    _write(folder / "barriers.csv", _barriers(units))
    _write_boundary(folder / "boundary.geojson", blocks)


def _tanks() -> pd.DataFrame:
    """Return the mapped tanks with what is assigned to them, one row each, bund by bund."""
    tanks = source("osm_storage_tanks_zhoushan.csv").astype({"osm_way_id": "int64", "group_id": "int64"})
    tanks = tanks.sort_values("osm_way_id", ignore_index=True)
    tanks["x"], tanks["y"] = project(tanks["lon"], tanks["lat"])
    tanks["diameter_m"] = tanks["equiv_diameter_m"].astype(float).round(1)
    sizes = source("tank_sizes.csv").astype(float)
    tanks["height_m"] = np.interp(tanks["diameter_m"], sizes["diameter_m"], sizes["height_m"]).round(1)
    volume = np.pi / 4.0 * tanks["diameter_m"] ** 2 * tanks["height_m"]
    tanks["volume_m3"] = (volume / 10.0).round().astype(int) * 10
    tanks["fill_fraction"] = [_fill(int(way)) for way in tanks["osm_way_id"]]
    tanks["enterprise_id"] = _cluster_groups(tanks)
    return _assign_substances(_assign_bunds(tanks))


def _fill(way: int) -> float:
    """Fill of one tank: 0.3 + 0.6 × Beta(4, 2), in steps of 0.05.

    The fourth smallest of five uniform numbers is Beta(4, 2); the numbers are cut from the SHA-256 digest of the map
    id, because the stream of a random generator may change with its version.
    """
    digest = hashlib.sha256(str(way).encode()).digest()
    uniform = sorted(int.from_bytes(digest[4 * k : 4 * k + 4], "big") / 2.0**32 for k in range(5))
    return round(round((0.3 + 0.6 * uniform[3]) / 0.05) * 0.05, 2)


def _cluster_groups(tanks: pd.DataFrame) -> list[str]:
    """Enterprise of each tank: complete linkage of the tank groups' centres up to ENTERPRISE_SPAN."""
    centres = tanks.groupby("group_id")[["x", "y"]].mean()
    x, y = centres["x"].to_numpy(), centres["y"].to_numpy()
    distance = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    clusters = [[i] for i in range(len(centres))]
    while True:
        span, i, j = min(
            (round(float(distance[np.ix_(clusters[i], clusters[j])].max()), 3), i, j)
            for i in range(len(clusters))
            for j in range(i + 1, len(clusters))
        )
        if span > ENTERPRISE_SPAN:
            break
        clusters[i] += clusters.pop(j)
    clusters.sort(key=min)
    groups = [int(group) for group in centres.index]
    name = {groups[m]: f"ent-{k:02d}" for k, members in enumerate(clusters, 1) for m in members}
    return [name[int(group)] for group in tanks["group_id"]]


def _assign_bunds(tanks: pd.DataFrame) -> pd.DataFrame:
    """Split every tank group into bunds; the tanks come back bund by bund, along each bund's main axis."""
    parts = []
    for group, members in tanks.groupby("group_id", sort=True):
        for k, bund in enumerate(_split(members), 1):
            name = f"{group:02d}-{k}"
            parts.append(
                bund.assign(bund_id=f"bund-{name}", hazard_unit_id=f"hu-{name}", bund_area_m2=_free_area(bund))
            )
    return pd.concat(parts, ignore_index=True)


def _split(members: pd.DataFrame) -> list[pd.DataFrame]:
    """Halve a group across its main axis until each part fits one bund."""
    x, y = members["x"] - members["x"].mean(), members["y"] - members["y"].mean()
    angle = 0.5 * np.arctan2(2.0 * (x * y).sum(), (x * x).sum() - (y * y).sum())
    along = (x * np.cos(angle) + y * np.sin(angle)).round(1)
    ordered = members.assign(along=along).sort_values(["along", "osm_way_id"]).drop(columns="along")
    large = int((ordered["diameter_m"] >= LARGE_DIAMETER).sum())
    if len(ordered) <= BUND_TANKS and large <= BUND_LARGE_TANKS:
        return [ordered]
    half = (len(ordered) + 1) // 2
    return _split(ordered.iloc[:half]) + _split(ordered.iloc[half:])


def _free_area(bund: pd.DataFrame) -> int:
    """Ground inside a bund whose wall stands half a tank height outside the shells, less the tanks [m²]."""
    hull = _hull(bund, bund["diameter_m"] / 2.0 + bund["height_m"] / 2.0)
    tanks = float((np.pi / 4.0 * bund["diameter_m"] ** 2).sum())
    return round((float(hull.area) - tanks) / 10.0) * 10


def _assign_substances(tanks: pd.DataFrame) -> pd.DataFrame:
    """Substance of each tank: the map's tag, else by diameter; RUN neighbours alike, each list taken in turn."""
    products = source("products.csv")
    lists = {str(name): rows.to_dict("records") for name, rows in products.groupby("diameter_class", sort=True)}
    chosen: list[dict[Hashable, str]] = []
    assumed: list[str] = []
    started = dict.fromkeys(lists, 0)
    previous, length = ("", ""), 0
    for tag, diameter, bund in zip(tanks["content"], tanks["diameter_m"], tanks["bund_id"], strict=True):
        assumed.append(TANK_ASSUMED if tag == "oil" else f"{TANK_ASSUMED};substance")
        if tag == "oil" or diameter >= CRUDE_DIAMETER:
            chosen.append(CRUDE)
            continue
        size = "small" if diameter < SMALL_DIAMETER else "medium"
        length = length + 1 if (bund, size) == previous and length < RUN else 1
        previous = (bund, size)
        started[size] += length == 1
        chosen.append(lists[size][(started[size] - 1) % len(lists[size])])
    return tanks.assign(
        substance=[row["cas"] for row in chosen],
        substance_zh=[row["name_zh"] for row in chosen],
        temperature_c=[int(row["temperature_c"]) for row in chosen],
        assumed=assumed,
    )


def _mapped_units(tanks: pd.DataFrame) -> pd.DataFrame:
    """Rows of table ``units`` for the mapped tanks."""
    number = (tanks.groupby("bund_id").cumcount() + 1).astype(str).str.zfill(2)
    large, medium = tanks["diameter_m"] >= LARGE_DIAMETER, tanks["diameter_m"] >= SMALL_DIAMETER
    return tanks.assign(
        unit_id=[f"osm-{way}" for way in tanks["osm_way_id"]],
        name=tanks["substance_zh"] + "储罐" + tanks["bund_id"].str.removeprefix("bund-") + "-" + number,
        kind="atmospheric_tank",
        max_fill_fraction=0.9,
        pressure_kpa=0,
        hole_bore_mm=np.select([large, medium], [700, 400], 200),
        detection_class="B",
        isolation_class="B",
        status="existing",
        in_service="yes",
        note=np.where(tanks["content"] == "oil", "map tag content=oil, read as crude oil", ""),
    ).astype(object)


def _assumed_units(tanks: pd.DataFrame) -> pd.DataFrame:
    """Rows of table ``units`` for the assumed vessels; without an enterprise, that of the nearest tank."""
    extra = source("assumed_units.csv")
    x, y = extra["x"].astype(float), extra["y"].astype(float)
    for row in extra.index[extra["enterprise_id"] == ""]:
        distance = np.hypot(tanks["x"] - x[row], tanks["y"] - y[row]).to_numpy()
        extra.loc[row, "enterprise_id"] = tanks["enterprise_id"].iloc[int(distance.argmin())]
    extra["status"], extra["in_service"] = "existing", "yes"
    given = [c for c in extra.columns if c not in ("unit_id", "status")]
    assumed = [";".join(c for c in given if row[c] != "") for row in extra.to_dict("records")]
    return extra.assign(assumed=assumed, note="assumed unit, not on the map")


def _shells(tanks: pd.DataFrame, extra: pd.DataFrame) -> pd.DataFrame:
    """Position [m], radius [m] and enterprise of every unit."""
    columns = ["x", "y", "diameter_m", "enterprise_id"]
    shells = pd.concat([tanks[columns].astype(object), extra[columns]], ignore_index=True)
    shells["radius"] = pd.to_numeric(shells["diameter_m"]).fillna(0.0) / 2.0
    return shells.astype({"x": float, "y": float})


def _hull(shells: pd.DataFrame, radius: pd.Series) -> shapely.Polygon:
    """Hull of circles, each stood for by 32 points to the decimetre so that the corners are the same everywhere."""
    angle = np.arange(32) * (2.0 * np.pi / 32.0)
    r = radius.to_numpy(dtype=np.float64)[:, None]
    x = np.round(shells["x"].to_numpy(dtype=np.float64)[:, None] + r * np.cos(angle), 1)
    y = np.round(shells["y"].to_numpy(dtype=np.float64)[:, None] + r * np.sin(angle), 1)
    return shapely.convex_hull(shapely.MultiPoint(np.column_stack([x.ravel(), y.ravel()])))


def _outlines(shells: pd.DataFrame) -> dict[str, shapely.Polygon]:
    """Outline of each enterprise: hull of its units with FENCE_MARGIN."""
    groups = shells.groupby("enterprise_id", sort=True)
    return {str(name): _hull(own, own["radius"] + FENCE_MARGIN) for name, own in groups}


def _blocks(shells: pd.DataFrame, parts: list[shapely.Polygon]) -> list[shapely.Polygon]:
    """Blocks of the park, largest first: hulls of the enterprises that lie within BLOCK_GAP of one another."""
    merged = True
    while merged:
        merged = False
        for i, part in enumerate(parts):
            near = [other for other in parts[i + 1 :] if part.distance(other) <= BLOCK_GAP]
            if near:
                others = [other for other in parts if other is not part and all(other is not n for n in near)]
                parts = [shapely.convex_hull(shapely.union_all([part, *near])), *others]
                merged = True
                break
    inside = [shapely.contains_xy(part, shells["x"], shells["y"]) for part in parts]
    hulls = [_hull(shells[own], shells.loc[own, "radius"] + BOUNDARY_MARGIN) for own in inside]
    return sorted(hulls, key=lambda hull: -round(hull.area))


def _enterprises(outlines: dict[str, shapely.Polygon], people: pd.DataFrame) -> pd.DataFrame:
    """Table ``enterprises``: everything about them is assumed."""
    rows = []
    for key, outline in outlines.items():
        name, kind = ENTERPRISES.get(key, (f"示范储运企业{key[4:]}", "storage"))
        hectares = outline.area / 1e4
        day = max(STAFF_MINIMUM, round(STAFF_PER_HECTARE[kind] * hectares))
        night = max(STAFF_MINIMUM // 2, round(NIGHT_STAFF_SHARE * day))
        near = shapely.contains_xy(outline.buffer(NEIGHBOURHOOD), people["x"], people["y"])
        rows.append((key, name, kind, round(hectares, 1), day, night, int(people.loc[near, "night"].sum())))
    columns = ["enterprise_id", "name", "kind", "area_ha", "staff_day", "staff_night", "residents_500m"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(assumed="name;kind;area_ha;staff_day;staff_night;residents_500m")


def _barriers(units: pd.DataFrame) -> pd.DataFrame:
    """Table ``barriers``: safeguards that the kind and size of a unit let one expect; all assumed."""
    rows = []
    for unit, kind, volume in zip(units["unit_id"], units["kind"], units["volume_m3"], strict=True):
        if kind == "pressure_vessel":
            safeguards = ["relief_valve", "isolation_valve", *(["deluge"] if float(volume) >= 1000.0 else [])]
        else:
            safeguards = ["isolation_valve"] if kind in ("refrigerated_tank", "loading_arm") else []
        rows += [(f"{unit}-{name}", unit, name, "assumed") for name in safeguards]
    return pd.DataFrame(rows, columns=["barrier_id", "unit_id", "kind", "note"])


def _write(path: Path, table: pd.DataFrame) -> None:
    """Write one CSV table, UTF-8, line feed."""
    path.write_bytes(table.to_csv(index=False, lineterminator="\n").encode())


def _write_boundary(path: Path, blocks: list[shapely.Polygon]) -> None:
    """Write the boundary as GeoJSON in the park's own coordinate system."""
    rings = [[[round(x, 1), round(y, 1)] for x, y in shapely.normalize(block).exterior.coords] for block in blocks]
    features = [
        {
            "type": "Feature",
            "properties": {"block": k, "assumed": f"hull of the units, {BOUNDARY_MARGIN:g} m outside the shells"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for k, ring in enumerate(rings, 1)
    ]
    name = f"urn:ogc:def:crs:EPSG::{CRS.removeprefix('EPSG:')}"
    crs = {"type": "name", "properties": {"name": name}}
    lines = [json.dumps(feature) for feature in features]
    head = f'{{"type": "FeatureCollection", "crs": {json.dumps(crs)}, "features": [\n'
    path.write_bytes((head + ",\n".join(lines) + "\n]}\n").encode())


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent / "zhoushan")
