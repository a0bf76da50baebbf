"""The written report: chapters as one tree of content, printed as PDF and as Word."""
