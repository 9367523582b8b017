"""Los eventos que salen: el sobre, a qué grupos va y quién lo lleva."""
