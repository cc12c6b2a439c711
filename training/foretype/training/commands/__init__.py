"""The subcommands that need the training extra, one module each, each with a `command`."""
