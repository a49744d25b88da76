"""How customers change: frozen values and pure rules. Knows neither HTTP nor OpenAPI."""
