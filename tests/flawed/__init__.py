"""Named deployments on which the checker is itself checked: flawed ones and sound ones."""
