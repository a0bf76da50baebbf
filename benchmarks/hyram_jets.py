"""Radiometers of jet fires by HyRAM+, a program of its own: run by a Python that has it, never imported.

Reads one JSON list of tests on standard input, writes the fluxes [kW/m²] as a JSON list of lists. HyRAM+ is GPL-3;
nothing of it is used here or shipped.
"""

import json
import sys
import tempfile

from hyram.phys import api


def main() -> None:
    """Compute every test of the input."""
    found = []
    for test in json.load(sys.stdin):
        inside = api.create_fluid("CH4", test["temperature"], test["pressure"])
        outside = api.create_fluid("AIR", test["air_temperature"], 101_325.0)
        with tempfile.TemporaryDirectory() as folder:
            result = api.jet_flame_analysis(
                amb_fluid=outside,
                rel_fluid=inside,
                orif_diam=test["diameter"],
                mass_flow=test["mass_flow"] if test["pressure"] < 2e5 else None,
                rel_angle=0.0,
                rel_humid=test["humidity"],
                create_temp_plot=False,
                create_flux_plot=False,
                flux_coordinates=test["places"],
                output_dir=folder,
            )
        found.append([float(flux) / 1e3 for flux in result[2]])
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
