"""Keep the import of LangGraph from opening a socket.

LangGraph imports langsmith, which imports urllib3, which asks on import whether this machine has
IPv6 by binding a socket to `::1`. Importing Lyceum opens no socket, so urllib3 is imported here,
first, while Python says that there is none; then it is told what is so.
"""

import socket

if socket.has_ipv6:
    socket.has_ipv6 = False
    try:
        import urllib3.util.connection
    finally:
        socket.has_ipv6 = True
    urllib3.util.connection.HAS_IPV6 = True
