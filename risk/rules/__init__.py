"""Rules as dated data: one file per instrument and edition, read, checked and evaluated in three values."""
