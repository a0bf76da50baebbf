"""``python -m tests.hostile.fuzz [TARGET …] [--seconds N]``: readers under atheris, their Python instrumented.

A find is any exception but those that parkrisk raises on purpose. It is written to ``fuzz-TARGET`` in the folder of
temporary files, and belongs into the corpus.
"""

import argparse
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["parkrisk.scenarios", "parkrisk.risk.rules", "tomllib", "csv"]):
    from parkrisk.models.errors import ParkRiskError
    from parkrisk.risk.rules.sets import load
    from parkrisk.scenarios import park_from_json, schema
    from parkrisk.scenarios.changing.scenario_files import scenario_of
    from parkrisk.scenarios.natural.natech_file import hazards_of
    from parkrisk.scenarios.reading.cells import typed
    from parkrisk.scenarios.reading.csv_files import csv_table
    from parkrisk.scenarios.reading.encoding import decoded
    from parkrisk.scenarios.reading.folder import read_folder
    from parkrisk.scenarios.reading.json_text import parsed_json
    from parkrisk.scenarios.reading.maps.features import MapFault
    from parkrisk.scenarios.reading.maps.reading import read_maps
    from parkrisk.scenarios.reading.maps.text_maps import geojson, kml
    from parkrisk.scenarios.reading.toml_text import parsed_toml
    from parkrisk.scenarios.reading.workbook import guard
    from parkrisk.scenarios.reading.workbook.marks import number_formats, sheet_list, sheet_marks

import datetime as dt

from tests.api.service.hostile_files import GOOD
from tests.minimal_park import FOLDER, document, park
from tests.scenarios import workbook_bombs

_FOLDER = Path(tempfile.mkdtemp(prefix="fuzzed-"))


def _written(name: str, data: bytes) -> Path:
    path = _FOLDER / name
    path.write_bytes(data)
    return path


def _csv(data: bytes) -> None:
    text, _ = decoded(data, "units")
    if text is not None:
        table, _ = csv_table(text, schema.table("units"))
        if table is not None:
            typed(table)


def _park_toml(data: bytes) -> None:
    for name, content in GOOD.items():
        if name.endswith(".geojson"):
            _written(name, content)
    _written("park.toml", data)
    read_folder(_FOLDER, "park")


def _json(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        found = parsed_json(data, nan=True)
        if isinstance(found, dict):
            park_from_json(found)


def _workbook(data: bytes) -> None:
    with contextlib.suppress(guard.Refused):
        texts = guard.inflated(data, guard.members(data))
        sheets, _ = sheet_list(texts)
        for sheet in sheets:
            sheet_marks(texts[sheet["member"]], sheet["name"], number_formats(texts), 1000)


def _sheet(data: bytes) -> None:
    with contextlib.suppress(guard.Refused):
        texts = {"xl/styles.xml": data}
        sheet_marks(data, "a", number_formats(texts), 1000)


def _geojson(data: bytes) -> None:
    with contextlib.suppress(MapFault):
        geojson(_written("a.geojson", data))


def _kml(data: bytes) -> None:
    with contextlib.suppress(MapFault):
        kml(_written("a.kml", data))


def _layers(data: bytes) -> None:
    _written("layers.toml", data)
    read_maps(_FOLDER, "park", {}, "EPSG:4546")


def _dxf(data: bytes) -> None:
    _written("layers.toml", b'[[layer]]\nfile = "a.dxf"\ntable = "boundary"\ncrs = "EPSG:4546"\n')
    _written("a.dxf", data)
    read_maps(_FOLDER, "park", {}, "EPSG:4546")


def _scenario(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        found = parsed_toml(data.decode())
        scenario_of(found, "a").apply(park())


def _natech(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        hazards_of(parsed_toml(data.decode()))


def _rulebook(data: bytes) -> None:
    load(str(_written("own.toml", data)), dt.date(2026, 1, 1))


def _drawing() -> bytes:
    import ezdxf

    drawing = ezdxf.new("R2010")
    drawing.modelspace().add_lwpolyline([(500000, 4500000), (501000, 4500000), (501000, 4500300)], close=True)
    drawing.saveas(_FOLDER / "seed.dxf")
    return (_FOLDER / "seed.dxf").read_bytes()


_LAYERS = b'[[layer]]\nfile = "boundary.geojson"\ntable = "boundary"\n[[layer]]\nfile = "a.kml"\ntable = "targets"\n' \
    b'place = "centroid"\ncolumns = { target_id = "name" }\nset = { class = "general class 2" }\n'  # fmt: skip
_KML = (
    b"<kml><Folder><Placemark><name>a</name><Point><coordinates>117,40</coordinates></Point></Placemark></Folder></kml>"
)
_SCENARIO = b'name = "a"\nremove = ["T-101"]\n[move]\nT-102 = [500100.0, 4500200.0]\n[weather]\nstability = "F"\n[set.units.V-201]\n' \
    b'temperature_c = 40\n[[housing]]\nx = 500900.0\ny = 4500900.0\nday = 20\nnight = 5\n'  # fmt: skip
_NATECH = (
    b'[earthquake]\npga_unit = "g"\npga = [0.1, 0.2]\nreturn_period = [100, 500]\n[lightning]\nthunder_days = 30\n'
)

#: Target → what takes the bytes, and what to begin with.
TARGETS: Mapping[str, tuple[Callable[[bytes], None], Callable[[], bytes]]] = {
    "csv": (_csv, lambda: GOOD["units.csv"]),
    "park": (_park_toml, lambda: GOOD["park.toml"]),
    "json": (_json, lambda: json.dumps(document()).encode()),
    "workbook": (_workbook, lambda: workbook_bombs.packed({})),
    "sheet": (_sheet, lambda: workbook_bombs.sheet(b'<row r="1"><c r="A1" s="1"><f>A2</f><v>1</v></c></row>')),
    "geojson": (_geojson, lambda: GOOD["boundary.geojson"]),
    "kml": (_kml, lambda: _KML),
    "layers": (_layers, lambda: _LAYERS),
    "dxf": (_dxf, _drawing),
    "scenario": (_scenario, lambda: _SCENARIO),
    "natech": (_natech, lambda: _NATECH),
    "rulebook": (_rulebook, lambda: (FOLDER.parents[2] / "risk" / "rules" / "gb51080_2015.toml").read_bytes()),
}


def _fuzz(target: str, seconds: int) -> None:
    """Fuzz one target; ends the process."""
    take, seed = TARGETS[target]
    _written("boundary.geojson", GOOD["boundary.geojson"])
    corpus = Path(tempfile.gettempdir()) / f"fuzz-{target}"
    corpus.mkdir(exist_ok=True)
    (corpus / "seed").write_bytes(seed())

    def one(data: bytes) -> None:
        with contextlib.suppress(ParkRiskError):
            take(data)

    one(seed())  # imports what it needs, which takes longer than any input may
    atheris.Setup(
        [sys.argv[0], str(corpus), f"-max_total_time={seconds}", f"-artifact_prefix={corpus}-find-",
         "-timeout=60", "-rss_limit_mb=3000", "-max_len=20000", "-print_final_stats=1"], one,
    )  # fmt: skip
    atheris.Fuzz()


def main() -> None:
    """Fuzz one target after another, each in a process of its own, which finds everything imported."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"one or more of {', '.join(TARGETS)}; all")
    parser.add_argument("--seconds", type=int, default=60, help="for each")
    asked = parser.parse_args()
    finds = 0
    for target in asked.targets or TARGETS:
        child = os.fork()
        if not child:
            _fuzz(target, asked.seconds)
        _, status, used = os.wait4(child, 0)
        finds += bool(status)
        said = "a find" if status else "nothing"
        print(f"{target}: {said}; {used.ru_utime + used.ru_stime:.0f} s of a processor", flush=True)
    sys.exit(bool(finds))


if __name__ == "__main__":
    main()
