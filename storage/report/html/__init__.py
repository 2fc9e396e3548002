"""Records as HTML: templates, styles, and what makes strangers' text safe in a browser."""
