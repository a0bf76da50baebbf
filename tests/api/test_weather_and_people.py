"""``parkrisk weather`` and ``parkrisk population`` at the command."""

import pytest

from tests.api.printed import document
from tests.minimal_park import FOLDER


def test_weather_command_writes_the_table_and_says_how(run, tmp_path):
    lines = ["时间,风向,风速（km/h）,总云量（十分）"]
    lines += [
        f"2024/6/{day} {hour}:00,{10 * hour},{7.2 + hour},{hour % 11}" for day in range(1, 31) for hour in range(24)
    ]
    file = tmp_path / "hours.csv"
    file.write_text("\n".join(lines) + "\n", encoding="gbk")
    place = ("--lat", "30.0", "--lon", "122.0", "--utc-offset", "8")
    written = tmp_path / "weather.csv"
    code, out, err = run("weather", file, *place, "--station", "测试站", "--lang", "zh", "-o", written)
    assert code == 0
    assert "weather_source" in out
    assert "有效 720 时次" in out
    assert "不足一整年" in err.replace("\n", "")
    rows = written.read_text(encoding="utf-8").splitlines()
    assert rows[0] == "wind_from,wind_speed,stability,period,frequency,note"
    code, out, _ = run("weather", str(file), *place, "--json")
    answer = document(out)
    assert sum(row["frequency"] for row in answer["weather"]) == pytest.approx(1.0, abs=1e-12)
    assert answer["hours"]["used"] == 720
    code, out, err = run("weather", str(file), "--json")
    assert code == 2
    assert "--lat" in document(out)["error"]["message_en"]


def test_population_command_asks_for_what_it_must_know(run, tmp_path):
    park = str(FOLDER)
    file = tmp_path / "people.geojson"
    file.write_text(
        '{"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4546"}},'
        ' "features": [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [500100, 4500100]},'
        ' "properties": {"pop": 30}}]}',
        encoding="utf-8",
    )
    code, _, err = run("population", str(file), "--park", park, "--persons", "pop")
    assert code == 2
    assert "--day-share" in err
    shares = ("--day-share", "0.5", "--night-share", "1")
    written = tmp_path / "population.csv"
    code, out, _ = run("population", str(file), "--park", park, "--persons", "pop", *shares, "-o", str(written))
    assert code == 0
    assert written.read_text(encoding="utf-8").splitlines()[1].startswith("500100.0,4500100.0,0.0,15.0,30.0,day;night,")
    code, out, _ = run("population", str(file), "--park", park, "--persons", "pop", *shares, "--json")
    assert document(out)["placed"] == {"persons": 30.0}
