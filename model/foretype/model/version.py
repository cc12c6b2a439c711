"""The version of Foretype; the package's own is read from here. Knows nothing else."""

VERSION = "0.1.0"
