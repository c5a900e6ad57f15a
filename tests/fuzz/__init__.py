"""Coverage-guided fuzzing of what reads strangers' bytes: ``python -m tests.fuzz --help``."""
