"""People from rasters, polygons and points, as rows of the table ``population``."""
