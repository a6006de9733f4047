"""XML as editors want it: a declaration, a document type and indented elements."""

from xml.etree.ElementTree import Element, indent, tostring


def document(root: Element, *, doctype: str) -> str:
    """Return the text of an XML file."""
    indent(root)
    text = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE {doctype}>\n{text}\n'
