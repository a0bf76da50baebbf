"""From footprints to deaths at once: people around a source, wave sums around the circle, histograms of deaths."""
