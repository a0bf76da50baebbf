"""What commands print in the terminal."""
