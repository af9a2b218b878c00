"""The sentences of `ui.strings` in other languages: one module each, with the same names."""
