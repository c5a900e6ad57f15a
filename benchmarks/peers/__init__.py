"""One driver for each engine that runs the rain hour; each is started as a process of its own."""
