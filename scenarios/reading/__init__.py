"""What people bring: files in, checked text tables out; coordinates, areas and defaults of a park."""
