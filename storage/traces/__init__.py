"""Runs as traces: OpenTelemetry spans out of the database, live or afterwards.

What a newcomer gets wrong: nothing of it runs in the process that makes a run, which only writes
its database. OpenTelemetry's packages are an extra, loaded when spans are sent to a collector; and
the command line knows the options (`tracing`) without loading what sends (`sending`).
"""
