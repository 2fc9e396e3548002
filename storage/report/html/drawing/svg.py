"""The elements of pictures: text in them is escaped, and how they look stands in `drawing.css`.

What a newcomer gets wrong: an attribute `style` would be ignored, because the pages' policy lets no
style stand in a page; so a picture has classes and presentation attributes, and nothing else.
"""

from markupsafe import Markup, escape


def tag(name: str, *inside: object, **attributes: object) -> Markup:
    """Return an element.

    Args:
        name: Of the element.
        inside: Its children in order; a string is text and is escaped.
        attributes: By name, `_` for `-`; one of a keyword's name has `_` behind it. None: absent.
    """
    given = Markup().join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _said(value))
        for key, value in attributes.items()
        if value is not None
    )
    return Markup("<{}{}>{}</{}>").format(
        Markup(name), given, Markup().join(escape(each) for each in inside), Markup(name)
    )


def picture(
    width: float,
    height: float,
    title: str,
    about: str,
    *inside: object,
    scales: bool = True,
    **attributes: object,
) -> Markup:
    """Return a whole picture, which a screen reader says by its title and what it is about.

    Args:
        width: Of the space that its shapes are placed in.
        height: Likewise.
        title: What it is, in a few words.
        about: What is to be seen in it.
        inside: Its shapes in order.
        scales: Whether it is as wide as the place where it stands; otherwise it keeps its size.
        attributes: More of the element; without `role` it is an image.
    """
    size = {} if scales else {"width": width, "height": height}
    return tag(
        "svg",
        tag("title", title),
        tag("desc", about),
        *inside,
        **{
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {_said(width)} {_said(height)}",
            "role": "img",
            **size,
            **attributes,
        },
    )


def _said(value: object) -> str:
    """Return an attribute's value; a number has no more digits than a screen can show."""
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)
