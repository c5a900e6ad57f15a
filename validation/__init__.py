"""Published cases beside the flow model: exact solutions, benchmarks, laboratory data.

    python -m validation [--only NAME ...] [--quick]

runs the cases and writes ``docs/validation.md`` with its pictures; ``--only`` prints a preview.
"""
