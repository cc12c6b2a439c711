"""Let `python -m foretype.server` do what `foretype` does."""

from foretype.server.cli import main

if __name__ == "__main__":
    main()
