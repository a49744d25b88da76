"""The aiohttp shell: finds the world, keeps the state, writes the journal, runs what comes later."""
