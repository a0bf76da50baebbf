"""What one event does in one weather: zones, people and targets inside, units that may follow. For the first minutes.

Events are those of the assessment (:mod:`parkrisk.scenarios.events.expand`), of one unit and in any wind; however rare,
none is cut off.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.blast.vessel_burst import VesselBurst
from parkrisk.models.errors import OutOfRange
from parkrisk.risk.files import write_json, write_table
from parkrisk.risk.one_event.event_choice import (
    blast_of,
    cloud_of,
    fitting_rows,
    missing,
    possible_events,
    ranked,
    unit_events,
)
from parkrisk.risk.one_event.exposed import (
    deaths_table,
    ignition_table,
    occupants,
    people_table,
    target_table,
    unit_loads,
    zone_table,
)
from parkrisk.risk.one_event.wind import Wind
from parkrisk.risk.one_event.zones import MOMENTS, Frame, Vapour, Zone, sound_speed, zones, zones_geojson
from parkrisk.risk.result import park_summary, plain
from parkrisk.risk.settings import Settings
from parkrisk.risk.tables import flag_texts
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.receptors import people

__all__ = ["Consequence", "Wind", "consequence", "possible_events"]


@dataclass(frozen=True)
class Consequence:
    """What one event does in one weather.

    Parameters
    ----------
    park : Park
    wind : Wind
    near : (float, float) or None
        Place asked for: the events are those of the stretch of a line nearest to it; None: the worst stretch. [m]
    weather : Weather
    event : mapping
        Row of ``events`` that is shown.
    events : DataFrame
        The events asked for, worst first: unit_id, loc, outcome, frequency (along all of a line) [1/yr], x, y [m],
        stretch, stretches (of a line, from its first corner; 1 of 1 elsewhere), release_rate [kg/s], released_mass
        [kg], duration (of the release) [s], deaths_day, deaths_night (expected, as societal risk counts),
        own_staff_day, own_staff_night, death_m, serious_m, light_m, domino_m (casualty radii downwind) [m].
    zones : tuple of Zone
    zone_table, people, deaths, targets, units, ignition : DataFrame
        See :mod:`parkrisk.risk.one_event.exposed`.
    frame : Frame
        Place of the source and direction of the wind.
    effect_duration : float
        Of the fire or of the release of the cloud; NaN: at once. [s]
    not_computed : tuple of (str, str)
        Losses of the unit that could not be computed, in Chinese and English: what is shown may not be the worst.
    """

    park: Park
    wind: Wind
    near: tuple[float, float] | None
    weather: Weather
    event: Mapping[str, Any]
    events: pd.DataFrame
    zones: tuple[Zone, ...]
    zone_table: pd.DataFrame
    people: pd.DataFrame
    deaths: pd.DataFrame
    targets: pd.DataFrame
    units: pd.DataFrame
    ignition: pd.DataFrame
    frame: Frame
    effect_duration: float
    not_computed: tuple[tuple[str, str], ...]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables by file name without ending."""
        return {
            "events": self.events,
            "zones": self.zone_table.assign(wkt=[zone.shape.wkt for zone in self.zones]),
            "people": self.people,
            "deaths": self.deaths,
            "targets": self.targets,
            "units": self.units,
            "ignition": self.ignition,
        }

    @property
    def caveats(self) -> list[dict[str, str]]:
        """What was assumed: code, text_zh, text_en."""
        codes = str(self.event["flags"]).split()
        if any(zone.level.mark == "M" for zone in self.zones):
            codes.append("unverified:zone_level")
        if self.wind.stability is None:
            codes.append("stability_assumed")
        texts = flag_texts()
        return [
            {"code": code, "text_zh": texts.get(code, (code, code))[0], "text_en": texts.get(code, (code, code))[1]}
            for code in codes
        ]

    def to_dict(self) -> dict[str, Any]:
        """Content for JSON; shapes stand in the GeoJSON file."""
        content: dict[str, Any] = plain(
            {
                "park": park_summary(self.park),
                "event": dict(self.event),
                "weather": {
                    "wind_from": self.wind.wind_from,
                    "wind_speed": self.weather.wind_speed,
                    "stability": self.weather.stability,
                    "stability_assumed": self.wind.stability is None,
                    "air_temperature_c": self.weather.air_temperature - 273.15,
                    "relative_humidity": self.weather.relative_humidity,
                    "terrain": self.weather.terrain,
                },
                "near": None if self.near is None else list(self.near),
                "effect_duration_s": self.effect_duration,
                "events": self.events,
                "zones": self.zone_table,
                "people": self.people,
                "deaths": self.deaths,
                "targets": self.targets,
                "units": self.units,
                "ignition": self.ignition,
                "caveats": self.caveats,
                "not_computed": [{"message_zh": zh, "message_en": en} for zh, en in self.not_computed],
            }
        )
        return content

    def save(self, folder: str | Path) -> Path:
        """Write ``consequence.json``, ``zones.geojson`` (WGS 84) and the tables; ``zones.csv`` has the shapes as WKT.

        Parameters
        ----------
        folder : path
            Made if it is not there; files of the same names are replaced.
        """
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        for name, content in (("consequence.json", self.to_dict()), ("zones.geojson", self.geojson())):
            write_json(target / name, content, indent=None)
        for name, table in self.tables().items():
            write_table(target / f"{name}.csv", table)
        return target

    def geojson(self) -> dict[str, Any]:
        """Zones as a GeoJSON collection in WGS 84 longitude and latitude (RFC 7946)."""
        properties = self.zone_table.drop(columns=["enterprises", "targets"])
        return zones_geojson(self.zones, plain(properties), self.park.crs)


def consequence(
    park: Park,
    unit_id: str,
    wind: Wind,
    *,
    loc: str | None = None,
    outcome: str | None = None,
    near: tuple[float, float] | None = None,
    moments: Sequence[float] = MOMENTS,
    settings: Settings | None = None,
) -> Consequence:
    """What an event of a unit, or of transport, does in the wind of the moment.

    Parameters
    ----------
    park : Park
    unit_id : str
        Or a transport_id.
    wind : Wind
    loc, outcome : str, optional
        Loss of containment and outcome; of those that fit, the one with the most deaths is shown.
    near : (float, float), optional
        Place in the park's CRS: of a line, the stretch nearest to it fails. Default: the one with the most deaths. [m]
    moments : sequence of float
        When a cloud is shown, since the release began. [s]
    settings : Settings, optional
        ``loss_set`` and ``time_to_failure_mode`` are used.

    Returns
    -------
    Consequence

    Raises
    ------
    OutOfRange
        No such unit in service or transport, loss or outcome; a place that is not finite; the weather cannot be; a
        moment is negative; the event cannot be computed or has no effect in this weather.
    """
    if not all(0.0 <= moment < math.inf for moment in moments):
        raise OutOfRange("时刻不得为负", "moments must not be negative")
    if near is not None and not all(map(math.isfinite, near)):
        raise OutOfRange("地点坐标须为有限数", "the place must have finite coordinates")
    chosen = Settings() if settings is None else settings
    events = unit_events(park, unit_id, wind, chosen)
    weather, crowd = wind.weather(park), people(park)
    table, maps = ranked(events, fitting_rows(events, unit_id, loc, outcome), crowd, wind, near)
    first = int(table["row"].iloc[0])
    event = {str(key): value for key, value in table.drop(columns="row").iloc[0].to_dict().items()}
    shown = events.outcomes[int(events.outcome_index[first, 0])]
    frame = Frame(float(event["x"]), float(event["y"]), wind.blows_to)
    vapour, blast = cloud_of(events, first, weather), blast_of(events, first)
    if vapour is not None and isinstance(blast, VesselBurst):
        event["flags"] = f"{event['flags']} burst_and_cloud".strip()
    sound = sound_speed(weather.air_temperature)
    found = zones(shown, maps[first], vapour, blast, frame, sound, sorted(set(moments)))
    inside = occupants(found, crowd)
    return Consequence(
        park=park,
        wind=wind,
        near=near,
        weather=weather,
        event=event,
        events=table.drop(columns=["row", "flags"]),
        zones=found,
        zone_table=zone_table(found, inside, park, frame),
        people=people_table(found, inside),
        deaths=deaths_table(maps[first], frame, crowd, str(event["enterprise_id"])),
        targets=target_table(shown, maps[first], vapour, blast, frame, sound, found, park),
        units=unit_loads(shown, blast, event, frame, park, chosen.time_to_failure_mode),
        ignition=ignition_table(vapour, frame, park),
        frame=frame,
        effect_duration=_lasts(shown, vapour),
        not_computed=missing(events),
    )


def _lasts(outcome: Any, vapour: Vapour | None) -> float:
    """How long a fire burns, or vapour enters the air. [s]"""
    release = math.nan if vapour is None else vapour.source.duration
    return float(getattr(outcome, "duration", release))
