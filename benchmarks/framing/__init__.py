"""How well `smart_crop` keeps people visible: the command `quality`."""
