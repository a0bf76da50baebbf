"""Workbooks in: a guard before the archive, a child process that reads it, Excel's own faults named cell by cell."""
