"""Major hazards by GB 18218-2018."""
