"""The footprint library: each distinct outcome once, packed, kept between runs."""
