"""How many embeds become static quotes, and whether all that should stay the same does."""
