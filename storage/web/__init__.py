"""The local web application: what `inspect --web` and `review` serve on this machine."""
