"""Readers and writers of other formats, one file each; readers fill a `Draft`, which is printed as a .hp file."""
