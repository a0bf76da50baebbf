"""Random parks for tests of forms: every table, odd text, numbers to the last digit, areas, lines, two kinds of CRS."""

import json
import math
import re

from hypothesis import strategies as st

from parkrisk.scenarios import schema
from parkrisk.scenarios.reading.cells import RawTable
from parkrisk.scenarios.reading.raw import RawInput

#: What spreadsheets, CSV files and databases are known to spoil.
ODD = [
    *(
        "+cmd",
        "-1",
        "007",
        "1-2",
        "1E5",
        "1e400",
        "TRUE",
        "null",
        "NULL",
        "nan",
        "'",
        "''",
        '"',
        'a"b',
    ),
    *(
        "a,b",
        "a;b",
        "行一\n行二",
        "a\r\nb",
        "a\tb",
        "甲醇　储罐",
        "１２３",
        "№ 7",
        "0x1F",
        "_x000D_",
        "<b>&amp;",
        "\\n",
        "# no",
    ),
    *("2026-05-01", "3/4", "100%", "😀", "é", "{=A1}", "http://a.b/c", "mailto:a@b.cn", "a'b''c", "  inner  space"),
]
#: Formulas, and marks that turn the direction of text round: not read.
_REFUSED = re.compile(r"(?s)[=@＝＠]|[-+＋－].*[|(（｜]|.*[\u202a-\u202e\u2066-\u2069]")
_SIGNS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co", "Zl", "Zp"))
WORDS = (
    st.one_of(st.sampled_from(ODD), st.text(_SIGNS, min_size=1, max_size=12))
    .map(str.strip)
    .filter(lambda word: not _REFUSED.match(word))
)
IDS = WORDS.map(lambda word: "".join(sign for sign in word if sign.isprintable() and sign != ";").strip()).filter(
    lambda word: not _REFUSED.match(word)
)
SUBSTANCES = st.sampled_from(["67-56-1", "甲醇", "propane", "7664-41-7", "汽油"])
#: Shifted datums are refused, so a park without errors states none of them.
_DATUMS = st.sampled_from(["", "WGS84", "WGS-84", "CGCS2000", "2000国家大地坐标系"])
#: Near the centre of the Gauss-Krüger zone of EPSG:4549.
_CENTRE = {"EPSG:4549": (500_000.0, 3_320_000.0, 4_000.0), "EPSG:4490": (120.0, 30.0, 0.04)}
#: Columns that the rules of consistency tie to others; they are left empty, or given below.
_TIED = {
    "units": (
        *("line_id", "fill_fraction", "max_fill_fraction", "pressure_kpa", "temperature_c", "diameter_m", "height_m"),
        *("length_m", "volume_m3", "set_pressure_kpa", "relief_area_mm2", "hole_bore_mm", "hours_per_year"),
        "valve_spacing_m",
    ),
    "barriers": ("system", "system_pfd", "rating", "pfd"),
    "ignition": ("length_m", "azimuth_deg", "vehicles_per_km", "probability_1min"),
    "response": ("mean_min", "sd_min"),
    "answers": ("enterprise_id", "score"),
    "transport": ("pressure_kpa", "temperature_c", "rate_per_vehicle_km", "rate_source"),
    "losses": ("hole_mm", "rate_kg_s", "duration_min"),
}


def _spelled(value):
    """A number as people and programs write it."""
    ways = [repr(value), f"{value:.17e}", f"+{value!r}" if value >= 0 else repr(value)]
    if value == math.floor(value) and abs(value) < 1e6:
        ways += [str(int(value)), f"{int(value)}.0", f"{int(value):03d}"]
    return st.sampled_from(ways)


def _number(column):
    low = -1e9 if column.minimum is None else column.minimum
    high = 1e9 if column.maximum is None else column.maximum
    if column.type == "integer":
        return st.integers(math.ceil(low), math.floor(high)).map(str)
    return st.floats(low, high, allow_subnormal=False).flatmap(_spelled)


def _cell(column):
    if column.is_number:
        return _number(column)
    if column.type == "choice":
        return st.sampled_from(
            [
                word
                for choice in schema.choices(column.choices)
                for word in (choice.value, choice.label_zh, choice.label_en)
            ]
        )
    if column.type == "date":
        return (
            st.dates()
            .filter(lambda day: day.year >= 1900)
            .flatmap(
                lambda day: st.sampled_from(
                    [day.isoformat(), f"{day.year}/{day.month}/{day.day}", f"{day.year}年{day.month}月{day.day}日"]
                )
            )
        )
    return SUBSTANCES if column.type == "substance" else IDS if column.type == "id" else WORDS


@st.composite
def _row(draw, table, **given):
    """Row of a table: what is required, some of what is not."""
    cells = {}
    for name, column in schema.table(table).columns.items():
        if name in given:
            cells[name] = draw(given[name]) if hasattr(given[name], "example") else given[name]
        elif name in ("x", "y", "polygon", "assumed") or name in _TIED.get(table, ()) or column.references:
            cells[name] = ""
        else:
            cells[name] = draw(_cell(column)) if column.required or draw(st.booleans()) else ""
    return cells


def _coordinate(crs, axis):
    *centre, reach = _CENTRE[crs]
    return st.floats(centre[axis] - reach, centre[axis] + reach).flatmap(
        lambda value: st.sampled_from([repr(value), repr(round(value, 3))])
    )


@st.composite
def _polygon(draw, crs):
    x, y = (float(draw(_coordinate(crs, axis))) for axis in (0, 1))
    size = _CENTRE[crs][2] * draw(st.floats(0.01, 0.2))
    hole = f", ({_ring(x + size / 3, y + size / 3, size / 3)})" if draw(st.booleans()) else ""
    one = f"(({_ring(x, y, size)}){hole})"
    if draw(st.booleans()):
        return f"POLYGON {one}"
    return f"MULTIPOLYGON ({one}, (({_ring(x + 2 * size, y, size)})))"


def _ring(x, y, size):
    corners = ((x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y))
    return ", ".join(f"{a!r} {b!r}" for a, b in corners)


def _box(crs, scale=2.0):
    x, y, reach = _CENTRE[crs]
    low, high = (x - scale * reach, y - scale * reach), (x + scale * reach, y + scale * reach)
    return [[list(low), [high[0], low[1]], list(high), [low[0], high[1]], list(low)]]


@st.composite
def _boundary(draw, crs):
    """GeoJSON in one of its shapes, in the CRS of the park or in one that it names; and what the park says of it."""
    own = draw(st.sampled_from(["", "member", "declared"]))
    there = crs if not own else "EPSG:4490" if crs == "EPSG:4549" else "EPSG:4549"
    x, y, reach = _CENTRE[there]
    far = [[[x + 5 * reach, y], [x + 6 * reach, y], [x + 6 * reach, y + reach / 3], [x + 5 * reach, y]]]
    inner = [[x + 1.5 * reach, y], [x + 1.6 * reach, y], [x + 1.6 * reach, y + 0.1 * reach], [x + 1.5 * reach, y]]
    ring = _box(there) + ([inner] if draw(st.booleans()) else [])
    shapes = [
        {"type": "Polygon", "coordinates": ring},
        {"type": "MultiPolygon", "coordinates": [ring, far]},
        {
            "type": "GeometryCollection",
            "geometries": [{"type": "Polygon", "coordinates": part} for part in (ring, far)],
        },
    ]
    document = draw(st.sampled_from(shapes))
    if draw(st.booleans()) or own == "member":
        document = {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "properties": {}, "geometry": document}],
        }
    if own == "member":
        document["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:" + there.replace(":", "::")}}
    return json.loads(json.dumps(document)), there if own == "declared" else ""


@st.composite
def _unit(draw, name, owner, at):
    given = {"unit_id": name, "enterprise_id": owner, "kind": "warehouse", "substance": SUBSTANCES, "mass_t": "12.5"}
    return draw(_row("units", **given, **at)) | {"assumed": draw(st.sampled_from(["", "mass_t", "mass_t; x"]))}


@st.composite
def _lines(draw, ids, crs, at):
    """Rows of lines, and of the transport on one of them."""
    rows = {"lines": []}
    for line in draw(st.lists(ids, max_size=2, unique=True)):
        numbers = draw(st.lists(st.integers(1, 99), min_size=2, max_size=4, unique=True))
        east, _, reach = _CENTRE[crs]
        rows["lines"] += [
            draw(_row("lines", line_id=line, point=str(number), x=repr(east + number / 99 * reach), y=at["y"]))
            for number in numbers
        ]
    if rows["lines"]:
        rows["transport"] = [
            draw(
                _row(
                    "transport",
                    transport_id="T/1",
                    line_id=rows["lines"][0]["line_id"],
                    mode="road_outside",
                    vehicle="pressurised",
                    substance="propane",
                )
            )
        ]
    return rows


@st.composite
def parks(draw, kind="park"):
    """A park, or a project, without errors; as its reader would give it."""
    crs = draw(st.sampled_from(sorted(_CENTRE)))
    at = {"x": _coordinate(crs, 0), "y": _coordinate(crs, 1)}
    ids = IDS.filter(lambda word: word and word.lower() not in ("合计", "total"))
    owners = draw(st.lists(ids, min_size=1, max_size=2, unique=True))
    units = draw(st.lists(ids, min_size=1, max_size=3, unique=True))
    owner, unit = st.sampled_from(owners), st.sampled_from(units)
    rows = {
        "enterprises": [draw(_row("enterprises", enterprise_id=each)) for each in owners],
        "units": [draw(_unit(each, owner, at)) for each in units],
        "contents": [],
        "losses": [
            draw(_row("losses", unit_id=units[0], loc="L1", action="add", release="instantaneous", frequency="1e-6"))
        ],
        "targets": [draw(_target(each, crs, at)) for each in draw(st.lists(ids, max_size=3, unique=True))],
        "population": [
            draw(_row("population", cell_id=each, **at)) for each in draw(st.lists(ids, max_size=2, unique=True))
        ],
        "ignition": [
            draw(_row("ignition", source_id=each, **at)) for each in draw(st.lists(ids, max_size=2, unique=True))
        ],
        "barriers": [draw(_row("barriers", barrier_id=each, unit_id=unit)) for each in draw(st.lists(ids, max_size=1))],
        "response": [
            draw(_row("response", station_id=each, **at)) for each in draw(st.lists(ids, max_size=2, unique=True))
        ],
        "answers": [
            draw(_row("answers", item=each, answer="yes")) for each in draw(st.lists(ids, max_size=2, unique=True))
        ],
        "indicators": [draw(_row("indicators", name=each)) for each in draw(st.lists(ids, max_size=2, unique=True))],
    }
    rows |= draw(_lines(ids, crs, at))
    if kind == "park":
        rows["weather"] = [
            {"wind_from": wind, "wind_speed": "3", "stability": "D", "frequency": share, "note": draw(WORDS)}
            for wind, share in (("0", "0.3"), ("90", "0.3"), ("180", "0.2"), ("270", "0.2"))
        ]
    boundary, boundary_crs = draw(_boundary(crs)) if kind == "park" and draw(st.booleans()) else (None, "")
    spelled = draw(st.sampled_from([crs, crs.lower(), crs.removeprefix("EPSG:")]))
    section = draw(
        _row(
            kind,
            crs=spelled,
            planar_crs="EPSG:4549" if crs == "EPSG:4490" else "",
            rulebook="",
            datum=_DATUMS,
            boundary="",
            boundary_crs=boundary_crs,
        )
    )
    tables = {kind: _table(kind, [section])} | {name: _table(name, found) for name, found in rows.items()}
    return RawInput(kind, tables, boundary, ())


@st.composite
def _target(draw, name, crs, at):
    form = draw(st.sampled_from(["point", "area", "both"]))
    given = at if form != "area" else {}
    area = {"polygon": draw(_polygon(crs))} if form != "point" else {}
    return draw(_row("targets", target_id=name, **given, **area))


def _table(name, rows):
    columns = tuple(schema.table(name).columns)
    cells = tuple(tuple(row.get(column, "") for column in columns) for row in rows)
    return RawTable(name, columns, cells, tuple(range(1, len(rows) + 1)))
