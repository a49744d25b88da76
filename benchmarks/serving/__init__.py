"""How fast each server answers, side by side: ours in several settings, bare aiohttp, and what else there is."""
