"""The subcommands that need no training library, one module each, each with a `command`."""
