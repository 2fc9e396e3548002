"""What can go wrong above the roles.

GraphError
└── ConfigError     what the user wrote cannot be run
"""


class GraphError(Exception):
    """The ancestor of all errors of this package. Catch a narrower one."""


class ConfigError(GraphError):
    """What the user wrote cannot be run. The message names the file, the key and the remedy."""
