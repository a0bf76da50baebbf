"""What the program depends on: lock files with hashes, and what checks them: licences, materials, known holes."""
