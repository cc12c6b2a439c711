"""What `foretype bench` measures, one kind of figure per file."""
