"""What substances and mixtures are: properties with source, range and mark."""
