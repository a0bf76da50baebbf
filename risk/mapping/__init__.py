"""From footprints to individual risk: loads of a source, its polar field, the raster, points, areas, contours."""
