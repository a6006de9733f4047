"""How `smart_crop` frames: the commands `quality`, `ratios`, `speakers`, `insets`, `slides` and `subjects`."""
