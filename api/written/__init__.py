"""Results as files that other programs open: one workbook of every table, one styled GeoPackage."""
