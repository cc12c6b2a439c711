"""The text of the base model: which packages it comes from, how it is fetched and made ready."""
